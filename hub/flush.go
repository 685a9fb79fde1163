package hub

import (
	"sync"
	"sync/atomic"
	"time"
)

// flusher decides when members are flushed.
//
// Members whose Push returned true are owed one Flush each. With no handler
// running, the goroutine that pushed pays at once. Else they go on a list,
// which is taken and paid off by whoever comes first: a handler that ends, the
// timer, somebody who asks for it, or a push that brings the list over its
// limit of bytes. Taking the whole list under the lock makes sure that each
// mark is paid once; flushing happens under no lock at all.
type flusher struct {
	delay time.Duration
	limit int // bytes

	running atomic.Int64 // handlers
	waiting atomic.Int64 // length of dirty, for a look without the lock

	mu     sync.Mutex // guards all below; leaf
	dirty  []Member
	bytes  int       // pushed since the list was taken
	first  time.Time // when the list stopped being empty
	timer  *time.Timer
	armed  bool
	spares [][]Member // empty and cleared
}

// maxSpares is how many lists are kept for use again. One suffices for a hub
// that publishes from one goroutine at a time.
const maxSpares = 4

func (f *flusher) enter() { f.running.Add(1) }

// exit and enlist look at each other's counter after changing their own, so
// one of the two sees that a list is left behind without a handler.
func (f *flusher) exit() {
	f.running.Add(-1)
	if f.waiting.Load() > 0 {
		f.all()
	}
}

// touch sees to a flush of one member.
func (f *flusher) touch(m Member) {
	if f.running.Load() == 0 {
		m.Flush()
		return
	}
	f.mu.Lock()
	if f.dirty == nil {
		f.dirty = f.sliceLocked()
	}
	f.dirty = append(f.dirty, m)
	f.markedLocked()
	f.mu.Unlock()
	if f.running.Load() == 0 {
		f.all()
	}
}

// add sees to a flush of members that a message of size bytes was pushed to.
// The slice, which came from f.slice, is the flusher's from now on.
func (f *flusher) add(members []Member, size int) {
	if f.running.Load() == 0 {
		f.pay(members)
		return
	}
	if f.enlist(members, size) || f.running.Load() == 0 {
		f.all()
	}
}

// enlist puts members on the list and reports whether that is over its limit.
func (f *flusher) enlist(members []Member, size int) (over bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes += size
	if len(f.dirty) == 0 {
		f.dirty, members = members, f.dirty
	} else {
		f.dirty = append(f.dirty, members...)
		clear(members)
	}
	f.keepLocked(members)
	f.markedLocked()
	return f.bytes >= f.limit
}

// markedLocked sees to it that what is on the list does not wait too long.
// f.mu must be held.
//
// The timer is not stopped when the list is taken before its time, which is
// nearly always, but left to find the list empty, or younger than it should
// be: changing a timer wakes a thread that sleeps in the poller, and so it
// happens once a delay at most instead of once a handler.
func (f *flusher) markedLocked() {
	n := int64(len(f.dirty))
	if n == 0 {
		return
	}
	if f.waiting.Swap(n) == 0 {
		f.first = time.Now()
	}
	if f.armed {
		return
	}
	f.armed = true
	if f.timer == nil {
		f.timer = time.AfterFunc(f.delay, f.fire) // ends by itself: fire never waits
		return
	}
	f.timer.Reset(f.delay)
}

// fire is what the timer calls, on a goroutine of its own.
func (f *flusher) fire() {
	if f.due() {
		f.all()
	}
}

// due reports whether the list has waited for the whole delay, and has the
// timer come again if it has not.
func (f *flusher) due() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = false
	if len(f.dirty) == 0 {
		return false
	}
	if left := f.delay - time.Since(f.first); left > 0 {
		f.armed = true
		f.timer.Reset(left)
		return false
	}
	return true
}

// all takes the list and flushes everybody on it.
func (f *flusher) all() {
	f.mu.Lock()
	members := f.dirty
	f.dirty = nil
	f.bytes = 0
	f.waiting.Store(0)
	f.mu.Unlock()
	f.pay(members)
}

// pay flushes members and keeps the slice for use again, cleared so that it
// does not pin the dead. No lock is held.
func (f *flusher) pay(members []Member) {
	for from := 0; from < len(members); from += ahead {
		next := members[from:min(from+ahead, len(members))]
		if len(next) > 1 {
			prefetch(next)
		}
		for _, m := range next {
			m.Flush()
		}
	}
	if cap(members) == 0 {
		return
	}
	clear(members)
	f.mu.Lock()
	f.keepLocked(members)
	f.mu.Unlock()
}

// slice returns an empty list.
func (f *flusher) slice() []Member {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sliceLocked()
}

// sliceLocked is slice with f.mu held.
func (f *flusher) sliceLocked() []Member {
	n := len(f.spares)
	if n == 0 {
		return nil
	}
	s := f.spares[n-1]
	f.spares[n-1] = nil
	f.spares = f.spares[:n-1]
	return s
}

// keepLocked keeps a cleared list for use again. f.mu must be held.
func (f *flusher) keepLocked(members []Member) {
	if cap(members) > 0 && len(f.spares) < maxSpares {
		f.spares = append(f.spares, members[:0])
	}
}
