package socketio

import (
	"slices"

	"rightnow/hub"
)

// maxPastStays bounds how many stays that are over a session remembers. Of rooms that were left before those, what came while
// the client was still in them and did not get through is not sent again.
const maxPastStays = 64

// stay is a session's time in a room: the messages behind from, and up to to when it is over.
type stay struct {
	room, from, to string
	over           bool
}

// enteredLocked notes that the session's socket is in rooms since head; those it was in already do not change.
// recovery.mu must be held.
func (k *session) enteredLocked(head string, rooms []string) {
	for _, room := range rooms {
		if !slices.ContainsFunc(k.stays, func(s stay) bool { return s.room == room && !s.over }) {
			k.stays = append(k.stays, stay{room: room, from: head})
		}
	}
}

// leftLocked notes that it is in rooms no more since head. recovery.mu must be held.
func (k *session) leftLocked(head string, rooms []string) {
	past := 0
	for i := range k.stays {
		if s := &k.stays[i]; !s.over && slices.Contains(rooms, s.room) {
			s.to, s.over = head, true
		}
		if k.stays[i].over {
			past++
		}
	}
	for ; past > maxPastStays; past-- {
		oldest := slices.IndexFunc(k.stays, func(s stay) bool { return s.over })
		k.stays = slices.Delete(k.stays, oldest, oldest+1)
	}
}

// settleLocked makes the stays fit the rooms that the socket was in at its end, in case somebody has moved it past
// Socket.Join and Socket.Leave. recovery.mu must be held.
func (k *session) settleLocked(head string, rooms []string) {
	var left []string
	for _, s := range k.stays {
		if !s.over && !slices.Contains(rooms, s.room) {
			left = append(left, s.room)
		}
	}
	k.leftLocked(head, left)
	k.enteredLocked(k.start, rooms)
}

// entered tells the socket's session, if there is one, what rooms the socket has joined since head.
func (s *Socket) entered(head string, rooms []string) {
	if k := s.recoverySession(); k != nil {
		k.recovery.mu.Lock()
		k.enteredLocked(head, rooms)
		k.recovery.mu.Unlock()
	}
}

// left tells it what rooms the socket has just left.
func (s *Socket) left(rooms []string) {
	if k := s.recoverySession(); k != nil {
		head := k.recovery.journal.Head()
		k.recovery.mu.Lock()
		k.leftLocked(head, rooms)
		k.recovery.mu.Unlock()
	}
}

// recoverySession is the session of a socket that has joined, nil without recovery.
func (s *Socket) recoverySession() *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session
}

// head is where the namespace's journal is; empty without recovery.
func (n *Namespace) head() string {
	if n.recovery == nil {
		return ""
	}
	return n.recovery.journal.Head()
}

// audience tells which of a row of messages a client was meant to get.
type audience struct {
	sid   string
	first int // those before were sent before it had joined
	times []roomTime
}

// roomTime is a stay as a range of the row.
type roomTime struct {
	room     string
	from, to int
}

// audienceOf looks up in the row, which begins behind an offset of the session's, when the session's client was where.
// Offsets that are not in the row are older than it.
func audienceOf(k *session, stays []stay, row []*hub.Message) audience {
	places := map[string]int{k.start: 0}
	for _, s := range stays {
		places[s.from], places[s.to] = 0, 0
	}
	for i, m := range row {
		if _, ok := places[m.Offset]; ok {
			places[m.Offset] = i + 1
		}
	}
	a := audience{sid: k.sid, first: places[k.start]}
	for _, s := range stays {
		t := roomTime{s.room, places[s.from], len(row)}
		if s.over {
			t.to = places[s.to]
		}
		if t.from < t.to {
			a.times = append(a.times, t)
		}
	}
	return a
}

// has reports whether message i of the row would have reached the client.
func (a *audience) has(i int, m *hub.Message) bool {
	in := func(room string) bool {
		return room == a.sid || slices.ContainsFunc(a.times, func(t roomTime) bool {
			return t.from <= i && i < t.to && t.room == room
		})
	}
	return i >= a.first && m.Sender != a.sid &&
		(len(m.Rooms) == 0 || slices.ContainsFunc(m.Rooms, in)) && !slices.ContainsFunc(m.Except, in)
}
