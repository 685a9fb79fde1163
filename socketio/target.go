package socketio

import (
	"context"
	"time"
)

// Target is a choice of sockets and of ways to reach them. It is immutable: each method returns
// another Target, and a stored one may be used again, concurrently. The zero Target reaches
// nobody.
type Target struct{}

// To adds rooms: a socket in several of them is reached once. With no rooms at all a target is
// the whole namespace.
func (t Target) To(rooms ...string) Target { return t }

// In is another name for To.
func (t Target) In(rooms ...string) Target { return t }

// Except leaves out the sockets in one of the rooms. A socket's id is the name of a room that
// only it is in.
func (t Target) Except(rooms ...string) Target { return t }

// Local keeps to this node.
func (t Target) Local() Target { return t }

// Volatile drops the event for each client that is not ready for it at this moment.
func (t Target) Volatile() Target { return t }

// Timeout bounds EmitWithAck.
func (t Target) Timeout(d time.Duration) Target { return t }

// Emit sends the event. The arguments are encoded before Emit returns, and not used afterwards.
// The error is about them, or about the event's name; slow or lost clients are no error.
func (t Target) Emit(event string, args ...any) error { return nil }

// Send emits the event "message".
func (t Target) Send(args ...any) error { return nil }

// EmitWithAck sends the event and waits until every client reached has acknowledged it or has
// left. It returns the acknowledgements in the order of their arrival: all of them with a nil
// error, or those that came with ErrTimeout, ErrDisconnected, ErrBackpressure or the cause of
// ctx's end. Nobody reached is no error.
func (t Target) EmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	return nil, nil
}

// Sockets returns the sockets of this node, in the order in which they joined.
func (t Target) Sockets() []*Socket { return nil }

// SocketsCount is the number of sockets of this node.
func (t Target) SocketsCount() int { return 0 }

// FetchSockets returns the sockets of all nodes.
func (t Target) FetchSockets(ctx context.Context) ([]RemoteSocket, error) { return nil, nil }

// SocketsJoin makes the sockets join rooms.
func (t Target) SocketsJoin(rooms ...string) {}

// SocketsLeave makes the sockets leave rooms.
func (t Target) SocketsLeave(rooms ...string) {}

// DisconnectSockets disconnects the sockets, and with close their connections too.
func (t Target) DisconnectSockets(close bool) {}

// RemoteSocket describes a socket of this or another node.
type RemoteSocket struct {
	ID        string
	Handshake Handshake
	Rooms     []string
	Data      any
}
