package socketio

import "context"

// RemoteSocket describes a socket of this or another node, as it was when it was asked for, and leads to it: its methods
// reach the socket wherever it is, and do nothing once it has gone.
type RemoteSocket struct {
	ID        string
	Handshake Handshake
	Rooms     []string
	Data      any

	nsp *Namespace
}

// target is the room that only this socket is in.
func (r RemoteSocket) target() Target {
	if r.nsp == nil {
		return Target{}
	}
	return r.nsp.To(r.ID)
}

// Emit sends the event to the socket.
func (r RemoteSocket) Emit(event string, args ...any) error { return r.target().Emit(event, args...) }

// EmitWithAck sends the event and waits for the acknowledgement; see Socket.EmitWithAck. It fails with ErrDisconnected when
// the socket has gone.
func (r RemoteSocket) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	answers, err := r.target().EmitWithAck(ctx, event, args...)
	switch {
	case err != nil:
		return Args{}, err
	case len(answers) == 0:
		return Args{}, ErrDisconnected
	}
	return answers[0], nil
}

// Join makes the socket join rooms.
func (r RemoteSocket) Join(rooms ...string) { r.target().SocketsJoin(rooms...) }

// Leave makes it leave rooms.
func (r RemoteSocket) Leave(rooms ...string) { r.target().SocketsLeave(rooms...) }

// Disconnect disconnects it, and with close its connection too.
func (r RemoteSocket) Disconnect(close bool) { r.target().DisconnectSockets(close) }
