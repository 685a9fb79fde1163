package sioadmin

import (
	"os"
	"time"

	"rightnow/engineio"
)

// aggregated is how often something has happened in one second.
type aggregated struct {
	Timestamp int64  `json:"timestamp"` // milliseconds, a whole second
	Type      string `json:"type"`
	SubType   string `json:"subType,omitempty"`
	Count     uint64 `json:"count"`
}

// counts makes seconds of counts that only grow. It belongs to one goroutine.
type counts struct {
	opened  uint64
	closed  map[engineio.Reason]uint64
	traffic engineio.Traffic
	list    []aggregated // since take
}

// begin forgets what was before.
func (c *counts) begin(e *engineio.Server) {
	c.opened, c.closed = e.Stats().Opened, e.ClosedSessions()
}

// sample adds what has happened since it was called last. traffic is all since begin.
func (c *counts) sample(now time.Time, e *engineio.Server, traffic engineio.Traffic) {
	second := now.Truncate(time.Second).UnixMilli()
	add := func(kind, sub string, now, before uint64) {
		if now > before {
			c.list = append(c.list, aggregated{second, kind, sub, now - before})
		}
	}
	opened, closed := e.Stats().Opened, e.ClosedSessions()
	add("rawConnection", "", opened, c.opened)
	for reason, n := range closed {
		add("rawDisconnection", string(reason), n, c.closed[reason])
	}
	add("packetsIn", "", traffic.MessagesIn, c.traffic.MessagesIn)
	add("packetsOut", "", traffic.MessagesOut, c.traffic.MessagesOut)
	add("bytesIn", "", traffic.BytesIn, c.traffic.BytesIn)
	add("bytesOut", "", traffic.BytesOut, c.traffic.BytesOut)
	c.opened, c.closed, c.traffic = opened, closed, traffic
}

// take returns the samples, and begins anew.
func (c *counts) take() []aggregated {
	list := c.list
	c.list = nil
	return list
}

// maxNamespaces bounds the namespaces that are listed.
const maxNamespaces = 1000

type namespaceStats struct {
	Name         string `json:"name"`
	SocketsCount int    `json:"socketsCount"`
}

// serverStats is the message server_stats.
type serverStats struct {
	ServerID            string           `json:"serverId"`
	Hostname            string           `json:"hostname"`
	PID                 int              `json:"pid"`
	Uptime              float64          `json:"uptime"` // seconds
	ClientsCount        int              `json:"clientsCount"`
	PollingClientsCount int              `json:"pollingClientsCount"`
	AggregatedEvents    []aggregated     `json:"aggregatedEvents"`
	Namespaces          []namespaceStats `json:"namespaces"`
	LostEvents          int              `json:"lostEvents,omitempty"` // ours
}

// stats makes the message with what has happened since the last one.
func (r *reporter) stats(events []aggregated) serverStats {
	engine := r.a.io.Engine().Stats()
	s := serverStats{
		ServerID:            r.a.opts.ServerID,
		Hostname:            hostname(),
		PID:                 os.Getpid(),
		Uptime:              time.Since(started).Seconds(),
		ClientsCount:        engine.Sessions,
		PollingClientsCount: engine.Polling,
		AggregatedEvents:    append([]aggregated{}, events...), // never null
		Namespaces:          []namespaceStats{},
		LostEvents:          r.lost,
	}
	for _, n := range r.a.io.Namespaces() {
		if len(s.Namespaces) == maxNamespaces {
			break
		}
		s.Namespaces = append(s.Namespaces, namespaceStats{n.Name(), n.SocketsCount()})
	}
	return s
}
