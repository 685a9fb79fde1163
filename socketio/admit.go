package socketio

import (
	"rightnow/engineio"
	"rightnow/hub"
	"rightnow/socketio/internal/siowire"
)

// admit makes the socket a member and answers the CONNECT. It reports false when the socket
// has ended meanwhile. Broadcasts that come between the two are held back until the answer is
// queued, so that none is lost and the answer is the first that the client gets.
func (s *Socket) admit() bool {
	h := s.nsp.hub
	rooms, ok := s.beginAdmission()
	if !ok {
		return false
	}
	head, ok := h.Enroll((*member)(s), rooms...)
	if !ok {
		s.endAdmission()
		s.reject(errIDTaken)
		return false
	}
	missed, err := s.missed(head, rooms)
	if err != nil {
		h.Remove(s.id)
		s.endAdmission()
		s.giveUpRecovery(err)
		return false
	}
	rooms, ok = s.settle(rooms)
	if !ok {
		h.Remove(s.id)
		s.endAdmission()
		return false
	}
	dirty, resumed := s.becomeJoinedLocked(head, rooms, missed)
	s.mu.Unlock()
	if resumed {
		s.nsp.srv.release(s.nsp)
	}
	if dirty {
		h.Touch((*member)(s))
	}
	return true
}

// beginAdmission returns the rooms that the socket is to be in as a member. Until it has joined, Join and
// Leave say what settle is to change. It reports false when the socket has ended.
func (s *Socket) beginAdmission() (rooms []string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return nil, false
	}
	s.admitting = true
	if s.early != nil {
		rooms, s.early.rooms = s.early.rooms, nil
	}
	s.joins = len(rooms)
	return rooms, true
}

// settle brings the rooms of the socket, now a member, to what Join and Leave have made of them meanwhile, and returns all that
// it has been in. When it reports true, there is nothing left to change and s.mu is held.
func (s *Socket) settle(rooms []string) (all []string, ok bool) {
	for {
		s.mu.Lock()
		if s.ending {
			s.mu.Unlock()
			return nil, false
		}
		left, entered := s.takeMovesLocked()
		if len(left) == 0 && len(entered) == 0 {
			return rooms, true
		}
		s.mu.Unlock()
		s.nsp.hub.LeaveAs((*member)(s), left...)
		s.nsp.hub.JoinAs((*member)(s), entered...)
		rooms = append(rooms, entered...)
	}
}

// takeMovesLocked returns the rooms to leave, and those to enter after that. s.mu must be held.
func (s *Socket) takeMovesLocked() (left, entered []string) {
	e := s.early
	if e == nil {
		return nil, nil
	}
	left, entered = e.left, e.rooms
	e.left, e.rooms = nil, nil
	s.joins += len(entered)
	return left, entered
}

// becomeJoinedLocked ends the admission: the client is told, and given what it missed, up to head, and what was held back. rooms
// are all that the socket has been in since. s.mu must be held.
func (s *Socket) becomeJoinedLocked(head string, rooms []string, missed []*engineio.Frame) (dirty, resumed bool) {
	s.state, s.admitting = stateJoined, false
	s.nsp.joined.Add(1)
	if ws := s.nsp.srv.watching(); ws != nil {
		ws.change(Activity{Kind: ActivityConnect, Socket: s})
	}
	pid, resumed := s.keepLocked(head, rooms)
	dirty = s.conn.sendControl(siowire.Connect, s.nsp.name, s.connectData(pid))
	for _, f := range missed {
		again, _ := s.sendLocked(f, hub.Must)
		dirty = dirty || again
	}
	for _, f := range s.takeHeldLocked() {
		again := s.pushLocked(f.frame, f.class)
		dirty = dirty || again
	}
	return dirty, resumed
}

// endAdmission ends the admission of a socket that does not become a member, or not any more. If the socket has ended
// meanwhile, its session is given back only now: nobody else may have its id before.
func (s *Socket) endAdmission() {
	s.mu.Lock()
	s.admitting = false
	var c *claim
	var reason Reason
	if s.last != nil {
		c, s.last.claim = s.last.claim, nil
		reason = s.last.cause.Reason
	}
	s.mu.Unlock()
	if c != nil {
		s.leaveSession(false, c, reason, nil, nil)
	}
}
