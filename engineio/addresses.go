package engineio

import (
	"net/http"
	"time"

	"rightnow/internal/limit"
)

// addresses are the network addresses that sessions come from. They are guarded by the server's mu.
type addresses struct {
	of    map[string]*address
	sweep int // how many there may be before those that say nothing any more are forgotten
}

// address is what is known of one.
type address struct {
	open   int          // sessions
	bucket limit.Bucket // of handshakes
}

// fewAddresses is how many addresses are kept without looking for those that can be forgotten, and manyAddresses how
// many without an open session are kept at all.
const (
	fewAddresses  = 1024
	manyAddresses = 100_000
)

// boundsAddresses reports whether anything is to be known of addresses.
func (s *Server) boundsAddresses() bool {
	return s.opts.MaxSessionsPerAddress > 0 || s.opts.HandshakesPerMinute > 0
}

// admitAddressLocked counts a session of an address, or returns why there may be none. s.mu must be held.
func (s *Server) admitAddressLocked(text string) *ConnectionError {
	if !s.boundsAddresses() {
		return nil
	}
	key, all, now := limit.Network(text), &s.addresses, time.Now()
	a := all.of[key]
	if a == nil {
		s.sweepAddressesLocked(now)
		a = &address{}
		all.of[key] = a
	}
	if most := s.opts.MaxSessionsPerAddress; most > 0 && a.open >= most {
		return tooMany("Too many sessions", "TOO_MANY_SESSIONS_OF_ADDRESS")
	}
	if n := s.opts.HandshakesPerMinute; n > 0 && a.bucket.Take(now, 1, limit.Rate{Burst: n, Every: time.Minute / time.Duration(n)}) > 0 {
		return tooMany("Too many handshakes", "TOO_MANY_HANDSHAKES")
	}
	a.open++
	return nil
}

// leaveAddressLocked ends what admitAddressLocked began. s.mu must be held.
func (s *Server) leaveAddressLocked(text string) {
	if !s.boundsAddresses() {
		return
	}
	key := limit.Network(text)
	a := s.addresses.of[key]
	if a.open--; a.open == 0 && s.opts.HandshakesPerMinute == 0 {
		delete(s.addresses.of, key)
	}
}

// sweepAddressesLocked makes room for a new address. s.mu must be held.
func (s *Server) sweepAddressesLocked(now time.Time) {
	all := &s.addresses
	if all.of == nil {
		all.of, all.sweep = make(map[string]*address), fewAddresses
	}
	if len(all.of) < all.sweep {
		return
	}
	idle := 0
	for key, a := range all.of {
		if a.open > 0 {
			continue
		}
		if idle++; idle > manyAddresses || !a.bucket.FullAt().After(now) {
			delete(all.of, key)
		}
	}
	all.sweep = 2*len(all.of) + fewAddresses
}

// tooMany is the refusal of a handshake that its address has no right to.
func tooMany(message, name string) *ConnectionError {
	e := unavailable(message, name)
	e.status = http.StatusTooManyRequests
	return e
}
