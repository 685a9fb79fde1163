package chat

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestSchedule(t *testing.T) {
	s := schedule{wake: make(chan struct{}, 1)}
	start := time.Unix(1000, 0)
	var fired []int
	all := make([]*deadline, 200)
	for i := range all {
		all[i] = &deadline{fire: func(time.Time) { fired = append(fired, i) }}
	}
	for _, i := range rand.Perm(len(all)) {
		s.set(all[i], start.Add(time.Duration(rand.IntN(1000))*time.Second))
		s.set(all[i], start.Add(time.Duration(i)*time.Second)) // again: moves it
	}
	for i := 1; i < len(all); i += 2 {
		s.stop(all[i])
		s.stop(all[i]) // is not there any more
	}
	if wait, ok := s.due(start.Add(-time.Second)); !ok || wait != time.Second || len(fired) != 0 {
		t.Errorf("before all: %v, %v, fired %v", wait, ok, fired)
	}
	if wait, ok := s.due(start.Add(99 * time.Second)); !ok || wait != time.Second || len(fired) != 50 {
		t.Errorf("in the middle: %v, %v, fired %d", wait, ok, len(fired))
	}
	if wait, ok := s.due(start.Add(time.Hour)); ok || wait != 0 {
		t.Errorf("after all: %v, %v", wait, ok)
	}
	for n, i := range fired {
		if i != 2*n {
			t.Fatalf("fired in the order %v", fired)
		}
	}
	if len(fired) != 100 {
		t.Errorf("%d fired, want 100", len(fired))
	}
}

// TestScheduleWakes wants a wake whenever the head changes to sooner, and only
// one waiting.
func TestScheduleWakes(t *testing.T) {
	s := schedule{wake: make(chan struct{}, 1)}
	woken := func() bool {
		select {
		case <-s.wake:
			return true
		default:
			return false
		}
	}
	start := time.Unix(1000, 0)
	a, b := &deadline{}, &deadline{}
	s.set(a, start.Add(time.Minute))
	if !woken() {
		t.Error("the first entry did not wake")
	}
	s.set(b, start.Add(time.Hour))
	if woken() {
		t.Error("a later entry woke")
	}
	s.set(b, start)
	s.set(b, start.Add(time.Second))
	if !woken() || woken() {
		t.Error("a sooner entry did not wake once")
	}
}
