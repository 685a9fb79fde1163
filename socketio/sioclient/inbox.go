package sioclient

import "sync"

// inbox is what waits for the goroutine of a socket's handlers, in its order: events, within the limits,
// and what is to be told beside them. All methods may be called concurrently.
type inbox struct {
	// Fixed at creation.
	maxEvents, maxBytes int
	wake                chan struct{} // of capacity 1: there is something
	room                chan struct{} // of capacity 1: there may be room for an event again

	mu     sync.Mutex // guards following
	tasks  []task
	events int // how many of them are events
	bytes  int // the size of these
}

// task is one thing to call; an event has a size, other things -1.
type task struct {
	do   func()
	size int
}

func newInbox(events, bytes int) *inbox {
	return &inbox{maxEvents: events, maxBytes: bytes, wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// post adds what is no event. It never waits.
func (i *inbox) post(do func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.tasks = append(i.tasks, task{do, -1})
	signal(i.wake)
}

// offer adds an event, and reports false when there is no room for it.
func (i *inbox) offer(do func(), size int) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.events >= i.maxEvents || i.events > 0 && i.bytes+size > i.maxBytes {
		return false
	}
	i.tasks = append(i.tasks, task{do, size})
	i.events++
	i.bytes += size
	signal(i.wake)
	return true
}

// take removes the first task, nil when there is none.
func (i *inbox) take() func() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.tasks) == 0 {
		i.tasks = nil
		return nil
	}
	t := i.tasks[0]
	i.tasks[0] = task{}
	i.tasks = i.tasks[1:]
	if t.size >= 0 {
		i.events--
		i.bytes -= t.size
		signal(i.room)
	}
	return t.do
}

// signal puts a token into a channel of capacity 1.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
