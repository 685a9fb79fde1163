package socketio

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"rightnow/socketio/internal/siocall"
)

// handler is what is registered for one event. Its address is its identity. Sockets have many of
// them: it is small.
type handler struct {
	event string
	fn    any                // a function that sig describes, or a callee
	sig   *siocall.Signature // nil: fn is a callee
	once  bool
}

// callee is a function whose type the compiler knows.
type callee interface {
	// call decodes the event's arguments and runs the function. The results are for the
	// acknowledgement.
	call(*Event) (results []any, err error)
}

// call is callee's, for both kinds.
func (h *handler) call(e *Event) (results []any, err error) {
	if h.sig == nil {
		return h.fn.(callee).call(e)
	}
	return h.sig.Call(reflect.ValueOf(h.fn), e)
}

// answers: the results are an acknowledgement. mayAnswer: that, or it has the means to.
func (h *handler) answers() bool   { return h.sig == nil || h.sig.Answers() }
func (h *handler) mayAnswer() bool { return h.sig == nil || h.sig.MayAnswer() }

// On registers fn for an event and returns a function that removes it. Several functions for
// one event run in the order of registration. On panics when fn has no fitting form:
//
//	func([ctx context.Context,] [ack Ack,] args... [, ack Ack]) [result] [error]
//
// The client's arguments are decoded from JSON into the parameters, and never reach fn when they
// do not fit: [ArgumentError]. Binary values fit []byte, at any depth. An argument the client
// left out is nil for a parameter that can be nil and does not fit any other; what it sent in
// excess is ignored, unless fn is variadic. A json.RawMessage takes the argument as it came.
//
// ctx is the socket's. When the client wants an acknowledgement, the result is one, and so is a
// non-nil error: see [ClientError]. A function with no results acknowledges by its [Ack], or
// not at all.
func (s *Socket) On(event string, fn any) (off func()) { return s.on(event, fn, false) }

// Once is On for the first such event only.
func (s *Socket) Once(event string, fn any) (off func()) { return s.on(event, fn, true) }

func (s *Socket) on(event string, fn any, once bool) (off func()) {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		panic("socketio: handler of " + event + " is not a function")
	}
	sig := s.nsp.srv.signature(event, v.Type())
	return s.register(&handler{event: event, fn: fn, sig: sig, once: once})
}

// Off removes all functions of an event.
func (s *Socket) Off(event string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers = slices.DeleteFunc(slices.Clone(s.handlers), func(h *handler) bool { return h.event == event })
}

func (s *Socket) register(h *handler) (off func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers = append(s.handlers, h)
	return func() { s.removeHandler(h) }
}

func (s *Socket) registered() []*handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handlers
}

// removeHandler reports false when h was removed before.
func (s *Socket) removeHandler(h *handler) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.handlers, h)
	if i < 0 {
		return false
	}
	s.handlers = slices.Delete(slices.Clone(s.handlers), i, i+1)
	return true
}

// Handle registers fn for an event of s, as Socket.On does, with the signature checked by the
// compiler: the event's first argument is decoded into In, and what fn returns is the
// acknowledgement. The returned function removes fn.
func Handle[In, Out any](s *Socket, event string, fn func(context.Context, In) (Out, error)) (off func()) {
	return s.register(&handler{event: event, fn: typed[In, Out](fn)})
}

// typed is a function whose type the compiler knows.
type typed[In, Out any] func(context.Context, In) (Out, error)

func (f typed[In, Out]) call(e *Event) ([]any, error) {
	var in In
	err := e.Decode(0, &in)
	if err != nil && !(errors.Is(err, ErrNoArgument) && siocall.MayBeMissing(reflect.TypeFor[In]())) {
		return nil, &ArgumentError{Event: e.name, Index: 0, Err: err}
	}
	out, err := f(e.socket.Context(), in)
	if err != nil {
		return nil, err
	}
	return []any{out}, nil
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
