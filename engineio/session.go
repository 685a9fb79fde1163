package engineio

// SessionHandler is what an application does with a session. Its methods are never called at the same time.
type SessionHandler interface {
	// OnMessage takes one message; they come in order, whatever the transport. data is valid only until it returns
	// and may be changed. While it blocks nothing more is read from this client, and the time does not count against
	// its answer to a ping. It should return soon once Session.Done is closed.
	OnMessage(data []byte, binary bool)
	// OnClose is called exactly once, on a goroutine of its own, after the last OnMessage has returned.
	OnClose(reason Reason, err error)
}

// Session is one client, over whatever transports it uses. All methods are safe for concurrent use.
type Session struct {
}

// ID is the session's secret id: who knows it can take part in the session.
func (s *Session) ID() string { return "" }

// Transport is what carries the session at this moment.
func (s *Session) Transport() Transport { return "" }

// RemoteAddr is the network address of the peer that opened the session, "IP:port".
func (s *Session) RemoteAddr() string { return "" }

// Handshake describes the request that opened the session.
func (s *Session) Handshake() *Handshake { return nil }

// Send queues a frame. It never writes and never blocks. dirty reports that the session had nothing unflushed before:
// who gets true must see to a Flush. The errors are ErrClosed and ErrSlowConsumer; the latter ends the session.
func (s *Session) Send(f *Frame) (dirty bool, err error) { return false, nil }

// SendVolatile is Send for what may be lost. It returns ErrDropped unless the client can take the frame at once: over
// long-polling a GET is waiting; over WebSocket nothing of an earlier flush is unsent; and less than a quarter of the
// queue's limit is used.
func (s *Session) SendVolatile(f *Frame) (dirty bool, err error) { return false, nil }

// Flush hands what is queued to the transport: one write that does not block, or the answer to the waiting GET.
// Without a waiting GET the queue stays for the next one.
func (s *Session) Flush() {}

// Buffered is the number of bytes that wait to be sent.
func (s *Session) Buffered() int { return 0 }

// Close ends the session: what is queued is still delivered where the client takes it, then the transport is closed.
// It does not wait. Only the first reason counts.
func (s *Session) Close(reason Reason) {}

// Done is closed as soon as the session has ended; OnClose may still be to come.
func (s *Session) Done() <-chan struct{} { return nil }

// Reason is why the session ended, "" while it is open.
func (s *Session) Reason() Reason { return "" }
