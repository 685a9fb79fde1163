package socketio

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rightnow/hub"
)

// Namespace is one of the channels that share a client's connection, with sockets, rooms and
// handlers of its own. All methods may be called concurrently.
type Namespace struct {
	// Fixed at creation.
	srv     *Server
	name    string
	parent  *ParentNamespace // nil when it was not made from one
	hub     *hub.Hub
	encoder *encoder
	ready   chan struct{} // closed once the hooks for a new namespace have run

	recovery *recovery // nil without Options.ConnectionStateRecovery

	preparing atomic.Bool   // somebody runs these hooks, or has
	acks      atomic.Uint64 // the next acknowledgement's id
	joined    atomic.Int64  // sockets

	// Guarded by srv.mu.
	held     int    // sockets that joined or are about to
	wanted   bool   // the program has asked for it
	attached bool   // see kept
	unwatch  func() // ends what the hub tells the watches; nil: it does not

	mu          sync.Mutex // guards following
	middlewares []func(context.Context, *Socket) error
	onConnect   []func(*Socket)
	gathering   map[*hub.Message]*gather // broadcasts being handed out that want acknowledgements

	serverEvents serverEvents
}

// newNamespace makes a namespace, with what its parent has to bequeath at this moment.
func newNamespace(s *Server, name string, parent *ParentNamespace) *Namespace {
	n := &Namespace{
		srv:    s,
		name:   name,
		parent: parent,
		hub:    hub.New(nil),
		ready:  make(chan struct{}),
	}
	n.encoder = &encoder{n}
	if o := s.opts.ConnectionStateRecovery; o != nil {
		n.recovery = newRecovery(n, *o)
		n.hub.Keep(n.recovery.journal)
	}
	n.answerNodes()
	if parent != nil {
		n.middlewares, n.onConnect = parent.heritage()
	}
	return n
}

// prepare runs the hooks for a new namespace unless somebody does or did. It does not wait for
// them: a hook may ask for the namespace that it is called for.
func (n *Namespace) prepare() {
	if !n.preparing.CompareAndSwap(false, true) {
		return
	}
	defer close(n.ready)
	if f := n.srv.opts.OnHub; f != nil {
		f(n.name, n.hub)
	}
	if f := n.srv.opts.OnNamespace; f != nil && n.name != "/" {
		f(n)
	}
}

// Name returns the namespace's name, with its leading slash.
func (n *Namespace) Name() string { return n.name }

// Hub returns the namespace's hub: its rooms, and where other protocols and nodes are attached, in
// Options.OnHub for dynamic namespaces.
func (n *Namespace) Hub() *hub.Hub { return n.hub }

// Server returns the server that the namespace belongs to.
func (n *Namespace) Server() *Server { return n.srv }

// Use adds a middleware: it runs once for each client that wants to join, in the order of
// registration, before the client is told anything. An error refuses the client; see
// [ConnectError]. The socket may already emit and join rooms, but official clients acknowledge
// nothing before they have joined. ctx is the socket's.
func (n *Namespace) Use(f func(ctx context.Context, s *Socket) error) {
	n = n.kept()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.middlewares = append(slices.Clip(n.middlewares), f)
}

// OnConnect adds a function that is called for each socket that has joined, after the client
// was told so and before any of its events is handled: the place to register handlers.
func (n *Namespace) OnConnect(f func(*Socket)) {
	n = n.kept()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.onConnect = append(slices.Clip(n.onConnect), f)
}

func (n *Namespace) middlewareSnapshot() []func(context.Context, *Socket) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.middlewares
}

func (n *Namespace) onConnectSnapshot() []func(*Socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.onConnect
}

func (n *Namespace) target() Target { return Target{nsp: n} }

// Emit sends the event to every socket of the namespace.
func (n *Namespace) Emit(event string, args ...any) error { return n.target().Emit(event, args...) }

// Send emits the event "message".
func (n *Namespace) Send(args ...any) error { return n.target().Send(args...) }

// EmitWithAck is Target.EmitWithAck for all sockets of the namespace.
func (n *Namespace) EmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	return n.target().EmitWithAck(ctx, event, args...)
}

// To returns the sockets that are in at least one of the rooms.
func (n *Namespace) To(rooms ...string) Target { return n.target().To(rooms...) }

// In is another name for To.
func (n *Namespace) In(rooms ...string) Target { return n.target().To(rooms...) }

// Except returns all sockets but those in one of the rooms.
func (n *Namespace) Except(rooms ...string) Target { return n.target().Except(rooms...) }

// Local returns the sockets of this node only.
func (n *Namespace) Local() Target { return n.target().Local() }

// Volatile returns a target whose events are dropped for clients that are not ready for them.
func (n *Namespace) Volatile() Target { return n.target().Volatile() }

// Compress returns a target whose events are compressed, where connections compress at all, or not.
func (n *Namespace) Compress(compress bool) Target { return n.target().Compress(compress) }

// Timeout returns a target whose EmitWithAck waits at most d.
func (n *Namespace) Timeout(d time.Duration) Target { return n.target().Timeout(d) }

// Sockets returns the sockets of this node, in the order in which they joined.
func (n *Namespace) Sockets() []*Socket { return n.target().Sockets() }

// SocketsCount is the number of sockets of this node. It costs nothing.
func (n *Namespace) SocketsCount() int { return int(n.joined.Load()) }

// FetchSockets returns the sockets of all nodes.
func (n *Namespace) FetchSockets(ctx context.Context) ([]RemoteSocket, error) {
	return n.target().FetchSockets(ctx)
}

// SocketsJoin makes all sockets join the rooms.
func (n *Namespace) SocketsJoin(rooms ...string) { n.target().SocketsJoin(rooms...) }

// SocketsLeave makes all sockets leave the rooms.
func (n *Namespace) SocketsLeave(rooms ...string) { n.target().SocketsLeave(rooms...) }

// DisconnectSockets disconnects all sockets, and with close their connections too.
func (n *Namespace) DisconnectSockets(close bool) { n.target().DisconnectSockets(close) }
