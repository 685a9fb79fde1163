package engineio

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rightnow/internal/ws"
)

// WebTransportSession is a WebTransport that an HTTP/3 server has accepted. Package eiowebtransport makes them from those
// of quic-go; what wraps another implementation of HTTP/3 can be given to [Server.ServeWebTransport] as well. Its methods
// are called concurrently.
type WebTransportSession interface {
	// AcceptStream waits for the next bidirectional stream that the client opens.
	AcceptStream(context.Context) (WebTransportStream, error)
	// Context ends when the session does.
	Context() context.Context
	// Close ends the session; what its streams have not sent may be lost. It makes all other methods return, those of the
	// streams too, and does not wait for the client. It may be called several times.
	Close(code uint32, reason string)
}

// WebTransportStream is a bidirectional stream of a WebTransportSession. Reading goes on beside all else; the other methods
// are called one at a time.
type WebTransportStream interface {
	io.Reader
	io.Writer
	// Close ends the sending side: the client gets all that was written, then the end. Reading goes on.
	Close() error
	// SetWriteDeadline bounds Write, which fails with os.ErrDeadlineExceeded then and says how much it has taken.
	SetWriteDeadline(time.Time) error
}

const (
	// streamStep is what is given to a WebTransport's stream at once: what a client has to take within writeTimeout.
	streamStep = 16 << 10
	// streamRead is how much is read at once.
	streamRead = 4 << 10
	// closeTimeout is how long a WebTransport may take to send the rest of its queue when it closes.
	closeTimeout = 5 * time.Second
	// closeLinger is how long it is left open after that, so that the client has what was sent before the session ends:
	// browsers drop what their page has not read by then.
	closeLinger = 250 * time.Millisecond
)

// stream is the connection of a session over WebTransport: a bounded queue, and a goroutine that writes it out while
// something is in it. All methods may be called concurrently; but for read and wait none waits.
type stream struct {
	srv     *Server             // fixed at creation
	session WebTransportSession // fixed at creation
	running sync.WaitGroup      // goroutines of this stream; none begins once it is dead

	received, sent atomic.Uint64 // bytes on inner

	mu      sync.Mutex         // guards following
	inner   WebTransportStream // nil: the client has not opened it yet
	queue   [][]byte
	spare   [][]byte    // an empty one, for the next queue
	bytes   int         // unsent
	frames  int         // unsent
	writing bool        // drain runs
	more    bool        // something was flushed since drain has looked
	closing *time.Timer // Close was called, and ends in time; nil: it was not
	dead    bool
	cause   error  // why it is dead
	reason  string // for the client
}

var _ carrier = (*stream)(nil)

// Push implements carrier. The errors are those of a ws.Conn.
func (c *stream) Push(frames []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.dead || c.closing != nil:
		return ErrClosed
	case len(frames) > c.srv.opts.QueueLimit+queueSlack-c.bytes || c.frames >= c.srv.maxFrames+queueSlack/32:
		return ws.ErrQueueFull
	}
	c.queue = append(c.queue, frames)
	c.bytes += len(frames)
	c.frames++
	return nil
}

// Flush implements carrier: it sees to it that what is queued is written.
func (c *stream) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.dead && len(c.queue) > 0 {
		c.drainLocked()
	}
}

// drainLocked wakes drain, or starts it. c.mu must be held, and c not be dead.
func (c *stream) drainLocked() {
	c.more = true
	if !c.writing {
		c.writing = true
		c.running.Go(c.drain) // ends when the queue is sent, or c is dead
	}
}

// Buffered is the number of unsent bytes.
func (c *stream) Buffered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// Writable reports that nothing of an earlier flush is unsent.
func (c *stream) Writable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.writing
}

// Traffic implements carrier.
func (c *stream) Traffic() (received, sent uint64) { return c.received.Load(), c.sent.Load() }

// Close implements carrier. Only the first call counts.
func (c *stream) Close(_ int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead || c.closing != nil {
		return
	}
	c.reason = reason
	c.closing = time.AfterFunc(closeTimeout, func() { c.Abort(ErrClosed) })
	c.drainLocked()
}

// Abort implements carrier.
func (c *stream) Abort(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return
	}
	c.dead, c.cause = true, err
	c.queue, c.spare, c.bytes, c.frames = nil, nil, 0, 0
	if c.closing != nil {
		c.closing.Stop()
	}
	reason := c.reason
	c.running.Go(func() { c.session.Close(0, reason) }) // ends at once: it does not wait for the client
}

// open reports whether messages that come still mean something.
func (c *stream) open() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.dead && c.closing == nil
}

// wait returns why c is dead, when its goroutines have ended.
func (c *stream) wait() error {
	c.running.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// accept waits for the client's stream.
func (c *stream) accept(ctx context.Context) error {
	inner, err := c.session.AcceptStream(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inner = inner
	return nil
}

// read gives all that comes to take, until the stream ends or take fails.
func (c *stream) read(take func([]byte) error) error {
	buf := make([]byte, streamRead)
	for {
		n, err := c.inner.Read(buf) // inner does not change any more
		if n > 0 {
			c.received.Add(uint64(n))
			if err := take(buf[:n]); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}

// drain writes the queue out, and what is flushed meanwhile. When c closes, that is the end of it.
func (c *stream) drain() {
	for {
		batch, inner, last := c.take()
		if len(batch) > 0 {
			if err := c.write(inner, batch); err != nil {
				c.Abort(slowOr(err))
			}
			c.reuse(batch)
			continue
		}
		if last {
			c.finish(inner)
		}
		return
	}
}

// slowOr makes the client's not taking anything the reason that it is.
func slowOr(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ws.ErrSlow
	}
	return err
}

// take takes what is queued, for drain, which ends when that is nothing; last tells that nothing more will come.
func (c *stream) take() (batch [][]byte, inner WebTransportStream, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.dead && c.more && c.inner != nil && len(c.queue) > 0 {
		batch, c.queue, c.spare = c.queue, c.spare, nil
		c.more = false
		return batch, c.inner, false
	}
	c.writing = false
	return nil, c.inner, !c.dead && c.closing != nil
}

// reuse keeps what held a batch for the queue after the next.
func (c *stream) reuse(batch [][]byte) {
	clear(batch)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.dead && cap(batch) <= 4*maxSpare {
		c.spare = batch[:0]
	}
}

// write writes a batch. Small frames are joined.
func (c *stream) write(inner WebTransportStream, batch [][]byte) error {
	buf := c.srv.buffer()
	defer c.srv.release(buf)
	for len(batch) > 0 {
		n := 1
		joined := batch[0]
		if len(joined) < streamStep {
			*buf = append((*buf)[:0], joined...)
			for n < len(batch) && len(*buf)+len(batch[n]) <= streamStep {
				*buf = append(*buf, batch[n]...)
				n++
			}
			joined = *buf
		}
		for part := range slices.Chunk(joined, streamStep) {
			if err := c.writeStep(inner, part); err != nil {
				return err
			}
		}
		batch = batch[n:]
		c.wrote(0, n)
	}
	return nil
}

// writeStep writes all of p, as long as the client takes something within writeTimeout.
func (c *stream) writeStep(inner WebTransportStream, p []byte) error {
	for len(p) > 0 {
		deadline := inner.SetWriteDeadline(time.Now().Add(writeTimeout))
		n, err := inner.Write(p)
		c.sent.Add(uint64(n))
		c.wrote(n, 0)
		p = p[n:]
		if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			err = nil // slow, but it moves
		}
		if err := cmp.Or(err, deadline); err != nil {
			return err
		}
	}
	return nil
}

// wrote takes sent bytes and frames out of the count.
func (c *stream) wrote(bytes, frames int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.dead {
		c.bytes -= bytes
		c.frames -= frames
	}
}

// finish ends what has nothing more to send.
func (c *stream) finish(inner WebTransportStream) {
	if inner != nil {
		inner.Close() // fails only if the client has gone, which is noticed by who reads
		linger := time.NewTimer(closeLinger)
		defer linger.Stop()
		select {
		case <-c.session.Context().Done():
		case <-linger.C:
		}
	}
	c.Abort(ErrClosed)
}
