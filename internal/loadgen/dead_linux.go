package loadgen

import (
	"fmt"
	"strings"
)

// What the dead clients are sent before the measuring, so that none of them has
// room for more: more than their sockets and the server's hold, less than a
// server should let wait for them. In bytes.
const (
	stuffing     = 256 << 10
	stuffingText = 16 << 10
)

// silence connects the dead clients and lets them die: they join a room, stop
// reading, and then something is said there.
func (s *swarm) silence() error {
	n := len(s.live)
	dead := s.clients[n:]
	if len(dead) == 0 {
		return nil
	}
	s.begin(goal{phase: "connecting the dead", noun: "clients served", have: &s.served, total: len(s.clients)})
	if err := s.connect(n, len(s.clients), usualAtOnce); err != nil {
		return err
	}
	join := newPacket(`42["join","dead"]`)
	for i := range dead {
		s.send(&dead[i], join)
	}
	if err := s.settle("the dead join a room", dead); err != nil {
		return err
	}
	for i := range dead {
		dead[i].main.forget(s.loop)
	}
	say := newPacket(fmt.Sprintf(`42["say","dead","%s"]`, strings.Repeat("x", stuffingText)))
	for range stuffing / stuffingText {
		s.send(&s.live[0], say)
	}
	return s.settle("the dead are sent what they will not read", s.live[:1])
}
