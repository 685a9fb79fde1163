package memnet

import (
	"context"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

const network = "mem"

// addr is a made-up address.
type addr string

func (addr) Network() string  { return network }
func (a addr) String() string { return string(a) }

// Listener is an in-memory net.Listener. All methods may be called
// concurrently. It must be made inside the synctest bubble in which it is used.
type Listener struct {
	size   int
	dialed atomic.Int64
	conns  chan *Conn    // Dial to Accept; never closed
	closed chan struct{} // closed by Close
	once   sync.Once
}

var _ net.Listener = (*Listener)(nil)

// Listen returns a listener whose connections buffer 64 KiB each way.
func Listen() *Listener { return ListenSize(0) }

// ListenSize returns a listener whose connections buffer size bytes each way.
func ListenSize(size int) *Listener {
	return &Listener{size: size, conns: make(chan *Conn), closed: make(chan struct{})}
}

// Dial returns the client's end of a new connection; it waits until Accept has
// taken the other.
func (l *Listener) Dial(ctx context.Context) (net.Conn, error) {
	c, err := l.DialConn(ctx)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// DialConn is Dial with the type that has Reset and CloseWrite.
func (l *Listener) DialConn(ctx context.Context) (*Conn, error) {
	// Each client has an address of its own, from the block for documentation,
	// so that code which parses or counts addresses works.
	n := l.dialed.Add(1)
	client, server := pipe(l.size, clientAddr(n), l.Addr())
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, l.opError("dial", syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, l.opError("dial", ctx.Err())
	}
}

// DialContext is Dial in the form that http.Transport takes.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return l.Dial(ctx)
}

// Accept waits for the next Dial and returns the server's end, a *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, l.opError("accept", net.ErrClosed)
	}
}

// Close makes pending and later calls of Accept and Dial fail. Connections
// stay.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns the listener's made-up address.
func (l *Listener) Addr() net.Addr { return addr("192.0.2.1:80") }

// clientAddr returns a made-up address of the n-th client.
func clientAddr(n int64) net.Addr {
	return addr("198.51.100." + strconv.FormatInt(n/60000%250+1, 10) + ":" + strconv.FormatInt(n%60000+1024, 10))
}

func (l *Listener) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: network, Addr: l.Addr(), Err: err}
}
