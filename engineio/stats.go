package engineio

import (
	"maps"
	"sync/atomic"
)

// Stats are counts since the server was made, but for Sessions and Polling.
type Stats struct {
	Sessions      int    // open now
	Polling       int    // of them, by long-polling
	Opened        uint64 // sessions
	Upgraded      uint64 // sessions that have moved to another transport
	Refused       uint64 // requests that did not reach a session
	SlowConsumers uint64 // sessions closed for what they did not take
	Dropped       uint64 // volatile frames that a session could not take at once
	BytesReceived uint64 // over WebSockets and WebTransports, and in the bodies of POSTs
	BytesSent     uint64 // over WebSockets and WebTransports, and in the answers to polls
	Deflated      uint64 // frames compressed for WebSockets, each once for all its sessions
}

// counters are what Stats reads.
type counters struct {
	opened, upgraded, refused, slow, dropped, deflated atomic.Uint64
	received, sent                                     atomic.Uint64 // without those of the connections that are open
	polling                                            atomic.Int64
}

// maxReasons bounds the reasons that are counted apart, reasonOther is for the others.
const (
	maxReasons         = 100
	reasonOther Reason = "other"
)

// countClosedLocked counts the end of a session. s.mu must be held.
func (s *Server) countClosedLocked(reason Reason) {
	if _, known := s.closed[reason]; !known && len(s.closed) >= maxReasons {
		reason = reasonOther
	}
	s.closed[reason]++
}

// ClosedSessions returns how many sessions have ended since the server was made, by their reason. Of reasons that the
// application makes up a hundred are counted apart, the others as "other".
func (s *Server) ClosedSessions() map[Reason]uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return maps.Clone(s.closed)
}

// Stats returns the counts of this moment. It looks at every WebSocket and WebTransport.
func (s *Server) Stats() Stats {
	received, sent := s.traffic()
	return Stats{
		Sessions:      s.ClientsCount(),
		Polling:       int(s.count.polling.Load()),
		Opened:        s.count.opened.Load(),
		Upgraded:      s.count.upgraded.Load(),
		Refused:       s.count.refused.Load(),
		SlowConsumers: s.count.slow.Load(),
		Dropped:       s.count.dropped.Load(),
		BytesReceived: received,
		BytesSent:     sent,
		Deflated:      s.count.deflated.Load(),
	}
}

// traffic is how many bytes have come and gone.
func (s *Server) traffic() (received, sent uint64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	received, sent = s.count.received.Load(), s.count.sent.Load()
	for conn := range s.conns {
		r, w := conn.Traffic()
		received += r
		sent += w
	}
	return received, sent
}

// closed adds what a connection that ends has carried. s.mu must be held.
func (c *counters) closed(conn carrier) {
	received, sent := conn.Traffic()
	c.received.Add(received)
	c.sent.Add(sent)
}
