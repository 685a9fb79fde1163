package loadgen

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"
)

var errTime = errors.New("a message without the time that was said")

// chat puts the clients into rooms. Each says something at a steady rate, whether
// the server keeps up or not, spread evenly over time and rooms; all members of
// its room hear it.
func (s *swarm) chat() (*ChatResult, error) {
	if err := s.joinRooms(); err != nil {
		return nil, err
	}
	heard, said, total := 0, 0, int(s.o.said())
	s.begin(goal{phase: "chat", noun: "messages heard", have: &heard, total: total * s.o.Room})
	s.goal.limit += int64(s.o.Duration)
	w, err := s.start()
	if err != nil {
		return nil, err
	}
	s.onMessage = func(c *client, p []byte) {
		at, err := saidAt(p)
		if err != nil {
			s.fail(c, err)
			return
		}
		heard++
		w.add(at)
	}
	defer s.ignore()
	gap := float64(s.o.Duration) / float64(total)
	var stopped error
	for heard < s.goal.total && stopped == nil {
		for said < total && s.loop.now()-w.begun >= int64(float64(said)*gap) {
			s.say(said)
			said++
		}
		stopped = s.step(time.Millisecond)
	}
	r := &ChatResult{Head: Head{string(Chat), len(s.live), stopped != nil}, Room: s.o.Room, SayPerS: s.o.Say, Said: said, Deliveries: heard}
	if r.Traffic, err = w.stop(heard); stopped != nil {
		err = stopped
	}
	return r, err
}

// joinRooms has neighbours share a room.
func (s *swarm) joinRooms() error {
	for i := range s.live {
		s.send(&s.live[i], newPacket(fmt.Sprintf(`42["join","room%d"]`, i/s.o.Room)))
	}
	return s.settle("joining", s.live)
}

// say has the next client say what time it is: one of each room after the other,
// then the next ones.
func (s *swarm) say(turn int) {
	rooms := len(s.live) / s.o.Room
	room, member := turn%rooms, turn/rooms%s.o.Room
	b := append(s.saying.text[:0], `42["say","room`...)
	b = strconv.AppendInt(b, int64(room), 10)
	b = append(b, `","`...)
	b = strconv.AppendInt(b, s.loop.now(), 10)
	s.saying.set(append(b, `"]`...))
	s.send(&s.live[room*s.o.Room+member], s.saying)
}

// saidAt is the time in a message: 42["message","NANOSECONDS"].
func saidAt(p []byte) (int64, error) {
	text, ok := bytes.CutPrefix(p[len(messageStart):], []byte{'"'})
	digits, _, closed := bytes.Cut(text, []byte{'"'})
	at, err := strconv.ParseInt(string(digits), 10, 64) // the conversion stays on the stack
	if !ok || !closed || err != nil {
		return 0, fmt.Errorf("%w: %s", errTime, quote(p))
	}
	return at, nil
}
