package interop

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/sioclient"
)

// modes are the ways to a server.
var modes = map[string][]eioclient.Transport{
	"polling":   {eioclient.Polling},
	"websocket": {eioclient.WebSocket},
	"upgrading": nil,
}

// network is the way to a server, which can be cut.
type network struct {
	client *http.Client

	mu    sync.Mutex // guards following
	conns []net.Conn
	down  bool
}

func newNetwork(t *testing.T) *network {
	n := &network{}
	transport := &http.Transport{DialContext: func(ctx context.Context, kind, address string) (net.Conn, error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.down {
			return nil, net.ErrClosed
		}
		c, err := new(net.Dialer).DialContext(ctx, kind, address)
		if err == nil {
			n.conns = append(n.conns, c)
		}
		return c, err
	}}
	n.client = &http.Client{Transport: transport}
	t.Cleanup(transport.CloseIdleConnections)
	return n
}

// cut ends all connections, and lets nobody connect until up.
func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = true
	for _, c := range n.conns {
		c.Close()
	}
	n.conns = nil
}

func (n *network) up() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = false
}

// rig is what a case is given: a server, a mode, and clients.
type rig struct {
	*testing.T
	url  string
	mode string
	o    sioclient.Options
	net  *network
}

// options are those of the mode.
func (r *rig) options() *sioclient.Options {
	o := r.o
	o.HTTPClient = r.net.client
	o.Logger = slog.New(slog.DiscardHandler)
	o.ReconnectDelay = 20 * time.Millisecond
	var errs lockedText
	o.OnError = func(err error) { fmt.Fprintln(&errs, err) }
	r.Cleanup(func() {
		if text := errs.String(); r.Failed() && text != "" {
			r.Logf("the client's errors:\n%s", text)
		}
	})
	return &o
}

// client is a new client of the server, without a socket.
func (r *rig) client(o *sioclient.Options) *sioclient.Client {
	c := sioclient.New(r.url, o)
	r.Cleanup(c.Close)
	return c
}

// join joins a namespace and takes the server's welcome.
func (r *rig) join(c *sioclient.Client, nsp string) (*sioclient.Socket, map[string]any) {
	r.Helper()
	s := c.Of(nsp)
	welcome, refused := make(chan map[string]any, 1), make(chan error, 1)
	defer s.Once("welcome", func(w map[string]any) { welcome <- w })()
	defer s.OnConnectError(func(err error) { refused <- err })()
	s.Connect()
	select {
	case w := <-welcome:
		return s, w
	case err := <-refused:
		r.Fatalf("%s: %v", nsp, err)
	case <-time.After(patience):
		r.Fatalf("%s: no welcome", nsp)
	}
	panic("unreachable")
}

// dial joins "/" with a client of its own.
func (r *rig) dial() *sioclient.Socket {
	r.Helper()
	s, _ := r.join(r.client(r.options()), "/")
	return s
}

// ask sends an event and returns what it is acknowledged with.
func (r *rig) ask(s *sioclient.Socket, event string, args ...any) []any {
	r.Helper()
	answer, err := s.Timeout(patience).EmitWithAck(context.Background(), event, args...)
	if err != nil {
		r.Fatalf("%s: %v", event, err)
	}
	return r.values(answer)
}

// values decodes all arguments.
func (r *rig) values(args sioclient.Args) []any {
	r.Helper()
	values := make([]any, args.Len())
	for i := range values {
		if err := args.Decode(i, &values[i]); err != nil {
			r.Fatal(err)
		}
	}
	return values
}

// listen has the arguments of an event put into a channel.
func (r *rig) listen(s *sioclient.Socket, event string) <-chan []any {
	heard := make(chan []any, 10_000)
	s.OnAny(func(e *sioclient.Event) {
		if e.Name() == event {
			heard <- r.values(e.Args())
		}
	})
	return heard
}

func (r *rig) equal(got, want any, what string) {
	r.Helper()
	if !reflect.DeepEqual(got, want) {
		r.Errorf("%s: got %#v, want %#v", what, got, want)
	}
}

func take[T any](r *rig, c <-chan T) T {
	r.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		r.Fatal("nothing came")
		panic("unreachable")
	}
}

// list is arguments.
func list(values ...any) []any { return append([]any{}, values...) }
