package chat

import (
	"context"
	"fmt"
	"time"
)

// Entry asks to enter a room.
type Entry struct {
	Room   string
	Nick   string
	Secret string // at least 16 characters that only this person's browser has
	Conn   string
	// Address is the IP address the connection comes from. Rooms are opened at a
	// limited rate from one address; from "" without a limit.
	Address string
}

// Enter brings a connection into a room, opening the room when it is new. It
// may be repeated, also with another nickname, which renames the person.
// Errors: CodeBadRoom, CodeBadNick, CodeBadSecret, CodeNickTaken with a
// suggestion, CodeRoomFull, CodeTooManyRooms (with Retry when too many were
// opened from this address), CodeSlowDown, CodeNotAllowed, CodeUnavailable.
func (s *Service) Enter(ctx context.Context, e Entry) (*Entered, error) {
	name, title, err := ParseRoom(e.Room)
	if err != nil {
		return nil, err
	}
	nick, bad := cleanNick(e.Nick, s.opts.NickLength)
	if bad == nil {
		bad = checkSecret(e.Secret)
	}
	if bad != nil {
		return nil, bad
	}
	who := identify(s.key, e.Secret)
	if err := s.claim(ctx, name); err != nil {
		return nil, err
	}
	defer s.release(name)
	room, err := s.open(ctx, name, title, who, e.Address)
	if err != nil {
		return nil, err
	}
	snapshot, err := s.recent(ctx, room)
	if err != nil {
		return nil, err
	}
	entered := &Entered{Snapshot: *snapshot}
	s.mu.Lock()
	err = s.enterLocked(entered, room, who, nick, e.Conn)
	s.mu.Unlock()
	s.flush()
	if err != nil {
		return nil, err
	}
	return entered, nil
}

// enterLocked asks for everything first and changes nothing when it refuses.
// s.mu must be held.
func (s *Service) enterLocked(entered *Entered, room Room, who identity, nick, conn string) error {
	if s.closed {
		return closing()
	}
	now := time.Now()
	p := s.places[room.Name]
	if p == nil {
		p = newPlace(room) // not among the places until somebody is in it
	}
	m := p.people[who.id]
	if m != nil && !proves(who.proof, m.proof) {
		return refuse(CodeNotAllowed, "You may not do that.")
	}
	if err := May(p.actor(who, m), VerbEnter, s.scene(p.room.Name, p.listed)); err != nil {
		return err
	}
	keys := s.nicks.keys(nick)
	if p.holder(keys, m) != nil {
		return s.nickTaken(p, m, nick)
	}
	if m != nil && m.nick != nick {
		if wait := m.spending.rename.Take(now, 1, s.renameRate); wait > 0 {
			s.counters.slowed.Add(1)
			return SlowDown(wait)
		}
	}
	m = s.seatLocked(p, m, who, nick, keys, conn)
	entered.You = m.person()
	entered.People, entered.Rev = p.crowd(), s.rev
	return nil
}

// seatLocked does what enterLocked decided. s.mu must be held.
func (s *Service) seatLocked(p *place, m *member, who identity, nick string, keys nickKeys, conn string) *member {
	s.places[p.room.Name] = p
	if m == nil {
		m = s.newMemberLocked(p, who)
	}
	if other := p.conns[conn]; other != nil && other != m {
		s.changeHandsLocked(other, conn)
	}
	renamed := m.nick != nick
	p.setNick(m, nick, keys)
	p.conns[conn] = m
	m.conns[conn] = struct{}{}
	s.sched.stop(&m.presence)
	switch {
	case !m.listed:
		m.listed = true
		p.listed++
		s.rev++
		m.arrived = s.rev
		s.postLocked(p.room.Name, EventJoined, p.presence(m, s.rev))
		s.touchListLocked()
	case renamed:
		s.rev++
		people := p.crowd()
		s.postLocked(p.room.Name, EventPeople, Crowd{Room: p.room.Name, People: people, Count: len(people), Rev: s.rev})
	}
	return m
}

func (p *place) presence(m *member, rev int64) Presence {
	return Presence{Room: p.room.Name, Person: m.person(), Count: p.listed, Rev: rev}
}

func (s *Service) newMemberLocked(p *place, who identity) *member {
	m := &member{
		identity: who,
		place:    p,
		conns:    make(map[string]struct{}),
		spending: s.spendingLocked(who.id),
	}
	m.moderator = May(Actor{Proved: true, Here: true, Moderator: proves(who.proof, p.room.Moderator)},
		VerbModerate, s.scene(p.room.Name, p.listed)) == nil
	m.presence.fire = func(now time.Time) { s.expireLocked(m, now) }
	m.typing.fire = func(time.Time) { s.postTypingLocked(m, false) }
	p.people[who.id] = m
	return m
}

// Leave takes a connection out of a room. Others are told after the grace.
func (s *Service) Leave(room, conn string) {
	name, _, err := ParseRoom(room)
	if err != nil {
		return
	}
	s.mu.Lock()
	if m, _, _ := s.hereLocked(name, conn); m != nil {
		s.leaveLocked(m, conn, time.Now())
	}
	s.mu.Unlock()
	s.flush()
}

func (s *Service) leaveLocked(m *member, conn string, now time.Time) {
	delete(m.place.conns, conn)
	delete(m.conns, conn)
	if len(m.conns) > 0 {
		return
	}
	s.stopTypingLocked(m)
	m.gone = now
	if s.opts.Grace < 0 {
		s.expireLocked(m, now)
		return
	}
	s.sched.set(&m.presence, now.Add(s.opts.Grace))
}

// changeHandsLocked takes a connection from a person because it is now another
// one's. The first leaves without grace and hold: one connection that makes up
// persons must not fill the room with them.
func (s *Service) changeHandsLocked(m *member, conn string) {
	delete(m.place.conns, conn)
	delete(m.conns, conn)
	if len(m.conns) > 0 {
		return
	}
	s.stopTypingLocked(m)
	s.unlistLocked(m)
	s.forgetLocked(m)
}

// expireLocked runs after the grace, and again when the nickname's time is over.
func (s *Service) expireLocked(m *member, now time.Time) {
	if m.listed {
		s.unlistLocked(m)
		free := m.gone.Add(s.opts.NickHold)
		held := len(m.place.people) - m.place.listed
		if free.After(now) && held <= s.opts.MaxPeople {
			s.sched.set(&m.presence, free)
			return
		}
	}
	s.forgetLocked(m)
}

func (s *Service) unlistLocked(m *member) {
	if !m.listed {
		return
	}
	m.listed = false
	m.place.listed--
	s.rev++
	s.postLocked(m.place.room.Name, EventLeft, m.place.presence(m, s.rev))
	s.touchListLocked()
}

func (s *Service) forgetLocked(m *member) {
	p := m.place
	s.sched.stop(&m.presence)
	p.dropNick(m)
	delete(p.people, m.id)
	s.dropSpendingLocked(m.spending)
	if len(p.people) == 0 && s.places[p.room.Name] == p {
		s.vacateLocked(p)
	}
}

func (s *Service) nickTaken(p *place, m *member, nick string) *Error {
	free := func(candidate string) bool { return p.holder(s.nicks.keys(candidate), m) == nil }
	return &Error{
		Code:       CodeNickTaken,
		Message:    fmt.Sprintf("Somebody here is called %q, or something that looks like it.", nick),
		Suggestion: suggestNick(nick, s.opts.NickLength, free),
	}
}
