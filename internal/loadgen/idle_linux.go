package loadgen

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// usualAtOnce is how many handshakes are under way while clients connect for what
// is measured afterwards.
const usualAtOnce = 256

// connect opens clients from…to-1, with atOnce handshakes under way at most (0:
// all) and as many a second as the options allow, and waits until all are served.
// The goal has to count s.served, which is from at the beginning.
func (s *swarm) connect(from, to, atOnce int) error {
	next, begun := from, s.loop.now()
	if atOnce == 0 {
		atOnce = to - from
	}
	for s.served < to {
		allowed := min(to, s.served+atOnce)
		if s.o.Ramp > 0 {
			allowed = min(allowed, from+1+int(time.Duration(s.loop.now()-begun).Seconds()*float64(s.o.Ramp)))
		}
		// A few at a time: the answers to the others are not to wait.
		for range 16 {
			if next < allowed && s.fault == nil {
				s.open(&s.clients[next])
				next++
			}
		}
		wait := time.Duration(0)
		switch {
		case next == to || next == s.served+atOnce:
			wait = 50 * time.Millisecond
		case next >= allowed:
			wait = time.Millisecond
		}
		if err := s.step(wait); err != nil {
			return err
		}
	}
	return nil
}

// idle connects the live clients and reads what they cost the server.
func (s *swarm) idle() (*IdleResult, error) {
	n := len(s.live)
	s.begin(goal{phase: "connecting", noun: "clients served", have: &s.served, total: n})
	before, err := s.usage()
	if err != nil {
		return nil, err
	}
	if err := s.connect(0, n, usualAtOnce); err != nil {
		return nil, err
	}
	took := time.Duration(s.loop.now() - s.goal.begun)
	r := &IdleResult{Head: Head{Phase: string(Idle), N: n}, Transport: "websocket", ConnectsPerS: per(float64(n), took.Seconds())}
	if s.o.Mode == Polling {
		r.Transport = "polling"
	}
	connected, err := s.usage()
	if err != nil {
		return nil, err
	}
	s.goal.phase = "resting"
	if err := s.rest(s.o.Wait); err != nil {
		return nil, err
	}
	if s.o.PID > 0 {
		r.Memory, err = s.memory(before, connected)
	}
	return r, err
}

// memory compares now with before the first connection.
func (s *swarm) memory(before, connected usage) (*Memory, error) {
	n := float64(len(s.live))
	after, err := s.usage()
	if err != nil {
		return nil, err
	}
	m := &Memory{
		CPUPerConn:  per(1e6*(connected.cpu-before.cpu), n),
		RSSBase:     before.rss,
		RSSPerConn:  per(float64(after.rss-before.rss), n),
		SlabPerConn: per(float64(after.slab-before.slab), n),
	}
	if !s.o.Collect {
		return m, nil
	}
	if err := unix.Kill(s.o.PID, unix.SIGUSR2); err != nil {
		return nil, fmt.Errorf("SIGUSR2 to process %d (--collect): %w", s.o.PID, err)
	}
	const enough = 1500 * time.Millisecond // for a collection that gives back what it finds
	if err := s.rest(enough); err != nil {
		return nil, err
	}
	after, err = s.usage()
	m.CollectedPerConn = per(float64(after.rss-before.rss), n)
	return m, err
}
