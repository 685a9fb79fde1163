package engineio

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"rightnow/internal/ws"
)

// SessionHandler is what an application does with a session. Its methods are never called at the same time.
type SessionHandler interface {
	// OnMessage takes one message; they come in order, whatever the transport. data is valid only until it returns
	// and may be changed. While it blocks nothing more is read from this client, and the time does not count against
	// its answer to a ping. It should return soon once Session.Done is closed.
	OnMessage(data []byte, binary bool)
	// OnClose is called exactly once, on a goroutine of its own, after the last OnMessage has returned.
	OnClose(reason Reason, err error)
}

// Session is one client, over whatever transports it uses. All methods are safe for concurrent use.
//
//	polling ──2probe──► polling, a candidate beside it ──5──► websocket, webtransport
//	   └──────────────────────────┴──────────────────────────────┴────► ended (perhaps lingering: polls get the rest)
type Session struct {
	srv *Server // fixed at creation

	shown atomic.Pointer[ws.Conn] // conn, for Prefetch

	// What sending looks at stands together: with thousands of recipients each line of memory counts.
	mu     sync.Mutex // guards following, but for what says otherwise
	ended  bool
	dirty  bool     // something was queued since the last Flush
	text   bool     // the client takes no bytes over the transport of the moment
	conn   *ws.Conn // the WebSocket that carries the session; nil: stream does
	stream *stream  // the WebTransport that carries the session; nil too: long-polling does
	poll   *poll    // the GET that waits
	queue  []*Frame // for the next poll
	queued int      // bytes of queue

	// Fixed at creation.
	id        string
	remote    string
	old       bool // speaks protocol 3
	handshake *Handshake

	handler SessionHandler // owned by whoever has set occupied

	occupied bool          // the handler runs, or is being found: input is in one line over all transports
	connDue  bool          // the session opens with a connection, which is not there yet
	lingers  lingering     // of an ended session
	free     chan struct{} // made by those who wait for the handler to be free, closed and dropped then
	reason   Reason
	err      error
	done     chan struct{} // made by the first Done
	beat     heartbeat

	up       *upgrade // the connection that may carry the session soon; nil: none
	post     *post    // the POST under way
	inflight int      // bytes given to polls and not yet written
	lanes    trials   // how polls fare that pass net/http by
}

// lingering is what an ended session still has for its polls.
type lingering uint8

const (
	gone       lingering = iota // nothing: the session is unknown
	lingerNoop                  // one noop: the client closed while its poll was on the way
	lingerRest                  // the queue, then the close packet
)

// admits reports whether a request of a method still gets anything.
func (l lingering) admits(method string) bool {
	return l == lingerRest || l == lingerNoop && method == http.MethodGet
}

// ending is how a session ends.
type ending uint8

const (
	failed       ending = iota // a rule was broken, or time is up: what is queued is dropped
	graceful                   // what is queued is delivered first
	clientClosed               // the client said so over long-polling
	lost                       // the connection is gone
	overflowed                 // the client takes nothing: its connection is cut
)

// newSession makes a session of a handshake. It becomes known by register.
func (s *Server) newSession(x *exchange) (*Session, *ConnectionError) {
	id, refusal := s.newID(x.r)
	if refusal != nil {
		return nil, refusal
	}
	value, refusal := s.handshakeValue(x.r)
	if refusal != nil {
		return nil, refusal
	}
	return &Session{
		srv:       s,
		id:        id,
		remote:    x.r.RemoteAddr,
		old:       x.old3(),
		text:      x.base64,
		handshake: newHandshake(x.r, x.from, value),
		handler:   ignore{},
		occupied:  true, // nothing is delivered before the session has its handler
		connDue:   x.transport != Polling,
	}, nil
}

// ID is the session's secret id: who knows it can take part in the session.
func (s *Session) ID() string { return s.id }

// Transport is what carries the session at this moment.
func (s *Session) Transport() Transport {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transportLocked()
}

// transportLocked is Transport. s.mu must be held.
func (s *Session) transportLocked() Transport {
	switch {
	case s.conn != nil:
		return WebSocket
	case s.stream != nil:
		return WebTransport
	}
	return Polling
}

// carrierLocked is the connection that carries the session, nil over long-polling. s.mu must be held.
func (s *Session) carrierLocked() carrier {
	switch {
	case s.conn != nil:
		return s.conn
	case s.stream != nil:
		return s.stream
	}
	return nil
}

// RemoteAddr is the network address of the peer that opened the session, "IP:port".
func (s *Session) RemoteAddr() string { return s.remote }

// Handshake describes the request that opened the session.
func (s *Session) Handshake() *Handshake { return s.handshake }

// Request is the POST that carries the message which OnMessage handles at this moment, nil over other transports. It must not be
// used after OnMessage has returned.
func (s *Session) Request() *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.post == nil {
		return nil
	}
	return s.post.r
}

// Send queues a frame. It never blocks. dirty reports that the session had nothing unflushed before:
// who gets true must see to a Flush. The errors are ErrClosed, ErrTooBig and ErrSlowConsumer; the last ends the session.
// Before that, what a WebSocket's queue holds is offered to the network once: who sends much at a time, without a Flush,
// loses no client that reads.
func (s *Session) Send(f *Frame) (dirty bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendLocked(f)
}

// SendVolatile is Send for what may be lost. It returns ErrDropped unless the client can take the frame at once: over
// long-polling a GET is waiting; over other transports nothing of an earlier flush is unsent; and less than a quarter of
// the queue's limit is used.
func (s *Session) SendVolatile(f *Frame) (dirty bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false, ErrClosed
	}
	ready := s.poll != nil
	switch {
	case s.conn != nil:
		ready = s.conn.Writable()
	case s.stream != nil:
		ready = s.stream.Writable()
	}
	if !ready || s.bufferedLocked() >= s.srv.opts.QueueLimit/4 {
		s.srv.count.dropped.Add(1)
		return false, ErrDropped
	}
	return s.sendLocked(f)
}

// sendLocked queues a frame and marks the session dirty. s.mu must be held.
func (s *Session) sendLocked(f *Frame) (dirty bool, err error) {
	if f.Size() > s.srv.opts.QueueLimit && !s.ended {
		return false, ErrTooBig
	}
	if err := s.pushLocked(f); err != nil {
		return false, err
	}
	if t := s.srv.metered.Load(); t != nil {
		t.sent(f)
	}
	dirty = !s.dirty
	s.dirty = true
	return dirty, nil
}

// pushLocked queues a frame on the transport of the moment. s.mu must be held.
func (s *Session) pushLocked(f *Frame) error {
	switch {
	case s.ended:
		return ErrClosed
	case s.conn == nil:
		return s.pushElsewhereLocked(f)
	}
	frames := s.framesLocked(f)
	if err := s.conn.Push(frames); err != nil {
		return s.pushAgainLocked(frames, err)
	}
	return nil
}

// pushAgainLocked is the second attempt at frames that a WebSocket has not taken for that reason. s.mu must be held.
func (s *Session) pushAgainLocked(frames []byte, err error) error {
	if errors.Is(err, ws.ErrQueueFull) {
		s.conn.Flush()
		err = s.conn.Push(frames)
	}
	if err != nil {
		return s.pushFailedLocked(err)
	}
	return nil
}

// pushElsewhereLocked queues a frame on a transport that is no WebSocket. s.mu must be held.
func (s *Session) pushElsewhereLocked(f *Frame) error {
	switch {
	case s.stream != nil:
		if err := s.stream.Push(f.webTransport()); err != nil {
			return s.pushFailedLocked(err)
		}
		return nil
	case s.queued+s.inflight+f.Size() > s.srv.opts.QueueLimit || len(s.queue) >= s.srv.maxFrames:
		s.endLocked(ReasonSlowConsumer, ErrSlowConsumer, overflowed)
		return ErrSlowConsumer
	}
	s.queue = append(s.queue, f)
	s.queued += f.Size()
	return nil
}

// pushFailedLocked is what becomes of the session when its connection takes no frame. s.mu must be held.
func (s *Session) pushFailedLocked(err error) error {
	if errors.Is(err, ws.ErrQueueFull) {
		s.endLocked(ReasonSlowConsumer, ErrSlowConsumer, overflowed)
		return ErrSlowConsumer
	}
	// The connection reports its end only once the handler has returned, and that may wait for the session's.
	if s.beat.busy {
		s.endLocked(ReasonTransportClose, err, lost)
	}
	return ErrClosed
}

// framesLocked returns a frame in the form that the WebSocket of the moment wants. s.mu must be held.
func (s *Session) framesLocked(f *Frame) []byte {
	switch {
	case s.text:
		return f.wsText(s.old)
	case s.old:
		return f.ws3()
	case s.conn.Deflates():
		frames, made := f.deflated(s.srv.opts.DeflateThreshold)
		if made {
			s.srv.count.deflated.Add(1)
		}
		return frames
	}
	return f.ws
}

// Prefetch reads something of each object that Send and Flush look at, for callers that have many sessions to flush: shown
// to the processor in a short loop, their memory is fetched at once instead of one after the other.
func (s *Session) Prefetch() uint32 {
	if c := s.shown.Load(); c != nil {
		return c.Prefetch()
	}
	return 0
}

// Flush hands what is queued to the transport: one write that does not block, or the answer to the waiting GET.
// Without a waiting GET the queue stays for the next one.
func (s *Session) Flush() {
	conn, stream, answered := s.flushPoll()
	switch {
	case conn != nil:
		conn.Flush()
	case stream != nil:
		stream.Flush()
	case answered != nil:
		answered.deliverHere()
	}
}

// flushPoll answers the waiting GET, or returns the connection to flush.
func (s *Session) flushPoll() (conn *ws.Conn, stream *stream, answered *poll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty = false
	if s.conn == nil && s.poll != nil && len(s.queue) > 0 {
		return nil, nil, s.handOverLocked()
	}
	return s.conn, s.stream, nil
}

// Buffered is the number of bytes that wait to be sent.
func (s *Session) Buffered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bufferedLocked()
}

// bufferedLocked is Buffered. s.mu must be held.
func (s *Session) bufferedLocked() int {
	switch {
	case s.conn != nil:
		return s.conn.Buffered()
	case s.stream != nil:
		return s.stream.Buffered()
	}
	return s.queued + s.inflight
}

// Done is closed as soon as the session has ended; OnClose may still be to come.
func (s *Session) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil {
		s.done = make(chan struct{})
		if s.ended {
			close(s.done)
		}
	}
	return s.done
}

// Reason is why the session ended, "" while it is open.
func (s *Session) Reason() Reason {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason
}
