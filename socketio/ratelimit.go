package socketio

import (
	"errors"
	"sync"
	"time"

	"rightnow/internal/limit"
)

// ErrRateLimit is what RateLimit refuses events with.
var ErrRateLimit = errors.New("the client sends too many events")

// RateLimit returns a middleware for Socket.Use that lets burst events pass at once and, over time,
// perSecond of them each second. The others are dropped with ErrRateLimit, of which OnError learns.
// Sockets that are given the same middleware share its limit.
func RateLimit(perSecond float64, burst int) func(*Event) error {
	b := &bucket{rate: limit.Rate{Burst: burst, Every: interval(perSecond, burst)}}
	return func(*Event) error {
		if !b.take(time.Now()) {
			return ErrRateLimit
		}
		return nil
	}
}

// never is how long a burst takes to come back, at most: a Duration can hold it.
const never = 100 * 365 * 24 * time.Hour

// interval is the time in which one event comes back. At no rate it never does.
func interval(perSecond float64, burst int) time.Duration {
	most := never / time.Duration(max(burst, 1))
	if perSecond <= 0 || float64(time.Second)/perSecond >= float64(most) {
		return most
	}
	return max(time.Duration(float64(time.Second)/perSecond), 1)
}

// bucket is one that several goroutines may use.
type bucket struct {
	rate limit.Rate // fixed at creation

	mu     sync.Mutex // guards following
	tokens limit.Bucket
}

func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tokens.Take(now, 1, b.rate) == 0
}
