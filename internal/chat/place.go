package chat

import (
	"cmp"
	"slices"
	"time"

	"rightnow/internal/limit"
)

// place is a room with somebody in it, or whose nickname is still held. The
// Service's mu guards it and its members.
type place struct {
	room   Room
	people map[string]*member // by Person.ID: the listed, and those who are only held
	conns  map[string]*member // by connection
	nicks  map[string]*member // by each of a nickname's keys
	listed int                // of people, what others see
}

// member is a person in one place.
//
//	               enter                    last tab left
//	(nobody) ───► listed, tabs ───► listed, no tab ──Grace──► held ──NickHold──► (nobody)
//	                  ▲                  │ enter                │ enter
//	                  └──────────────────┴──────────────────────┘ (told as joined only from held)
type member struct {
	identity
	place     *place
	nick      string
	keys      nickKeys
	moderator bool
	arrived   int64 // order in the list
	listed    bool
	conns     map[string]struct{}
	gone      time.Time // when the last tab left
	presence  deadline  // set while no tab is here
	spending  *spending

	typing     deadline // set while shown as typing
	typingTold time.Time
	typingWait limit.Bucket
}

func newPlace(r Room) *place {
	return &place{
		room:   r,
		people: make(map[string]*member),
		conns:  make(map[string]*member),
		nicks:  make(map[string]*member),
	}
}

func (m *member) person() Person {
	return Person{ID: m.id, Nick: m.nick, Moderator: m.moderator}
}

// crowd returns the people that others see, in the order of their arrival.
func (p *place) crowd() []Person {
	members := make([]*member, 0, p.listed)
	for _, m := range p.people {
		if m.listed {
			members = append(members, m)
		}
	}
	slices.SortFunc(members, func(a, b *member) int { return cmp.Compare(a.arrived, b.arrived) })
	people := make([]Person, len(members))
	for i, m := range members {
		people[i] = m.person()
	}
	return people
}

// holder returns who has a nickname with one of these keys, other than m.
func (p *place) holder(keys nickKeys, m *member) *member {
	for _, k := range keys {
		if h := p.nicks[k]; h != nil && h != m {
			return h
		}
	}
	return nil
}

func (p *place) setNick(m *member, nick string, keys nickKeys) {
	p.dropNick(m)
	m.nick, m.keys = nick, keys
	for _, k := range keys {
		p.nicks[k] = m
	}
}

func (p *place) dropNick(m *member) {
	for _, k := range m.keys {
		if p.nicks[k] == m {
			delete(p.nicks, k)
		}
	}
}

// actor returns what is known of who has proved to be somebody; m is nil for
// one who is not in the place.
func (p *place) actor(who identity, m *member) Actor {
	return Actor{
		Proved:    true,
		Here:      m != nil && m.listed,
		Moderator: proves(who.proof, p.room.Moderator),
	}
}

func (s *Service) scene(room string, people int) Scene {
	return Scene{Room: room, People: people, Limit: s.opts.MaxPeople, Fixed: s.opts.FixedLobby && room == Lobby}
}

// hereLocked returns who a connection is in a room, and what may be asked of
// [May] about it. s.mu must be held.
func (s *Service) hereLocked(room, conn string) (*member, Actor, Scene) {
	p := s.places[room]
	if p == nil {
		return nil, Actor{}, s.scene(room, 0)
	}
	m := p.conns[conn]
	if m == nil {
		return nil, Actor{}, s.scene(room, p.listed)
	}
	return m, p.actor(m.identity, m), s.scene(room, p.listed)
}

// spending is what one person uses up, in all rooms. It is kept until nobody is
// left of them in any room and it is as good as new, so that going out and
// coming in again gains nothing.
type spending struct {
	places int // that refer to it
	say    limit.Bucket
	rename limit.Bucket
	end    deadline
}

func (s *Service) spendingLocked(id string) *spending {
	sp := s.spendings[id]
	if sp == nil {
		sp = &spending{}
		sp.end.fire = func(time.Time) { delete(s.spendings, id) }
		s.spendings[id] = sp
	}
	s.sched.stop(&sp.end)
	sp.places++
	return sp
}

func (s *Service) dropSpendingLocked(sp *spending) {
	if sp.places--; sp.places > 0 {
		return
	}
	full := sp.say.FullAt()
	if sp.rename.FullAt().After(full) {
		full = sp.rename.FullAt()
	}
	s.sched.set(&sp.end, full)
}
