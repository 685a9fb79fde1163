package feed

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// Waits are the pauses after each kind of failure. The pause is the longer one of
// the rule and what the upstream asks for, and up to a quarter longer at random.
// The counts begin anew with the first event, not with the connection. One that
// has brought an event and then ends, or falls silent, is tried again at once;
// but when such connections live less than half a minute each, it is as with
// failures of the network from the second on.
type Waits struct {
	Network   Backoff // zero: at once, then 250 ms longer each time, at most 16 s
	HTTP      Backoff // an answer other than success; zero: 5 s, doubled up to 320 s
	RateLimit Backoff // answers 429 and 420; zero: a minute, doubled up to 16
}

// Backoff is a growing pause: First, then with each further failure Step longer
// or, when Step is 0, twice as long, and at most Max.
type Backoff struct {
	First, Step, Max time.Duration
}

// steady is how long a connection has to live to be tried again at once each
// time it ends. X allows fifty connections in fifteen minutes.
const steady = 30 * time.Second

// leastGrowth is what a pause of nothing grows to.
const leastGrowth = 250 * time.Millisecond

func (w Waits) withDefaults() Waits {
	if w.Network == (Backoff{}) {
		w.Network = Backoff{Step: leastGrowth, Max: 16 * time.Second}
	}
	if w.HTTP == (Backoff{}) {
		w.HTTP = Backoff{First: 5 * time.Second, Max: 320 * time.Second}
	}
	if w.RateLimit == (Backoff{}) {
		w.RateLimit = Backoff{First: time.Minute, Max: 16 * time.Minute}
	}
	return w
}

// After is the pause after n failures before this one.
func (b Backoff) After(n int) time.Duration {
	wait := b.First
	for ; n > 0 && wait < b.Max; n-- {
		switch {
		case b.Step > 0:
			wait += b.Step
		case wait == 0:
			wait = leastGrowth
		default:
			wait *= 2
		}
	}
	return min(wait, b.Max)
}

// Jitter is d, and up to a quarter longer: those who were cut off together do
// not all come back together, and none before it may.
func Jitter(d time.Duration) time.Duration {
	if d < 4 {
		return d
	}
	return d + rand.N(d/4+1)
}

// failures are counts of what went wrong since the last event.
type failures struct {
	network, http, rateLimit int
	// short are connections that brought an event and ended within steady. It is
	// not reset by an event.
	short int
}

// ended is how a connection ended.
type ended struct {
	err     error
	healthy bool          // it brought an event
	lived   time.Duration // since it was there
}

// next counts a failure and returns the pause after it.
func (f *failures) next(w Waits, e ended, now time.Time) time.Duration {
	var status *StatusError
	switch {
	case errors.As(e.err, &status) && limited(status.Status):
		f.rateLimit++
		return Jitter(max(w.RateLimit.After(f.rateLimit-1), status.After.Sub(now)))
	case errors.As(e.err, &status):
		f.http++
		return Jitter(max(w.HTTP.After(f.http-1), status.After.Sub(now)))
	case e.healthy:
		return f.again(w, e.lived)
	}
	f.network++
	return Jitter(w.Network.After(f.network - 1))
}

// again is the pause after a connection that brought an event.
func (f *failures) again(w Waits, lived time.Duration) time.Duration {
	if lived >= steady {
		f.short = 0
		return 0
	}
	f.short++
	if f.short == 1 {
		return 0
	}
	return Jitter(w.Network.After(f.short - 1))
}

// reset forgets what an event makes up for.
func (f *failures) reset() { *f = failures{short: f.short} }

// limited tells whether a status means "too many requests"; 420 was Twitter's.
func limited(status int) bool { return status == http.StatusTooManyRequests || status == 420 }
