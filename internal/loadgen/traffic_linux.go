package loadgen

import "time"

// A stopwatch is the beginning of what is measured.
type stopwatch struct {
	s      *swarm
	before usage
	own    float64
	begun  int64
	all    *Histogram
}

func (s *swarm) start() (*stopwatch, error) {
	before, err := s.usage()
	return &stopwatch{s: s, before: before, own: ownTime(), begun: s.loop.now(), all: NewHistogram()}, err
}

// add counts a latency since the time at.
func (w *stopwatch) add(at int64) { w.all.Add(w.s.received - at) }

// stop returns what count deliveries have cost.
func (w *stopwatch) stop(count int) (Traffic, error) {
	took := time.Duration(w.s.loop.now() - w.begun).Seconds()
	after, err := w.s.usage()
	t := Traffic{
		PerS:     per(float64(count), took),
		LoadBusy: per(ownTime()-w.own, took),
		Latency:  latencyOf(w.all),
	}
	if w.s.o.PID > 0 && err == nil {
		cpu := after.cpu - w.before.cpu
		sys := after.sys - w.before.sys
		t.Cost = &Cost{
			CPUPerMillion:   per(1e6*cpu, float64(count)),
			SysShare:        per(sys, sys+after.user-w.before.user),
			ServerBusy:      per(cpu, took),
			SwitchesPer1000: per(1000*float64(after.switches-w.before.switches), float64(count)),
			RSSEnd:          after.rss,
		}
	}
	return t, err
}
