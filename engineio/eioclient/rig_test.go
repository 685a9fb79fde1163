package eioclient_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rightnow/engineio"
	"rightnow/engineio/eioclient"
	"rightnow/internal/memnet"
)

const patience = 10 * time.Second

// rig is a server in memory.
type rig struct {
	t        testing.TB
	server   *engineio.Server
	client   *http.Client
	sessions chan *engineio.Session
	arrived  atomic.Int64 // messages
}

// echo sends each message back.
type echo struct {
	s *engineio.Session
	r *rig
}

func (e echo) OnMessage(data []byte, binary bool) {
	e.r.arrived.Add(1)
	own := slices.Clone(data)
	f := engineio.TextFrame(own)
	if binary {
		f = engineio.BinaryFrame(own)
	}
	if dirty, _ := e.s.Send(f); dirty {
		e.s.Flush()
	}
}

func (echo) OnClose(engineio.Reason, error) {}

func serve(t testing.TB, o *engineio.Options) *rig {
	if o == nil {
		o = &engineio.Options{}
	}
	r := &rig{t: t, sessions: make(chan *engineio.Session, 100)}
	own := *o
	own.Logger = slog.New(slog.DiscardHandler)
	own.OnSession = func(s *engineio.Session) engineio.SessionHandler {
		r.sessions <- s
		return echo{s, r}
	}
	r.server = engineio.New(&own)
	l := memnet.Listen()
	mux := http.NewServeMux()
	mux.Handle("/engine.io/", r.server)
	web := &http.Server{Handler: mux}
	var served sync.WaitGroup
	served.Go(func() { web.Serve(l) })
	r.client = &http.Client{Transport: &http.Transport{DialContext: l.DialContext}}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		r.server.Shutdown(ctx)
		r.client.CloseIdleConnections()
		web.Close()
		served.Wait()
	})
	return r
}

// through puts something between the rig's clients and their connections from now on.
func (r *rig) through(between func(net.Conn) net.Conn) {
	dial := r.client.Transport.(*http.Transport).DialContext
	r.client.Transport = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return between(c), nil
	}}
}

// peer is a client and what it has heard.
type peer struct {
	*eioclient.Conn
	heard    chan eioclient.Message
	upgraded chan eioclient.Transport
	closed   chan eioclient.Reason
}

func (r *rig) options(o eioclient.Options) (*eioclient.Options, *peer) {
	p := &peer{heard: make(chan eioclient.Message, 10_000), upgraded: make(chan eioclient.Transport, 1), closed: make(chan eioclient.Reason, 1)}
	o.HTTPClient = r.client
	o.OnMessage = func(data []byte, binary bool) { p.heard <- eioclient.Message{Data: slices.Clone(data), Binary: binary} }
	o.OnUpgrade = func(t eioclient.Transport) { p.upgraded <- t }
	o.OnClose = func(reason eioclient.Reason, _ error) { p.closed <- reason }
	return &o, p
}

func (r *rig) dial(o eioclient.Options) *peer {
	r.t.Helper()
	opts, p := r.options(o)
	conn, err := eioclient.Dial(context.Background(), "http://test/?q=1", opts)
	if err != nil {
		r.t.Fatal(err)
	}
	p.Conn = conn
	r.t.Cleanup(conn.Abort)
	return p
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

// modes are the ways of a session.
var modes = map[string]eioclient.Options{
	"polling":   {Transports: []eioclient.Transport{eioclient.Polling}},
	"websocket": {Transports: []eioclient.Transport{eioclient.WebSocket}},
	"upgrading": {},
}

func inEveryMode(t *testing.T, f func(t *testing.T, o eioclient.Options)) {
	for name, o := range modes {
		t.Run(name, func(t *testing.T) { f(t, o) })
	}
}
