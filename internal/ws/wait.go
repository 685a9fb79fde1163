package ws

import (
	"errors"
	"time"

	"rightnow/internal/netpoll"
)

const (
	// smallRead is the buffer with which a connection without a file descriptor
	// waits: it must hold one.
	smallRead = 512
	// freshAfter is how many milliseconds a reading goroutine that replaced
	// another lives at least.
	freshAfter = 100
)

// waiting is a reader that has a goroutine of its own, which waits for the
// peer.
type waiting struct {
	c *Conn

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

// errStale makes run go on in a new goroutine.
var errStale = errors.New("ws: stack may have grown")

// waitAlone gives the reader a goroutine of its own.
func (r *reader) waitAlone() {
	w := &waiting{c: r.c}
	if r.c.raw != nil {
		w.try = w.tryRead
	} else {
		w.small = make([]byte, smallRead)
	}
	r.wait = w
	go r.run() // ends when the peer has closed, broken a rule and gone, or nc is closed
}

// run is the reading goroutine. A stack that a handler made grow is not shrunk
// to its first size again while the goroutine waits for the network, and most
// connections wait most of the time: so the goroutine is replaced before it
// waits, not too often. That is half the memory of a waiting connection.
func (r *reader) run() {
	w := r.wait
	goesOn := r.Begin()
	for goesOn {
		p, err := w.next()
		if err == errStale {
			w.handled, w.since = false, time.Now().UnixMilli()
			go r.run() // ends as this one would
			return
		}
		goesOn = r.Step(p, err)
		w.release()
	}
}

// next waits for bytes. They are valid until release.
func (w *waiting) next() ([]byte, error) {
	if w.c.raw == nil {
		return w.readConn()
	}
	w.n, w.err = 0, nil
	if err := w.c.raw.Read(w.try); err != nil {
		return nil, err
	}
	if w.err != nil {
		return nil, w.err
	}
	return w.buf[:w.n], nil
}

// tryRead reads once from the socket; false makes RawConn.Read wait until it is
// readable and call it again. The buffer is taken only for the attempt, so that
// none is held while it waits.
func (w *waiting) tryRead(fd uintptr) bool {
	buf := readBuffers.Get().(*readBuffer)
	n, again, err := netpoll.Read(fd, buf[:])
	if n == 0 {
		readBuffers.Put(buf)
	} else {
		w.buf = buf
	}
	if again && w.handled && time.Now().UnixMilli()-w.since > freshAfter {
		again, err = false, errStale
	}
	w.n, w.err = n, err
	return !again
}

// readConn waits with a small buffer of the connection's own. Where that was
// filled there is probably more, for which it takes a pooled one.
func (w *waiting) readConn() ([]byte, error) {
	p := w.small
	if w.full {
		w.buf = readBuffers.Get().(*readBuffer)
		p = w.buf[:]
	}
	n, err := w.c.nc.Read(p)
	w.full = n == len(p)
	if n > 0 {
		return p[:n], nil // an error comes again with the next Read
	}
	return nil, err
}

// release gives the buffer of the last read back.
func (w *waiting) release() {
	if w.buf != nil {
		readBuffers.Put(w.buf)
		w.buf = nil
	}
}
