package sioclient_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/internal/memnet"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

const patience = 10 * time.Second

// rig is a server in memory, whose connections can be cut.
type rig struct {
	t      testing.TB
	io     *socketio.Server
	client *http.Client

	mu    sync.Mutex // guards following
	conns []net.Conn
	down  bool // nobody gets in
}

func serve(t testing.TB, o *socketio.Options) *rig {
	if o == nil {
		o = &socketio.Options{}
	}
	own := *o
	own.Logger = slog.New(slog.DiscardHandler)
	r := &rig{t: t, io: socketio.New(&own)}
	l := memnet.Listen()
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", r.io)
	web := &http.Server{Handler: mux}
	var served sync.WaitGroup
	served.Go(func() { web.Serve(l) })
	r.client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.down {
			return nil, net.ErrClosed
		}
		c, err := l.DialContext(ctx, network, addr)
		if err == nil {
			r.conns = append(r.conns, c)
		}
		return c, err
	}}}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		r.io.Shutdown(ctx)
		r.client.CloseIdleConnections()
		web.Close()
		served.Wait()
	})
	return r
}

// cut ends all connections as a network does; with down nobody gets in until up.
func (r *rig) cut(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
	for _, c := range r.conns {
		c.Close()
	}
	r.conns = nil
}

func (r *rig) up() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = false
}

// options are those of a client of the rig.
func (r *rig) options(o sioclient.Options) *sioclient.Options {
	o.HTTPClient = r.client
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.ReconnectDelay == 0 {
		o.ReconnectDelay = 10 * time.Millisecond
	}
	return &o
}

func (r *rig) new(o sioclient.Options) *sioclient.Client {
	c := sioclient.New("http://test", r.options(o))
	r.t.Cleanup(c.Close)
	return c
}

func (r *rig) dial(o sioclient.Options) *sioclient.Socket {
	r.t.Helper()
	s, err := sioclient.Dial(context.Background(), "http://test", r.options(o))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(s.Client().Close)
	return s
}

func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// eventually waits for what has no event to wait for.
func eventually(t testing.TB, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it has not come about")
		}
	}
}

// modes are the ways to a server.
var modes = map[string]sioclient.Options{
	"polling":   {Transports: []eioclient.Transport{eioclient.Polling}},
	"websocket": {Transports: []eioclient.Transport{eioclient.WebSocket}},
	"upgrading": {},
}

func inEveryMode(t *testing.T, f func(t *testing.T, o sioclient.Options)) {
	for name, o := range modes {
		t.Run(name, func(t *testing.T) { f(t, o) })
	}
}
