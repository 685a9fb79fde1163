package loadgen

import "time"

// storm cuts all clients off and has them come back at once. A latency is from
// the cut of a client to its being served again.
func (s *swarm) storm() (*StormResult, error) {
	n := len(s.live)
	s.begin(goal{phase: "storm", noun: "clients back", have: &s.served, total: n})
	w, err := s.start()
	if err != nil {
		return nil, err
	}
	for i := range s.live {
		s.live[i].at = s.loop.now()
		s.cut(&s.live[i])
	}
	s.onServed = func(c *client) { w.add(c.at) }
	defer s.ignore()
	stopped := s.connect(0, n, s.o.AtOnce)
	took := time.Duration(s.loop.now() - w.begun).Seconds()
	r := &StormResult{
		Head:          Head{string(Storm), n, stopped != nil},
		AtOnce:        s.o.AtOnce,
		ReconnectsPer: per(float64(s.served), took),
		Latency:       latencyOf(w.all),
	}
	after, err := s.usage()
	if s.o.PID > 0 && err == nil {
		r.Handshakes = &Handshakes{per(1e6*(after.cpu-w.before.cpu), float64(s.served)), after.rss}
	}
	if stopped != nil {
		err = stopped
	}
	return r, err
}
