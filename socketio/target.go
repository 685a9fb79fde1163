package socketio

import (
	"context"
	"errors"
	"slices"
	"time"

	"rightnow/hub"
)

// Target is a choice of sockets and of ways to reach them. It is immutable: each method returns
// another Target, and a stored one may be used again, concurrently. The zero Target reaches
// nobody.
type Target struct {
	nsp    *Namespace
	parent *ParentNamespace // instead of nsp: all its children

	rooms, except   []string
	sender          string // left out
	local, volatile bool
	plain           bool
	timeout         time.Duration
}

// To adds rooms: a socket in several of them is reached once. With no rooms at all a target is
// the whole namespace.
func (t Target) To(rooms ...string) Target {
	t.rooms = append(slices.Clip(t.rooms), rooms...)
	return t
}

// In is another name for To.
func (t Target) In(rooms ...string) Target { return t.To(rooms...) }

// Except leaves out the sockets in one of the rooms. A socket's id is the name of a room that
// only it is in.
func (t Target) Except(rooms ...string) Target {
	t.except = append(slices.Clip(t.except), rooms...)
	return t
}

// Local keeps to this node.
func (t Target) Local() Target {
	t.local = true
	return t
}

// Volatile drops the event for each client that is not ready for it at this moment.
func (t Target) Volatile() Target {
	t.volatile = true
	return t
}

// Compress says whether the event is worth compressing, where the connection compresses at all. It is,
// unless told otherwise.
func (t Target) Compress(compress bool) Target {
	t.plain = !compress
	return t
}

// Timeout bounds EmitWithAck.
func (t Target) Timeout(d time.Duration) Target {
	t.timeout = d
	return t
}

// Emit sends the event. The arguments are encoded before Emit returns, and not used afterwards.
// The error is about them, ErrTooBig among others, or about the event's name; slow or lost clients are no
// error.
func (t Target) Emit(event string, args ...any) error {
	m, err := t.message(event, args)
	if err != nil || m == nil {
		return err
	}
	if t.nsp != nil {
		_, err = t.nsp.hub.Publish(m)
		return err
	}
	return t.publish(m, func(n *Namespace, m *hub.Message) error {
		_, err := n.hub.Publish(m)
		return err
	})
}

// Send emits the event "message".
func (t Target) Send(args ...any) error { return t.Emit("message", args...) }

// EmitWithAck sends the event and waits until every client reached has acknowledged it or has
// left. It returns the acknowledgements in the order of their arrival: all of them with a nil
// error, or those that came with ErrTimeout, ErrDisconnected, ErrBackpressure or the cause of
// ctx's end. Nobody reached is no error.
func (t Target) EmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	m, err := t.message(event, args)
	if err != nil || m == nil {
		return nil, err
	}
	ctx, cancel := withTimeout(ctx, t.timeout)
	defer cancel()
	g := &gather{complete: make(chan struct{})}
	ids := make(map[*Namespace]uint64, 1)
	err = t.publish(m, func(n *Namespace, m *hub.Message) error {
		m.AckID, m.WantAck = n.nextAck(), true
		ids[n] = m.AckID
		defer n.hub.FlushAll()
		return n.gather(m, g)
	})
	g.seal()
	select {
	case <-g.complete:
	case <-ctx.Done():
		err = ended(ctx)
		for _, s := range g.abandon() {
			s.forget(ids[s.nsp])
		}
	}
	return g.result(err)
}

// message encodes the event; nil when the target reaches nobody.
func (t Target) message(event string, args []any) (*hub.Message, error) {
	srv := t.server()
	if srv == nil {
		return nil, nil
	}
	encoded, err := srv.newMessage(event, args)
	if err != nil {
		return nil, err
	}
	m := &encoded
	m.Rooms, m.Except, m.Sender, m.Local, m.Plain = t.rooms, t.except, t.sender, t.local, t.plain
	if t.volatile {
		m.Class = hub.Volatile
	}
	return m, nil
}

func (t Target) server() *Server {
	switch {
	case t.nsp != nil:
		return t.nsp.srv
	case t.parent != nil:
		return t.parent.srv
	}
	return nil
}

// namespaces returns those the target is in.
func (t Target) namespaces() []*Namespace {
	switch {
	case t.nsp != nil:
		return []*Namespace{t.nsp}
	case t.parent != nil:
		return t.parent.Children()
	}
	return nil
}

// publish calls f with a copy of m for each namespace.
func (t Target) publish(m *hub.Message, f func(*Namespace, *hub.Message) error) error {
	var errs []error
	for _, n := range t.namespaces() {
		own := *m
		errs = append(errs, f(n, &own))
	}
	return errors.Join(errs...)
}

// Sockets returns the sockets of this node, in the order in which they joined.
func (t Target) Sockets() []*Socket {
	var list []*Socket
	for _, n := range t.namespaces() {
		for _, m := range n.hub.Members(t.rooms, t.except) {
			if s, ok := m.(*member); ok && m.ID() != t.sender && (*Socket)(s).hasJoined() {
				list = append(list, (*Socket)(s))
			}
		}
	}
	return list
}

// SocketsCount is the number of sockets of this node.
func (t Target) SocketsCount() int { return len(t.Sockets()) }

// FetchSockets returns the sockets of all nodes.
func (t Target) FetchSockets(ctx context.Context) ([]RemoteSocket, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	var list []RemoteSocket
	for _, s := range t.Sockets() {
		list = append(list, RemoteSocket{ID: s.id, Handshake: s.Handshake(), Rooms: s.Rooms(), Data: s.Data(), nsp: s.nsp})
	}
	return list, nil
}

// SocketsJoin makes the sockets join rooms. One that would be in too many joins none.
func (t Target) SocketsJoin(rooms ...string) {
	for _, s := range t.Sockets() {
		if err := s.Join(rooms...); err != nil {
			s.report(err)
		}
	}
}

// SocketsLeave makes the sockets leave rooms.
func (t Target) SocketsLeave(rooms ...string) {
	for _, s := range t.Sockets() {
		s.Leave(rooms...)
	}
}

// DisconnectSockets disconnects the sockets, and with close their connections too.
func (t Target) DisconnectSockets(close bool) {
	for _, s := range t.Sockets() {
		s.Disconnect(close)
	}
}
