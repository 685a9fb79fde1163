package socketio

import (
	"slices"

	"rightnow/hub"
)

// hooks are what is registered on a socket beside the handlers of its events. Each list is
// copied when it changes, so that one that was read may be walked without a lock.
type hooks struct {
	incoming      []*func(*Event)
	outgoing      []*func(*Event)
	uses          []*func(*Event) error
	errors        []*func(error)
	disconnecting []*func(Reason)
	disconnect    []*func(Reason)

	told int // broadcasts in the inbox for outgoing
}

// OnAny registers f for every event, before the middlewares of Use and the event's functions.
// The returned function removes it.
func (s *Socket) OnAny(f func(*Event)) (off func()) {
	return hook(s, func(h *hooks) *[]*func(*Event) { return &h.incoming }, f, false)
}

// PrependAny is OnAny ahead of those registered already.
func (s *Socket) PrependAny(f func(*Event)) (off func()) {
	return hook(s, func(h *hooks) *[]*func(*Event) { return &h.incoming }, f, true)
}

// OffAny removes all functions of OnAny.
func (s *Socket) OffAny() { s.clearHooks(func(h *hooks) { h.incoming = nil }) }

// OnAnyOutgoing registers f for every event that is emitted to this socket, alone or with
// others; acknowledgements are none. f runs in the goroutine that emits or, for broadcasts, on
// the socket's, which may be a moment later; while Options.InboxEvents broadcasts wait for it,
// it does not learn of more.
func (s *Socket) OnAnyOutgoing(f func(*Event)) (off func()) {
	return hook(s, func(h *hooks) *[]*func(*Event) { return &h.outgoing }, f, false)
}

// PrependAnyOutgoing is OnAnyOutgoing ahead of those registered already.
func (s *Socket) PrependAnyOutgoing(f func(*Event)) (off func()) {
	return hook(s, func(h *hooks) *[]*func(*Event) { return &h.outgoing }, f, true)
}

// OffAnyOutgoing removes all functions of OnAnyOutgoing.
func (s *Socket) OffAnyOutgoing() { s.clearHooks(func(h *hooks) { h.outgoing = nil }) }

// Use adds a middleware for the socket's events. An error drops the event; only OnError
// learns of it.
func (s *Socket) Use(f func(*Event) error) {
	hook(s, func(h *hooks) *[]*func(*Event) error { return &h.uses }, f, false)
}

// OnError registers f for all that goes wrong on behalf of this client; see Options.OnError.
func (s *Socket) OnError(f func(error)) {
	hook(s, func(h *hooks) *[]*func(error) { return &h.errors }, f, false)
}

// OnDisconnecting registers f for the disconnect, while Rooms still tells what there was.
func (s *Socket) OnDisconnecting(f func(Reason)) {
	hook(s, func(h *hooks) *[]*func(Reason) { return &h.disconnecting }, f, false)
}

// OnDisconnect registers f for the disconnect. It runs after the events that came before, on
// the same goroutine as the handlers. A function registered after the disconnect never runs.
func (s *Socket) OnDisconnect(f func(Reason)) {
	hook(s, func(h *hooks) *[]*func(Reason) { return &h.disconnect }, f, false)
}

// hook adds f to one of a socket's lists. Equal functions stay apart by their address.
func hook[F any](s *Socket, list func(*hooks) *[]*F, f F, first bool) (off func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hooks == nil {
		s.hooks = &hooks{}
	}
	l := list(s.hooks)
	if first {
		*l = append([]*F{&f}, *l...)
	} else {
		*l = append(slices.Clip(*l), &f)
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		*l = slices.DeleteFunc(slices.Clone(*l), func(p *F) bool { return p == &f })
	}
}

func (s *Socket) clearHooks(f func(*hooks)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hooks != nil {
		f(s.hooks)
	}
}

func (s *Socket) outgoingLocked() []*func(*Event) {
	if s.hooks == nil {
		return nil
	}
	return s.hooks.outgoing
}

func (s *Socket) callOutgoing(hooks []*func(*Event), m *hub.Message) {
	if len(hooks) > 0 {
		s.callEventHooks("OnAnyOutgoing", hooks, newOutgoing(s, m))
	}
}

// postOutgoingLocked has the functions of OnAnyOutgoing called for a broadcast: not at once,
// because the hub waits.
func (s *Socket) postOutgoingLocked(m *hub.Message) {
	h := s.hooks
	if h.told >= s.nsp.srv.opts.InboxEvents {
		return
	}
	h.told++
	s.postLocked(task{do: func() {
		s.mu.Lock()
		h.told--
		outgoing := h.outgoing
		s.mu.Unlock()
		s.callOutgoing(outgoing, m)
	}})
}
