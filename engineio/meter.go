package engineio

import (
	"sync/atomic"

	"rightnow/engineio/internal/eiowire"
)

// Traffic is how much has gone through a server: messages, without the packets that the protocol itself needs, and
// their bytes, without what the transports add. (What goes over the network, all in all, is in [Stats].)
type Traffic struct {
	MessagesIn, MessagesOut uint64
	BytesIn, BytesOut       uint64
}

// Meter counts the traffic of a server from its making until Stop. All methods may be called concurrently.
type Meter struct {
	srv     *Server
	stopped atomic.Bool
	base    Traffic // what had been counted before
}

// Meter begins to count. While there is no meter nothing is counted, and that costs nothing; with one it is two
// additions for each message and recipient.
func (s *Server) Meter() *Meter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.meters++; s.meters == 1 {
		s.metered.Store(&s.counted)
	}
	return &Meter{srv: s, base: s.counted.read()}
}

// Traffic returns what has been counted.
func (m *Meter) Traffic() Traffic {
	now := m.srv.counted.read()
	return Traffic{
		MessagesIn: now.MessagesIn - m.base.MessagesIn, MessagesOut: now.MessagesOut - m.base.MessagesOut,
		BytesIn: now.BytesIn - m.base.BytesIn, BytesOut: now.BytesOut - m.base.BytesOut,
	}
}

// Stop ends the counting. It may be called again.
func (m *Meter) Stop() {
	if m.stopped.Swap(true) {
		return
	}
	m.srv.mu.Lock()
	defer m.srv.mu.Unlock()
	if m.srv.meters--; m.srv.meters == 0 {
		m.srv.metered.Store(nil)
	}
}

// metered is what meters count. In and out are counted by different goroutines, so they stand on different lines of
// memory.
type metered struct {
	in, out flow
}

type flow struct {
	messages, bytes atomic.Uint64
	_               [48]byte
}

func (f *flow) add(messages, bytes int) {
	f.messages.Add(uint64(messages))
	f.bytes.Add(uint64(bytes))
}

func (t *metered) read() Traffic {
	return Traffic{
		MessagesIn: t.in.messages.Load(), BytesIn: t.in.bytes.Load(),
		MessagesOut: t.out.messages.Load(), BytesOut: t.out.bytes.Load(),
	}
}

// sent counts a frame, unless it is one of the protocol's own.
func (t *metered) sent(f *Frame) {
	messages, bytes := len(f.bins), 0
	if f.text != nil {
		if eiowire.Type(f.text[0]) != eiowire.Message {
			return
		}
		messages++
		bytes = len(f.text) - 1 // without the packet's type
	}
	for _, n := range f.bins {
		bytes += n
	}
	t.out.add(messages, bytes)
}
