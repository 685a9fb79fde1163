package ws

const chunkFrames = 31 // makes a chunk fill its size class

// chunk holds frames[from:to] of a queue.
type chunk struct {
	frames   [chunkFrames][]byte
	from, to int
	next     *chunk
}

// queue is a FIFO of shared, read-only frames. A lone frame stands in the queue
// itself; chunks for more come from a pool. The zero value is empty. It is not
// safe for concurrent use.
type queue struct {
	lone       []byte // the first frame, if not nil
	head, tail *chunk
}

func (q *queue) empty() bool { return q.lone == nil && q.head == nil }

// push appends a frame, which must not be empty.
func (q *queue) push(frame []byte) {
	if q.empty() {
		q.lone = frame
		return
	}
	if q.tail == nil || q.tail.to == chunkFrames {
		c := chunks.Get().(*chunk)
		if q.tail == nil {
			q.head = c
		} else {
			q.tail.next = c
		}
		q.tail = c
	}
	q.tail.frames[q.tail.to] = frame
	q.tail.to++
}

// front returns the first frame, nil if there is none.
func (q *queue) front() []byte {
	switch {
	case q.lone != nil:
		return q.lone
	case q.head != nil:
		return q.head.frames[q.head.from]
	}
	return nil
}

// pop drops the first frame; there must be one.
func (q *queue) pop() {
	if q.lone != nil {
		q.lone = nil
		return
	}
	c := q.head
	c.frames[c.from] = nil // the bytes may be the last reference to a broadcast
	c.from++
	if c.from < c.to {
		return
	}
	if q.head = c.next; q.head == nil {
		q.tail = nil
	}
	c.from, c.to, c.next = 0, 0, nil
	chunks.Put(c)
}

// clear drops everything.
func (q *queue) clear() {
	for !q.empty() {
		q.pop()
	}
}

// outbox is a queue that is being sent: the first off bytes of its first frame
// have gone.
type outbox struct {
	queue
	off int
}

// first returns what is unsent of the first frame, and whether it is the only
// one.
func (o *outbox) first() (p []byte, only bool) {
	p = o.front()[o.off:]
	if o.lone != nil {
		return p, o.head == nil
	}
	return p, o.head.next == nil && o.head.to-o.head.from == 1
}

// join copies the leading bytes into buf, as many as fit, and returns them.
func (o *outbox) join(buf []byte) []byte {
	n, off := 0, o.off
	if o.lone != nil {
		n, off = copy(buf, o.lone[off:]), 0
	}
	for c := o.head; c != nil; c = c.next {
		for _, f := range c.frames[c.from:c.to] {
			n += copy(buf[n:], f[off:])
			off = 0
			if n == len(buf) {
				return buf
			}
		}
	}
	return buf[:n]
}

// advance drops n sent bytes and returns how many frames ended with them.
func (o *outbox) advance(n int) (frames int) {
	for n > 0 {
		left := len(o.front()) - o.off
		if n < left {
			o.off += n
			break
		}
		n -= left
		o.off = 0
		o.pop()
		frames++
	}
	return frames
}

// clear drops everything.
func (o *outbox) clear() {
	o.queue.clear()
	o.off = 0
}
