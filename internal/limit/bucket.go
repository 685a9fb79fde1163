package limit

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

// Next returns the moment from which a token can be taken.
func (b *Bucket) Next(r Rate) time.Time {
	return b.full.Add(-time.Duration(r.Burst-1) * r.Every)
}

// FullAt returns when the bucket is full again: from then on it is as good as a
// new one.
func (b *Bucket) FullAt() time.Time { return b.full }

// Rescale makes what was taken at one rate be taken at another.
func (b *Bucket) Rescale(now time.Time, from, to Rate) {
	if taken := b.full.Sub(now); taken > 0 {
		b.full = now.Add(time.Duration(float64(taken) / float64(from.Every) * float64(to.Every)))
	}
}
