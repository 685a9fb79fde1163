package ws

import (
	"crypto/tls"
	"encoding/binary"
	"time"
)

// Close queues a close frame (an empty one if code is 0), flushes, waits for
// the peer's close frame for at most CloseTimeout without blocking the caller,
// and closes the network connection. Only the first call counts. Messages that
// arrive after it are dropped.
func (c *Conn) Close(code int, reason string) {
	if c.startClosing(closePayload(code, reason), nil, false) {
		c.Flush()
	}
}

// Abort closes the network connection at once; Handler.Closed gets err, or
// ErrClosed if err is nil, unless the connection had another reason to end
// before. What is unsent is dropped.
func (c *Conn) Abort(err error) {
	if err == nil {
		err = ErrClosed
	}
	c.die(err, false)
}

// startClosing queues a close frame, behind all that is queued, and bounds the
// time for all that follows. cause, if not nil, is why. It reports false if a
// close frame was queued before, or the connection is dead.
func (c *Conn) startClosing(payload []byte, cause error, halfway bool) bool {
	frame := AppendFrame(make([]byte, 0, 2+len(payload)), OpClose, payload)
	c.mu.Lock()
	defer c.mu.Unlock()
	if cause != nil && c.cause == nil {
		c.cause = cause
	}
	if c.state.Load() != stateOpen {
		return false
	}
	if c.late != nil {
		c.in.push(c.late)
		c.late = nil
	}
	c.queueLocked(frame)
	c.halfway = halfway
	c.timer = time.AfterFunc(c.closeTimeout, c.closeTimedOut)
	c.state.Store(stateClosing)
	return true
}

// closeTimedOut is the timer of stateClosing.
func (c *Conn) closeTimedOut() { c.die(ErrCloseTimeout, false) }

// peerClosed answers the peer's close frame and closes the network connection
// when the answer is sent: here, or later in wrote. It is called by the reader,
// which reads nothing any more.
func (c *Conn) peerClosed(e *CloseError) {
	if c.startClosing(echo(e), e, false) {
		c.Flush()
	}
	c.discardPending()
	c.mu.Lock()
	c.readDone = true
	var then afterClose
	if !c.writing && c.in.empty() {
		then = c.afterCloseFrameLocked()
	}
	c.mu.Unlock()
	then.run(c)
}

// echo is the payload that answers a close frame.
func echo(e *CloseError) []byte {
	if e.Code == codeNoStatus {
		return nil
	}
	return closePayload(e.Code, "")
}

// parseClose reads the payload of a close frame that has been checked.
func parseClose(p []byte) *CloseError {
	if len(p) < 2 {
		return &CloseError{Code: codeNoStatus}
	}
	return &CloseError{Code: int(binary.BigEndian.Uint16(p)), Reason: string(p[2:])}
}

// afterClose is what is left to do when the close frame is sent.
type afterClose uint8

const (
	nothing   afterClose = iota
	shutWrite            // tell the peer that no more comes; its bytes are still read
	shut
)

// afterCloseFrameLocked returns what to do now that nothing is unsent. c.mu
// must be held.
func (c *Conn) afterCloseFrameLocked() afterClose {
	switch {
	case c.state.Load() != stateClosing || !c.in.empty():
		return nothing
	case c.readDone:
		return shut
	case c.halfway:
		return shutWrite
	}
	return nothing
}

// run must be called without c.mu.
func (a afterClose) run(c *Conn) {
	switch a {
	case shutWrite:
		if hc, ok := c.nc.(interface{ CloseWrite() error }); ok {
			_ = hc.CloseWrite() // fails only if the peer has gone: the reader finds out
		}
	case shut:
		c.die(ErrClosed, true)
	}
}

// die closes the network connection, once. cause counts if no other came
// before. Politely means that nothing is unsent and TLS may say goodbye.
func (c *Conn) die(cause error, politely bool) {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = cause
	}
	if c.state.Load() == stateDead {
		c.mu.Unlock()
		return
	}
	c.state.Store(stateDead)
	unsent := c.bytes > 0
	c.in.clear()
	if !c.writing {
		c.out.clear() // else the writing side does, when its write returns
	}
	c.bytes, c.frames, c.late, c.blocked = 0, 0, nil, false
	timer := c.timer
	c.mu.Unlock()
	if timer != nil {
		timer.Stop()
	}
	c.closeNet(unsent, politely)
}

// closeNet closes the network connection. Its error would change nothing.
func (c *Conn) closeNet(unsent, politely bool) {
	nc := c.nc
	if t, ok := nc.(*tls.Conn); ok && !politely {
		nc = t.NetConn() // TLS would try to say goodbye, and wait
	}
	if l, ok := nc.(interface{ SetLinger(int) error }); ok && unsent {
		// Do not let the kernel keep megabytes for a peer that does not read.
		_ = l.SetLinger(0)
	}
	c.sock.Shut(nc)
	if r := c.reader.Load(); r != nil {
		c.poller.Wake(r) // a closed socket has no events
	}
}

// endedBy returns why the connection ended.
func (c *Conn) endedBy() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}
