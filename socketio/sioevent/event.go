package sioevent

import (
	"context"
	"fmt"
	"reflect"

	"rightnow/socketio/internal/siocall"
)

// Listener is where handlers are registered: a *socketio.Socket or a *sioclient.Socket.
type Listener interface {
	On(event string, fn any) (off func())
}

// Emitter is where events go: a socket of either end, or the server's targets (a *socketio.Server,
// a *socketio.Namespace, a socketio.Target).
type Emitter interface {
	Emit(event string, args ...any) error
}

// Asker is whoever acknowledges: a socket of either end.
type Asker interface {
	EmitWithAck(ctx context.Context, event string, args ...any) (siocall.Args, error)
}

// None is the argument, or the result, of what has none.
type None struct{}

// Event is an event with one argument of type T. The zero Event has no name and is of no use.
type Event[T any] struct{ name string }

// Define declares an event.
func Define[T any](name string) Event[T] { return Event[T]{name} }

// Name returns the event's name.
func (e Event[T]) Name() string { return e.name }

// Emit sends the event.
func (e Event[T]) Emit(to Emitter, v T) error { return to.Emit(e.name, arguments(v)...) }

// On registers f for the event. ctx is that of the socket. The returned function removes f.
func (e Event[T]) On(at Listener, f func(ctx context.Context, v T)) (off func()) {
	if f, ok := any(f).(func(context.Context, None)); ok {
		return at.On(e.name, func(ctx context.Context) { f(ctx, None{}) })
	}
	return at.On(e.name, f)
}

// Call is an event with one argument that is acknowledged with one result.
type Call[In, Out any] struct{ name string }

// DefineCall declares an event that is acknowledged. It panics when Out is a struct with a member "error": an error is
// acknowledged with {"error": …}, and whoever called could not tell it from such a result.
func DefineCall[In, Out any](name string) Call[In, Out] {
	t := reflect.TypeFor[Out]()
	if f, found := errorMember(t); found {
		panic(fmt.Sprintf("sioevent: the result of %q, %v, has the member %q (%s), by which callers know an error; give it another name",
			name, t, f.member, f.Name))
	}
	return Call[In, Out]{name}
}

// Name returns the event's name.
func (c Call[In, Out]) Name() string { return c.name }

// Call sends the event and returns what it is acknowledged with. Its errors are those of EmitWithAck, of
// decoding the result, and a *RemoteError when the other side answered with an error. A map or an any takes whatever
// comes, and so an error too: it is the result, with the entry "error", and nil is returned as the error.
func (c Call[In, Out]) Call(ctx context.Context, at Asker, in In) (out Out, err error) {
	args, err := at.EmitWithAck(ctx, c.name, arguments(in)...)
	if err != nil {
		return out, err
	}
	var refused struct {
		Error *string
		Data  any
	}
	if args.Len() > 0 && args.Decode(0, &refused) == nil && refused.Error != nil && !takesAnything(reflect.TypeFor[Out]()) {
		return out, &RemoteError{Message: *refused.Error, Data: refused.Data}
	}
	if _, none := any(out).(None); none || args.Len() == 0 {
		return out, nil
	}
	return out, args.Decode(0, &out)
}

// Handle registers f for the event: what it returns is the acknowledgement, an error as {"error": …}.
func (c Call[In, Out]) Handle(at Listener, f func(ctx context.Context, in In) (Out, error)) (off func()) {
	if f, ok := any(f).(func(context.Context, None) (Out, error)); ok {
		return at.On(c.name, func(ctx context.Context) (Out, error) { return f(ctx, None{}) })
	}
	return at.On(c.name, f)
}

// RemoteError is an error with which the other side acknowledged.
type RemoteError struct {
	Message string
	Data    any
}

func (e *RemoteError) Error() string { return e.Message }

// arguments are what an event is emitted with.
func arguments(v any) []any {
	if _, none := v.(None); none {
		return nil
	}
	return []any{v}
}
