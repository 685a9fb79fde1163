package hub

import "slices"

// Add makes m a member of the hub and of its own room, which is named by its
// id. It reports false, and does nothing, when the id is taken.
func (h *Hub) Add(m Member) bool {
	_, ok := h.Enroll(m)
	return ok
}

// Enroll is Add and Join in one step, between two messages. head is the offset
// of the last message before it, empty without a journal: what is behind head
// and for these rooms is pushed to m, what is not is in the journal's After.
func (h *Hub) Enroll(m Member, rooms ...string) (head string, ok bool) {
	id := m.ID()
	h.mu.Lock()
	defer h.unlockAndTell()
	if h.members[id] != nil {
		return "", false
	}
	e := &entry{member: m, id: id}
	e.number = h.all.add(e)
	h.members[id] = e
	h.joinLocked(e, id)
	for _, name := range rooms {
		h.joinLocked(e, name)
	}
	h.peak = max(h.peak, len(h.members), len(h.rooms))
	if h.journal != nil {
		head = h.journal.Head()
	}
	return head, true
}

// Remove takes the member out of all rooms and of the hub and returns the
// rooms it was in, its own one first. Nothing is pushed to it afterwards.
func (h *Hub) Remove(id string) (rooms []string) {
	h.mu.Lock()
	defer h.unlockAndTell()
	e := h.members[id]
	if e == nil {
		return nil
	}
	rooms = h.leaveAllLocked(e)
	delete(h.members, id)
	h.all.remove(e.number)
	h.shrinkLocked()
	return rooms
}

// Join puts the member into rooms; it reports whether there is such a member.
func (h *Hub) Join(id string, rooms ...string) bool { return h.join(id, nil, rooms) }

// JoinAs is Join for m itself, and not for another member that has its id by now.
func (h *Hub) JoinAs(m Member, rooms ...string) bool { return h.join(m.ID(), m, rooms) }

func (h *Hub) join(id string, only Member, rooms []string) bool {
	h.mu.Lock()
	defer h.unlockAndTell()
	e := h.members[id]
	if e == nil || only != nil && e.member != only {
		return false
	}
	for _, name := range rooms {
		h.joinLocked(e, name)
	}
	h.peak = max(h.peak, len(h.rooms))
	return true
}

// Leave takes the member out of rooms; it reports whether there is such a
// member. A member that left its own room is no longer reached by its id.
func (h *Hub) Leave(id string, rooms ...string) bool { return h.leave(id, nil, rooms) }

// LeaveAs is Leave for m itself, and not for another member that has its id by now.
func (h *Hub) LeaveAs(m Member, rooms ...string) bool { return h.leave(m.ID(), m, rooms) }

func (h *Hub) leave(id string, only Member, rooms []string) bool {
	h.mu.Lock()
	defer h.unlockAndTell()
	e := h.members[id]
	if e == nil || only != nil && e.member != only {
		return false
	}
	for _, name := range rooms {
		h.leaveLocked(e, name)
	}
	return true
}

// LeaveAll takes the member out of every room, its own one too, and returns
// them. It stays in the hub and still gets what is for everybody.
func (h *Hub) LeaveAll(id string) (rooms []string) {
	h.mu.Lock()
	defer h.unlockAndTell()
	e := h.members[id]
	if e == nil {
		return nil
	}
	rooms = h.leaveAllLocked(e)
	for _, name := range rooms {
		h.movedLocked(e, name, false)
	}
	return rooms
}

// movedLocked tells a member that it is in a room, or is not. h.mu must be held.
func (h *Hub) movedLocked(e *entry, name string, in bool) {
	if h.journal == nil {
		return
	}
	if m, ok := e.member.(Mover); ok {
		m.Moved(name, in, h.journal.Head())
	}
}

// Rooms returns the rooms the member is in, in the order in which it joined
// them, its own one first; nil when there is no such member.
func (h *Hub) Rooms(id string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.members[id]
	if e == nil {
		return nil
	}
	return e.roomNames()
}

// In reports whether the member is in the room.
func (h *Hub) In(id, name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.members[id]
	if e == nil {
		return false
	}
	r := h.rooms[name]
	return r != nil && e.placeIn(r) >= 0 || e.alone && e.id == name
}

// Member returns the member with this id, or nil.
func (h *Hub) Member(id string) Member {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.members[id]; e != nil {
		return e.member
	}
	return nil
}

// Members returns those that a message with these rooms and exceptions would
// reach, in the same order: rooms in the order given (none: everybody),
// members in the order in which they joined, each once.
func (h *Hub) Members(rooms, except []string) []Member {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []Member
	if len(rooms) == 0 {
		found = make([]Member, 0, h.all.live)
	}
	h.walkLocked(rooms, except, "", func(e *entry) { found = append(found, e.member) })
	return found
}

// Count returns the number of those that Members would return.
func (h *Hub) Count(rooms, except []string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(rooms) == 0 && len(except) == 0 {
		return h.all.live
	}
	n := 0
	h.walkLocked(rooms, except, "", func(*entry) { n++ })
	return n
}

// RoomCount returns the number of rooms, own rooms of members included.
func (h *Hub) RoomCount() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.rooms) + h.alone
}

// RoomNames returns the names of all rooms, own rooms of members included, in
// no particular order.
func (h *Hub) RoomNames() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := make([]string, 0, len(h.rooms)+h.alone)
	for name := range h.rooms {
		names = append(names, name)
	}
	for _, s := range h.all.slots {
		if s.entry != nil && s.entry.alone {
			names = append(names, s.entry.id)
		}
	}
	return names
}

// HasRoom reports whether anybody is in the room.
func (h *Hub) HasRoom(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[name] != nil || h.aloneLocked(name) != nil
}

// aloneLocked returns the member whose own room is name and who is alone in
// it, or nil. h.mu must be held.
func (h *Hub) aloneLocked(name string) *entry {
	if e := h.members[name]; e != nil && e.alone {
		return e
	}
	return nil
}

// joinLocked puts e into a room, unless it is there. h.mu must be held.
func (h *Hub) joinLocked(e *entry, name string) {
	r := h.rooms[name]
	if r == nil {
		owner := h.aloneLocked(name)
		switch {
		case owner == e:
			return
		case owner != nil:
			r = h.openLocked(owner)
		case name == e.id:
			e.alone = true
			h.alone++
			h.events.add(RoomEvent{Op: RoomCreated, Room: name})
			h.events.add(RoomEvent{Op: RoomJoined, Room: name, Member: e.id})
			h.movedLocked(e, name, true)
			return
		default:
			r = &room{name: name}
			h.rooms[name] = r
			h.events.add(RoomEvent{Op: RoomCreated, Room: name})
		}
	}
	if e.placeIn(r) < 0 {
		e.enter(r)
		h.events.add(RoomEvent{Op: RoomJoined, Room: name, Member: e.id})
		h.movedLocked(e, name, true)
	}
}

// openLocked makes a value for the own room of a member that was alone there,
// because somebody else joins it. h.mu must be held.
func (h *Hub) openLocked(owner *entry) *room {
	owner.alone = false
	h.alone--
	r := &room{name: owner.id}
	h.rooms[r.name] = r
	owner.places = slices.Insert(owner.places, 0, place{r, r.add(owner)})
	return r
}

// leaveLocked takes e out of a room, if it is there. h.mu must be held.
func (h *Hub) leaveLocked(e *entry, name string) {
	if e.alone && e.id == name {
		h.leaveOwnLocked(e)
		h.movedLocked(e, name, false)
		return
	}
	if r := h.rooms[name]; r != nil {
		if i := e.placeIn(r); i >= 0 {
			p := e.places[i]
			e.places = slices.Delete(e.places, i, i+1)
			h.leavePlaceLocked(e, p)
			h.movedLocked(e, name, false)
		}
	}
}

// leaveAllLocked takes e out of all rooms and returns their names. h.mu must
// be held.
func (h *Hub) leaveAllLocked(e *entry) []string {
	names := e.roomNames()
	if e.alone {
		h.leaveOwnLocked(e)
	}
	for _, p := range e.places {
		h.leavePlaceLocked(e, p)
	}
	e.places = nil
	return names
}

// leaveOwnLocked takes e out of its own room, where it is alone. h.mu must be
// held.
func (h *Hub) leaveOwnLocked(e *entry) {
	e.alone = false
	h.alone--
	h.events.add(RoomEvent{Op: RoomLeft, Room: e.id, Member: e.id})
	h.events.add(RoomEvent{Op: RoomDeleted, Room: e.id})
}

// leavePlaceLocked is the room's part of e's leaving. h.mu must be held.
func (h *Hub) leavePlaceLocked(e *entry, p place) {
	p.room.remove(p.number)
	h.events.add(RoomEvent{Op: RoomLeft, Room: p.room.name, Member: e.id})
	if p.room.live == 0 {
		delete(h.rooms, p.room.name)
		h.events.add(RoomEvent{Op: RoomDeleted, Room: p.room.name})
	}
}

// manyEntries is a size from which on a map's memory is worth giving back.
const manyEntries = 1024

func (h *Hub) makeMapsLocked() {
	h.members = make(map[string]*entry)
	h.rooms = make(map[string]*room)
	h.peak = 0
}

// shrinkLocked makes new maps when a crowd has gone, for maps keep the memory
// of their greatest size. h.mu must be held.
func (h *Hub) shrinkLocked() {
	if h.peak > manyEntries && len(h.members) == 0 && len(h.rooms) == 0 {
		h.makeMapsLocked()
		h.all.slots = nil
	}
}
