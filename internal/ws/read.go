package ws

import (
	"errors"
	"time"
)

// smallRead is the buffer with which a connection without a file descriptor
// waits: it must hold one.
const smallRead = 512

// reader is the reading side of a connection. Everything in it is owned by the
// reading goroutine.
type reader struct {
	c  *Conn
	h  Handler
	ps parser

	first     []byte // bytes that came with the handshake, read before all others
	peerClose *CloseError
	ponged    bool // a pong is queued and not flushed

	// The last read.
	buf *readBuffer // nil: nothing pooled is held
	n   int
	err error

	try   func(fd uintptr) bool // tryRead, made once
	small []byte                // without a file descriptor: see readConn
	full  bool                  // the last read filled its buffer

	handled bool  // this goroutine has called the handler
	since   int64 // when this goroutine replaced another, in milliseconds; 0: never
}

func newReader(c *Conn, h Handler) *reader {
	r := &reader{c: c, h: h, first: c.already}
	r.ps.maxMessage, r.ps.maxFragments = c.maxMessage, c.maxFragments
	if c.raw != nil {
		r.try = r.tryRead
	} else {
		r.small = make([]byte, smallRead)
	}
	return r
}

// errStale makes run go on in a new goroutine.
var errStale = errors.New("ws: stack may have grown")

// freshAfter is how many milliseconds a reading goroutine that replaced another
// lives at least.
const freshAfter = 100

// run is the reading goroutine. A stack that a handler made grow is not shrunk
// to its first size again while the goroutine waits for the network, and most
// connections wait most of the time: so the goroutine is replaced before it
// waits, not too often. That is half the memory of a waiting connection.
func (r *reader) run() {
	err := r.readAll()
	if err == errStale {
		r.handled, r.since = false, time.Now().UnixMilli()
		go r.run() // ends as this one would
		return
	}
	r.ps.drop()
	var rule *ProtocolError
	switch {
	case r.peerClose != nil:
		r.c.peerClosed(r.peerClose)
		r.h.Closed(r.c.endedBy())
	case errors.As(err, &rule):
		r.refuse(rule)
	default:
		r.c.die(err, false)
		r.h.Closed(r.c.endedBy())
	}
}

// readAll hands on what is read until something ends it. A nil error means that
// the peer closed, or that the connection is dead.
func (r *reader) readAll() error {
	err := r.take(r.first)
	r.first = nil
	for err == nil && !r.ps.stopped {
		var p []byte
		if p, err = r.next(); err == nil {
			err = r.take(p)
		}
		r.release()
	}
	return err
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
		r.handled = true
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

// refuse ends a connection whose peer broke a rule: a close frame says which,
// and the peer's bytes are read and dropped until it leaves or CloseTimeout
// passes, because closing a socket with unread bytes resets it, and the reset
// may overtake the close frame.
func (r *reader) refuse(e *ProtocolError) {
	first := r.c.startClosing(closePayload(e.Code, e.Reason), e, true)
	if first {
		r.c.Flush()
	}
	r.h.Closed(r.c.endedBy())
	r.handled = false // this goroutine stays
	var err error
	for first && err == nil {
		_, err = r.next()
		r.release()
	}
	r.c.die(e, true)
}

// next waits for bytes. They are valid until release.
func (r *reader) next() ([]byte, error) {
	if r.c.raw == nil {
		return r.readConn()
	}
	r.n, r.err = 0, nil
	if err := r.c.raw.Read(r.try); err != nil {
		return nil, err
	}
	if r.err != nil {
		return nil, r.err
	}
	return r.buf[:r.n], nil
}

// tryRead reads once from the socket; false makes RawConn.Read wait until it is
// readable and call it again. The buffer is taken only for the attempt, so that
// none is held while it waits.
func (r *reader) tryRead(fd uintptr) bool {
	buf := readBuffers.Get().(*readBuffer)
	n, again, err := rawRead(fd, buf[:])
	if n == 0 {
		readBuffers.Put(buf)
	} else {
		r.buf = buf
	}
	if again && r.handled && time.Now().UnixMilli()-r.since > freshAfter {
		again, err = false, errStale
	}
	r.n, r.err = n, err
	return !again
}

// readConn waits with a small buffer of the connection's own. Where that was
// filled there is probably more, for which it takes a pooled one.
func (r *reader) readConn() ([]byte, error) {
	p := r.small
	if r.full {
		r.buf = readBuffers.Get().(*readBuffer)
		p = r.buf[:]
	}
	n, err := r.c.nc.Read(p)
	r.full = n == len(p)
	if n > 0 {
		return p[:n], nil // an error comes again with the next Read
	}
	return nil, err
}

// release gives the buffer of the last read back.
func (r *reader) release() {
	if r.buf != nil {
		readBuffers.Put(r.buf)
		r.buf = nil
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
			if _, again, err := rawRead(fd, buf[:]); again || err != nil {
				break
			}
		}
		return true
	})
}
