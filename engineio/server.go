package engineio

import (
	"errors"
	"iter"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rightnow/engineio/internal/eiowire"
	"rightnow/internal/deadline"
	"rightnow/internal/inflight"
	"rightnow/internal/netpoll"
	"rightnow/internal/ws"
)

// Server answers the requests of Engine.IO clients and keeps their sessions. It is safe for concurrent use. Which path it
// serves is its caller's business. It has no goroutine of its own but one that watches the WebSockets, while there are any.
type Server struct {
	// Fixed at creation.
	opts      Options
	origins   origins
	cors      bool      // Origins are set: CORS headers are sent and preflights answered
	start     time.Time // moments are counted from here
	maxFrames int       // in a queue: no more than a WebSocket of the same QueueLimit takes, so that all fits when a session moves

	pingFrame, noopFrame, closeFrame *Frame

	pings    *deadline.List // next ping is due
	pongs    *deadline.List // answer to a ping is due
	silences *deadline.List // the next ping of a client of protocol 3 is due
	upgrades *deadline.List // end of an upgrade is due
	noops    *deadline.List // a poll that holds up an upgrade is released
	graces   *deadline.List // a session that its client closed is forgotten
	lingers  *deadline.List // a session that the server closed is forgotten

	poller       netpoll.Poller // watches the WebSockets
	buffers      sync.Pool      // *[]byte, bodies of requests and responses
	gzips        sync.Pool      // compressor
	deflates     sync.Pool      // compressor
	lastForm     atomic.Pointer[form]
	clock        clock
	originLogged atomic.Int64
	count        counters
	metered      atomic.Pointer[metered] // counted, nil while there is no meter
	counted      metered
	active       inflight.Count // requests, connections, sessions whose OnClose is to come

	mu       sync.RWMutex // guards following; taken after a Session's mu
	sessions map[string]*Session
	conns    map[carrier]struct{} // also those of no session any more
	lanes    map[*lane]struct{}
	fronts   map[*http.Server]*front
	opening  map[*stream]string // addresses of WebTransports that have not said yet what they are for; made by the first
	open     int                // sessions that have not ended
	closed   map[Reason]uint64
	meters   int
	closing  bool

	addresses addresses // of the sessions; empty without a bound on those
}

// New makes a server. nil options are the default ones.
func New(o *Options) *Server {
	s := &Server{
		opts:       o.withDefaults(),
		start:      time.Now(),
		pingFrame:  newFrame(eiowire.Ping, nil, nil),
		noopFrame:  newFrame(eiowire.Noop, nil, nil),
		closeFrame: newFrame(eiowire.Close, nil, nil),
		noops:      deadline.New(noopDelay),
		graces:     deadline.New(pollGrace),
		lingers:    deadline.New(closeGrace),
		sessions:   make(map[string]*Session),
		conns:      make(map[carrier]struct{}),
		lanes:      make(map[*lane]struct{}),
		fronts:     make(map[*http.Server]*front),
		closed:     make(map[Reason]uint64),
	}
	s.maxFrames = ws.MaxFrames(s.opts.QueueLimit)
	s.pings = deadline.New(s.opts.PingInterval)
	s.pongs = deadline.New(s.opts.PingTimeout)
	s.silences = deadline.New(s.opts.PingInterval + s.opts.PingTimeout)
	s.upgrades = deadline.New(s.opts.UpgradeTimeout)
	s.cors = len(s.opts.Origins) > 0
	var bad []string
	if s.origins, bad = parseOrigins(s.opts.Origins); len(bad) > 0 {
		s.opts.Logger.Warn("engineio: Options.Origins has entries that are no origins", "entries", bad)
	}
	return s
}

// ServeHTTP answers one request. Every request is answered.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.active.Add()
	defer s.active.Done()
	x := newExchange(s, w, r)
	if r.Method != http.MethodPost {
		x.dropBody()
	}
	foreign := s.checkOrigin(r, x.from)
	s.setCORS(w.Header(), r, foreign == nil)
	if foreign == nil && s.cors && r.Method == http.MethodOptions {
		preflight(w, r)
		return
	}
	if refusal := s.route(x, foreign); refusal != nil {
		x.refuse(refusal)
	}
}

// route checks a request in Node's order and hands it to what answers it, or returns why it is refused.
func (s *Server) route(x *exchange, foreign *ConnectionError) *ConnectionError {
	if !s.offers(x.transport) {
		return unknownTransport(x.transport)
	}
	if foreign != nil {
		return foreign
	}
	if refusal := x.checkScript(); refusal != nil {
		return refusal
	}
	if x.sid == "" {
		return s.openSession(x)
	}
	session := s.lookup(x.sid)
	if session == nil {
		return unknownSession(x.sid)
	}
	if x.upgrade {
		return session.serveUpgrade(x)
	}
	return session.servePolling(x)
}

// offers reports whether a transport is enabled that comes to ServeHTTP.
func (s *Server) offers(t Transport) bool {
	return (t == Polling || t == WebSocket) && slices.Contains(s.opts.Transports, t)
}

// ClientsCount is the number of open sessions.
func (s *Server) ClientsCount() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.open
}

// Sessions iterates over the sessions that were open when the iteration began.
func (s *Server) Sessions() iter.Seq[*Session] {
	return func(yield func(*Session) bool) {
		for _, session := range s.snapshot() {
			if session.Reason() == "" && !yield(session) {
				return
			}
		}
	}
}

// snapshot returns all sessions, also those that have ended and wait for a last poll.
func (s *Server) snapshot() []*Session {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]*Session, 0, len(s.sessions))
	for _, session := range s.sessions {
		all = append(all, session)
	}
	return all
}

func (s *Server) lookup(sid string) *Session {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sessions[sid]
}

// register makes a session known, or returns why not. from is the WebTransport that it opens on: its address has been
// counted already.
func (s *Server) register(session *Session, from *stream) *ConnectionError {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return shuttingDown()
	case s.opts.MaxSessions > 0 && s.open >= s.opts.MaxSessions:
		return tooManySessions()
	case s.sessions[session.id] != nil:
		return idError(errors.New("id is taken"))
	}
	if _, counted := s.opening[from]; counted {
		delete(s.opening, from)
	} else if refusal := s.admitAddressLocked(session.handshake.Address); refusal != nil {
		return refusal
	}
	s.sessions[session.id] = session
	s.open++
	s.count.opened.Add(1)
	if !session.connDue {
		s.count.polling.Add(1)
	}
	s.active.Add() // left when OnClose has returned
	return nil
}

// ended takes a session out of the count of the open, and out of the table unless it lingers.
func (s *Server) ended(session *Session, lingers bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.leaveAddressLocked(session.handshake.Address)
	s.countClosedLocked(session.reason)
	if !lingers {
		delete(s.sessions, session.id)
	}
}

// forget takes a session that lingered out of the table.
func (s *Server) forget(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session.id)
}

// now is the time since the server was made.
func (s *Server) now() time.Duration { return time.Since(s.start) }

// protect calls the application. A panic is logged and becomes the error.
func (s *Server) protect(callback string, call func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			e := &PanicError{Callback: callback, Value: v, Stack: debug.Stack()}
			s.opts.Logger.Error("engineio: panic in a callback", "callback", callback, "panic", v, "stack", string(e.Stack))
			err = e
		}
	}()
	call()
	return nil
}

func (s *Server) isClosing() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.closing
}
