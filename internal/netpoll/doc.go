// Package netpoll lets connections wait for their peers without a goroutine
// each, and reads and writes their sockets without waiting. It knows nothing of
// what the bytes mean.
//
//	socket ── epoll ──► Poller ──► a kept worker ──► Target.Run ── Drain ──► Target.Begin, Step
//
// On other systems than Linux nothing can be watched: [Poller.Add] says so, and
// the caller waits in a goroutine of its own.
package netpoll

import (
	"syscall"

	"rightnow/internal/worker"
)

// Target is a connection that a [Poller] watches. It embeds [Watched].
type Target interface {
	// Run is called on a worker when there may be something to read, never
	// twice at a time. It calls Poller.Drain.
	worker.Task
	// Raw is the socket. It does not change.
	Raw() syscall.RawConn
	// TryRead reads from it once, as Socket.TryRead does.
	TryRead(p []byte) (n int, again bool, err error)
	// Begin is asked before each look at the socket whether to go on: who wakes
	// the target may have left something else for it.
	Begin() (goesOn bool)
	// Step takes what one read gave: bytes, valid until it returns, or why there
	// are no more. It reports whether to go on.
	Step(p []byte, err error) (goesOn bool)

	watched() *Watched
}
