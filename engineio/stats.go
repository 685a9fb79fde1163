package engineio

import (
	"sync/atomic"

	"rightnow/internal/ws"
)

// Stats are counts since the server was made, but for Sessions.
type Stats struct {
	Sessions      int    // open now
	Opened        uint64 // sessions
	Upgraded      uint64 // sessions that have moved to a WebSocket
	Refused       uint64 // requests that did not reach a session
	SlowConsumers uint64 // sessions closed for what they did not take
	Dropped       uint64 // volatile frames that a session could not take at once
	BytesReceived uint64 // over WebSockets, and in the bodies of POSTs
	BytesSent     uint64 // over WebSockets, and in the answers to polls
	Deflated      uint64 // frames compressed for WebSockets, each once for all its sessions
}

// counters are what Stats reads.
type counters struct {
	opened, upgraded, refused, slow, dropped, deflated atomic.Uint64
	received, sent                                     atomic.Uint64 // without those of the WebSockets that are open
}

// Stats returns the counts of this moment. It looks at every WebSocket.
func (s *Server) Stats() Stats {
	received, sent := s.traffic()
	return Stats{
		Sessions:      s.ClientsCount(),
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

// closed adds what a WebSocket that ends has carried. s.mu must be held.
func (c *counters) closed(conn *ws.Conn) {
	received, sent := conn.Traffic()
	c.received.Add(received)
	c.sent.Add(sent)
}
