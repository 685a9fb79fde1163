package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrNotKept is what a Journal's After fails with when the message of the
// offset, or one behind it, is no longer there or never was.
var ErrNotKept = errors.New("hub: the journal does not keep what is behind this offset")

// LogOptions bound a [Log]. A zero field means its default, nil all of them.
type LogOptions struct {
	// MaxAge is how long a message is kept. Default 2 min.
	MaxAge time.Duration
	// MaxMessages and MaxBytes bound what is kept; the oldest go first. Bytes are
	// those of the event, its arguments and its blobs. Default 10,000 and 16 MiB.
	MaxMessages, MaxBytes int
}

// Log is a [Journal] in memory. All methods may be called concurrently. It has
// no goroutine; while it holds messages a timer forgets those that are too old.
//
// Offsets are an epoch of the Log and a number, so that an offset of another
// Log, such as that of the process before, is not taken for one of this.
type Log struct {
	// Fixed at creation.
	opts  LogOptions
	epoch string

	mu    sync.Mutex // guards following
	kept  []record   // oldest first
	next  uint64     // the number of the next message; kept ends at next-1
	bytes int
	timer *time.Timer // nil until the first message
	armed bool
}

// record is one message that is kept.
type record struct {
	message *Message // a copy, with its offset
	at      time.Time
	size    int
}

var _ Journal = (*Log)(nil)

// NewLog returns an empty Log.
func NewLog(opts *LogOptions) *Log {
	var o LogOptions
	if opts != nil {
		o = *opts
	}
	if o.MaxAge <= 0 {
		o.MaxAge = 2 * time.Minute
	}
	if o.MaxMessages <= 0 {
		o.MaxMessages = 10_000
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 16 << 20
	}
	return &Log{opts: o, epoch: rand.Text()[:8] + "-", next: 1}
}

// Append implements [Journal].
func (l *Log) Append(m *Message) (offset string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	offset = m.Offset
	if offset == "" {
		offset = l.offset(l.next)
	}
	own := *m // the hub writes the offset into m, while others may read what After gave them
	own.Offset = offset
	size := messageSize(m)
	now := time.Now()
	l.kept = append(l.kept, record{message: &own, at: now, size: size})
	l.next++
	l.bytes += size
	l.pruneLocked(now)
	l.armLocked()
	return offset
}

// messageSize is what a message counts.
func messageSize(m *Message) int {
	size := len(m.Event) + len(m.Args)
	for _, b := range m.Blobs {
		size += len(b)
	}
	return size
}

func (l *Log) offset(number uint64) string { return l.epoch + strconv.FormatUint(number, 36) }

// Head implements [Journal].
func (l *Log) Head() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.kept); n > 0 {
		return l.kept[n-1].message.Offset
	}
	return l.offset(l.next - 1)
}

// After implements [Journal].
func (l *Log) After(_ context.Context, offset string) ([]*Message, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pruneLocked(time.Now())
	from, ok := l.findLocked(offset)
	if !ok {
		return nil, ErrNotKept
	}
	missed := make([]*Message, 0, len(l.kept)-from)
	for _, r := range l.kept[from:] {
		missed = append(missed, r.message)
	}
	return missed, nil
}

// findLocked returns the index in kept of what is behind an offset. l.mu must be
// held.
func (l *Log) findLocked(offset string) (from int, ok bool) {
	first := l.next - uint64(len(l.kept))
	if digits, own := strings.CutPrefix(offset, l.epoch); own {
		number, err := strconv.ParseUint(digits, 36, 64)
		if err != nil || number+1 < first || number >= l.next || l.offset(number) != offset {
			return 0, false
		}
		return int(number + 1 - first), true
	}
	for i := len(l.kept) - 1; i >= 0; i-- { // one that a relay gave
		if l.kept[i].message.Offset == offset {
			return i + 1, true
		}
	}
	return 0, false
}

// pruneLocked forgets what is too old or too much. l.mu must be held.
func (l *Log) pruneLocked(now time.Time) {
	n := 0
	for n < len(l.kept) && l.exceedsLocked(n, now) {
		l.bytes -= l.kept[n].size
		n++
	}
	if n == 0 {
		return
	}
	clear(l.kept[:n]) // lets go of the messages; append makes a new array in time
	if l.kept = l.kept[n:]; len(l.kept) == 0 {
		l.kept = nil
	}
}

// exceedsLocked reports whether the message at i, all before it gone, has to go.
func (l *Log) exceedsLocked(i int, now time.Time) bool {
	return len(l.kept)-i > l.opts.MaxMessages || l.bytes > l.opts.MaxBytes || now.Sub(l.kept[i].at) >= l.opts.MaxAge
}

// armLocked has the timer come for the oldest message. l.mu must be held.
func (l *Log) armLocked() {
	if l.armed || len(l.kept) == 0 {
		return
	}
	l.armed = true
	wait := max(time.Until(l.kept[0].at.Add(l.opts.MaxAge)), 0)
	if l.timer == nil {
		l.timer = time.AfterFunc(wait, l.expire) // ends by itself: expire never waits
		return
	}
	l.timer.Reset(wait)
}

// expire is what the timer calls.
func (l *Log) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed = false
	l.pruneLocked(time.Now())
	l.armLocked()
}
