package socketio

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"rightnow/engineio"
	"rightnow/hub"
)

// Server is a Socket.IO server: an http.Handler, and the namespace "/". All methods may be
// called concurrently. It listens on nothing and starts nothing by itself; mount it with
//
//	http.Handle("/socket.io/", server)
type Server struct {
	opts   Options
	engine *engineio.Server
	root   *Namespace
}

// New returns a server. A nil o is the same as &Options{}.
func New(o *Options) *Server { return &Server{opts: o.withDefaults()} }

// ServeHTTP serves the protocol's requests and, with Options.ClientFiles, the client's bundles.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// Engine returns the layer of connections below.
func (s *Server) Engine() *engineio.Server { return s.engine }

// Of returns the namespace of that name, made if need be. A missing leading slash is added. When
// the name matches a pattern given to OfPattern, the namespace is made as its child.
func (s *Server) Of(name string) *Namespace { return s.root }

// OfPattern lets clients join every namespace whose name matches: each becomes a namespace of
// its own when the first client asks for it.
func (s *Server) OfPattern(re *regexp.Regexp) *ParentNamespace { return nil }

// OfFunc is OfPattern with a function that decides. auth is the client's, nil when it sent
// none; ctx ends with the client's connection. Patterns and functions are asked in the order of
// their registration.
func (s *Server) OfFunc(allow func(ctx context.Context, name string, auth Auth) bool) *ParentNamespace {
	return nil
}

// Namespaces returns the namespaces that exist, by name.
func (s *Server) Namespaces() []*Namespace { return nil }

// Batch runs f and sends what it emitted to whatever namespaces in as few writes as can be.
// Handlers need no Batch.
func (s *Server) Batch(f func()) {}

// Shutdown takes no more connections, closes those there are (never with a DISCONNECT packet:
// clients are to come back) and waits until all handlers and hooks have returned, or ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { return nil }

// The namespace "/".

func (s *Server) Hub() *hub.Hub                              { return s.root.Hub() }
func (s *Server) OnConnect(f func(*Socket))                  { s.root.OnConnect(f) }
func (s *Server) Use(f func(context.Context, *Socket) error) { s.root.Use(f) }
func (s *Server) Emit(event string, args ...any) error       { return s.root.Emit(event, args...) }
func (s *Server) Send(args ...any) error                     { return s.root.Send(args...) }
func (s *Server) To(rooms ...string) Target                  { return s.root.To(rooms...) }
func (s *Server) In(rooms ...string) Target                  { return s.root.In(rooms...) }
func (s *Server) Except(rooms ...string) Target              { return s.root.Except(rooms...) }
func (s *Server) Local() Target                              { return s.root.Local() }
func (s *Server) Volatile() Target                           { return s.root.Volatile() }
func (s *Server) Timeout(d time.Duration) Target             { return s.root.Timeout(d) }
func (s *Server) Sockets() []*Socket                         { return s.root.Sockets() }
func (s *Server) SocketsCount() int                          { return s.root.SocketsCount() }
func (s *Server) FetchSockets(ctx context.Context) ([]RemoteSocket, error) {
	return s.root.FetchSockets(ctx)
}
func (s *Server) SocketsJoin(rooms ...string)  { s.root.SocketsJoin(rooms...) }
func (s *Server) SocketsLeave(rooms ...string) { s.root.SocketsLeave(rooms...) }
func (s *Server) DisconnectSockets(close bool) { s.root.DisconnectSockets(close) }
