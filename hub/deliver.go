package hub

import (
	"errors"
	"fmt"
)

// Publish gives m to the other nodes, unless it is Local, and then to the
// members of this hub, also when the other nodes could not be reached. It
// returns how many members it was pushed to here; those that dropped it are
// counted.
func (h *Hub) Publish(m *Message) (int, error) {
	relay := h.relay.Load()
	if relay == nil || m.Local {
		return h.Deliver(m)
	}
	offset, relayErr := (*relay).Publish(m)
	if relayErr != nil {
		relayErr = fmt.Errorf("hub: relay %q: %w", m.Event, relayErr)
	} else if offset != "" {
		m.Offset = offset
	}
	n, err := h.Deliver(m)
	if relayErr == nil {
		return n, err
	}
	return n, errors.Join(relayErr, err)
}

// Deliver pushes m to the members of this hub only: it is for what came from
// another node. An error says for which encoder it could not be encoded; those
// members get nothing, all others do.
func (h *Hub) Deliver(m *Message) (int, error) {
	touched, size, n, err := h.queue(m)
	h.flush.add(touched, size)
	return n, err
}

// queue pushes m and returns who is to be flushed.
func (h *Hub) queue(m *Message) (touched []Member, size, count int, err error) {
	touched = h.flush.slice()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.journal != nil && m.Class == Must && !m.WantAck {
		m.Offset = h.journal.Append(m)
	}
	h.work.begin(m, touched)
	h.walkLocked(m.Rooms, m.Except, m.Sender, h.work.push)
	return h.work.end()
}

// walkLocked calls visit for every member in the union of rooms (none:
// everybody), in order and each once, but not for members of a room in except
// and not for the one with the id sender. h.mu must be held.
func (h *Hub) walkLocked(rooms, except []string, sender string, visit func(*entry)) {
	h.mark++
	for _, name := range except {
		h.skipLocked(name)
	}
	if sender != "" {
		if e := h.members[sender]; e != nil {
			e.mark = h.mark
		}
	}
	if len(rooms) == 0 {
		h.walkRoomLocked(&h.all, visit)
		return
	}
	for _, name := range rooms {
		if r := h.rooms[name]; r != nil {
			h.walkRoomLocked(r, visit)
		} else if e := h.aloneLocked(name); e != nil && e.mark != h.mark {
			e.mark = h.mark
			visit(e)
		}
	}
}

// walkRoomLocked visits those in r that the walk has not met. h.mu must be held.
func (h *Hub) walkRoomLocked(r *room, visit func(*entry)) {
	mark := h.mark
	for i := range r.slots {
		if i%ahead == 0 && len(r.slots) > ahead {
			prefetchSlots(r.slots[i:min(i+ahead, len(r.slots))])
		}
		if e := r.slots[i].entry; e != nil && e.mark != mark {
			e.mark = mark
			visit(e)
		}
	}
}

// skipLocked has the walk of the moment pass over the members of a room. h.mu
// must be held.
func (h *Hub) skipLocked(name string) {
	if r := h.rooms[name]; r != nil {
		h.walkRoomLocked(r, func(*entry) {})
	} else if e := h.aloneLocked(name); e != nil {
		e.mark = h.mark
	}
}

// delivery is the work on one message under the order lock. It is a field of
// the hub so that nothing is allocated for a message, let alone for a
// recipient.
type delivery struct {
	push    func(*entry) // the method to, bound once
	message *Message
	touched []Member // those whose Push wants a flush
	count   int
	size    int // bytes of the largest frame
	frames  []encoded
	few     [4]encoded // where frames begins: more kinds of members are rare
	err     error
}

// encoded is the message in the form of one encoder key; frame is nil if that
// failed.
type encoded struct {
	key   any
	frame Frame
}

func (d *delivery) begin(m *Message, touched []Member) {
	if d.push == nil {
		d.push = d.to
	}
	d.message, d.touched, d.frames = m, touched, d.few[:0]
	d.count, d.size, d.err = 0, 0, nil
}

// end forgets the message, so that the hub does not pin it.
func (d *delivery) end() (touched []Member, size, count int, err error) {
	touched, size, count, err = d.touched, d.size, d.count, d.err
	clear(d.few[:])
	d.message, d.touched, d.frames, d.err = nil, nil, nil, nil
	return touched, size, count, err
}

// to pushes the message to one member.
func (d *delivery) to(e *entry) {
	frame := d.frameFor(e.member.Encoder())
	if frame == nil {
		return
	}
	d.count++
	if e.member.Push(frame, d.message.Class) {
		d.touched = append(d.touched, e.member)
	}
}

// frameFor returns the message as enc encodes it, encoding it if no member
// with an equal key came before.
func (d *delivery) frameFor(enc Encoder) Frame {
	key := enc.Key()
	for i := range d.frames {
		if d.frames[i].key == key {
			return d.frames[i].frame
		}
	}
	frame, err := enc.Encode(d.message)
	if err != nil {
		frame = nil
		d.err = errors.Join(d.err, fmt.Errorf("hub: encode %q: %w", d.message.Event, err))
	} else if s, ok := frame.(interface{ Size() int }); ok {
		d.size = max(d.size, s.Size())
	}
	d.frames = append(d.frames, encoded{key, frame})
	return frame
}
