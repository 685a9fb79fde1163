package sioclient

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync/atomic"

	"rightnow/socketio/internal/sioargs"
	"rightnow/socketio/internal/siocall"
	"rightnow/socketio/internal/siocodec"
)

// Ack acknowledges an event to the server; the first call that succeeds counts.
type Ack = siocall.Ack

// Event is one event of the server. It may be kept and read by several goroutines.
type Event struct {
	socket    *Socket
	link      *link
	name      string
	args      Args
	id        uint64
	wantsAck  bool
	hasOffset bool // the last of args
	ctx       context.Context
	acked     atomic.Bool // set with socket.mu held
}

// Name returns the event's name.
func (e *Event) Name() string { return e.name }

// Args returns the arguments. From a server that keeps sessions the last one is the event's offset, unless the event is volatile or wants
// an acknowledgement.
func (e *Event) Args() Args { return e.args }

// Decode decodes argument i into v, a pointer.
func (e *Event) Decode(i int, v any) error { return e.args.Decode(i, v) }

// WantsAck reports whether the server wants an acknowledgement.
func (e *Event) WantsAck() bool { return e.wantsAck }

// Context ends with the connection that the event came over.
func (e *Event) Context() context.Context { return e.ctx }

// Ack returns the function that acknowledges the event. The first call that succeeds counts: one that fails,
// with ErrQueueFull say, may be repeated.
func (e *Event) Ack() Ack { return e.reply }

// reply acknowledges the event, over the connection that it came by.
func (e *Event) reply(args ...any) error {
	if !e.wantsAck || e.acked.Load() {
		return nil
	}
	raw, blobs, err := sioargs.EncodeArgsLimit(args, e.socket.client.opts.MaxAttachments)
	if err != nil {
		return err
	}
	s := e.socket
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.acked.Load(): // by somebody who was faster
		return nil
	case e.ctx.Err() != nil: // it has left since, and may have come back by the same connection
		return ErrDisconnected
	}
	err = e.link.send(&siocodec.Packet{
		Type: siocodec.PacketAck, Namespace: s.nsp, ID: e.id, HasID: true, Data: raw, Blobs: blobs,
	})
	e.acked.Store(err == nil)
	return err
}

// handler is what is registered for one event. Its address is its identity.
type handler struct {
	event string
	fn    reflect.Value
	sig   *siocall.Signature
	once  bool
}

// hooks are what is registered beside the handlers. Each list is copied when it changes.
type hooks struct {
	connect      []*func()
	disconnect   []*func(Reason)
	connectError []*func(error)
	any          []*func(*Event)
}

// On registers fn for an event and returns a function that removes it: a function of the forms that
// socketio.Socket.On takes,
//
//	func([ctx context.Context,] [ack Ack,] args... [, ack Ack]) [result] [error]
//
// ctx ends with the connection that the event came over. When the server wants an acknowledgement,
// the result is one; an error is {"error": …}. fn is not given the offset that a server that keeps
// sessions adds to an event, but where a parameter that may not be missing would have no argument without it.
//
// On panics when fn has no fitting form.
func (s *Socket) On(event string, fn any) (off func()) { return s.on(event, fn, false) }

// Once is On for the first such event only.
func (s *Socket) Once(event string, fn any) (off func()) { return s.on(event, fn, true) }

func (s *Socket) on(event string, fn any, once bool) (off func()) {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		panic("sioclient: handler of " + event + " is not a function")
	}
	sig, err := siocall.New(v.Type(), reflect.TypeFor[*Socket]())
	if err != nil {
		panic("sioclient: handler of " + event + ": " + err.Error())
	}
	h := &handler{event: event, fn: v, sig: sig, once: once}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers = append(slices.Clip(s.handlers), h)
	return func() { s.remove(h) }
}

// Off removes all functions of an event.
func (s *Socket) Off(event string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers = slices.DeleteFunc(slices.Clone(s.handlers), func(h *handler) bool { return h.event == event })
}

// remove reports false when h was removed before.
func (s *Socket) remove(h *handler) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.handlers, h)
	if i < 0 {
		return false
	}
	s.handlers = slices.Delete(slices.Clone(s.handlers), i, i+1)
	return true
}

// OnAny registers f for every event, before the event's functions.
func (s *Socket) OnAny(f func(*Event)) (off func()) {
	return hook(s, func(h *hooks) *[]*func(*Event) { return &h.any }, f)
}

// OnConnect registers f for each time that the socket has joined.
func (s *Socket) OnConnect(f func()) (off func()) {
	return hook(s, func(h *hooks) *[]*func() { return &h.connect }, f)
}

// OnDisconnect registers f for each time that it is out again.
func (s *Socket) OnDisconnect(f func(Reason)) (off func()) {
	return hook(s, func(h *hooks) *[]*func(Reason) { return &h.disconnect }, f)
}

// OnConnectError registers f for each failure to join. After a *ConnectError, the server's refusal, after
// an error of Options.Auth and with an address that is none ([eioclient.ErrAddress]) the socket stays out
// until Connect; what else is wrong with the connection is tried again.
func (s *Socket) OnConnectError(f func(error)) (off func()) {
	return hook(s, func(h *hooks) *[]*func(error) { return &h.connectError }, f)
}

// hook adds f to one of the lists.
func hook[F any](s *Socket, list func(*hooks) *[]*F, f F) (off func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := list(&s.hooks)
	*l = append(slices.Clip(*l), &f)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		*l = slices.DeleteFunc(slices.Clone(*l), func(p *F) bool { return p == &f })
	}
}

func (s *Socket) hookList() hooks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hooks
}

func (s *Socket) callHook(where string, f func()) {
	if err := guard(where, func() error { f(); return nil }); err != nil {
		s.client.report(err)
	}
}

func (s *Socket) callHooks(list func(*hooks) []*func()) {
	h := s.hookList()
	for _, f := range list(&h) {
		s.callHook("OnConnect", *f)
	}
}

func (s *Socket) tellConnectError(err error) {
	s.inbox.post(func() {
		for _, f := range s.hookList().connectError {
			s.callHook("OnConnectError", func() { (*f)(err) })
		}
	})
}

// dispatch runs what is registered for an event.
func (s *Socket) dispatch(e *Event) {
	for _, f := range s.hookList().any {
		s.callHook("OnAny", func() { (*f)(e) })
	}
	s.mu.Lock()
	handlers := s.handlers
	s.mu.Unlock()
	for _, h := range handlers {
		if h.event == e.name && (!h.once || s.remove(h)) {
			s.call(h, e)
		}
	}
}

// call runs one handler and makes the acknowledgement of what it returns.
func (s *Socket) call(h *handler, e *Event) {
	var results []any
	err := guard(e.name, func() (err error) {
		results, err = h.sig.Call(h.fn, e.forHandler(h.sig))
		return err
	})
	if err != nil {
		s.client.report(err)
		if h.sig.MayAnswer() {
			e.reply(map[string]string{"error": errorText(err)})
		}
		return
	}
	if h.sig.Answers() {
		if err := e.reply(results...); err != nil && !errors.Is(err, ErrDisconnected) {
			s.client.report(err)
		}
	}
}

// errorText is what the server is told of an error: the application's own words, and none of a panic.
func errorText(err error) string {
	var wrong *ArgumentError
	var panicked *PanicError
	switch {
	case errors.As(err, &wrong):
		return wrong.ForClient()
	case errors.As(err, &panicked):
		return "internal"
	}
	return err.Error()
}
