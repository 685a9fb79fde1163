package socketio

import (
	"context"
	"time"
)

// Emitter emits to one socket, or past it to others, in a particular way. Like [Target] it is
// immutable.
type Emitter struct{}

// Volatile adds what Socket.Volatile says.
func (e Emitter) Volatile() Emitter { return e }

// Timeout adds what Socket.Timeout says.
func (e Emitter) Timeout(d time.Duration) Emitter { return e }

// Emit is Socket.Emit.
func (e Emitter) Emit(event string, args ...any) error { return nil }

// Send emits the event "message".
func (e Emitter) Send(args ...any) error { return nil }

// EmitWithAck is Socket.EmitWithAck.
func (e Emitter) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	return Args{}, nil
}

// To is Socket.To.
func (e Emitter) To(rooms ...string) Target { return Target{} }

// In is another name for To.
func (e Emitter) In(rooms ...string) Target { return Target{} }

// Except is Socket.Except.
func (e Emitter) Except(rooms ...string) Target { return Target{} }

// Broadcast is Socket.Broadcast.
func (e Emitter) Broadcast() Target { return Target{} }

// Local is Socket.Local.
func (e Emitter) Local() Target { return Target{} }
