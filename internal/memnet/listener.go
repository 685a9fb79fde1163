package memnet

import (
	"context"
	"net"
)

// Listener is an in-memory net.Listener. All methods may be called
// concurrently.
type Listener struct{}

// Listen returns a listener whose connections buffer 64 KiB each way.
func Listen() *Listener { return &Listener{} }

// Dial returns the client's end of a new connection; it waits until Accept has
// taken the other.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) { return nil, net.ErrClosed }

// DialContext is Dial in the form that http.Transport takes.
func (l *Listener) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return l.Dial(ctx)
}

// Accept waits for the next Dial and returns the server's end.
func (l *Listener) Accept() (net.Conn, error) { return nil, net.ErrClosed }

// Close makes pending and later calls of Accept and Dial fail. Connections
// stay.
func (l *Listener) Close() error { return nil }

// Addr returns the listener's made-up address.
func (l *Listener) Addr() net.Addr { return nil }
