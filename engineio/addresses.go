package engineio

import (
	"net/http"
	"net/netip"
	"time"
)

// addresses are the network addresses that sessions come from. They are guarded by the server's mu.
type addresses struct {
	of    map[string]*address
	sweep int // how many there may be before those that say nothing any more are forgotten
}

// address is what is known of one.
type address struct {
	open   int           // sessions
	tokens float64       // handshakes that it may make at once
	at     time.Duration // when tokens was right
}

// fewAddresses is how many addresses are kept without looking for those that can be forgotten, and manyAddresses how
// many without an open session are kept at all.
const (
	fewAddresses  = 1024
	manyAddresses = 100_000
)

// addressKey is what counts as one address: of IPv6 the network that a subscriber gets.
func addressKey(text string) string {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Unmap().Is4() {
		return text
	}
	network, err := a.WithZone("").Prefix(64)
	if err != nil {
		return text
	}
	return network.String()
}

// boundsAddresses reports whether anything is to be known of addresses.
func (s *Server) boundsAddresses() bool {
	return s.opts.MaxSessionsPerAddress > 0 || s.opts.HandshakesPerMinute > 0
}

// admitAddressLocked counts a session of an address, or returns why there may be none. s.mu must be held.
func (s *Server) admitAddressLocked(text string) *ConnectionError {
	if !s.boundsAddresses() {
		return nil
	}
	key, all, now := addressKey(text), &s.addresses, s.now()
	a := all.of[key]
	if a == nil {
		s.sweepAddressesLocked(now)
		a = &address{tokens: float64(s.opts.HandshakesPerMinute), at: now}
		all.of[key] = a
	}
	if limit := s.opts.MaxSessionsPerAddress; limit > 0 && a.open >= limit {
		return tooMany("Too many sessions", "TOO_MANY_SESSIONS_OF_ADDRESS")
	}
	if s.opts.HandshakesPerMinute > 0 {
		if a.tokens, a.at = s.tokensOf(a, now), now; a.tokens < 1 {
			return tooMany("Too many handshakes", "TOO_MANY_HANDSHAKES")
		}
		a.tokens--
	}
	a.open++
	return nil
}

// tokensOf is how many handshakes an address may make at once.
func (s *Server) tokensOf(a *address, now time.Duration) float64 {
	perMinute := float64(s.opts.HandshakesPerMinute)
	return min(a.tokens+(now-a.at).Minutes()*perMinute, perMinute)
}

// leaveAddressLocked ends what admitAddressLocked began. s.mu must be held.
func (s *Server) leaveAddressLocked(text string) {
	if !s.boundsAddresses() {
		return
	}
	key := addressKey(text)
	a := s.addresses.of[key]
	if a.open--; a.open == 0 && s.opts.HandshakesPerMinute == 0 {
		delete(s.addresses.of, key)
	}
}

// sweepAddressesLocked makes room for a new address. s.mu must be held.
func (s *Server) sweepAddressesLocked(now time.Duration) {
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
		if idle++; idle > manyAddresses || s.tokensOf(a, now) >= float64(s.opts.HandshakesPerMinute) {
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
