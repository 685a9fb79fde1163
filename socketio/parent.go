package socketio

import (
	"context"
	"regexp"
	"slices"
	"sync"
	"time"
)

// ParentNamespace stands for all namespaces made from one pattern or function. What is registered
// here is inherited by the namespaces made afterwards. All methods may be called concurrently.
type ParentNamespace struct {
	// Fixed at creation; one of the two is set.
	srv     *Server
	pattern *regexp.Regexp
	allow   func(ctx context.Context, name string, auth Auth) bool

	mu          sync.Mutex // guards following
	middlewares []func(context.Context, *Socket) error
	onConnect   []func(*Socket)
}

// Use adds a middleware for the children; see Namespace.Use.
func (p *ParentNamespace) Use(f func(ctx context.Context, s *Socket) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.middlewares = append(slices.Clip(p.middlewares), f)
}

// OnConnect adds a function for the children; see Namespace.OnConnect.
func (p *ParentNamespace) OnConnect(f func(*Socket)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onConnect = append(slices.Clip(p.onConnect), f)
}

// heritage is what a child made now starts with.
func (p *ParentNamespace) heritage() ([]func(context.Context, *Socket) error, []func(*Socket)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.middlewares, p.onConnect
}

// Children returns the namespaces made from it that exist, by name.
func (p *ParentNamespace) Children() []*Namespace {
	var list []*Namespace
	p.srv.mu.Lock()
	for _, n := range p.srv.namespaces {
		if n.parent == p {
			list = append(list, n)
		}
	}
	p.srv.mu.Unlock()
	return sortedByName(list)
}

func (p *ParentNamespace) target() Target { return Target{parent: p} }

// Emit sends the event to every socket of every child.
func (p *ParentNamespace) Emit(event string, args ...any) error {
	return p.target().Emit(event, args...)
}

// EmitWithAck is Target.EmitWithAck for all sockets of all children.
func (p *ParentNamespace) EmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	return p.target().EmitWithAck(ctx, event, args...)
}

// Send emits the event "message".
func (p *ParentNamespace) Send(args ...any) error { return p.target().Send(args...) }

// To returns the sockets of all children that are in at least one of the rooms.
func (p *ParentNamespace) To(rooms ...string) Target { return p.target().To(rooms...) }

// In is another name for To.
func (p *ParentNamespace) In(rooms ...string) Target { return p.target().To(rooms...) }

// Except returns the sockets of all children but those in one of the rooms.
func (p *ParentNamespace) Except(rooms ...string) Target { return p.target().Except(rooms...) }

// Local returns the sockets of this node only.
func (p *ParentNamespace) Local() Target { return p.target().Local() }

// Volatile returns a target whose events are dropped for clients that are not ready for them.
func (p *ParentNamespace) Volatile() Target { return p.target().Volatile() }

// Compress returns a target whose events are compressed, where connections compress at all, or not.
func (p *ParentNamespace) Compress(compress bool) Target { return p.target().Compress(compress) }

// Timeout returns a target whose EmitWithAck waits at most d.
func (p *ParentNamespace) Timeout(d time.Duration) Target { return p.target().Timeout(d) }

// Sockets returns the sockets of all children on this node.
func (p *ParentNamespace) Sockets() []*Socket { return p.target().Sockets() }

// SocketsCount is the number of sockets of all children on this node.
func (p *ParentNamespace) SocketsCount() int { return p.target().SocketsCount() }

// FetchSockets returns the sockets of all children on all nodes.
func (p *ParentNamespace) FetchSockets(ctx context.Context) ([]RemoteSocket, error) {
	return p.target().FetchSockets(ctx)
}

// SocketsJoin makes all sockets join the rooms.
func (p *ParentNamespace) SocketsJoin(rooms ...string) { p.target().SocketsJoin(rooms...) }

// SocketsLeave makes all sockets leave the rooms.
func (p *ParentNamespace) SocketsLeave(rooms ...string) { p.target().SocketsLeave(rooms...) }

// DisconnectSockets disconnects all sockets, and with close their connections too.
func (p *ParentNamespace) DisconnectSockets(close bool) { p.target().DisconnectSockets(close) }
