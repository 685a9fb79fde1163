package engineio

import (
	"slices"
	"time"
)

// answer writes the answer to the lane's poll, without waiting: what the kernel does not take is left to a goroutine that
// lives until it has. No lock may be held.
func (l *lane) answer() {
	if len(l.poll.frames) == 0 {
		time.AfterFunc(staleDelay, l.stale) // see servePoll
		return
	}
	buf := l.srv.buffer()
	*buf = l.srv.appendAnswer(*buf, l.form, l.poll.frames)
	l.srv.count.sent.Add(uint64(len(*buf)))
	n, err := l.sock.TryWrite(l.nc, *buf)
	if err == nil && n < len(*buf) {
		go l.drain(buf, n) // ends when all is sent or the connection is dead
		return
	}
	l.srv.release(buf)
	l.answered(err)
}

// drain writes buf from its nth byte on, waiting for the client, and gives it back.
func (l *lane) drain(buf *[]byte, n int) {
	var err error
	for rest := (*buf)[n:]; err == nil && len(rest) > 0; {
		step := rest[:min(len(rest), writeStep)]
		l.nc.SetWriteDeadline(time.Now().Add(writeTimeout)) // fails as the write does
		_, err = l.nc.Write(step)
		rest = rest[len(step):]
	}
	l.srv.release(buf)
	l.nc.SetWriteDeadline(time.Time{})
	l.answered(err)
}

// answered frees the lane, or closes it after an error.
func (l *lane) answered(err error) {
	l.s.pollWritten(&l.poll, err)
	if err != nil {
		l.close()
		return
	}
	l.free()
}

// stale has net/http refuse the poll of a session that has moved to a WebSocket meanwhile.
func (l *lane) stale() {
	l.mu.Lock()
	l.leaving, l.refused = true, true
	l.early = slices.Concat(l.head.raw, l.early)
	l.mu.Unlock()
	l.free()
}
