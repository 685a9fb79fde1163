package netpoll

import (
	"math"
	"net"
	"sync/atomic"
	"syscall"
)

// Socket is a socket's file descriptor, used without asking package net for
// it each time: that would look at three more objects for a write, which with
// thousands of recipients come from memory, not from the cache. Package net
// guards its descriptors against being closed, and perhaps given to another
// socket, while somebody uses them; users does that here, as long as nobody but
// Shut closes the connection. nc is that connection, always the same one.
type Socket struct {
	fd    int32
	users atomic.Int32 // how many use fd; shutting is added when it is to be closed
}

// shutting makes users negative.
const shutting = math.MinInt32

// Set takes the descriptor of raw. It is called before all else.
func (s *Socket) Set(raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) { s.fd = int32(fd) })
}

// TryRead reads once without waiting; again says that there is nothing to read.
func (s *Socket) TryRead(nc net.Conn, p []byte) (n int, again bool, err error) {
	if !s.use() {
		return 0, false, net.ErrClosed
	}
	defer s.done(nc)
	return Read(uintptr(s.fd), p)
}

// TryWrite writes once without waiting: n may be less than len(p), also 0,
// without an error.
func (s *Socket) TryWrite(nc net.Conn, p []byte) (n int, err error) {
	if !s.use() {
		return 0, net.ErrClosed
	}
	defer s.done(nc)
	n, _, err = Write(uintptr(s.fd), p)
	return n, err
}

// Shut closes nc, now or, when the descriptor is in use, with the last use: none
// of them waits. It must be called once.
func (s *Socket) Shut(nc net.Conn) {
	if s.users.Add(shutting) == shutting {
		_ = nc.Close()
	}
}

// use keeps the descriptor open until done. It reports false when it is closed
// or about to be.
func (s *Socket) use() bool {
	for {
		n := s.users.Load()
		if n < 0 {
			return false
		}
		if s.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// done ends a use, and closes nc if that was put off for it.
func (s *Socket) done(nc net.Conn) {
	if s.users.Add(-1) == shutting {
		_ = nc.Close()
	}
}
