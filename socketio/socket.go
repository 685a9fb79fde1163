package socketio

import (
	"context"
	"slices"
	"sync"

	"rightnow/engineio"
	"rightnow/hub"
)

// state is how far a socket has come. It only grows.
type state uint8

const (
	stateJoining state = iota // middlewares run; not a member of the namespace
	stateJoined
	stateEnded
)

// Socket is one client in one namespace. All methods may be called concurrently, from handlers
// and from elsewhere, also after the disconnect.
type Socket struct {
	// Fixed at creation. What a broadcast looks at stands together.
	sess *engineio.Session // of conn
	conn *client
	nsp  *Namespace

	// mu is taken under the hub's order lock, so the hub is never called while it is held. The
	// client's may be taken while it is.
	mu        sync.Mutex // guards following
	state     state
	ending    bool   // somebody takes the socket down
	admitting bool   // it is, or becomes, a member of the hub without having joined: see admit
	back      bool   // its client has come back: see Recovered; fixed before it joins
	hooks     *hooks // nil until the first one

	// Fixed at creation.
	id      string
	auth    Auth
	session *session // what its client may have again, once it has joined; nil without recovery

	// The inbox.
	running bool          // a goroutine is at it
	leaver  bool          // it ended while that was so, and its client knows
	inbox   *inbox        // nil when it is empty
	room    chan struct{} // closed when the reader should look again; nil when it does not wait

	acks     map[uint64]ackSink // nil while empty
	handlers []*handler         // in order of registration; grown in place, copied to remove
	early    *early             // nil unless something happened before the socket joined

	joins int // not fewer than the rooms it is in
	data  any

	ctx    context.Context // nil until asked for
	cancel context.CancelCauseFunc
	last   *lastOf // set at the end
}

// lastOf is what is left of a socket at its end.
type lastOf struct {
	cause *DisconnectError
	rooms []string // those it was in, until OnDisconnecting has run
	claim *claim   // its session, which admit is to give back
}

// early keeps what a socket gets before it has joined.
type early struct {
	rooms []string // to be in
	left  []string // to leave before that, while it is admitted
	held  []heldFrame
	claim *claim // what its client comes back to
}

type heldFrame struct {
	frame *frame
	class hub.Class
}

// ID returns the socket's public id. It is also the name of a room that only this socket is in.
func (s *Socket) ID() string { return s.id }

// Namespace returns the socket's namespace.
func (s *Socket) Namespace() *Namespace { return s.nsp }

// Session returns the connection, which all sockets of one client share.
func (s *Socket) Session() *engineio.Session { return s.sess }

// Transport returns the connection's transport of the moment.
func (s *Socket) Transport() engineio.Transport { return s.sess.Transport() }

// Connected reports whether the socket has joined its namespace and not left it.
func (s *Socket) Connected() bool { return s.hasJoined() }

func (s *Socket) hasJoined() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == stateJoined && !s.ending
}

// Recovered reports whether this is the socket of a client that was away for a moment and has its
// id, rooms and data again, and all events that it missed; see [RecoveryOptions].
func (s *Socket) Recovered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.back
}

func (s *Socket) isEnding() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending
}

// Data returns what SetData kept.
func (s *Socket) Data() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data
}

// SetData keeps a value with the socket.
func (s *Socket) SetData(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = v
	if ws := s.nsp.srv.watching(); ws != nil && s.state == stateJoined {
		ws.change(Activity{Kind: ActivityData, Socket: s})
	}
}

// Join adds the socket to rooms. After the disconnect it does nothing. The only error is
// ErrTooManyRooms, and then no room was joined.
func (s *Socket) Join(rooms ...string) error {
	if early, err := s.joinEarly(rooms); early {
		return err
	}
	if !s.mayJoin(rooms) {
		return ErrTooManyRooms
	}
	s.nsp.hub.JoinAs((*member)(s), rooms...)
	return nil
}

// Leave removes the socket from rooms. It cannot leave the room of its own id.
func (s *Socket) Leave(rooms ...string) {
	rooms = slices.DeleteFunc(slices.Clone(rooms), func(r string) bool { return r == s.id })
	if !s.leaveEarly(rooms) {
		s.nsp.hub.LeaveAs((*member)(s), rooms...)
	}
}

// leaveEarly is Leave until the socket has joined. It reports false when that has happened.
func (s *Socket) leaveEarly(rooms []string) (early bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateJoining {
		return false
	}
	if s.admitting {
		e := s.earlyLocked()
		e.left = append(e.left, rooms...)
	}
	if e := s.early; e != nil {
		e.rooms = slices.DeleteFunc(e.rooms, func(r string) bool { return slices.Contains(rooms, r) })
	}
	return true
}

// Rooms returns the socket's rooms, that of its own id included: those it had while
// OnDisconnecting runs, none afterwards.
func (s *Socket) Rooms() []string {
	if rooms, ok := s.roomsApart(); ok {
		return rooms
	}
	return s.nsp.hub.Rooms(s.id)
}

// roomsApart returns the rooms of a socket that is not a member of the hub: not yet, or not any
// more.
func (s *Socket) roomsApart() (rooms []string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state == stateEnded:
		return slices.Clone(s.last.rooms), true
	case s.state == stateJoining && s.early != nil:
		return slices.Clone(s.early.rooms), true
	}
	return nil, s.state == stateJoining
}

// joinEarly keeps rooms for the moment at which the socket becomes a member. It reports false
// when that has passed.
func (s *Socket) joinEarly(rooms []string) (early bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateJoining {
		return false, nil
	}
	e := s.earlyLocked()
	all := slices.Clone(e.rooms)
	for _, r := range rooms {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	if s.joins+len(all) > s.nsp.srv.opts.MaxRooms {
		return true, ErrTooManyRooms
	}
	e.rooms = all
	return true, nil
}

// mayJoin reports whether the socket may be in these rooms too. Each Join raises joins, so that
// it is never too low; only when it reaches the limit the rooms are counted.
func (s *Socket) mayJoin(rooms []string) bool {
	limit := s.nsp.srv.opts.MaxRooms
	s.mu.Lock()
	s.joins += len(rooms)
	enough := s.joins <= limit
	s.mu.Unlock()
	if enough {
		return true
	}
	current := s.nsp.hub.Rooms(s.id)
	have := max(len(current)-1, 0) // without its own
	want := have
	for _, r := range rooms {
		if !slices.Contains(current, r) {
			want++
		}
	}
	if want <= limit {
		have = want
	}
	s.mu.Lock()
	s.joins = have
	s.mu.Unlock()
	return want <= limit
}

func (s *Socket) earlyLocked() *early {
	if s.early == nil {
		s.early = &early{}
	}
	return s.early
}

// takeHeldLocked returns the broadcasts that were held back, and lets go of all of early.
func (s *Socket) takeHeldLocked() []heldFrame {
	if s.early == nil {
		return nil
	}
	held := s.early.held
	s.early = nil
	return held
}
