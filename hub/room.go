package hub

import "slices"

// room keeps members in the order in which they joined.
//
// A slice holds them, since walking over a room is what happens most, and
// joining appends to it. A member that leaves is not cut out, which would move
// all behind it, and not swapped with the last one, which would break the
// order: its slot is emptied, and when more than half of the slots are empty
// they are closed up. Slots are numbered in order of joining, so a member that
// remembers its number finds its slot by binary search wherever the slot has
// moved to, and closing up changes nothing in the members. So joining and
// leaving cost O(log n) on average, and a walk meets at most as many empty
// slots as members.
type room struct {
	name  string
	slots []slot // ascending by number
	live  int    // slots that are not empty
	next  uint64 // number of the next slot
}

type slot struct {
	number uint64
	entry  *entry // nil when it has left
}

// place is a member's end of its being in a room.
type place struct {
	room   *room
	number uint64
}

// fewSlots is a length at which empty slots are not worth closing up.
const fewSlots = 8

// add lets e join, which must not be in the room.
func (r *room) add(e *entry) (number uint64) {
	number = r.next
	r.next++
	r.live++
	r.slots = append(r.slots, slot{number, e})
	return number
}

// remove empties the slot with this number, which is there.
func (r *room) remove(number uint64) {
	i, _ := slices.BinarySearchFunc(r.slots, number, func(s slot, n uint64) int {
		switch {
		case s.number < n:
			return -1
		case s.number > n:
			return 1
		}
		return 0
	})
	r.slots[i].entry = nil
	r.live--
	if len(r.slots) > fewSlots && len(r.slots) > 2*r.live {
		r.closeUp()
	}
}

// closeUp drops the empty slots, and most of the memory when few are left.
func (r *room) closeUp() {
	empty := func(s slot) bool { return s.entry == nil }
	r.slots = slices.DeleteFunc(r.slots, empty)
	if cap(r.slots) > 4*len(r.slots)+fewSlots {
		r.slots = slices.Clone(r.slots)
	}
}

// entry is the hub's side of a member, guarded by the hub's lock.
type entry struct {
	member Member
	id     string
	number uint64 // of its slot in Hub.all
	places []place
	// alone says that it is in its own room and nobody else is: such a room,
	// and most own rooms are so all their life, has no value of its own.
	alone bool
	// mark is the number of the last walk that met this member. A walk that
	// unites rooms and leaves out others needs no set to remember whom it met.
	mark uint64
}

// placeIn returns the index in e.places of r, or -1.
func (e *entry) placeIn(r *room) int {
	for i := range e.places {
		if e.places[i].room == r {
			return i
		}
	}
	return -1
}

// enter puts e into r, which it is not in.
func (e *entry) enter(r *room) {
	e.places = append(e.places, place{r, r.add(e)})
}

// roomNames returns the rooms that e is in, in the order of joining, its own
// one first unless it left and joined that again.
func (e *entry) roomNames() []string {
	names := make([]string, 0, len(e.places)+1)
	if e.alone {
		names = append(names, e.id)
	}
	for _, p := range e.places {
		names = append(names, p.room.name)
	}
	return names
}
