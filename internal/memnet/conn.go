package memnet

import (
	"io"
	"net"
	"syscall"
	"time"
)

// defaultBuffer is what each direction of a connection holds.
const defaultBuffer = 64 << 10

// Conn is one end of an in-memory connection, full duplex, with a bounded
// buffer each way. It behaves as a TCP connection does on one machine: what was
// written before a Close is still read at the other end, and a write to a
// closed end fails with EPIPE. All methods may be called concurrently.
type Conn struct {
	in, out       *stream
	local, remote net.Addr
}

var _ net.Conn = (*Conn)(nil)

// Pipe returns the two ends of a connection that buffers size bytes each way;
// 0 means 64 KiB.
func Pipe(size int) (a, b *Conn) { return pipe(size, addr("a"), addr("b")) }

func pipe(size int, local, remote net.Addr) (a, b *Conn) {
	if size <= 0 {
		size = defaultBuffer
	}
	ab, ba := newStream(size), newStream(size)
	return &Conn{in: ba, out: ab, local: local, remote: remote},
		&Conn{in: ab, out: ba, local: remote, remote: local}
}

// Read waits for at least one byte.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.wrap("read", err)
}

// Write waits until all of p is buffered.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.wrap("write", err)
}

// TryWrite buffers as much of p as there is room for, without waiting. That n
// is less than len(p), also 0, is no error.
func (c *Conn) TryWrite(p []byte) (int, error) {
	n, err := c.out.tryWrite(p)
	return n, c.wrap("write", err)
}

// Close closes both directions of this end. The other end still reads what was
// written before.
func (c *Conn) Close() error {
	c.out.seal()
	c.in.deafen()
	return nil
}

// CloseWrite ends what this end writes: the other reads EOF after it.
func (c *Conn) CloseWrite() error {
	c.out.seal()
	return nil
}

// Reset breaks the connection as a TCP reset does: both ends fail with
// ECONNRESET at once and what is buffered is lost.
func (c *Conn) Reset() {
	c.in.fail(syscall.ECONNRESET)
	c.out.fail(syscall.ECONNRESET)
}

// Unread returns how many bytes this end has written that the other has not
// read yet.
func (c *Conn) Unread() int { return c.out.buffered() }

// LocalAddr returns the address of this end.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the other end.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline bounds present and later Reads; the zero time does not.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.wrap("set", c.in.setReadDeadline(t))
}

// SetWriteDeadline bounds present and later Writes; the zero time does not.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.wrap("set", c.out.setWriteDeadline(t))
}

// wrap gives an error the form that package net's have. io.EOF stays as it is.
func (c *Conn) wrap(op string, err error) error {
	switch err {
	case nil:
		return nil
	case io.EOF:
		return err
	}
	return &net.OpError{Op: op, Net: network, Source: c.local, Addr: c.remote, Err: err}
}
