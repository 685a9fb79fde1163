package feedsim

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"

	"rightnow/feed"
	"rightnow/internal/memnet"
)

// Memory serves a handler inside the process. Whatever address its clients ask
// for, they get it: http://bluesky.test is a good one.
type Memory struct {
	listener *memnet.Listener
	server   *http.Server
	served   chan struct{} // closed when the server has ended
}

// Listen serves h until Close.
func Listen(h http.Handler) *Memory {
	m := &Memory{listener: memnet.Listen(), served: make(chan struct{})}
	m.server = &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { // ends with Close
		defer close(m.served)
		m.server.Serve(m.listener)
	}()
	return m
}

// Client is one of [feed.NewClient] that knows only this server.
func (m *Memory) Client() *http.Client { return feed.NewClient(m.Dial) }

// Dial connects to the server.
func (m *Memory) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return m.listener.Dial(ctx)
}

// Close ends the server and its connections.
func (m *Memory) Close() {
	m.server.Close()
	<-m.served
}
