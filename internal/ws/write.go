package ws

import (
	"cmp"
	"errors"
	"os"
	"time"

	"rightnow/internal/netpoll"
)

const (
	// directSize is from where on a frame is written from where it stands
	// instead of being copied beside its neighbours.
	directSize = 16 << 10
	// connJoin is what is joined for one Write of a connection that blocks in
	// it: a TLS record, and the step by which WriteTimeout sees progress.
	connJoin = 16 << 10
	// maxPongs is how many pongs may wait for a flush; beyond it only the
	// newest is kept (RFC 6455 section 5.5.3 asks for no more).
	maxPongs = 16
	// sendRounds is how many writes a flusher does before it leaves what others
	// flush meanwhile to a goroutine: their emits must not hold it up for ever.
	sendRounds = 8
	// slotShare is the bytes of QueueLimit that allow one more frame, freeSlots
	// the frames that are always allowed.
	slotShare, freeSlots = 32, 64
)

// tryWriter is a connection that writes without waiting, as memnet's do: n may
// be less than len(p), also 0, without an error.
type tryWriter interface {
	TryWrite(p []byte) (n int, err error)
}

// MaxFrames is how many frames a connection with that QueueLimit queues at most.
func MaxFrames(queueLimit int) int { return freeSlots + queueLimit/slotShare }

// Push queues a frame made by AppendFrame, or several in a row that belong
// together. It never blocks and never writes. The bytes are shared and
// read-only from now on. It fails with ErrClosed, or with ErrQueueFull, and
// then nothing of it is queued.
func (c *Conn) Push(frame []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state.Load() != stateOpen:
		return ErrClosed
	case len(frame) > c.queueLimit-c.bytes || c.frames >= MaxFrames(c.queueLimit):
		return ErrQueueFull
	case len(frame) > 0:
		c.queueLocked(frame)
	}
	return nil
}

// queueLocked queues a frame and counts it. c.mu must be held.
func (c *Conn) queueLocked(frame []byte) {
	c.in.push(frame)
	c.bytes += len(frame)
	c.frames++
}

// pong queues the answer to a ping.
func (c *Conn) pong(payload []byte) {
	frame := AppendFrame(make([]byte, 0, 2+len(payload)), OpPong, payload)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.Load() != stateOpen {
		return
	}
	if c.pongs < maxPongs {
		c.pongs++
		c.queueLocked(frame)
		return
	}
	if c.late == nil {
		c.frames++
	}
	c.bytes += len(frame) - len(c.late)
	c.late = frame
}

// Buffered returns the bytes queued and unsent.
func (c *Conn) Buffered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// Writable reports that no bytes of an earlier flush wait for the peer. Bytes
// that another goroutine hands to the kernel at this moment do not count.
func (c *Conn) Writable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.blocked
}

// Flush hands everything queued to the kernel in as few writes as can be,
// without waiting; what the kernel does not take is sent by a goroutine that
// lives until it has. When another goroutine is flushing, it sends the rest
// too, and Flush returns at once.
func (c *Conn) Flush() {
	c.mu.Lock()
	if c.writing {
		c.more = true
		c.mu.Unlock()
		return
	}
	taken := c.takeLocked()
	waits := taken && c.raw == nil && c.try == nil
	c.blocked = waits
	c.mu.Unlock()
	switch {
	case waits:
		go c.drain() // ends when out is sent or c is dead
	case taken:
		c.send()
	}
}

// takeLocked moves what is queued into out, which must be empty, for the caller
// to send. c.mu must be held.
func (c *Conn) takeLocked() bool {
	c.more = false
	if c.late != nil {
		c.in.push(c.late) // counted already
		c.late = nil
	}
	c.pongs = 0
	c.writing = !c.in.empty()
	c.out.queue, c.in = c.in, queue{}
	return c.writing
}

// send writes without waiting until out is sent, and leaves what the kernel
// does not take to drain. The caller must have set writing.
func (c *Conn) send() {
	for round := 1; ; round++ {
		n, full, err := c.tryWrite()
		if err != nil {
			c.writeFailed(err)
			return
		}
		if !c.wrote(n, full) {
			return
		}
		if full || round == sendRounds {
			go c.drain() // ends when out is sent or c is dead
			return
		}
	}
}

// drain is the on-demand goroutine: it sends out, and whatever is flushed
// meanwhile, waiting for the peer. The caller must have set writing, and passes
// it on.
func (c *Conn) drain() {
	for {
		n, full, err := c.writeWaiting()
		if err != nil {
			c.writeFailed(err)
			return
		}
		if !c.wrote(n, full) {
			return
		}
	}
}

// wrote drops n sent bytes from out; full says whether more can be expected to
// wait. It reports whether the caller still has something to send; if not, the
// caller does not own out any more.
func (c *Conn) wrote(n int, full bool) bool {
	frames := c.out.advance(n)
	c.sent.Add(uint64(n))
	c.mu.Lock()
	if c.state.Load() == stateDead {
		c.stopWritingLocked()
		c.mu.Unlock()
		return false
	}
	c.bytes -= n
	c.frames -= frames
	left := !c.out.empty()
	if left || c.more && c.takeLocked() {
		c.blocked = full || left && c.blocked
		c.mu.Unlock()
		return true
	}
	c.stopWritingLocked()
	then := c.afterCloseFrameLocked()
	c.mu.Unlock()
	then.run(c)
	return false
}

// stopWritingLocked gives up the ownership of out. c.mu must be held.
func (c *Conn) stopWritingLocked() {
	c.out.clear()
	c.writing, c.blocked, c.more = false, false, false
}

// writeFailed ends the connection; the caller must have set writing.
func (c *Conn) writeFailed(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = ErrSlow
	}
	c.Abort(err)
	c.mu.Lock()
	c.stopWritingLocked()
	c.mu.Unlock()
}

// batch returns leading bytes of out, at most max if they are joined: the first
// frame itself when it is large or alone, else as many frames as fit, joined in
// a buffer that the caller must give back.
func (c *Conn) batch(max int) (p []byte, buf *joinBuffer) {
	if p, only := c.out.first(); only || len(p) >= directSize {
		return p, nil
	}
	buf = joinBuffers.Get().(*joinBuffer)
	return c.out.join(buf[:max]), buf
}

func giveBack(buf *joinBuffer) {
	if buf != nil {
		joinBuffers.Put(buf)
	}
}

// tryWrite writes once without waiting; full says that not everything offered
// was taken, so that trying again makes no sense yet.
func (c *Conn) tryWrite() (n int, full bool, err error) {
	p, buf := c.batch(joinSize)
	if c.raw != nil {
		n, err = c.sock.TryWrite(c.nc, p)
	} else {
		n, err = c.try.TryWrite(p)
	}
	giveBack(buf)
	return n, n < len(p), err
}

// writeWaiting writes once, after waiting for room if need be; full is as in
// tryWrite, and always set where nobody can know. It fails when the peer takes
// nothing for writeTimeout.
func (c *Conn) writeWaiting() (n int, full bool, err error) {
	if err := c.nc.SetWriteDeadline(time.Now().Add(c.writeTimeout)); err != nil {
		return 0, false, err
	}
	if c.raw != nil {
		n, full, err = c.rawWait()
	} else {
		n, err = c.connWrite()
		full = true
	}
	if err != nil {
		return 0, false, err
	}
	// A deadline that stays would refuse the write of a later flush.
	return n, full, c.nc.SetWriteDeadline(time.Time{})
}

// connWrite is one Write of a connection that blocks in it.
func (c *Conn) connWrite() (int, error) {
	p, buf := c.batch(connJoin)
	defer giveBack(buf)
	if len(p) > connJoin {
		p = p[:connJoin]
	}
	n, err := c.nc.Write(p)
	if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil // slow, but it moves
	}
	return n, err
}

// rawWait writes once to the socket, after waiting until it is writable. The
// joined bytes are made anew for each attempt, so that no buffer is held while
// it waits.
func (c *Conn) rawWait() (n int, full bool, err error) {
	closed := c.raw.Write(func(fd uintptr) bool {
		p, buf := c.batch(joinSize)
		defer giveBack(buf)
		var again bool
		n, again, err = netpoll.Write(fd, p)
		full = n < len(p)
		return !again
	})
	return n, full, cmp.Or(closed, err)
}
