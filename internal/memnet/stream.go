package memnet

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// stream is one direction of a connection: a bounded buffer between the end
// that writes and the end that reads. All methods may be called concurrently.
type stream struct {
	mu   sync.Mutex // guards following
	wake sync.Cond  // on mu; signalled at each change that somebody may wait for

	size int    // what buf may grow to
	buf  []byte // ring
	at   int    // first unread byte
	used int

	sealed bool  // the writing end wrote its last byte: EOF after the buffer
	deaf   bool  // the reading end is closed: nothing can be written
	reset  error // both ends fail with it, what is buffered is lost

	readBy, writeBy deadline
}

// deadline is one of the two of a stream. Its fields are guarded by stream.mu.
type deadline struct {
	at    time.Time // zero: none
	timer *time.Timer
}

// firstBuffer is what a stream starts with: many connections of a test are
// idle.
const firstBuffer = 512

func newStream(size int) *stream {
	s := &stream{size: size}
	s.wake.L = &s.mu
	return s
}

// read waits for bytes, the end, a failure or the deadline.
func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.deaf:
			return 0, net.ErrClosed
		case s.reset != nil:
			return 0, s.reset
		case s.readBy.passed():
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.used > 0:
			n := s.takeLocked(p)
			s.wake.Broadcast()
			return n, nil
		case s.sealed:
			return 0, io.EOF
		}
		s.wake.Wait()
	}
}

// write waits until all of p is in the buffer, or for a failure or the
// deadline.
func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if err := s.cannotWriteLocked(); err != nil {
			return n, err
		}
		n += s.putLocked(p[n:])
		if n == len(p) {
			return n, nil
		}
		s.wake.Wait()
	}
}

// tryWrite puts into the buffer what has room there.
func (s *stream) tryWrite(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.cannotWriteLocked(); err != nil {
		return 0, err
	}
	return s.putLocked(p), nil
}

// cannotWriteLocked returns why nothing can be written. s.mu must be held.
func (s *stream) cannotWriteLocked() error {
	switch {
	case s.sealed:
		return net.ErrClosed
	case s.reset != nil:
		return s.reset
	case s.deaf:
		return syscall.EPIPE
	case s.writeBy.passed():
		return os.ErrDeadlineExceeded
	}
	return nil
}

// putLocked copies into the ring. s.mu must be held.
func (s *stream) putLocked(p []byte) (n int) {
	if need := min(s.size, s.used+len(p)); need > len(s.buf) {
		grown := make([]byte, min(s.size, max(need, 2*len(s.buf), firstBuffer)))
		s.used, s.at = s.takeLocked(grown), 0
		s.buf = grown
	}
	for n < len(p) && s.used < len(s.buf) {
		from := (s.at + s.used) % len(s.buf)
		to := min(len(s.buf), from+len(s.buf)-s.used)
		k := copy(s.buf[from:to], p[n:])
		n += k
		s.used += k
	}
	if n > 0 {
		s.wake.Broadcast()
	}
	return n
}

// takeLocked copies out of the ring. s.mu must be held.
func (s *stream) takeLocked(p []byte) (n int) {
	for n < len(p) && s.used > 0 {
		k := copy(p[n:], s.buf[s.at:min(len(s.buf), s.at+s.used)])
		n += k
		s.used -= k
		s.at = (s.at + k) % len(s.buf)
	}
	return n
}

// seal is the writing end's close.
func (s *stream) seal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = true
	s.writeBy.stop()
	s.wake.Broadcast()
}

// deafen is the reading end's close.
func (s *stream) deafen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = true
	s.buf, s.at, s.used = nil, 0, 0
	s.readBy.stop()
	s.wake.Broadcast()
}

// fail makes both ends fail with err.
func (s *stream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reset == nil {
		s.reset = err
	}
	s.buf, s.at, s.used = nil, 0, 0
	s.wake.Broadcast()
}

// buffered returns the bytes written and not yet read.
func (s *stream) buffered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

// setReadDeadline and setWriteDeadline fail once their end is closed.
func (s *stream) setReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deaf {
		return net.ErrClosed
	}
	s.setLocked(&s.readBy, t)
	return nil
}

func (s *stream) setWriteDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed {
		return net.ErrClosed
	}
	s.setLocked(&s.writeBy, t)
	return nil
}

// setLocked sets d, one of s's deadlines. s.mu must be held.
func (s *stream) setLocked(d *deadline, t time.Time) {
	d.stop()
	d.at = t
	if wait := time.Until(t); !t.IsZero() && wait > 0 {
		d.timer = time.AfterFunc(wait, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.wake.Broadcast()
		})
	}
	s.wake.Broadcast()
}

// passed reports whether d is over.
func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// stop forgets the timer, which may be firing.
func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
