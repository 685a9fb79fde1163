package chat

import "time"

// Type says that the person behind conn types, or no longer does. What is too
// fast, or in a room with too many people, is not told and no error. Errors:
// CodeBadRoom, CodeNotHere.
func (s *Service) Type(room, conn string, on bool) error {
	name, _, err := ParseRoom(room)
	if err != nil {
		return err
	}
	s.mu.Lock()
	m, who, where := s.hereLocked(name, conn)
	err = May(who, VerbType, where)
	switch {
	case err != nil:
	case on:
		s.typeLocked(m, time.Now())
	default:
		s.stopTypingLocked(m)
	}
	s.mu.Unlock()
	s.flush()
	return err
}

// typeLocked shows m as typing for a while from now on. Others hear of it at
// the start, and again at every half of that while, for those who came later.
// s.mu must be held.
func (s *Service) typeLocked(m *member, now time.Time) {
	if s.closed || m.place.listed > s.opts.TypingPeople {
		return
	}
	shown := m.typing.place != 0
	if !shown || now.Sub(m.typingTold) >= s.opts.TypingExpiry/2 {
		if m.typingWait.Take(now, 1, s.typingRate) > 0 {
			return
		}
		m.typingTold = now
		s.postTypingLocked(m, true)
	}
	s.sched.set(&m.typing, now.Add(s.opts.TypingExpiry))
}

func (s *Service) stopTypingLocked(m *member) {
	if m.typing.place != 0 {
		s.sched.stop(&m.typing)
		s.postTypingLocked(m, false)
	}
}

func (s *Service) postTypingLocked(m *member, on bool) {
	s.postLocked(m.place.room.Name, EventTyping, Typing{Room: m.place.room.Name, Person: m.person(), On: on})
}
