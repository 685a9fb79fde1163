package chat

import (
	"fmt"
	"time"

	"rightnow/internal/limit"
)

// opener is a network address from which rooms were opened a short while ago.
// It is forgotten when its bucket is full again, being as good as unknown then.
type opener struct {
	bucket limit.Bucket
	end    deadline
}

// spendOpening lets an address open one more room, or says when it may.
func (s *Service) spendOpening(address string) error {
	if address == "" || s.openRate.Every <= 0 {
		return nil
	}
	key := limit.Network(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.openers[key]
	if o == nil {
		o = s.newOpenerLocked(key)
	}
	wait := o.bucket.Take(time.Now(), 1, s.openRate)
	s.sched.set(&o.end, o.bucket.FullAt())
	if wait > 0 {
		s.counters.slowed.Add(1)
		return openLater(wait)
	}
	return nil
}

// newOpenerLocked makes an opener, in the place of any other one when there are
// as many as may be: who has more addresses than that gains nothing by one that
// was forgotten. s.mu must be held.
func (s *Service) newOpenerLocked(key string) *opener {
	for other, o := range s.openers {
		if len(s.openers) < s.opts.OpenAddresses {
			break
		}
		s.sched.stop(&o.end)
		delete(s.openers, other)
	}
	o := &opener{}
	o.end.fire = func(time.Time) { delete(s.openers, key) }
	s.openers[key] = o
	return o
}

func openLater(wait time.Duration) *Error {
	return &Error{
		Code: CodeTooManyRooms,
		Message: fmt.Sprintf("Many rooms were opened from your network just now. The next one can be opened in %s. "+
			"Rooms that exist can be entered at any time.", inWords(wait)),
		Retry: wait,
	}
}

// inWords rounds up, so that nobody comes back too soon.
func inWords(d time.Duration) string {
	unit, name := time.Second, "second"
	switch {
	case d > 2*time.Hour:
		unit, name = time.Hour, "hour"
	case d > 2*time.Minute:
		unit, name = time.Minute, "minute"
	}
	n := (d + unit - 1) / unit
	if n != 1 {
		name += "s"
	}
	return fmt.Sprintf("%d %s", n, name)
}
