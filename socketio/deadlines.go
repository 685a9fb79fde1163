package socketio

import (
	"sync"
	"time"
)

// deadlines expires connections that all have the same time to do something. In the order of
// their start they are in the order of their expiry, so a list with one timer for its head is
// enough, and an idle list has none. All methods may be called concurrently.
type deadlines struct {
	d      time.Duration
	expire func(*client) // called without a lock; must not wait
	base   time.Time     // deadlines are counted from here

	mu         sync.Mutex // guards following, and the deadline of each client in the list
	head, tail *client
	armed      bool // the timer will call fire
}

// deadline is a client's place in the list.
type deadline struct {
	prev, next *client
	at         time.Duration
	waiting    bool
}

func newDeadlines(d time.Duration, expire func(*client)) *deadlines {
	return &deadlines{d: d, expire: expire, base: time.Now()}
}

// start gives c its time.
func (q *deadlines) start(c *client) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c.deadline = deadline{prev: q.tail, at: time.Since(q.base) + q.d, waiting: true}
	if q.tail == nil {
		q.head = c
	} else {
		q.tail.deadline.next = c
	}
	q.tail = c
	q.armLocked()
}

// stop takes c out of the list, if it is in it.
func (q *deadlines) stop(c *client) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.unlinkLocked(c)
}

func (q *deadlines) unlinkLocked(c *client) {
	d := c.deadline
	if !d.waiting {
		return
	}
	if d.prev == nil {
		q.head = d.next
	} else {
		d.prev.deadline.next = d.next
	}
	if d.next == nil {
		q.tail = d.prev
	} else {
		d.next.deadline.prev = d.prev
	}
	c.deadline = deadline{}
}

// armLocked sees to it that fire runs when the head is due. A timer that was armed for a head
// that is gone fires early and arms the next: one for each duration at most.
func (q *deadlines) armLocked() {
	if q.armed || q.head == nil {
		return
	}
	q.armed = true
	time.AfterFunc(q.head.deadline.at-time.Since(q.base), q.fire)
}

// fire expires all that are due.
func (q *deadlines) fire() {
	var due []*client
	q.mu.Lock()
	q.armed = false
	for now := time.Since(q.base); q.head != nil && q.head.deadline.at <= now; {
		due = append(due, q.head)
		q.unlinkLocked(q.head)
	}
	q.armLocked()
	q.mu.Unlock()
	for _, c := range due {
		q.expire(c)
	}
}
