package engineio

import (
	"bytes"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"rightnow/internal/deadline"
	"rightnow/internal/netpoll"
)

// lane is a connection that was taken over from net/http and carries the polls of one session past it: a poll that is the
// remembered head once more is one read, one comparison and one write, and has no goroutine while it waits. Whatever else
// comes goes back to net/http, and the connection with it.
//
//	net/http ──openLane, enterLane──► free ◄──request, answer──► busy
//	    ▲                              │ anything else, or age     │ the client has gone
//	    └──────────handBack────────────┘                           ▼ closed
//
// Its requests are read by workers of the poller, one at a time. The answer to its poll is written by exactly one
// goroutine, see poll.deliver.
type lane struct {
	netpoll.Watched

	// Fixed at creation.
	srv   *Server
	s     *Session
	front *front
	nc    *net.TCPConn
	raw   syscall.RawConn
	sock  netpoll.Socket // of raw; closed by who sets over
	head  head           // of its polls; nothing: the first request is still to be learned from
	form  *form
	since time.Duration // when its head has passed net/http

	poll poll // the one under way; see there

	mu      sync.Mutex     // guards following; never held during I/O
	served  int            // polls
	busy    bool           // a poll waits, or its answer is being written
	leaving bool           // it goes back to net/http as soon as it is free
	refused bool           // what it leaves with is a poll that net/http has to refuse
	gone    bool           // the client has closed
	unread  bool           // the watch has ended, while it was busy: who frees it takes leave
	over    bool           // it is closed or handed back; who sets this untracks it
	used    bool           // since idle was started
	early   []byte         // what has come while it was busy, or what it leaves with
	idle    deadline.Entry // it is closed when nobody has used it for that long
}

var _ netpoll.Target = (*lane)(nil)

// Raw implements netpoll.Target.
func (l *lane) Raw() syscall.RawConn { return l.raw }

// TryRead implements netpoll.Target.
func (l *lane) TryRead(p []byte) (n int, again bool, err error) { return l.sock.TryRead(l.nc, p) }

// Run implements netpoll.Target.
func (l *lane) Run() {
	if l.srv.poller.Drain(l) {
		l.leave()
	}
}

// Begin takes what came while the lane was busy. It implements netpoll.Target.
func (l *lane) Begin() (goesOn bool) {
	l.mu.Lock()
	if l.over || l.busy || l.leaving || l.early == nil {
		defer l.mu.Unlock()
		return !l.over && (l.busy || !l.leaving)
	}
	p := l.early
	l.early = nil
	l.mu.Unlock()
	return l.request(p)
}

// Step implements netpoll.Target.
func (l *lane) Step(p []byte, err error) (goesOn bool) {
	if err != nil {
		l.clientGone(err)
		return false
	}
	l.mu.Lock()
	if l.over || l.busy || l.leaving {
		defer l.mu.Unlock()
		full := l.early != nil // the client does not wait for answers: the kernel may keep the rest
		l.early = append(l.early, p...)
		return l.busy && !full && !l.over
	}
	if l.early != nil { // it was freed just now
		p = append(l.early, p...)
		l.early = nil
	}
	l.mu.Unlock()
	return l.request(p)
}

// clientGone ends the session if its poll waits here.
func (l *lane) clientGone(err error) {
	l.mu.Lock()
	l.gone = true
	busy := l.busy
	l.mu.Unlock()
	if busy && l.s.abandonPoll(&l.poll, err) {
		l.mu.Lock()
		l.busy = false
		l.mu.Unlock()
	}
}

// request starts a poll if p is one. Otherwise the lane leaves with p. It belongs to who reads.
func (l *lane) request(p []byte) (goesOn bool) {
	fits := l.head.matches(p) && l.srv.now()-l.since < l.srv.opts.PingInterval
	if fits && l.serve() {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leaving, l.refused = true, fits
	l.early = bytes.Clone(p)
	return false
}

// refuse has the lane leave with a poll that net/http is to refuse.
func (l *lane) refuse(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leaving, l.refused, l.early = true, true, p
}

// serve starts a poll, or reports false when net/http has to answer it.
func (l *lane) serve() bool {
	l.mu.Lock()
	if l.over || l.leaving {
		l.mu.Unlock()
		return false
	}
	l.busy, l.used = true, true
	l.served++
	l.mu.Unlock()
	answered, ok := l.s.startLanePoll(l)
	switch {
	case !ok:
		l.mu.Lock()
		l.busy = false
		l.served--
		l.mu.Unlock()
		return false
	case answered != nil:
		l.answer()
	}
	return true
}

// free ends a poll that is answered.
func (l *lane) free() {
	l.mu.Lock()
	l.busy = false
	unread := l.unread
	more := l.leaving || l.early != nil
	l.mu.Unlock()
	switch {
	case unread:
		go l.leave() // does not wait for anything
	case more:
		l.srv.poller.Wake(l)
	}
}

// leave ends the lane when nobody watches it any more: now, or when it is free.
func (l *lane) leave() {
	l.mu.Lock()
	if l.over || l.busy {
		l.unread = true
		l.mu.Unlock()
		return
	}
	l.over = true
	early, gone, refused, served := l.early, l.gone, l.refused, l.served
	l.early = nil
	l.mu.Unlock()
	switch {
	case gone:
		l.sock.Shut(l.nc)
	case refused:
		l.srv.serveAgain(l.front, &handed{TCPConn: l.nc, early: early})
	default:
		l.handBack(early, served)
	}
	l.srv.untrackLane(l)
}

// goBack has the lane leave as soon as it is free: the server shuts down.
func (l *lane) goBack() {
	l.mu.Lock()
	l.leaving = true
	l.mu.Unlock()
	l.srv.poller.Wake(l)
}

// close closes the connection, whatever waits for it. It may be called from anywhere, any number of times.
func (l *lane) close() {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return
	}
	l.over = true
	unsent := l.busy
	l.mu.Unlock()
	l.closeNet(unsent)
}

// closeNet closes the connection for who has set over.
func (l *lane) closeNet(unsent bool) {
	if unsent {
		_ = l.nc.SetLinger(0) // the kernel need not keep it for a client that does not read
	}
	l.sock.Shut(l.nc)
	l.srv.poller.Wake(l) // a closed socket has no events
	l.srv.untrackLane(l)
}

// Expire closes the lane if nobody has used it for long enough. It implements deadline.Expirer.
func (l *lane) Expire(n *deadline.Entry) {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return
	}
	if l.busy || l.used {
		l.used = false
		l.front.idles.Start(n, l) // under mu, so that it is before the Stop of who ends the lane
		l.mu.Unlock()
		return
	}
	l.over = true
	l.mu.Unlock()
	l.closeNet(false)
}

// startLanePoll makes the lane's poll the one that waits, or returns it if it has its answer already, for the caller to
// deliver. It is not ok for what net/http has to refuse.
func (s *Session) startLanePoll(l *lane) (answered *poll, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.pollableLocked() {
		return nil, false
	}
	l.poll = poll{lane: l}
	return s.waitLocked(&l.poll), true
}

// pollableLocked reports whether a poll that comes now would be right. s.mu must be held.
func (s *Session) pollableLocked() bool {
	return !s.expiredLocked() && (!s.ended || s.lingers.admits(http.MethodGet)) && s.conn == nil && s.poll == nil
}
