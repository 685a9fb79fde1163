package loadgen

import (
	"fmt"
)

// warmUp is how many messages each client receives before those that count:
// buffers grow, a server with a compiler compiles.
const warmUp = 20

// broadcasts runs a phase for each size of bursts.
func (s *swarm) broadcasts() error {
	if err := s.silence(); err != nil {
		return err
	}
	if _, err := s.broadcast("warming up", 1, min(warmUp, s.o.Messages)); err != nil {
		return err
	}
	for _, burst := range s.o.Bursts {
		phase := func() (*BroadcastResult, error) {
			return s.broadcast(fmt.Sprintf("%s, %d at a time", s.o.Mode, burst), burst, s.o.Messages/burst)
		}
		if err := tell(s.o, phase); err != nil {
			return err
		}
	}
	return nil
}

// broadcast has the server emit burst messages to all, rounds times. Each burst is
// asked for when everybody has the one before, so the server is never more than
// one behind; a latency is from the asking to the receipt.
func (s *swarm) broadcast(name string, burst, rounds int) (*BroadcastResult, error) {
	got, due := 0, 0 // messages received in all, and those due to one client by now
	var asked int64
	s.begin(goal{phase: name, noun: "messages received", have: &got, total: rounds * burst * len(s.live)})
	w, err := s.start()
	if err != nil {
		return nil, err
	}
	for i := range s.live {
		s.live[i].count = 0
	}
	s.onMessage = func(c *client, _ []byte) {
		if c.count == due {
			s.fail(c, fmt.Errorf("it received more than the %d messages that were asked for", due))
			return
		}
		c.count++
		got++
		w.add(asked)
	}
	defer s.ignore()
	ask := newPacket(fmt.Sprintf(`42["bench:broadcast",%d,%d]`, burst, s.o.Bytes))
	var stopped error
	for range rounds {
		due += burst
		asked = s.loop.now()
		s.send(&s.live[0], ask)
		if stopped = s.await(due * len(s.live)); stopped != nil {
			break
		}
	}
	r := &BroadcastResult{Head: Head{string(s.o.Mode), len(s.live), stopped != nil}, Burst: burst, Bytes: s.o.Bytes, Dead: s.o.Dead, Deliveries: got}
	if r.Traffic, err = w.stop(got); stopped != nil {
		err = stopped
	}
	return r, err
}
