package hub

import (
	"sync"
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

// Hub holds members in rooms and delivers messages to them.
//
// All methods may be called concurrently, but not by a Member or an Encoder
// that the hub is calling.
type Hub struct {
	mu sync.Mutex
}

// New makes an empty hub; nil options are the defaults.
func New(opts *Options) *Hub { return &Hub{} }

// Add makes m a member of the hub and of its own room, which is named by its
// id. It reports false, and does nothing, when the id is taken.
func (h *Hub) Add(m Member) bool { return false }

// Remove takes the member out of all rooms and of the hub and returns the
// rooms it was in, its own one first. Nothing is pushed to it afterwards.
func (h *Hub) Remove(id string) (rooms []string) { return nil }

// Join puts the member into rooms; it reports whether there is such a member.
func (h *Hub) Join(id string, rooms ...string) bool { return false }

// Leave takes the member out of rooms; it reports whether there is such a member.
func (h *Hub) Leave(id string, rooms ...string) bool { return false }

// LeaveAll takes the member out of every room, its own one too. It stays in
// the hub and still gets what is for everybody.
func (h *Hub) LeaveAll(id string) (rooms []string) { return nil }

// Rooms returns the rooms the member is in, its own one first.
func (h *Hub) Rooms(id string) []string { return nil }

// Member returns the member with this id, or nil.
func (h *Hub) Member(id string) Member { return nil }

// Members returns those that a message with these rooms and exceptions would
// reach, in the same order.
func (h *Hub) Members(rooms, except []string) []Member { return nil }

// Count returns the number of those that Members would return.
func (h *Hub) Count(rooms, except []string) int { return 0 }

// RoomCount returns the number of rooms, own rooms of members included.
func (h *Hub) RoomCount() int { return 0 }

// RoomNames returns the names of all rooms, own rooms of members included, in
// no particular order.
func (h *Hub) RoomNames() []string { return nil }

// HasRoom reports whether anybody is in the room.
func (h *Hub) HasRoom(room string) bool { return false }

// Publish gives m to the other nodes, unless it is Local, and then to the
// members of this hub, also when the other nodes could not be reached. It
// returns how many members it was pushed to here.
func (h *Hub) Publish(m *Message) (int, error) { return 0, nil }

// Deliver pushes m to the members of this hub only.
func (h *Hub) Deliver(m *Message) (int, error) { return 0, nil }

// Enter says that a handler begins. Each Enter is followed by one Exit.
func (h *Hub) Enter() {}

// Exit says that a handler ended and flushes what waits.
func (h *Hub) Exit() {}

// Batch runs f as a handler is run: what it emits is flushed when it returns.
func (h *Hub) Batch(f func()) { f() }

// Touch sees to a flush of m, whose Push returned true, by the rule that
// Publish follows: at once, or at the end of a handler that runs.
func (h *Hub) Touch(m Member) { m.Flush() }

// FlushAll flushes everything that waits for the end of a handler. Whoever is
// about to wait for a member's answer calls it first.
func (h *Hub) FlushAll() {}

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
// that made it, a moment later.
func (h *Hub) OnRoom(f func(RoomEvent)) {}

// Attach sets the relay; call it before the first member is added.
func (h *Hub) Attach(r Relay) {}

// Keep sets the journal; call it before the first member is added.
func (h *Hub) Keep(j Journal) {}
