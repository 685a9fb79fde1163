package chat

import "time"

// bucket is a token bucket as one time: when it is full again. The zero bucket
// is full. Its owner guards it.
type bucket struct{ full time.Time }

// rate says how a bucket is filled.
type rate struct {
	burst int           // tokens in a full bucket
	every time.Duration // one token comes back; <= 0: there is no limit
}

// take takes one token, or returns how long there is none.
func (b *bucket) take(now time.Time, r rate) (wait time.Duration) {
	if r.every <= 0 {
		return 0
	}
	full := b.full
	if full.Before(now) {
		full = now
	}
	full = full.Add(r.every)
	if wait = full.Sub(now) - time.Duration(r.burst)*r.every; wait > 0 {
		return wait
	}
	b.full = full
	return 0
}

func slowDown(wait time.Duration) *Error {
	return &Error{Code: CodeSlowDown, Message: "That was a bit fast. Please slow down.", Retry: wait}
}
