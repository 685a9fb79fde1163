package sioclient

import (
	"encoding/json"
	"strings"

	"rightnow/socketio/internal/siocall"
	"rightnow/socketio/internal/siocodec"
)

// A server that keeps sessions adds an offset to the events that it would send again, as their last argument, and nothing says which
// events these are: those that are to be acknowledged have none, and neither have volatile ones, whose last argument may be any text.
// So offsets are told by their form.
//
// What remains: a short word at the end of a volatile event counts where no offset of a form that we know has come in the session, and
// with Node's server and its adapter in memory one that looks like a time of its own ("Patrick" does). If it is the last that was heard,
// the server finds no such offset and begins another session; the latter is kept from a variadic handler, too. (The official client
// takes whatever text comes last.)

// likeness is how much a text looks like an offset.
type likeness uint8

const (
	unlike   likeness = iota // it is none
	aWord                    // it may be one of a server that we do not know
	aStamp                   // a time in base 64, as of Node's adapter in memory, or an id as of MongoDB's
	aCounter                 // a counter with what it counts in: this module's journal, Redis streams
)

const (
	digits    = "0123456789"
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

	maxOffset = 64 // bytes
)

// likenessOf says what a text looks like.
func likenessOf(text string) likeness {
	epoch, number, counts := strings.Cut(text, "-")
	time, _, _ := strings.Cut(text, ".")
	switch {
	case len(text) > maxOffset || !only(text, digits+lowerCase+upperCase+"-_.:"):
		return unlike
	case counts && len(epoch) == 8 && only(epoch, upperCase+"234567") && only(number, digits+lowerCase):
		return aCounter // hub.Log
	case counts && len(epoch) == 13 && only(epoch+number, digits) && number != "":
		return aCounter // 1699999999999-0
	case len(time) == 7 && 'O' <= time[0] && time[0] <= 'Z': // in milliseconds, so between 2022 and 2048
		return aStamp // OYZ5xjC, OYZ5xjC.0
	case len(text) == 24 && only(text, digits+"abcdef"):
		return aStamp
	}
	return aWord
}

// only reports whether a text is made of these characters, and is not empty.
func only(text, characters string) bool {
	return text != "" && strings.Trim(text, characters) == ""
}

// offsetLocked returns the offset that an event ends with, and what it looks like; "" when there is none. A session's offsets are of one
// form, so that what looks less like one than the last does is none. s.mu must be held.
func (s *Socket) offsetLocked(p *siocodec.Packet, args Args) (offset string, l likeness) {
	n, last := args.Len(), s.lastOffsetLocked()
	if p.HasID || n == 0 || last == nil {
		return "", unlike
	}
	raw := args.Raw(n - 1)
	if raw[0] != '"' || len(raw) > maxOffset+2 || json.Unmarshal(raw, &offset) != nil {
		return "", unlike
	}
	if l = likenessOf(offset); l == unlike || l < likenessOf(*last) {
		return "", unlike
	}
	return offset, l
}

// lastOffsetLocked is where the offset of the last event is kept, nil when the server keeps no sessions. Before it has let the socket in,
// nobody knows whether it does: then what looks like an offset is taken for one. s.mu must be held.
func (s *Socket) lastOffsetLocked() *string {
	switch {
	case s.state == stateJoining:
		return &s.early
	case s.state == stateJoined && s.pid != "":
		return &s.offset
	}
	return nil
}

// noteOffset remembers from where on events are missed: behind an event that has reached the inbox.
func (s *Socket) noteOffset(l *link, offset string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.lastOffsetLocked(); s.link == l && last != nil && offset != "" {
		*last = offset
	}
}

// keepOffsetLocked settles, when the server lets the socket in, which offset the session begins with: what was heard in another one
// means nothing. s.mu must be held.
func (s *Socket) keepOffsetLocked() {
	if !s.back {
		s.offset = ""
	}
	if s.pid != "" && s.early != "" && likenessOf(s.early) >= likenessOf(s.offset) {
		s.offset = s.early
	}
}

// bare is an event without its offset, for a handler that would take it for an argument.
type bare struct{ *Event }

// Args implements siocall.Event.
func (b bare) Args() Args { return siocall.WithoutLast(b.Event.Args()) }

// forHandler is the event as a function of this signature is called for it: without its offset, if all that the function needs is there
// without it. Who wants the offset has a parameter for it that may not be missing.
func (e *Event) forHandler(sig *siocall.Signature) siocall.Event {
	if e.hasOffset && e.args.Len() > sig.Needs() {
		return bare{e}
	}
	return e
}
