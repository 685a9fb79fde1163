package ws

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"rightnow/internal/worker"
)

// pollBatch is how many connections one look at the epoll finds at most.
const pollBatch = 128

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
	free  []int32 // slots without a reader
	live  int     // slots with one
}

// slot is what an event's data names. gen tells an old event from one for the
// reader that has the slot now.
type slot struct {
	r   *reader
	gen int32
}

// watched is the part of a reader that a Poller needs.
type watched struct {
	slot   int32
	state  atomic.Uint32
	hungUp atomic.Bool // the peer sends no more: read to the end
}

// The states of a watched reader.
const (
	readUnwatched uint32 = iota // nobody may read yet
	readIdle                    // nobody reads
	readRuns                    // a worker does
	readAgain                   // … and has to look once more before it ends
	readOver                    // nobody will any more
)

// add watches a reader's socket; events wait until start. It reports false when
// it cannot: r needs a goroutine of its own then.
func (p *Poller) add(r *reader) bool {
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
	if p.registerLocked(r.c.raw, i) != nil {
		p.closeIfIdleLocked()
		return false
	}
	r.slot, p.slots[i].r = i, r
	p.free = p.free[:last]
	p.live++
	return true
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

// registerLocked adds a socket to the epoll, which it leaves by being closed.
// p.mu must be held.
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

// remove ends the watch of a reader whose socket is closed, or need not be read
// any more.
func (p *Poller) remove(r *reader) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slots[r.slot] = slot{gen: p.slots[r.slot].gen + 1}
	p.free = append(p.free, r.slot)
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
	var events [pollBatch]syscall.EpollEvent
	n := 0
	look := func(fd uintptr) bool {
		n = sysEpollWait(fd, events[:])
		return n > 0
	}
	for epoll.Read(look) == nil {
		p.dispatch(events[:n])
		if n == pollBatch {
			runtime.Gosched() // let workers end, so that few serve many
		}
	}
}

// dispatch has the readers that the events are for read.
func (p *Poller) dispatch(events []syscall.EpollEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range events {
		e := &events[i]
		if int(e.Fd) >= len(p.slots) {
			continue // of an epoll that is closed
		}
		s := p.slots[e.Fd]
		if s.r == nil || s.gen != e.Pad {
			continue
		}
		if e.Events&^syscall.EPOLLIN != 0 {
			s.r.hungUp.Store(true)
		}
		s.r.wake()
	}
}

// start lets workers read r, which was added. The first one begins at once if
// there is something for it.
func (r *reader) start() {
	if len(r.first) == 0 && r.state.CompareAndSwap(readUnwatched, readIdle) {
		return
	}
	r.state.Store(readRuns)
	r.c.poller.workers.Go(r)
}

// wake has the socket read, by a worker that is at it or a new one.
func (r *reader) wake() {
	for {
		switch r.state.Load() {
		case readUnwatched:
			if r.state.CompareAndSwap(readUnwatched, readAgain) {
				return
			}
		case readIdle:
			if r.state.CompareAndSwap(readIdle, readRuns) {
				r.c.poller.workers.Go(r)
				return
			}
		case readRuns:
			if r.state.CompareAndSwap(readRuns, readAgain) {
				return
			}
		default:
			return
		}
	}
}

// Run implements worker.Task: it reads and handles what is there.
func (r *reader) Run() {
	buf := readBuffers.Get().(*readBuffer)
	defer readBuffers.Put(buf)
	goesOn := r.first == nil || r.begin()
	for {
		goesOn = goesOn && r.drain(buf)
		if !goesOn {
			r.state.Store(readOver)
			r.c.poller.remove(r)
			return
		}
		if r.state.CompareAndSwap(readRuns, readIdle) {
			return
		}
		r.state.Store(readRuns)
	}
}

// drain reads until nothing is there. It reports whether to go on.
//
// A read that does not fill its buffer has emptied the socket; what comes later
// is another event. Only the end of the stream may stand behind the bytes
// without one, if it came with them: then that event said so.
func (r *reader) drain(buf *readBuffer) bool {
	for {
		n, again, err := r.c.tryRead(buf)
		if again {
			return true
		}
		if !r.step(buf[:n], err) {
			return false
		}
		if n < len(buf) && !r.hungUp.Load() {
			return true
		}
	}
}

// tryRead reads once without waiting; again says that there is nothing to read.
func (c *Conn) tryRead(buf *readBuffer) (n int, again bool, err error) {
	if !c.sock.use() {
		return 0, false, net.ErrClosed
	}
	defer c.sock.done(c.nc)
	return rawRead(uintptr(c.sock.fd), buf[:])
}
