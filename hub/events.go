package hub

import "slices"

// RoomOp is what happened to a room.
type RoomOp uint8

const (
	RoomCreated RoomOp = iota
	RoomJoined
	RoomLeft
	RoomDeleted
)

// RoomEvent tells of a change in a room. Member is empty for RoomCreated and
// RoomDeleted.
type RoomEvent struct {
	Op     RoomOp
	Room   string
	Member string
}

// OnRoom has f called for each change from now on: one at a time, in the
// order in which the changes happened, and without any lock, so that it may
// call the hub. A change may be reported by another goroutine than the one
// that made it, a moment later. The returned function ends that; f may still
// be running then.
func (h *Hub) OnRoom(f func(RoomEvent)) (off func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hook := &f
	// A new slice each time: tell reads the old one without the lock.
	h.events.hooks = append(slices.Clip(h.events.hooks), hook)
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events.hooks = slices.DeleteFunc(slices.Clone(h.events.hooks), func(p *func(RoomEvent)) bool { return p == hook })
	}
}

// events are the changes nobody has been told of yet, guarded by the hub's
// lock.
type events struct {
	hooks   []*func(RoomEvent)
	queue   []RoomEvent
	telling bool // a goroutine is calling hooks
}

func (ev *events) add(e RoomEvent) {
	if len(ev.hooks) > 0 {
		ev.queue = append(ev.queue, e)
	}
}

// unlockAndTell releases h.mu and reports the changes made under it, or leaves
// that to the goroutine that is reporting already.
func (h *Hub) unlockAndTell() {
	busy := h.events.telling || len(h.events.queue) == 0
	h.events.telling = h.events.telling || !busy
	h.mu.Unlock()
	if !busy {
		h.tell()
	}
}

// tell calls the hooks until nothing is left to report.
func (h *Hub) tell() {
	for queue, hooks := h.nextEvents(nil); len(queue) > 0; queue, hooks = h.nextEvents(queue) {
		h.report(queue, hooks)
	}
}

// nextEvents takes what is queued; done is the slice taken before, for use as
// the next queue. With nothing queued the reporting is over.
func (h *Hub) nextEvents(done []RoomEvent) ([]RoomEvent, []*func(RoomEvent)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	queue := h.events.queue
	clear(done)
	h.events.queue = done[:0]
	h.events.telling = len(queue) > 0
	return queue, h.events.hooks
}

// report calls every hook for every event. When one panics, the events behind
// are left to whoever makes the next change.
func (h *Hub) report(queue []RoomEvent, hooks []*func(RoomEvent)) {
	left, completed := queue, false
	defer func() {
		if completed {
			return
		}
		h.mu.Lock()
		h.events.queue = slices.Concat(left, h.events.queue)
		h.events.telling = false
		h.mu.Unlock()
	}()
	for len(left) > 0 {
		e := left[0]
		left = left[1:]
		for _, f := range hooks {
			(*f)(e)
		}
	}
	completed = true
}
