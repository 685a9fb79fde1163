package chat

import (
	"container/heap"
	"time"
)

// deadline is one entry of a schedule; embed it in what expires. fire runs with
// the Service's mu held, once for each set.
type deadline struct {
	at    time.Time
	place int // index in the heap plus one, 0: not in it
	fire  func(now time.Time)
}

// schedule keeps all deadlines of a service behind one timer. The Service's mu
// guards it; Service.keepTime owns the timer.
type schedule struct {
	heap deadlines
	wake chan struct{} // capacity 1: the head has changed
}

// set puts d at a time, wherever it was before.
func (s *schedule) set(d *deadline, at time.Time) {
	d.at = at
	if d.place == 0 {
		heap.Push(&s.heap, d)
	} else {
		heap.Fix(&s.heap, d.place-1)
	}
	if d.place == 1 {
		select {
		case s.wake <- struct{}{}:
		default: // it wakes already
		}
	}
}

func (s *schedule) stop(d *deadline) {
	if d.place != 0 {
		heap.Remove(&s.heap, d.place-1)
	}
}

// due fires what is due and returns how long nothing else is; ok is false when
// nothing is left.
func (s *schedule) due(now time.Time) (wait time.Duration, ok bool) {
	for len(s.heap) > 0 {
		d := s.heap[0]
		if wait := d.at.Sub(now); wait > 0 {
			return wait, true
		}
		heap.Pop(&s.heap)
		d.fire(now)
	}
	return 0, false
}

// deadlines is the heap itself, by time.
type deadlines []*deadline

func (h deadlines) Len() int           { return len(h) }
func (h deadlines) Less(i, j int) bool { return h[i].at.Before(h[j].at) }

func (h deadlines) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i+1, j+1
}

// Push implements [heap.Interface].
func (h *deadlines) Push(x any) {
	d := x.(*deadline)
	*h = append(*h, d)
	d.place = len(*h)
}

// Pop implements [heap.Interface].
func (h *deadlines) Pop() any {
	last := len(*h) - 1
	d := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	d.place = 0
	return d
}

// keepTime fires deadlines until Close.
func (s *Service) keepTime() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-s.running.Done():
			return
		case <-s.sched.wake:
		case <-timer.C:
		}
		s.mu.Lock()
		wait, ok := s.sched.due(time.Now())
		s.mu.Unlock()
		s.flush()
		if !ok {
			wait = time.Hour // the next set wakes
		}
		timer.Reset(wait)
	}
}
