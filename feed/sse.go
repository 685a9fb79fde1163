package feed

import (
	"bytes"
	"io"
	"strconv"
	"time"
)

// Event is one message of a text/event-stream.
type Event struct {
	Type string // "message" when the upstream gave none
	ID   string // the last one that was given, also by an earlier event
	Data []byte // valid until the next call of SSE.Next
}

// SSE reads a text/event-stream by the rules of the HTML standard, in bounded
// memory. It is used by one goroutine. An event counts once its blank line was
// read: one that is cut is discarded, with its id.
type SSE struct {
	lines *Lines
	max   int
	began bool // the byte order mark can't come any more

	id    string // of the last event that was whole
	retry time.Duration

	// The event that is being read.
	name, newID string
	data        []byte
	some, long  bool
}

// NewSSE reads events of at most limit bytes.
func NewSSE(r io.Reader, limit int) *SSE {
	return &SSE{lines: NewLines(r, limit), max: limit}
}

// Next returns the next event, or beat for a sign of life: a comment, or a blank
// line without an event. An event that is too long is skipped with [ErrTooLong],
// in place of it. Other errors are those of [Lines.Next].
func (s *SSE) Next() (e Event, beat bool, err error) {
	for {
		line, err := s.lines.Next()
		switch {
		case err == ErrTooLong:
			s.long, s.began = true, true
			continue
		case err == io.EOF && s.within():
			return Event{}, false, io.ErrUnexpectedEOF
		case err != nil:
			return Event{}, false, err
		}
		if !s.began {
			s.began = true
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(line) == 0 {
			return s.dispatch()
		}
		if line[0] == ':' {
			return Event{}, true, nil
		}
		s.field(line)
	}
}

// LastID is the id to go on from: that of the last event that was whole.
func (s *SSE) LastID() string { return s.id }

// Retry is the pause before another connection that the upstream asked for; 0
// when it did not.
func (s *SSE) Retry() time.Duration { return s.retry }

// within tells whether an event has begun.
func (s *SSE) within() bool {
	return s.some || s.long || s.name != "" || s.newID != s.id
}

// dispatch ends the event at its blank line.
func (s *SSE) dispatch() (e Event, beat bool, err error) {
	long, some := s.long, s.some
	if !long {
		s.id = s.newID
	}
	e = Event{Type: s.name, ID: s.id, Data: s.data}
	s.name, s.newID, s.data, s.some, s.long = "", s.id, s.data[:0], false, false
	switch {
	case long:
		return Event{}, false, ErrTooLong
	case !some:
		return Event{}, true, nil
	case e.Type == "":
		e.Type = "message"
	}
	return e, false, nil
}

// field takes one line of an event.
func (s *SSE) field(line []byte) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	if len(s.data)+len(value) >= s.max {
		s.long = true
	}
	switch string(name) {
	case "event":
		s.name = string(value)
	case "data":
		if s.some && !s.long {
			s.data = append(s.data, '\n')
		}
		if s.some = true; !s.long {
			s.data = append(s.data, value...)
		}
	case "id":
		if !bytes.ContainsRune(value, 0) {
			s.newID = string(value)
		}
	case "retry":
		if ms, err := strconv.ParseUint(string(value), 10, 32); err == nil {
			s.retry = time.Duration(ms) * time.Millisecond
		}
	}
}
