package feed

import "time"

// bucket limits events to one each interval, and burst at once after quiet. It
// counts in whole durations, so that the moment that it names for the next event
// is one at which it allows it.
type bucket struct {
	every time.Duration
	burst int
	full  time.Time // when it will have burst events to allow
}

func newBucket(rate float64, burst int) bucket {
	return bucket{every: interval(rate), burst: burst}
}

// interval is the time between two events.
func interval(rate float64) time.Duration {
	return max(time.Duration(float64(time.Second)/rate), time.Microsecond)
}

// next returns the moment from which an event is allowed.
func (b *bucket) next() time.Time {
	return b.full.Add(-time.Duration(b.burst-1) * b.every)
}

// take takes an event if one is allowed.
func (b *bucket) take(now time.Time) bool {
	if now.Before(b.next()) {
		return false
	}
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(b.every)
	return true
}

// setRate changes the rate, and reports whether it was another one. What was
// taken at the old one is taken.
func (b *bucket) setRate(rate float64, now time.Time) bool {
	every := interval(rate)
	if every == b.every {
		return false
	}
	if taken := b.full.Sub(now); taken > 0 {
		b.full = now.Add(time.Duration(float64(taken) / float64(b.every) * float64(every)))
	}
	b.every = every
	return true
}
