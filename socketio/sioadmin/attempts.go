package sioadmin

import (
	"net/netip"
	"sync"
	"time"
)

// Passwords that may be tried from one address: so many at once, and one more in each interval.
const (
	attemptBurst    = 5
	attemptInterval = 10 * time.Second
	// maxAddresses bounds the addresses that are remembered.
	maxAddresses = 10_000
)

// attempts bounds how many passwords may be tried from an address. All methods may be called
// concurrently.
type attempts struct {
	mu   sync.Mutex           // guards following
	full map[string]time.Time // by address: when all of the burst may be used again
}

// allow counts a try and reports whether it may be made.
func (a *attempts) allow(address string) bool {
	key := network(address)
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	full, known := a.full[key]
	if !known && len(a.full) >= maxAddresses && !a.makeRoomLocked(now) {
		return false
	}
	if full.Before(now) {
		full = now
	}
	if full = full.Add(attemptInterval); full.Sub(now) > attemptBurst*attemptInterval {
		return false
	}
	if a.full == nil {
		a.full = make(map[string]time.Time)
	}
	a.full[key] = full
	return true
}

// forgive undoes all tries from an address: one was right.
func (a *attempts) forgive(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.full, network(address))
}

// makeRoomLocked forgets the addresses that have waited long enough. It reports false when that
// makes no room. a.mu must be held.
func (a *attempts) makeRoomLocked(now time.Time) bool {
	for key, full := range a.full {
		if full.Before(now) {
			delete(a.full, key)
		}
	}
	return len(a.full) < maxAddresses
}

// network is what counts as one address: of IPv6 the part that a customer is given.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
