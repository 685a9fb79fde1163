package app

import (
	"net"
	"net/http"
	"sync"
)

// freshConns are the connections over which nothing was asked yet. Browsers
// open some in advance, and http.Server.Shutdown would wait seconds for each.
// Both methods may be called concurrently.
type freshConns struct {
	mu     sync.Mutex // guards following
	conns  map[net.Conn]struct{}
	closed bool
}

// state is the server's ConnState hook.
func (f *freshConns) state(c net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(f.conns, c)
	case f.closed:
		c.Close()
	default:
		if f.conns == nil {
			f.conns = map[net.Conn]struct{}{}
		}
		f.conns[c] = struct{}{}
	}
}

// close ends them, and those that come later at once.
func (f *freshConns) close() {
	f.mu.Lock()
	conns := f.conns
	f.conns, f.closed = nil, true
	f.mu.Unlock()
	for c := range conns {
		c.Close()
	}
}
