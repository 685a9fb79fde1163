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
}

// counters are what Stats reads.
type counters struct {
	opened, upgraded, refused, slow, dropped atomic.Uint64
	traffic                                  ws.Traffic
}

// Stats returns the counts of this moment.
func (s *Server) Stats() Stats {
	return Stats{
		Sessions:      s.ClientsCount(),
		Opened:        s.count.opened.Load(),
		Upgraded:      s.count.upgraded.Load(),
		Refused:       s.count.refused.Load(),
		SlowConsumers: s.count.slow.Load(),
		Dropped:       s.count.dropped.Load(),
		BytesReceived: s.count.traffic.Received.Load(),
		BytesSent:     s.count.traffic.Sent.Load(),
	}
}
