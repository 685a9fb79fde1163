package engineio

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// handed is a connection that goes back to net/http together with what was read from it already. net/http, or whoever
// takes it over from there, reads from one goroutine at a time.
type handed struct {
	*net.TCPConn
	head   []byte      // one whole head of a poll, with which it goes back; nil: something else, or nothing
	early  []byte      // what is still to be read before the socket
	beyond atomic.Bool // more than that has been read
}

// Read gives what was read already, and then what comes.
func (h *handed) Read(p []byte) (int, error) {
	if len(h.early) > 0 {
		n := copy(p, h.early)
		h.early = h.early[n:]
		return n, nil
	}
	n, err := h.TCPConn.Read(p)
	if n > 0 {
		h.beyond.Store(true)
	}
	return n, err
}

// WriteTo implements io.WriterTo in the place of TCPConn's, which knows nothing of early.
func (h *handed) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(h.early)
	h.early = h.early[n:]
	if err != nil {
		return int64(n), err
	}
	h.beyond.Store(true)
	more, err := h.TCPConn.WriteTo(w)
	return int64(n) + more, err
}

// passed is the head of the request that net/http handles on h at this moment, nil if that is not certain: it is the one
// with which h went back, since no other byte has been read.
func (h *handed) passed() []byte {
	if h.beyond.Load() {
		return nil
	}
	return h.head
}

// hijacker is a ResponseWriter whose Hijack gives the connection below a handed one, so that a WebSocket on it is like any
// other.
type hijacker struct{ http.ResponseWriter }

// Hijack implements http.Hijacker.
func (w hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if h, ok := nc.(*handed); ok && len(h.early) == 0 {
		nc = h.TCPConn
	}
	return nc, rw, err
}

// handBack gives the connection back to net/http, with what was read from it, after so many polls.
func (l *lane) handBack(early []byte, served int) {
	h := &handed{TCPConn: l.nc, early: early}
	switch {
	case len(l.head.raw) > 0 && !l.head.matches(early), !asksFor(early, l.s.id):
		l.s.laneEnded(served)
	default: // it is to come back, with a head that has passed everything
		h.head = early
		l.s.expect(h)
	}
	l.srv.serveAgain(l.front, h)
}

// serveAgain has net/http serve a connection that it has served before. If it has shut down, the connection is closed.
func (s *Server) serveAgain(f *front, conn net.Conn) {
	ln := &revenant{conn: conn}
	s.protect("http.Server", func() { f.hs.Serve(ln) }) // its error says that there is no second connection, or that it has shut down
	if !ln.accepted {
		_ = conn.Close()
	}
}

// revenant is a listener for one connection that was there before.
type revenant struct {
	conn     net.Conn
	accepted bool
}

// Accept implements net.Listener.
func (r *revenant) Accept() (net.Conn, error) {
	if r.accepted {
		return nil, net.ErrClosed
	}
	r.accepted = true
	return r.conn, nil
}

// Close implements net.Listener.
func (r *revenant) Close() error { return nil }

// Addr implements net.Listener.
func (r *revenant) Addr() net.Addr { return r.conn.LocalAddr() }
