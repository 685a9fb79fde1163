package socketio

import (
	"errors"
	"sync"
	"time"
)

// ErrRateLimit is what RateLimit refuses events with.
var ErrRateLimit = errors.New("the client sends too many events")

// RateLimit returns a middleware for Socket.Use that lets burst events pass at once and, over time,
// perSecond of them each second. The others are dropped with ErrRateLimit, of which OnError learns.
// Sockets that are given the same middleware share its limit.
func RateLimit(perSecond float64, burst int) func(*Event) error {
	b := &bucket{perSecond: perSecond, most: float64(burst), tokens: float64(burst), at: time.Now()}
	return func(*Event) error {
		if !b.take(time.Now()) {
			return ErrRateLimit
		}
		return nil
	}
}

// bucket holds tokens, which come back with time.
type bucket struct {
	perSecond, most float64 // fixed at creation

	mu     sync.Mutex // guards following
	tokens float64
	at     time.Time // when tokens was right
}

func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+now.Sub(b.at).Seconds()*b.perSecond, b.most)
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
