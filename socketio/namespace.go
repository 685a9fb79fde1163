package socketio

import (
	"context"
	"time"

	"rightnow/hub"
)

// Namespace is one of the channels that share a client's connection, with sockets, rooms and
// handlers of its own. All methods may be called concurrently.
type Namespace struct {
	hub *hub.Hub
}

// Name returns the namespace's name, with its leading slash.
func (n *Namespace) Name() string { return "" }

// Hub returns the namespace's hub: its rooms, and where other protocols and nodes are attached.
func (n *Namespace) Hub() *hub.Hub { return n.hub }

// Server returns the server that the namespace belongs to.
func (n *Namespace) Server() *Server { return nil }

// Use adds a middleware: it runs once for each client that wants to join, in the order of
// registration, before the client is told anything. An error refuses the client; see
// [ConnectError]. The socket may already emit and join rooms. ctx is the socket's.
func (n *Namespace) Use(f func(ctx context.Context, s *Socket) error) {}

// OnConnect adds a function that is called for each socket that has joined, after the client
// was told so and before any of its events is handled: the place to register handlers.
func (n *Namespace) OnConnect(f func(*Socket)) {}

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

// Timeout returns a target whose EmitWithAck waits at most d.
func (n *Namespace) Timeout(d time.Duration) Target { return n.target().Timeout(d) }

// Sockets returns the sockets of this node, in the order in which they joined.
func (n *Namespace) Sockets() []*Socket { return n.target().Sockets() }

// SocketsCount is the number of sockets of this node.
func (n *Namespace) SocketsCount() int { return 0 }

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

func (n *Namespace) target() Target { return Target{} }
