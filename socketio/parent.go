package socketio

import "context"

// ParentNamespace stands for all namespaces made from one pattern or function. What is registered
// here is inherited by the namespaces made afterwards. All methods may be called concurrently.
type ParentNamespace struct{}

// Use adds a middleware for the children; see Namespace.Use.
func (p *ParentNamespace) Use(f func(ctx context.Context, s *Socket) error) {}

// OnConnect adds a function for the children; see Namespace.OnConnect.
func (p *ParentNamespace) OnConnect(f func(*Socket)) {}

// Children returns the namespaces made from it that exist, by name.
func (p *ParentNamespace) Children() []*Namespace { return nil }

// Emit sends the event to every socket of every child.
func (p *ParentNamespace) Emit(event string, args ...any) error { return nil }

// Send emits the event "message".
func (p *ParentNamespace) Send(args ...any) error { return nil }

// To returns the sockets of all children that are in at least one of the rooms.
func (p *ParentNamespace) To(rooms ...string) Target { return Target{} }

// In is another name for To.
func (p *ParentNamespace) In(rooms ...string) Target { return Target{} }

// Except returns the sockets of all children but those in one of the rooms.
func (p *ParentNamespace) Except(rooms ...string) Target { return Target{} }
