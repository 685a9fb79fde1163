package socketio

import (
	"context"
	"time"

	"rightnow/engineio"
)

// Socket is one client in one namespace. All methods may be called concurrently, from handlers
// and from elsewhere, also after the disconnect.
type Socket struct{}

// ID returns the socket's public id. It is also the name of a room that only this socket is in.
func (s *Socket) ID() string { return "" }

// Namespace returns the socket's namespace.
func (s *Socket) Namespace() *Namespace { return nil }

// Handshake returns what the client said when it connected.
func (s *Socket) Handshake() Handshake { return Handshake{} }

// Context ends when the socket is disconnected, with a *DisconnectError as its cause.
func (s *Socket) Context() context.Context { return nil }

// Connected reports whether the socket has joined its namespace and not left it.
func (s *Socket) Connected() bool { return false }

// Transport returns the connection's transport of the moment.
func (s *Socket) Transport() engineio.Transport { return s.Session().Transport() }

// Session returns the connection, which all sockets of one client share.
func (s *Socket) Session() *engineio.Session { return nil }

// Data returns what SetData kept.
func (s *Socket) Data() any { return nil }

// SetData keeps a value with the socket.
func (s *Socket) SetData(v any) {}

// Join adds the socket to rooms. After the disconnect it does nothing. The only error is
// ErrTooManyRooms, and then no room was joined.
func (s *Socket) Join(rooms ...string) error { return nil }

// Leave removes the socket from rooms. It cannot leave the room of its own id.
func (s *Socket) Leave(rooms ...string) {}

// Rooms returns the socket's rooms, that of its own id included: those it had while
// OnDisconnecting runs, none afterwards.
func (s *Socket) Rooms() []string { return nil }

// On registers fn for an event and returns a function that removes it. Several functions for
// one event run in the order of registration. On panics when fn has no fitting form:
//
//	func([ctx context.Context,] [ack Ack,] args...) [result] [error]
//
// The client's arguments are decoded from JSON into the parameters, and never reach fn when they
// do not fit: [ArgumentError]. Binary values fit []byte, at any depth. An argument the client
// left out is nil for a parameter that can be nil and does not fit any other; what it sent in
// excess is ignored, unless fn is variadic. A json.RawMessage takes the argument as it came.
//
// ctx is the socket's. When the client wants an acknowledgement, the result is one, and so is a
// non-nil error: see [ClientError]. A function with no results acknowledges by its [Ack], or
// not at all.
func (s *Socket) On(event string, fn any) (off func()) { return func() {} }

// Once is On for the first such event only.
func (s *Socket) Once(event string, fn any) (off func()) { return func() {} }

// Off removes all functions of an event.
func (s *Socket) Off(event string) {}

// OnAny registers f for every event, before the middlewares of Use and the event's functions.
// The returned function removes it.
func (s *Socket) OnAny(f func(*Event)) (off func()) { return func() {} }

// PrependAny is OnAny ahead of those registered already.
func (s *Socket) PrependAny(f func(*Event)) (off func()) { return func() {} }

// OnAnyOutgoing registers f for every event that is emitted to this socket, alone or with
// others; acknowledgements are none. f runs in the goroutine that emits or, for broadcasts, on
// the socket's.
func (s *Socket) OnAnyOutgoing(f func(*Event)) (off func()) { return func() {} }

// Use adds a middleware for the socket's events. An error drops the event; only OnError
// learns of it.
func (s *Socket) Use(f func(*Event) error) {}

// OnError registers f for all that goes wrong on behalf of this client; see Options.OnError.
func (s *Socket) OnError(f func(error)) {}

// OnDisconnecting registers f for the disconnect, while Rooms still tells what there was.
func (s *Socket) OnDisconnecting(f func(Reason)) {}

// OnDisconnect registers f for the disconnect. It runs after the events that came before, on
// the same goroutine as the handlers.
func (s *Socket) OnDisconnect(f func(Reason)) {}

// Disconnect leaves the namespace, or with close closes the whole connection: what was emitted
// before still goes out. Official clients do not come back after it.
func (s *Socket) Disconnect(close bool) {}

// Emit sends the event to this client. The arguments are encoded before Emit returns, and not
// used afterwards: whatever encoding/json takes, with []byte at any depth as binary.
// Errors are those of encoding, ErrReservedEvent, ErrDisconnected and ErrSlowConsumer.
func (s *Socket) Emit(event string, args ...any) error { return nil }

// Send emits the event "message".
func (s *Socket) Send(args ...any) error { return nil }

// EmitWithAck sends the event and waits for the client's acknowledgement. A handler may wait for
// its own client. It fails with ErrTimeout at ctx's deadline, ErrDisconnected, ErrBackpressure,
// or the cause of ctx's end.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	return Args{}, nil
}

// Volatile returns an emitter whose events are dropped, with ErrDropped, when the client is not
// ready for them at this moment.
func (s *Socket) Volatile() Emitter { return Emitter{} }

// Timeout returns an emitter whose EmitWithAck waits at most d.
func (s *Socket) Timeout(d time.Duration) Emitter { return Emitter{} }

// To returns the sockets, this one left out, that are in at least one of the rooms.
func (s *Socket) To(rooms ...string) Target { return Target{} }

// In is another name for To.
func (s *Socket) In(rooms ...string) Target { return Target{} }

// Except returns all sockets of the namespace but this one and those in one of the rooms.
func (s *Socket) Except(rooms ...string) Target { return Target{} }

// Broadcast returns all sockets of the namespace but this one.
func (s *Socket) Broadcast() Target { return Target{} }

// Local returns all sockets of this node but this one.
func (s *Socket) Local() Target { return Target{} }
