package feed

import (
	"time"

	"rightnow/internal/limit"
)

// bucket limits events to one each interval, and burst at once after quiet. It
// counts in whole durations, so that the moment that it names for the next event
// is one at which it allows it.
type bucket struct {
	limit.Bucket
	every time.Duration
	burst int
}

func newBucket(rate float64, burst int) bucket {
	return bucket{every: interval(rate), burst: burst}
}

// interval is the time between two events.
func interval(rate float64) time.Duration {
	return max(time.Duration(float64(time.Second)/rate), time.Microsecond)
}

func (b *bucket) rate() limit.Rate { return limit.Rate{Burst: b.burst, Every: b.every} }

// next returns the moment from which an event is allowed.
func (b *bucket) next() time.Time { return b.Next(b.rate()) }

// take takes an event if one is allowed.
func (b *bucket) take(now time.Time) bool { return b.Take(now, 1, b.rate()) == 0 }

// setRate changes the rate, and reports whether it was another one. What was
// taken at the old one is taken.
func (b *bucket) setRate(rate float64, now time.Time) bool {
	every := interval(rate)
	if every == b.every {
		return false
	}
	before := b.rate()
	b.every = every
	b.Rescale(now, before, b.rate())
	return true
}
