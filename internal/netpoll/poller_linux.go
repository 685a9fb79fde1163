package netpoll

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"rightnow/internal/worker"
)

// Watches tells whether a Poller can watch anything on this system.
const Watches = true

// batch is how many connections one look at the epoll finds at most.
const batch = 128

// Poller watches connections that wait for their peers, so that a connection
// has no goroutine while nothing comes from it: a stack and what belongs to it
// is more than half of an idle connection's memory. The zero value is ready, and
// may serve any number of connections. While it watches any it has one
// goroutine and an epoll, which stands in the one of the Go runtime: no thread
// waits in it. What it finds readable is read and handled by workers, one at a
// time for a connection.
type Poller struct {
	workers worker.Pool

	mu    sync.Mutex // guards following
	file  *os.File   // the epoll; nil while nothing is watched
	epfd  int        // its descriptor
	slots []slot
	free  []int32 // slots without a target
	live  int     // slots with one
}

// slot is what an event's data names. gen tells an old event from one for the
// target that has the slot now.
type slot struct {
	t   Target
	gen int32
}

// Watched is what a Poller keeps in a Target.
type Watched struct {
	slot   int32
	state  atomic.Uint32
	hungUp atomic.Bool // the peer sends no more: read to the end
}

func (w *Watched) watched() *Watched { return w }

// The states of a target.
const (
	unwatched uint32 = iota // nobody may read yet
	idle                    // nobody reads
	runs                    // a worker does
	again                   // … and has to look once more before it ends
	over                    // nobody will any more
)

// Add watches t's socket; events wait until Start. It reports false when it
// cannot: t needs a goroutine of its own then. A Target is added once.
func (p *Poller) Add(t Target) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil && p.openLocked() != nil {
		return false
	}
	if len(p.free) == 0 {
		p.free = append(p.free, int32(len(p.slots)))
		p.slots = append(p.slots, slot{})
	}
	last := len(p.free) - 1
	i := p.free[last]
	if p.registerLocked(t.Raw(), i) != nil {
		p.closeIfIdleLocked()
		return false
	}
	t.watched().slot, p.slots[i].t = i, t
	p.free = p.free[:last]
	p.live++
	return true
}

// Watching is how many connections are watched.
func (p *Poller) Watching() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.live
}

// openLocked makes the epoll. p.mu must be held.
func (p *Poller) openLocked() error {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	// Non-blocking, os.NewFile lets it be waited for like a socket.
	if err := syscall.SetNonblock(fd, true); err != nil {
		_ = syscall.Close(fd)
		return err
	}
	file := os.NewFile(uintptr(fd), "epoll")
	raw, err := file.SyscallConn()
	if err != nil {
		_ = file.Close()
		return err
	}
	p.file, p.epfd = file, fd
	go p.watch(raw) // ends when the file is closed
	return nil
}

// registerLocked adds a socket to the epoll. p.mu must be held.
func (p *Poller) registerLocked(socket syscall.RawConn, i int32) error {
	ev := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | epollET, Fd: i, Pad: p.slots[i].gen}
	var err error
	closed := socket.Control(func(fd uintptr) {
		err = syscall.EpollCtl(p.epfd, syscall.EPOLL_CTL_ADD, int(fd), &ev)
	})
	return errors.Join(closed, err)
}

// epollET is EPOLLET, which package syscall has with the wrong sign.
const epollET = 1 << 31

// remove ends the watch of a target. A socket that is closed has left the epoll
// by that; one that lives on is taken out.
func (p *Poller) remove(t Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = t.Raw().Control(func(fd uintptr) {
		_ = syscall.EpollCtl(p.epfd, syscall.EPOLL_CTL_DEL, int(fd), nil)
	})
	i := t.watched().slot
	p.slots[i] = slot{gen: p.slots[i].gen + 1}
	p.free = append(p.free, i)
	p.live--
	p.closeIfIdleLocked()
}

// closeIfIdleLocked ends watch when there is nothing to watch. p.mu must be
// held.
func (p *Poller) closeIfIdleLocked() {
	if p.live > 0 {
		return
	}
	_ = p.file.Close()
	p.file, p.slots, p.free = nil, nil, nil
}

// watch is the poller's goroutine.
func (p *Poller) watch(epoll syscall.RawConn) {
	var events [batch]syscall.EpollEvent
	n := 0
	look := func(fd uintptr) bool {
		n = sysEpollWait(fd, events[:])
		return n > 0
	}
	for epoll.Read(look) == nil {
		p.dispatch(events[:n])
		if n == batch {
			runtime.Gosched() // let workers end, so that few serve many
		}
	}
}

// dispatch has the targets that the events are for read.
func (p *Poller) dispatch(events []syscall.EpollEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range events {
		e := &events[i]
		if int(e.Fd) >= len(p.slots) {
			continue // of an epoll that is closed
		}
		s := p.slots[e.Fd]
		if s.t == nil || s.gen != e.Pad {
			continue
		}
		if e.Events&^syscall.EPOLLIN != 0 {
			s.t.watched().hungUp.Store(true)
		}
		p.Wake(s.t)
	}
}

// Start lets workers run t, which was added. The first one begins when there is
// something to read, or at once if there is something else for it.
func (p *Poller) Start(t Target, now bool) {
	w := t.watched()
	if !now && w.state.CompareAndSwap(unwatched, idle) {
		return
	}
	w.state.Store(runs)
	p.workers.Go(t)
}

// Wake has t run, by a worker that is at it or a new one. It does nothing when
// the watch is over.
func (p *Poller) Wake(t Target) {
	w := t.watched()
	for {
		switch w.state.Load() {
		case unwatched:
			if w.state.CompareAndSwap(unwatched, again) {
				return
			}
		case idle:
			if w.state.CompareAndSwap(idle, runs) {
				p.workers.Go(t)
				return
			}
		case runs:
			if w.state.CompareAndSwap(runs, again) {
				return
			}
		default:
			return
		}
	}
}

// Drain reads what is there and has t step through it. It returns when nothing
// more is there, or reports that the watch is over, because Begin or Step said
// so: then the Poller knows nothing of t any more. Only t.Run calls it.
func (p *Poller) Drain(t Target) (ended bool) {
	buf := readBuffers.Get().(*readBuffer)
	defer readBuffers.Put(buf)
	w := t.watched()
	for {
		if !t.Begin() || !buf.drain(t) {
			w.state.Store(over)
			p.remove(t)
			return true
		}
		if w.state.CompareAndSwap(runs, idle) {
			return false
		}
		w.state.Store(runs)
	}
}

// readBuffer is what one read takes at most. It is held only from the read until
// Step returns.
type readBuffer [16 << 10]byte

// readBuffers is a cache without state; of a buffer only the part that was
// written is used.
var readBuffers = sync.Pool{New: func() any { return new(readBuffer) }}

// drain reads until nothing is there. It reports whether to go on.
//
// A read that does not fill its buffer has emptied the socket; what comes later
// is another event. Only the end of the stream may stand behind the bytes
// without one, if it came with them: then that event said so.
func (b *readBuffer) drain(t Target) bool {
	for {
		n, again, err := t.TryRead(b[:])
		if again {
			return true
		}
		if !t.Step(b[:n], err) {
			return false
		}
		if n < len(b) && !t.watched().hungUp.Load() {
			return true
		}
	}
}
