package sioadmin

import (
	"sync"
	"time"

	"rightnow/internal/limit"
)

const (
	attemptBurst    = 5
	attemptInterval = 10 * time.Second
	// maxAddresses bounds the addresses that are remembered.
	maxAddresses = 10_000
)

// attemptRate is how many passwords may be tried from one address.
var attemptRate = limit.Rate{Burst: attemptBurst, Every: attemptInterval}

// attempts bounds how many passwords may be tried from an address. All methods may be called
// concurrently.
type attempts struct {
	mu   sync.Mutex              // guards following
	full map[string]limit.Bucket // by address
}

// allow counts a try and reports whether it may be made.
func (a *attempts) allow(address string) bool {
	key := limit.Network(address)
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	bucket, known := a.full[key]
	if !known && len(a.full) >= maxAddresses && !a.makeRoomLocked(now) {
		return false
	}
	if bucket.Take(now, 1, attemptRate) > 0 {
		return false
	}
	if a.full == nil {
		a.full = make(map[string]limit.Bucket)
	}
	a.full[key] = bucket
	return true
}

// forgive undoes all tries from an address: one was right.
func (a *attempts) forgive(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.full, limit.Network(address))
}

// makeRoomLocked forgets the addresses that have waited long enough. It reports false when that
// makes no room. a.mu must be held.
func (a *attempts) makeRoomLocked(now time.Time) bool {
	for key, bucket := range a.full {
		if bucket.FullAt().Before(now) {
			delete(a.full, key)
		}
	}
	return len(a.full) < maxAddresses
}
