package socketio

import (
	"slices"

	"rightnow/engineio"
)

// What follows is the socket's side of recovery, nothing of it without Options.ConnectionStateRecovery.

// restore gives the socket what its client comes back to, before anybody else knows the socket.
func (s *Socket) restore(c *claim) {
	s.id, s.data, s.back, s.session = c.sid, c.data, true, c.session
	s.early = &early{rooms: slices.Clone(c.rooms), claim: c}
}

// claimLocked returns what the socket's client comes back to, nil once it has. s.mu must be held.
func (s *Socket) claimLocked() *claim {
	if s.early == nil {
		return nil
	}
	return s.early.claim
}

// missed returns the events up to head that the client of the socket, which is in rooms, has missed.
func (s *Socket) missed(head string, rooms []string) (frames []*engineio.Frame, err error) {
	s.mu.Lock()
	c := s.claimLocked()
	s.mu.Unlock()
	if c == nil {
		return nil, nil
	}
	events, err := c.missed(head, rooms)
	for _, m := range events {
		f, err := s.nsp.srv.eventFrame(s.nsp.name, m)
		if err != nil {
			return nil, err
		}
		frames = append(frames, f)
	}
	return frames, err
}

// keepLocked makes the socket, which joins now and is in rooms behind head, the one of its session, and returns the
// session's private id: empty without recovery. With resumed the namespace is to be released when s.mu, which must be held,
// is not.
func (s *Socket) keepLocked(head string, rooms []string) (pid string, resumed bool) {
	k := s.session
	if k == nil {
		return "", false
	}
	if resumed = s.claimLocked() != nil; resumed {
		s.early.claim = nil
		k.recovery.resume(k, rooms)
	} else {
		k.recovery.open(k, s, head)
	}
	return k.pid, resumed
}

// giveUpRecovery closes the connection of a client that was promised more than is there any more: so much
// has come while the middlewares ran. When it comes again it is told that it was not recovered.
func (s *Socket) giveUpRecovery(err error) {
	s.mu.Lock()
	c := s.claimLocked()
	if c == nil {
		s.mu.Unlock()
		return // the connection has ended meanwhile, and that has put the session back
	}
	s.early.claim = nil
	s.mu.Unlock()
	s.nsp.recovery.drop(c.session)
	s.report(err)
	s.sess.Close(engineio.ReasonForcedClose)
}

// leaveSession keeps the session of a socket that has ended, or not.
func (s *Socket) leaveSession(joined bool, c *claim, reason Reason, rooms []string, data any) {
	r := s.nsp.recovery
	switch {
	case r == nil || s.conn.old():
	case joined && recoverable(reason):
		r.leave(s.session, rooms, data)
	case joined:
		r.forget(s.session)
	case c != nil && recoverable(reason):
		r.putBack(c.session)
	case c != nil:
		r.drop(c.session)
	}
}
