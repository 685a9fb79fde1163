package loadgen

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

const (
	bufferSize = 256 << 10 // of what all reads go to
	minRead    = 64 << 10  // room for a read that goes on with a part
	maxUnsent  = 1 << 20   // bytes that a connection keeps for a server that does not read
	maxSpare   = 64        // buffers kept for the next parts
)

// A loop is one epoll instance and what its connections share. It belongs to one
// goroutine.
type loop struct {
	epoll  int
	buf    []byte
	spare  [][]byte
	events []unix.EpollEvent
	begun  time.Time
}

func newLoop() (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return &loop{epoll: epoll, buf: make([]byte, bufferSize), events: make([]unix.EpollEvent, 1024), begun: time.Now()}, nil
}

func (l *loop) close() { _ = unix.Close(l.epoll) }

// now is nanoseconds since the loop was made.
func (l *loop) now() int64 { return int64(time.Since(l.begun)) }

// wait returns what happened, at the latest after d, of which milliseconds count.
// The events are valid until the next wait.
func (l *loop) wait(d time.Duration) ([]unix.EpollEvent, error) {
	n, err := unix.EpollWait(l.epoll, l.events, int(d.Milliseconds()))
	if err != nil && err != unix.EINTR {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return l.events[:max(n, 0)], nil
}

// A route is where connections go to and come from.
type route struct {
	to   netip.AddrPort
	from netip.Addr // the zero Addr: any
	// slow makes a connection that takes little before its sender is stopped.
	slow bool
}

// A conn is one non-blocking TCP connection of a loop. The zero value is closed.
type conn struct {
	fd   int32
	open bool
	// more: there may be more to receive than the last time, without an event.
	more bool
	// ended: the stream's end has come, behind what is still to be received.
	ended bool
	// token is what the connection is known by in an event, and turn how often it was
	// opened: an event of a turn before is of a connection that is no more.
	token, turn int32

	in  []byte // a part of a message that goes on
	out []byte // what could not be written yet
}

// dial opens the connection and sends first. A failure to connect shows in receive.
func (c *conn) dial(l *loop, r route, first []byte) error {
	family := unix.AF_INET6
	if r.to.Addr().Is4() {
		family = unix.AF_INET
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	c.fd, c.open, c.more, c.ended = int32(fd), true, false, false
	c.turn++
	if err := connect(fd, r); err != nil {
		c.close(l)
		return err
	}
	// While it connects, a write is told to wait, as with a full socket.
	rest, err := c.try(first)
	if err == nil {
		c.out = append(c.out, rest...)
		err = c.watch(l)
	}
	if err != nil {
		c.close(l)
	}
	return err
}

// connect begins to connect a socket.
func connect(fd int, r route) error {
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return fmt.Errorf("TCP_NODELAY: %w", err)
	}
	if r.slow {
		// With the usual segments of the loopback device a server's socket takes 3.9 MB that
		// nobody reads; with small ones it is full after 0.1 MB.
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 4096)
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_MAXSEG, 536)
	}
	if r.from.IsValid() {
		// The port is chosen by connect, which knows the other end: so each source address has
		// all ports for each server.
		_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
		if err := unix.Bind(fd, sockaddr(netip.AddrPortFrom(r.from, 0))); err != nil {
			return fmt.Errorf("connect from %s: %w", r.from, err)
		}
	}
	err := unix.Connect(fd, sockaddr(r.to))
	switch {
	case err == unix.EADDRNOTAVAIL:
		return fmt.Errorf("connect to %s: all ports of this machine's address are taken", r.to)
	case err != nil && err != unix.EINPROGRESS:
		return fmt.Errorf("connect to %s: %w", r.to, err)
	}
	return nil
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// watch has epoll report edges: what has come since the last report, not what is
// there. So it does not look again at each connection that has just been read, and
// can watch for room to write all the time.
func (c *conn) watch(l *loop) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET, Fd: c.token, Pad: c.turn}
	if err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, int(c.fd), &event); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// forget stops all reading and writing of a connection that stays open.
func (c *conn) forget(l *loop) {
	_ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_DEL, int(c.fd), nil) // fails only for what is not watched
}

// close cuts the connection off with a reset, which leaves nothing behind: no
// TIME_WAIT that keeps the port from the next run.
func (c *conn) close(l *loop) {
	if !c.open {
		return
	}
	c.open = false
	_ = unix.SetsockoptLinger(int(c.fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	_ = unix.Close(int(c.fd)) // takes it out of the epoll instance too
	c.keep(l, nil)
	c.out = nil
}

var (
	errUnsent = fmt.Errorf("the server does not read: %d bytes wait for it", maxUnsent)
	errReset  = errors.New("the server cut the connection off")
	errEnded  = errors.New("the server closed the connection")
)

// write sends b, or keeps what the socket does not take for flush.
func (c *conn) write(b []byte) error {
	if len(c.out) == 0 {
		rest, err := c.try(b)
		if err != nil || len(rest) == 0 {
			return err
		}
		b = rest
	}
	if len(c.out)+len(b) > maxUnsent {
		return errUnsent
	}
	c.out = append(c.out, b...)
	return nil
}

// flush goes on with what write kept, when there is room again.
func (c *conn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	rest, err := c.try(c.out)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		c.out = nil
		return nil
	}
	c.out = c.out[:copy(c.out, rest)]
	return nil
}

// try writes what the socket takes of b and returns the rest.
func (c *conn) try(b []byte) (rest []byte, err error) {
	n, err := unix.Write(int(c.fd), b)
	if err != nil && err != unix.EAGAIN && err != unix.EINTR {
		return nil, reason(err)
	}
	return b[max(n, 0):], nil
}

// receive reads once and returns what there is of the stream, or nothing. The
// bytes are valid until the next receive of any connection; what they have of a
// message that goes on is given to keep.
func (c *conn) receive(l *loop) ([]byte, error) {
	into, begun := l.buf, len(c.in)
	if begun > 0 {
		if begun > maxMessage+maxHead {
			return nil, fmt.Errorf("a message of more than %d bytes", maxMessage)
		}
		c.in = slices.Grow(c.in, minRead)
		into = c.in[begun:cap(c.in)]
	}
	n, err := unix.Read(int(c.fd), into)
	c.more = n > 0 && (n == len(into) || c.ended)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return nil, nil
	case err != nil:
		return nil, reason(err)
	case n == 0:
		return nil, errEnded
	}
	if begun > 0 {
		c.in = c.in[:begun+n]
		return c.in, nil
	}
	return l.buf[:n], nil
}

// keep keeps the rest of what receive returned.
func (c *conn) keep(l *loop, rest []byte) {
	switch {
	case len(rest) > 0:
		if c.in == nil && len(l.spare) > 0 {
			last := len(l.spare) - 1
			c.in, l.spare = l.spare[last], l.spare[:last]
		}
		c.in = append(c.in[:0], rest...)
	case c.in != nil:
		if len(l.spare) < maxSpare {
			l.spare = append(l.spare, c.in[:0])
		}
		c.in = nil
	}
}

// reason says what an error of the kernel means here.
func reason(err error) error {
	switch err {
	case unix.ECONNRESET, unix.EPIPE:
		return errReset
	case unix.ECONNREFUSED:
		return errors.New("connection refused: nothing listens there")
	case unix.ETIMEDOUT, unix.EHOSTUNREACH, unix.ENETUNREACH:
		return fmt.Errorf("no connection: %w", err)
	}
	return err
}
