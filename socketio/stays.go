package socketio

import (
	"slices"
	"sync"

	"rightnow/hub"
)

// maxPastStays bounds how many stays that are over a session remembers. For rooms that were left before those, the client
// counts as one that was never there.
const maxPastStays = 64

// stays are the times that a session's socket was in which room, but that of its own id: it is told of them by the hub.
type stays struct {
	mu   sync.Mutex        // guards following; nothing else is locked while it is held
	open map[string]string // from where on it is in a room
	past []stay            // oldest first
}

// stay is a time in a room: the messages behind from, up to to.
type stay struct {
	room, from, to string
}

// moved notes that the socket is in a room, or is not, behind head.
func (s *stays) moved(room string, in bool, head string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, is := s.open[room]
	switch {
	case in && !is:
		if s.open == nil {
			s.open = make(map[string]string)
		}
		s.open[room] = head
	case !in && is:
		delete(s.open, room)
		s.past = append(s.past, stay{room, from, head})
		if len(s.past) > maxPastStays {
			s.past = slices.Delete(s.past, 0, 1)
		}
	}
}

// forgetAllBut forgets the stays that are not over and not in rooms: the client has been put out of these while it was away.
func (s *stays) forgetAllBut(rooms []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for room := range s.open {
		if !slices.Contains(rooms, room) {
			delete(s.open, room)
		}
	}
}

// all returns the stays that are over, and those of rooms that are not.
func (s *stays) all(rooms []string) (past, open []stay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, room := range rooms {
		if from, is := s.open[room]; is {
			open = append(open, stay{room: room, from: from})
		}
	}
	return slices.Clone(s.past), open
}

// Moved implements hub.Mover.
func (m *member) Moved(room string, in bool, head string) {
	if m.session != nil && room != m.id {
		m.session.stays.moved(room, in, head)
	}
}

// audience tells which of a row of messages a client was meant to get.
type audience struct {
	sid   string
	first int // those before were sent before it had joined
	times map[string][]span
}

// span is a stay as a range of the row.
type span struct{ from, to int }

// audienceOf looks up in the row, which begins behind an offset of the session's, when its client was where. The stays were
// asked for before the row was read: offsets of theirs that are not in it are older than it.
func audienceOf(k *session, past, open []stay, row []*hub.Message) audience {
	places := map[string]int{k.start: 0}
	for _, s := range slices.Concat(past, open) {
		places[s.from], places[s.to] = 0, 0
	}
	for i, m := range row {
		if _, ok := places[m.Offset]; ok {
			places[m.Offset] = i + 1
		}
	}
	a := audience{sid: k.sid, first: places[k.start], times: make(map[string][]span)}
	for _, s := range past {
		if from, to := places[s.from], places[s.to]; from < to {
			a.times[s.room] = append(a.times[s.room], span{from, to})
		}
	}
	for _, s := range open {
		a.times[s.room] = append(a.times[s.room], span{places[s.from], len(row)})
	}
	return a
}

// has reports whether message i of the row would have reached the client.
func (a *audience) has(i int, m *hub.Message) bool {
	if i < a.first || m.Sender == a.sid {
		return false
	}
	in := func(room string) bool {
		return room == a.sid || slices.ContainsFunc(a.times[room], func(s span) bool { return s.from <= i && i < s.to })
	}
	return (len(m.Rooms) == 0 || slices.ContainsFunc(m.Rooms, in)) && !slices.ContainsFunc(m.Except, in)
}
