package chat

import (
	"context"
	"time"
)

// Line asks to store a message.
type Line struct {
	Room string
	Conn string
	ID   string // chosen by the client; a retry has the same
	Text string // may be empty when there is a Quote
	// Quote is a post that the message brings along; nil: none. The caller answers
	// for what is in it, and changes it no more.
	Quote *Quote
}

// Say stores a message and returns when it is durable. A message whose id this
// person has used before in this room is a retry: it gets the first one's
// receipt and is not stored or told again. Errors: CodeBadRoom, CodeBadID,
// CodeBadText, CodeEmpty, CodeTooLong, CodeNotHere, CodeSlowDown,
// CodeUnavailable; and the cause of ctx, when the fate of the message is
// unknown.
func (s *Service) Say(ctx context.Context, l Line) (Receipt, error) {
	name, _, err := ParseRoom(l.Room)
	if err != nil {
		return Receipt{}, err
	}
	if bad := checkMessageID(l.ID); bad != nil {
		return Receipt{}, bad
	}
	text, bad := cleanText(l.Text, s.opts.TextLength)
	if bad != nil && (l.Quote == nil || bad.Code != CodeEmpty) {
		return Receipt{}, bad
	}
	draft := Draft{Room: name, ID: l.ID, Text: text, Quote: l.Quote}
	s.mu.Lock()
	err = s.signLocked(&draft, l.Conn)
	s.mu.Unlock()
	s.flush()
	if err != nil {
		return Receipt{}, err
	}
	// Nobody waits for a line whose ctx has ended before: that one may find its
	// room gone, if the person is.
	defer s.release(name)
	return s.commits.say(ctx, draft)
}

// signLocked lets the draft pass, says whose it is and claims its room, which
// cannot be condemned while somebody is in it. s.mu must be held.
func (s *Service) signLocked(d *Draft, conn string) error {
	m, who, where := s.hereLocked(d.Room, conn)
	if err := May(who, VerbSay, where); err != nil {
		return err
	}
	if s.closed {
		return closing()
	}
	if wait := m.spending.say.Take(time.Now(), 1, s.sayRate); wait > 0 {
		s.counters.slowed.Add(1)
		return SlowDown(wait)
	}
	s.stopTypingLocked(m)
	d.Person, d.Nick = m.id, m.nick
	s.claims[d.Room]++
	return nil
}
