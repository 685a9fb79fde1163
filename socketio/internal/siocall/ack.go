package siocall

// Ack acknowledges an event to its client. It may be called from any goroutine and at any time,
// also when the client wants no acknowledgement; the first call counts and the others do
// nothing. The error is about the arguments, or ErrDisconnected.
type Ack func(args ...any) error

// Send is the same as calling a.
func (a Ack) Send(args ...any) error { return a(args...) }
