package socketio

import (
	"context"
	"time"

	"rightnow/hub"
)

// What follows is the namespace "/".

// Hub is Namespace.Hub of "/".
func (s *Server) Hub() *hub.Hub { return s.root.Hub() }

// OnConnect is Namespace.OnConnect of "/".
func (s *Server) OnConnect(f func(*Socket)) { s.root.OnConnect(f) }

// Use is Namespace.Use of "/".
func (s *Server) Use(f func(context.Context, *Socket) error) { s.root.Use(f) }

// Emit is Namespace.Emit of "/".
func (s *Server) Emit(event string, args ...any) error { return s.root.Emit(event, args...) }

// Send is Namespace.Send of "/".
func (s *Server) Send(args ...any) error { return s.root.Send(args...) }

// EmitWithAck is Namespace.EmitWithAck of "/".
func (s *Server) EmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	return s.root.EmitWithAck(ctx, event, args...)
}

// To is Namespace.To of "/".
func (s *Server) To(rooms ...string) Target { return s.root.To(rooms...) }

// In is Namespace.In of "/".
func (s *Server) In(rooms ...string) Target { return s.root.In(rooms...) }

// Compress is Namespace.Compress of "/".
func (s *Server) Compress(compress bool) Target { return s.root.Compress(compress) }

// Except is Namespace.Except of "/".
func (s *Server) Except(rooms ...string) Target { return s.root.Except(rooms...) }

// Local is Namespace.Local of "/".
func (s *Server) Local() Target { return s.root.Local() }

// Volatile is Namespace.Volatile of "/".
func (s *Server) Volatile() Target { return s.root.Volatile() }

// Timeout is Namespace.Timeout of "/".
func (s *Server) Timeout(d time.Duration) Target { return s.root.Timeout(d) }

// Sockets is Namespace.Sockets of "/".
func (s *Server) Sockets() []*Socket { return s.root.Sockets() }

// SocketsCount is Namespace.SocketsCount of "/".
func (s *Server) SocketsCount() int { return s.root.SocketsCount() }

// FetchSockets is Namespace.FetchSockets of "/".
func (s *Server) FetchSockets(ctx context.Context) ([]RemoteSocket, error) {
	return s.root.FetchSockets(ctx)
}

// SocketsJoin is Namespace.SocketsJoin of "/".
func (s *Server) SocketsJoin(rooms ...string) { s.root.SocketsJoin(rooms...) }

// SocketsLeave is Namespace.SocketsLeave of "/".
func (s *Server) SocketsLeave(rooms ...string) { s.root.SocketsLeave(rooms...) }

// DisconnectSockets is Namespace.DisconnectSockets of "/".
func (s *Server) DisconnectSockets(close bool) { s.root.DisconnectSockets(close) }
