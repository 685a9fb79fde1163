package socketio

// Event is one event, as it came from a client or goes to one. It may be kept and read by
// several goroutines.
type Event struct{}

// Name returns the event's name.
func (e *Event) Name() string { return "" }

// Socket returns the socket it came from or goes to.
func (e *Event) Socket() *Socket { return nil }

// Args returns the arguments.
func (e *Event) Args() Args { return Args{} }

// Len is the number of arguments.
func (e *Event) Len() int { return 0 }

// Decode decodes argument i into v, a pointer; see Args.Decode.
func (e *Event) Decode(i int, v any) error { return nil }

// WantsAck reports whether the other side wants an acknowledgement.
func (e *Event) WantsAck() bool { return false }

// Ack returns the function that acknowledges the event.
func (e *Event) Ack() Ack { return nil }

// Ack acknowledges an event to its client. It may be called from any goroutine and at any time,
// also when the client wants no acknowledgement; the first call counts and the others do
// nothing. The error is about the arguments, or ErrDisconnected.
type Ack func(args ...any) error

// Send is the same as calling a.
func (a Ack) Send(args ...any) error { return a(args...) }
