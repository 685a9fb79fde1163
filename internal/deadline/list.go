// Package deadline expires many entries that all last the same time, with one
// timer for all of them: the heartbeats of a server, for one, of which each
// connection would otherwise hold a timer of its own.
package deadline

import (
	"sync"
	"sync/atomic"
	"time"
)

// Expirer is told when an Entry passes. Expire runs on the timer's goroutine
// without any lock held; it may Start n again. It delays the expiry of all
// that stand behind n, so it must not wait for anything.
type Expirer interface {
	Expire(n *Entry)
}

// ExpireFunc makes an Expirer of a function.
type ExpireFunc func(n *Entry)

// Expire calls f(n).
func (f ExpireFunc) Expire(n *Entry) { f(n) }

// Entry is one entry of a List, to be embedded in what it guards. The
// zero value is ready. It must not be copied after its first Start.
type Entry struct {
	// owner is the list of the last Start. All below is guarded by owner.mu.
	owner      atomic.Pointer[List]
	prev, next *Entry // nil while not waiting
	at         time.Duration
	expirer    Expirer
}

// List expires many entries that all last the same time. In order of
// their start they are in order of expiry, so that a list and one timer for
// its head do what a wheel does, exactly and in O(1). All methods may be
// called concurrently. While nothing waits there is no timer, and there never
// is a goroutine but the one in which the timer calls Expire.
type List struct {
	d    time.Duration
	base time.Time // at counts from here

	mu     sync.Mutex // guards following
	head   Entry      // sentinel of the ring: next is due first
	timer  *time.Timer
	armed  bool // timer will fire
	firing bool // expire runs and arms the timer when it ends
}

// New returns an empty list of entries that last d each.
func New(d time.Duration) *List {
	q := &List{d: d, base: time.Now()}
	q.head.prev, q.head.next = &q.head, &q.head
	return q
}

// Start lets n expire after the list's duration from now; e is called then. A
// waiting n starts anew, also when it waited in another list. One n must not be
// started in two lists at the same time.
func (q *List) Start(n *Entry, e Expirer) {
	if o := n.owner.Load(); o != nil && o != q {
		o.Stop(n)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	n.owner.Store(q)
	n.unlinkLocked()
	n.at, n.expirer = time.Since(q.base)+q.d, e
	n.prev, n.next = q.head.prev, &q.head
	n.prev.next, n.next.prev = n, n
	if !q.armed && !q.firing {
		q.armLocked()
	}
}

// Stop takes n from the list. It reports whether n waited: true means that its
// Expire has not been called and will not be for this Start; false that it is
// running, has run, or was never to.
func (q *List) Stop(n *Entry) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n.owner.Load() != q || n.next == nil {
		return false
	}
	n.unlinkLocked()
	n.expirer = nil
	if q.head.next == &q.head && q.armed {
		q.timer.Stop() // if it already fires, expire finds nothing due
		q.armed = false
	}
	return true
}

// At returns when n expires, and the zero time if it does not wait.
func (n *Entry) At() time.Time {
	q := n.owner.Load()
	if q == nil {
		return time.Time{}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if n.next == nil {
		return time.Time{}
	}
	return q.base.Add(n.at)
}

// expire is the timer's function: it calls what is due, in order, and arms the
// timer for the next.
func (q *List) expire() {
	q.mu.Lock()
	if q.firing {
		q.mu.Unlock() // a late firing of a timer that Stop was too late for
		return
	}
	q.armed, q.firing = false, true
	for {
		n := q.head.next
		if n == &q.head || n.at > time.Since(q.base) {
			break
		}
		e := n.expirer
		n.unlinkLocked()
		n.expirer = nil
		q.mu.Unlock()
		e.Expire(n)
		q.mu.Lock()
	}
	q.firing = false
	if q.head.next != &q.head {
		q.armLocked()
	}
	q.mu.Unlock()
}

// armLocked sets the timer for the head. q.mu must be held, the list not empty.
func (q *List) armLocked() {
	wait := q.head.next.at - time.Since(q.base)
	q.armed = true
	if q.timer == nil {
		q.timer = time.AfterFunc(wait, q.expire)
		return
	}
	q.timer.Reset(wait)
}

// unlinkLocked takes n out of its ring, if it is in one. The owner's mu must be
// held.
func (n *Entry) unlinkLocked() {
	if n.next == nil {
		return
	}
	n.prev.next, n.next.prev = n.next, n.prev
	n.prev, n.next = nil, nil
}
