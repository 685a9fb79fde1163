package ws

import (
	"errors"
	"syscall"

	"rightnow/internal/netpoll"
)

// reader is the reading side of a connection. Everything in it is owned by the
// goroutine that reads: one that waits in run, or, with a Poller, the worker of
// the moment.
type reader struct {
	c  *Conn
	h  Handler
	ps parser

	first     []byte // bytes that came with the handshake, read before all others
	peerClose *CloseError
	rule      *ProtocolError // what the peer broke: its bytes are read and dropped
	ponged    bool           // a pong is queued and not flushed

	wait            *waiting // of run
	netpoll.Watched          // of a Poller
}

func newReader(c *Conn, h Handler) *reader {
	r := &reader{c: c, h: h, first: c.already}
	r.ps.maxMessage, r.ps.maxFragments, r.ps.deflate = c.maxMessage, c.maxFragments, c.deflate
	return r
}

// Raw implements netpoll.Target.
func (r *reader) Raw() syscall.RawConn { return r.c.raw }

// TryRead implements netpoll.Target.
func (r *reader) TryRead(p []byte) (n int, again bool, err error) {
	return r.c.sock.TryRead(r.c.nc, p)
}

// Run implements netpoll.Target: it reads and handles what is there.
func (r *reader) Run() { r.c.poller.Drain(r) }

// Begin takes what came with the handshake, once. It implements netpoll.Target.
func (r *reader) Begin() (goesOn bool) {
	if r.first == nil {
		return true
	}
	p := r.first
	r.first = nil
	return r.Step(p, nil)
}

// Step takes what one read gave: bytes, or why there are no more. It reports
// whether to go on. It implements netpoll.Target.
func (r *reader) Step(p []byte, err error) bool {
	r.c.received.Add(uint64(len(p)))
	if r.rule != nil { // see refuse
		if err == nil {
			return true
		}
		r.c.die(r.rule, true)
		return false
	}
	if err == nil {
		err = r.take(p)
	}
	if err == nil && !r.ps.stopped {
		return true
	}
	return r.end(err)
}

// end is the end of reading: the peer closed, the connection is dead (both with
// a nil error), a rule was broken, or the network failed.
func (r *reader) end(err error) (goesOn bool) {
	r.ps.drop()
	var rule *ProtocolError
	switch {
	case r.peerClose != nil:
		r.c.peerClosed(r.peerClose)
	case errors.As(err, &rule):
		goesOn = r.refuse(rule)
	default:
		r.c.die(err, false)
	}
	r.h.Closed(r.c.endedBy())
	return goesOn
}

// refuse ends a connection whose peer broke a rule: a close frame says which,
// and the peer's bytes are read and dropped until it leaves or CloseTimeout
// passes, because closing a socket with unread bytes resets it, and the reset
// may overtake the close frame.
func (r *reader) refuse(e *ProtocolError) (goesOn bool) {
	reason := e.Reason
	if e.Code == codeTooBig {
		reason = "" // the code says it, and the official client's tests want no more
	}
	if !r.c.startClosing(closePayload(e.Code, reason), e, true) {
		r.c.die(e, true)
		return false
	}
	r.c.Flush()
	r.rule = e
	return true
}

// take parses p and sends the pongs that are due.
func (r *reader) take(p []byte) error {
	err := r.ps.feed(p, r)
	r.flushPongs()
	return err
}

// message implements sink.
func (r *reader) message(op Opcode, data []byte) bool {
	if r.c.state.Load() == stateOpen {
		r.flushPongs() // the handler may take its time
		if r.wait != nil {
			r.wait.handled = true
		}
		r.h.Message(op, data)
	}
	return r.c.state.Load() != stateDead
}

// control implements sink.
func (r *reader) control(op Opcode, data []byte) bool {
	switch op {
	case OpPing:
		r.c.pong(data)
		r.ponged = true
	case OpClose:
		r.peerClose = parseClose(data)
		return false
	}
	return r.c.state.Load() != stateDead
}

func (r *reader) flushPongs() {
	if r.ponged {
		r.ponged = false
		r.c.Flush()
	}
}

// discardPending drops what the socket holds unread, without waiting, for the
// reason told at refuse.
func (c *Conn) discardPending() {
	if c.raw == nil {
		return
	}
	_ = c.raw.Read(func(fd uintptr) bool {
		buf := readBuffers.Get().(*readBuffer)
		defer readBuffers.Put(buf)
		for range 4 {
			if _, again, err := netpoll.Read(fd, buf[:]); again || err != nil {
				break
			}
		}
		return true
	})
}
