package engineio

import (
	"bufio"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"rightnow/internal/deadline"
	"rightnow/internal/netpoll"
)

const (
	// firstPolls is how many polls of a session net/http answers before its connection is taken over: most clients have
	// moved to a WebSocket by then. Where they cannot, it is one.
	firstPolls = 2
	// worthwhile is how many polls a lane should serve: each takeover costs about two.
	worthwhile = 4
	// maxWasted is how many lanes of a session in a row may serve fewer. Where the requests of many clients share
	// connections, as behind some proxies, or polls and POSTs do, no more is tried.
	maxWasted = 2
)

// trials is how the polls of a session fare that pass net/http by, guarded by the session's mu.
type trials struct {
	due    *handed // is back at net/http with a poll
	polls  uint8   // answered by net/http, up to firstPolls
	wasted uint8   // lanes in a row that were not worth it
}

// front is an http.Server in front of the server.
type front struct {
	hs      *http.Server
	idles   *deadline.List // lanes that nobody uses
	foreign bool           // its connections are not plain ones: none is taken over any more; guarded by the server's mu
}

// openLane makes a lane of a connection whose poll net/http has just answered. It is still to learn the head of its polls:
// the next one goes back to net/http, for that.
func (s *Session) openLane(x *exchange) {
	if !x.repeats() || !s.wantsLane() {
		return
	}
	f := x.srv.frontOf(x.r)
	if _, closes := x.w.Header()["Connection"]; closes || f == nil {
		return
	}
	nc, rw, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return
	}
	early := buffered(rw.Reader)
	switch nc := nc.(type) {
	case *net.TCPConn:
		s.startLane(&lane{front: f, nc: nc, early: early})
	case *handed:
		s.startLane(&lane{front: f, nc: nc.TCPConn, early: append(early, nc.early...)})
	default:
		x.srv.giveUp(f, nc, early)
	}
}

// enterLane makes a lane of a connection that is back at net/http with a poll, and lets that wait there. It reports false
// when net/http has to answer it.
func (s *Session) enterLane(x *exchange) bool {
	raw := s.takeDue(x)
	if raw == nil {
		return false
	}
	f := x.srv.frontOf(x.r)
	if f == nil || !x.repeats() || !repeatable(x.w.Header()) || x.srv.isClosing() {
		s.laneEnded(0)
		return false
	}
	h := x.w.Header().Clone()
	x.describePayload(h)
	nc, rw, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return false
	}
	tcp, ok := nc.(*handed)
	if !ok {
		_ = nc.Close() // cannot be: takeDue knows the connection
		return true
	}
	l := &lane{front: f, nc: tcp.TCPConn, head: newHead(raw), early: buffered(rw.Reader)}
	l.form = x.srv.formOf(h, x.r.Header["Accept-Encoding"])
	s.startLane(l)
	return true
}

// startLane puts a new lane into operation. One that has a head is to serve that at once.
func (s *Session) startLane(l *lane) {
	l.srv, l.s, l.since = s.srv, s, s.srv.now()
	if l.raw = netpoll.Raw(l.nc); l.raw != nil && l.sock.Set(l.raw) != nil {
		l.raw = nil // it is closed, and will say so
	}
	l.readOn()
	pending := l.early
	if len(l.head.raw) > 0 {
		pending = slices.Concat(l.head.raw, l.early)
	}
	if l.raw == nil || !s.srv.trackLane(l) {
		s.srv.serveAgain(l.front, &handed{TCPConn: l.nc, early: pending})
		return
	}
	if !s.srv.poller.Add(l) {
		l.cannotBe(pending)
		return
	}
	now := len(l.early) > 0
	if len(l.head.raw) > 0 && !l.serve() {
		l.refuse(pending)
		now = true
	}
	s.srv.poller.Start(l, now)
}

// readOn completes what net/http has read of the next request: while a handler runs it reads one byte, to see the client go.
func (l *lane) readOn() {
	if len(l.early) == 0 || l.raw == nil {
		return
	}
	buf := make([]byte, maxHead)
	n, _, _ := l.TryRead(buf) // why there is no more, the poller will find
	l.early = append(l.early, buf[:n]...)
}

// cannotBe ends a lane that the poller did not take.
func (l *lane) cannotBe(pending []byte) {
	l.mu.Lock()
	closed := l.over
	l.over = true
	l.mu.Unlock()
	if closed {
		return
	}
	l.s.laneEnded(0)
	l.srv.serveAgain(l.front, &handed{TCPConn: l.nc, early: pending})
	l.srv.untrackLane(l)
}

// repeats reports whether the request, and the way it has come, are such that one like it may pass net/http by.
func (x *exchange) repeats() bool {
	r := x.r
	switch {
	case x.script != nil || x.old3():
		return false
	case !netpoll.Watches || x.srv.opts.PlainPolling || x.srv.opts.Headers != nil:
		return false
	case r.ProtoMajor != 1 || r.ProtoMinor != 1 || r.TLS != nil || r.Close:
		return false
	case r.Method != http.MethodGet || r.ContentLength != 0 || len(r.TransferEncoding) > 0:
		return false
	}
	for _, name := range []string{"Upgrade", "Expect", "Content-Length", "Trailer"} {
		if _, ok := r.Header[name]; ok {
			return false
		}
	}
	for _, v := range r.Header["Connection"] {
		if !strings.EqualFold(v, "keep-alive") {
			return false
		}
	}
	return isNetHTTP(x.w)
}

// isNetHTTP reports whether w is net/http's own for HTTP/1: who wraps it wants to see the responses.
func isNetHTTP(w http.ResponseWriter) bool {
	t := reflect.TypeOf(w)
	return t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "net/http" && t.Elem().Name() == "response"
}

// wantsLane counts a poll that net/http has answered, and reports whether the next one should pass it by.
func (s *Session) wantsLane() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &s.lanes
	t.polls = min(t.polls+1, firstPolls)
	stays := t.polls == firstPolls || s.srv.opts.DisableUpgrades || !s.srv.offers(WebSocket)
	if t.due != nil { // it did not come as it was expected
		t.due = nil
		t.wasted++
	}
	return stays && !s.old && t.wasted < maxWasted && !s.ended && s.conn == nil && s.up == nil && s.poll == nil
}

// laneEnded notes how many polls a lane has served.
func (s *Session) laneEnded(polls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lanes.wasted++; polls >= worthwhile {
		s.lanes.wasted = 0
	}
}

// expect notes that a connection goes back to net/http with a poll, to come back.
func (s *Session) expect(h *handed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.lanes.due = h
	}
}

// takeDue returns the head of the request, byte for byte, if its connection is the one that is expected and a poll would be
// right. A connection is known by its address: net/http passes on the very value that the connection has.
func (s *Session) takeDue(x *exchange) (raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.lanes.due
	if due == nil || x.r.Context().Value(http.LocalAddrContextKey) != due.LocalAddr() {
		return nil
	}
	s.lanes.due = nil
	if !s.pollableLocked() {
		return nil
	}
	return due.passed()
}

// buffered copies what net/http has read beyond the request.
func buffered(br *bufio.Reader) []byte {
	p, _ := br.Peek(br.Buffered()) // of what is there
	return append([]byte(nil), p...)
}

// frontOf returns the http.Server that serves r, nil if it is none whose connections are taken over.
func (s *Server) frontOf(r *http.Request) *front {
	hs, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok || hs.BaseContext != nil || hs.ConnContext != nil {
		return nil
	}
	if _, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.fronts[hs]
	if f == nil {
		f = &front{hs: hs, idles: deadline.New(idleTimeout(hs))}
		s.fronts[hs] = f
	}
	if f.foreign {
		return nil
	}
	return f
}

// idleTimeout is how long a connection may be unused.
func idleTimeout(hs *http.Server) time.Duration {
	return positive(hs.IdleTimeout, positive(hs.ReadTimeout, laneIdle))
}

// giveUp gives a connection that is no plain socket back, and notes that such are none for lanes.
func (s *Server) giveUp(f *front, nc net.Conn, early []byte) {
	s.mu.Lock()
	f.foreign = true
	s.mu.Unlock()
	if len(early) > 0 {
		nc = &replayed{Conn: nc, early: early}
	}
	s.serveAgain(f, nc)
}

// replayed is a connection of which something was read already.
type replayed struct {
	net.Conn
	early []byte
}

// Read gives what was read already, and then what comes.
func (c *replayed) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// trackLane counts a lane until untrackLane, unless the server shuts down.
func (s *Server) trackLane(l *lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.active.Add()
	s.lanes[l] = struct{}{}
	l.front.idles.Start(&l.idle, l)
	return true
}

// untrackLane ends it. It is done last, by who has set over.
func (s *Server) untrackLane(l *lane) {
	l.front.idles.Stop(&l.idle)
	s.mu.Lock()
	delete(s.lanes, l)
	s.mu.Unlock()
	s.active.Done()
}
