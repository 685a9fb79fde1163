package sioclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"rightnow/socketio/internal/siocodec"
)

// state is how far a socket is.
type state uint8

const (
	stateOffline state = iota // not wanted, or no connection
	stateJoining              // CONNECT is sent, or about to be
	stateJoined
	stateLeaving // CONNECT is sent and not wanted any more; the server's answer is to come
)

// Socket is this client in one namespace, over whatever connections there are in its life. All
// methods may be called concurrently, from handlers too.
type Socket struct {
	// Fixed at creation.
	client *Client
	nsp    string
	inbox  *inbox // for the goroutine that runs handlers

	mu      sync.Mutex // guards following
	started bool       // that goroutine
	active  bool       // it wants to be joined
	state   state
	link    *link // where it has joined, or is about to
	turn    int   // counts the links, so that an old answer of Auth is known
	asked   bool  // CONNECT is sent
	id      string
	back    bool   // see Recovered
	pid     string // its secret, when the server keeps sessions
	offset  string // of the last event
	early   string // the same of those that came before the server's answer to CONNECT
	ctx     context.Context
	leave   context.CancelCauseFunc // ends ctx
	changed chan struct{}           // closed and replaced when state changes, or link's queue has become empty

	nextAck  uint64
	acks     map[uint64]*waiting
	buffer   []outgoing
	buffered int      // bytes of buffer
	retries  *retries // nil without Options.Retries

	handlers []*handler // copied when it changes
	hooks    hooks
}

func newSocket(c *Client, nsp string) *Socket {
	s := &Socket{
		client:  c,
		nsp:     nsp,
		inbox:   newInbox(c.opts.InboxEvents, c.opts.InboxBytes),
		acks:    make(map[uint64]*waiting),
		changed: make(chan struct{}),
	}
	s.ctx, s.leave = context.WithCancelCause(context.Background())
	s.leave(ErrDisconnected)
	if c.opts.Retries > 0 {
		s.retries = newRetries(s)
	}
	return s
}

// Client returns the connection's side.
func (s *Socket) Client() *Client { return s.client }

// Namespace returns the namespace's name, with its slash.
func (s *Socket) Namespace() string { return s.nsp }

// ID is the id that the server gave the socket, "" while it is not joined.
func (s *Socket) ID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateJoined {
		return ""
	}
	return s.id
}

// Connected reports whether the socket is joined.
func (s *Socket) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == stateJoined
}

// Recovered reports whether the server has, since the last connection, kept the socket's id, rooms and
// what it missed.
func (s *Socket) Recovered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == stateJoined && s.back
}

// Context ends when the socket leaves the namespace, is not let in, or its connection is lost; its cause is
// a *DisconnectError then. Each connection has one of its own. Before the first one it has ended, with
// ErrDisconnected.
func (s *Socket) Context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ctx
}

// Connect has the socket join its namespace, and come back after each loss. It does not wait: see
// OnConnect and OnConnectError.
func (s *Socket) Connect() {
	s.mu.Lock()
	s.startLocked()
	was := s.active
	s.active = true
	s.mu.Unlock()
	if was {
		return
	}
	l, err := s.client.start()
	if err != nil {
		s.deactivate()
		s.tellConnectError(err)
		return
	}
	if l != nil {
		s.opened(l)
	}
}

// startLocked starts the goroutine of the handlers. s.mu must be held.
func (s *Socket) startLocked() {
	if !s.started {
		s.started = s.client.spawn(s.handle) // ends with Client.Close
	}
}

// handle runs handlers and hooks, in order, what is there when the Client is closed too.
func (s *Socket) handle() {
	for {
		if f := s.inbox.take(); f != nil {
			f()
			continue
		}
		select {
		case <-s.inbox.wake:
		case <-s.client.ctx.Done():
			for f := s.inbox.take(); f != nil; f = s.inbox.take() {
				f()
			}
			return
		}
	}
}

// Disconnect leaves the namespace and does not come back until Connect. What was emitted before still
// goes out, in its order, if the socket is joined; else it waits, and goes out when the socket has joined
// again. The connection is closed with its last socket.
func (s *Socket) Disconnect() {
	s.mu.Lock()
	l := s.link
	s.active = false
	switch {
	case s.state == stateJoined:
		s.flushLocked(l.insist)
		s.sendDisconnectLocked()
	case s.state == stateJoining && s.asked:
		s.state = stateLeaving // a DISCONNECT before the server's answer would break the protocol
		l = nil
	case s.state == stateLeaving:
		l = nil
	}
	s.mu.Unlock()
	s.gone(l, ReasonClientDisconnect)
	s.client.release()
}

// sendDisconnectLocked tells the server that the socket leaves; a connection that is gone needs no
// word. s.mu must be held.
func (s *Socket) sendDisconnectLocked() {
	_ = s.link.insist(&siocodec.Packet{Type: siocodec.PacketDisconnect, Namespace: s.nsp})
}

// Active reports whether the socket is joined or will be tried to be, by itself: in OnConnectError and
// OnDisconnect it tells what is over from what is not.
func (s *Socket) Active() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// deactivate makes the socket stay away.
func (s *Socket) deactivate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active = false
}

// setLocked changes the state. s.mu must be held.
func (s *Socket) setLocked(to state) {
	s.state = to
	s.wakeLocked()
}

// wakeLocked has those look again who wait for the socket or its connection. s.mu must be held.
func (s *Socket) wakeLocked() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// awaitJoined waits until the socket is joined.
func (s *Socket) awaitJoined(ctx context.Context) error {
	for {
		s.mu.Lock()
		joined, changed := s.state == stateJoined, s.changed
		s.mu.Unlock()
		if joined {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// awaitRoom waits until the connection's queue is empty, or the connection is another one.
func (s *Socket) awaitRoom(ctx context.Context) error {
	s.mu.Lock()
	l, changed := s.link, s.changed
	s.mu.Unlock()
	if l == nil {
		return nil
	}
	l.backlog.Store(true) // before a look at the queue: it may become empty just now
	if l.conn.Writable() {
		return nil
	}
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// opened joins the namespace over a new connection.
func (s *Socket) opened(l *link) {
	s.mu.Lock()
	if !s.active || s.link == l {
		s.mu.Unlock()
		return
	}
	turn := s.enterLocked(l)
	s.mu.Unlock()
	s.knock(l, turn)
}

// enterLocked makes l the connection over which the socket is to join. s.mu must be held.
func (s *Socket) enterLocked(l *link) (turn int) {
	s.link, s.asked, s.early = l, false, ""
	s.turn++
	s.ctx, s.leave = context.WithCancelCause(context.Background())
	s.setLocked(stateJoining)
	return s.turn
}

// knock asks the server to be let in, with what Auth says.
func (s *Socket) knock(l *link, turn int) {
	if s.client.opts.Auth == nil {
		s.sendConnect(l, turn, nil, nil)
		return
	}
	s.client.spawn(func() { // ends with Auth, whose context ends with the connection
		var auth any
		err := guard("Auth", func() (err error) {
			auth, err = s.client.opts.Auth(l.conn.Context(), s.nsp)
			return err
		})
		s.sendConnect(l, turn, auth, err)
	})
}

// sendConnect sends CONNECT, if the connection is still the socket's.
func (s *Socket) sendConnect(l *link, turn int, auth any, err error) {
	s.mu.Lock()
	if s.turn != turn || s.link != l || s.state != stateJoining {
		s.mu.Unlock()
		return
	}
	var data json.RawMessage
	if err == nil {
		data, err = s.connectDataLocked(auth)
	}
	if err == nil {
		err = l.insist(&siocodec.Packet{Type: siocodec.PacketConnect, Namespace: s.nsp, Data: data})
		s.asked = err == nil
	}
	s.mu.Unlock()
	if err != nil && l.conn.Context().Err() == nil && !errors.Is(err, ErrDisconnected) { // else the end of l is about to be told
		s.refused(l, err)
	}
}

// connectDataLocked is what CONNECT carries: auth, and what a session is recovered by, unless auth
// has members of the same names. s.mu must be held.
func (s *Socket) connectDataLocked(auth any) (json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if auth != nil {
		raw, err := json.Marshal(auth)
		if err == nil {
			err = json.Unmarshal(raw, &fields)
		}
		if err != nil {
			return nil, err
		}
	}
	if s.pid != "" {
		for name, value := range map[string]string{"pid": s.pid, "offset": s.offset} {
			if _, own := fields[name]; !own && value != "" {
				fields[name], _ = json.Marshal(value) // strings always encode
			}
		}
	}
	if len(fields) == 0 {
		return nil, nil
	}
	return json.Marshal(fields)
}

// joined handles the server's answer to CONNECT.
func (s *Socket) joined(l *link, data json.RawMessage) {
	var told struct{ SID, PID string }
	if json.Unmarshal(data, &told) != nil || told.SID == "" {
		l.broken(errNoSID)
		return
	}
	s.mu.Lock()
	switch {
	case s.link == l && s.state == stateLeaving:
		s.sendDisconnectLocked()
		s.mu.Unlock()
		s.left(l)
		return
	case s.link != l || s.state != stateJoining:
		s.mu.Unlock()
		return
	}
	s.id, s.back = told.SID, told.PID != "" && told.PID == s.pid
	s.pid = told.PID
	s.keepOffsetLocked()
	s.setLocked(stateJoined)
	s.flushLocked(l.send)
	s.mu.Unlock()
	s.inbox.post(func() { s.callHooks(func(h *hooks) []*func() { return h.connect }) })
}

// left handles the answer to a CONNECT that was not wanted any more: the socket is out, and asks anew if
// it is wanted again.
func (s *Socket) left(l *link) {
	s.mu.Lock()
	if !s.active {
		s.mu.Unlock()
		s.gone(l, ReasonClientDisconnect)
		return
	}
	s.leave(l.disconnected(ReasonClientDisconnect))
	turn := s.enterLocked(l)
	s.mu.Unlock()
	s.knock(l, turn)
}

// refused handles the server's refusal, or that CONNECT could not be sent.
func (s *Socket) refused(l *link, err error) {
	s.mu.Lock()
	switch {
	case s.link == l && s.state == stateLeaving:
		s.mu.Unlock()
		s.left(l)
		return
	case s.link != l || s.state != stateJoining:
		s.mu.Unlock()
		return
	}
	s.active, s.link = false, nil
	s.setLocked(stateOffline)
	s.leave(notLetIn(err))
	s.mu.Unlock()
	s.tellConnectError(err)
	s.client.release()
}

// gone takes the socket out of its namespace, or tells it that its connection is lost.
func (s *Socket) gone(l *link, reason Reason) {
	s.mu.Lock()
	if l == nil || s.link != l {
		s.mu.Unlock()
		return
	}
	was, why := s.state, l.disconnected(reason)
	s.link, s.turn = nil, s.turn+1
	if reason == ReasonServerDisconnect {
		s.active = false
	}
	s.setLocked(stateOffline)
	s.leave(why)
	failed := s.takeAcksLocked()
	s.mu.Unlock()
	for _, w := range failed {
		w.fail(why)
	}
	if was == stateJoining && reason != ReasonClientDisconnect {
		s.tellConnectError(fmt.Errorf("sioclient: before the server has answered: %w", why))
	}
	if was == stateJoined {
		s.inbox.post(func() {
			for _, f := range s.hookList().disconnect {
				s.callHook("OnDisconnect", func() { (*f)(reason) })
			}
		})
	}
}
