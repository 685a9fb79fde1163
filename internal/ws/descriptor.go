package ws

import (
	"math"
	"net"
	"sync/atomic"
	"syscall"
)

// descriptor is a socket's file descriptor, used without asking package net for
// it each time: that would look at three more objects for a write, which with
// thousands of recipients come from memory, not from the cache. Package net
// guards its descriptors against being closed, and perhaps given to another
// socket, while somebody uses them; users does that here.
type descriptor struct {
	fd    int32
	users atomic.Int32 // how many use fd; shutting is added when it is to be closed
}

// shutting makes users negative.
const shutting = math.MinInt32

// set takes the descriptor of raw.
func (d *descriptor) set(raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) { d.fd = int32(fd) })
}

// use keeps the descriptor open until done. It reports false when it is closed
// or about to be.
func (d *descriptor) use() bool {
	for {
		n := d.users.Load()
		if n < 0 {
			return false
		}
		if d.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// done ends a use, and closes nc if that was put off for it.
func (d *descriptor) done(nc net.Conn) {
	if d.users.Add(-1) == shutting {
		_ = nc.Close()
	}
}

// shut closes nc, now or, when the descriptor is in use, with the last use: none
// of them waits. It must be called once.
func (d *descriptor) shut(nc net.Conn) {
	if d.users.Add(shutting) == shutting {
		_ = nc.Close()
	}
}
