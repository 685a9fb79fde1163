package hub

import (
	"sync"
	"sync/atomic"
	"time"
)

// Options are the settings of a hub. The zero value is good.
type Options struct {
	// FlushDelay is the longest time that a pushed frame waits for the end of
	// a handler. Default 1 ms.
	FlushDelay time.Duration
	// FlushBytes is how many bytes of frames may be pushed in one batch before
	// it is flushed at once, handler or not. Default 64 KiB.
	FlushBytes int
	// Relay and Journal may be set here or later with Attach and Keep.
	Relay   Relay
	Journal Journal
}

const (
	defaultFlushDelay = time.Millisecond
	defaultFlushBytes = 64 << 10
)

// Hub holds members in rooms and delivers messages to them.
//
// All methods may be called concurrently, but not by a Member or an Encoder
// that the hub is calling.
type Hub struct {
	relay    atomic.Pointer[Relay]
	requests requests
	flush    flusher // has a lock of its own, never held together with user code

	// mu is the order lock: it guards all fields below, and what holds it
	// decides the order in which members see messages. Only Encode and Push
	// of members are called under it.
	mu      sync.Mutex
	members map[string]*entry
	all     room // every member, in the order of Add
	rooms   map[string]*room
	alone   int    // members in an own room that has no value in rooms
	mark    uint64 // of the walk of the moment; see entry.mark
	work    delivery
	journal Journal
	events  events
	peak    int // most members and rooms since the maps were made
}

// New makes an empty hub; nil options are the defaults.
func New(opts *Options) *Hub {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.FlushDelay <= 0 {
		o.FlushDelay = defaultFlushDelay
	}
	if o.FlushBytes <= 0 {
		o.FlushBytes = defaultFlushBytes
	}
	h := &Hub{journal: o.Journal}
	h.flush.delay, h.flush.limit = o.FlushDelay, o.FlushBytes
	h.makeMapsLocked()
	if o.Relay != nil {
		h.Attach(o.Relay)
	}
	return h
}

// Attach sets the relay; call it before the first member is added.
func (h *Hub) Attach(r Relay) {
	h.relay.Store(&r)
	h.OnRoom(func(ev RoomEvent) {
		switch ev.Op {
		case RoomCreated:
			r.Want(ev.Room)
		case RoomDeleted:
			r.Unwant(ev.Room)
		}
	})
}

// Keep sets the journal; call it before the first member is added.
func (h *Hub) Keep(j Journal) {
	h.mu.Lock()
	h.journal = j
	h.mu.Unlock()
}

// Enter says that a handler begins. Each Enter is followed by one Exit.
func (h *Hub) Enter() { h.flush.enter() }

// Exit says that a handler ended and flushes what waits.
func (h *Hub) Exit() { h.flush.exit() }

// Batch runs f as a handler is run: what it emits is flushed when it returns.
func (h *Hub) Batch(f func()) {
	h.Enter()
	defer h.Exit()
	f()
}

// Touch sees to a flush of m, whose Push returned true, by the rule that
// Publish follows: at once, or at the end of a handler that runs. m need not
// be in the hub.
func (h *Hub) Touch(m Member) { h.flush.touch(m) }

// FlushAll flushes everything that waits for the end of a handler. Whoever is
// about to wait for a member's answer calls it first.
func (h *Hub) FlushAll() { h.flush.all() }
