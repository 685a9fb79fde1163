package chat

import "time"

// Bucket is a token bucket as one time: when it is full again. The zero Bucket
// is full. It may be used by one goroutine at a time.
type Bucket struct{ full time.Time }

// Rate says how a bucket is filled.
type Rate struct {
	Burst int           // tokens in a full bucket
	Every time.Duration // one token comes back; <= 0: there is no limit
}

// Take takes n tokens, or none and returns after how long they would be there.
func (b *Bucket) Take(now time.Time, n int, r Rate) (wait time.Duration) {
	if r.Every <= 0 {
		return 0
	}
	full := b.full
	if full.Before(now) {
		full = now
	}
	full = full.Add(time.Duration(n) * r.Every)
	if wait = full.Sub(now) - time.Duration(r.Burst)*r.Every; wait > 0 {
		return wait
	}
	b.full = full
	return 0
}

// SlowDown refuses what came too fast.
func SlowDown(wait time.Duration) *Error {
	return &Error{Code: CodeSlowDown, Message: "That was a bit fast. Please slow down.", Retry: wait}
}
