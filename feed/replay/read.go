package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"rightnow/feed"
)

// What a file may have at most.
const (
	MaxBytes  = 16 << 20 // unpacked
	MaxLine   = 256 << 10
	MaxEvents = 50_000
	MaxSpan   = 24 * time.Hour
)

// A SyntaxError is a mistake in a file.
type SyntaxError struct {
	Line   int
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("replay: line %d: %s", e.Line, e.Reason) }

// Read reads a file, plain or packed by gzip, and is strict: what it does not know
// is a mistake. The error is a [*SyntaxError], or the reader's.
func Read(r io.Reader) (*File, error) {
	buffered := bufio.NewReader(r)
	var plain io.Reader = buffered
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("replay: unpack: %w", err)
		}
		plain = unpacked
	}
	limited := &io.LimitedReader{R: plain, N: MaxBytes}
	p := reading{lines: feed.NewLines(limited, MaxLine)}
	err := p.all()
	switch {
	case limited.N == 0 && err != nil:
		return nil, &SyntaxError{p.line, fmt.Sprintf("the file has more than %d bytes", MaxBytes)}
	case err != nil:
		return nil, err
	}
	return &p.file, nil
}

// reading is one call of Read.
type reading struct {
	lines *feed.Lines
	line  int // its number, from 1
	file  File
}

func (p *reading) fail(format string, args ...any) error {
	return &SyntaxError{p.line, fmt.Sprintf(format, args...)}
}

// all reads the lines.
func (p *reading) all() error {
	for {
		line, err := p.lines.Next()
		p.line++
		switch {
		case err == io.EOF:
			return p.end()
		case err == io.ErrUnexpectedEOF:
			return p.fail("the file ends within the line")
		case errors.Is(err, feed.ErrTooLong):
			return p.fail("it has more than %d bytes", MaxLine)
		case err != nil:
			return fmt.Errorf("replay: line %d: %w", p.line, err)
		case !utf8.Valid(line):
			return p.fail("it is not UTF-8")
		}
		take := p.event
		if p.line == 1 {
			take = p.header
		}
		if err := take(line); err != nil {
			return err
		}
	}
}

// end checks what no single line shows.
func (p *reading) end() error {
	switch {
	case p.line == 1:
		return p.fail("the file is empty")
	case len(p.file.Events) == 0:
		return p.fail("the file has no events")
	}
	return nil
}

// decode takes one object without anything that is not known.
func (p *reading) decode(line []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return p.fail("it cannot be read: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); err != io.EOF {
		return p.fail("something stands after the object")
	}
	return nil
}

func (p *reading) header(line []byte) error {
	var h struct {
		Replay  int               `json:"replay"`
		Title   string            `json:"title"`
		Note    string            `json:"note"`
		License string            `json:"license"`
		Loop    bool              `json:"loop"`
		SpanMS  int64             `json:"span_ms"`
		Seed    int64             `json:"seed"`
		People  map[string]Person `json:"people"`
	}
	if err := p.decode(line, &h); err != nil {
		return err
	}
	switch {
	case h.Replay == 0:
		return p.fail(`it should be the header, and has no "replay":1`)
	case h.Replay != 1:
		return p.fail("this is version %d of the format, and only 1 is known", h.Replay)
	case h.SpanMS < 1 || h.SpanMS > MaxSpan.Milliseconds():
		return p.fail("span_ms is %d and should be from 1 to %d", h.SpanMS, MaxSpan.Milliseconds())
	}
	p.file = File{
		Title: h.Title, Note: h.Note, License: h.License,
		Loop: h.Loop, Span: time.Duration(h.SpanMS) * time.Millisecond, Seed: h.Seed, People: h.People,
	}
	return nil
}

func (p *reading) event(line []byte) error {
	var e struct {
		T    *int64          `json:"t"`
		Src  string          `json:"src"`
		Wire json.RawMessage `json:"wire"`
		Do   Action          `json:"do"`
		For  *int64          `json:"for"`
	}
	if err := p.decode(line, &e); err != nil {
		return err
	}
	switch {
	case e.T == nil:
		return p.fail("t is missing, its time in milliseconds")
	case *e.T < 0 || *e.T >= p.file.Span.Milliseconds():
		return p.fail("t is %d, and span_ms %d", *e.T, p.file.Span.Milliseconds())
	case !isName(e.Src):
		return p.fail("src is %q and should be a name in small letters, such as bluesky", e.Src)
	case (e.Wire == nil) == (e.Do == ""):
		return p.fail("it should have either wire or do")
	case len(p.file.Events) == MaxEvents:
		return p.fail("the file has more than %d events", MaxEvents)
	}
	event := Event{At: time.Duration(*e.T) * time.Millisecond, Source: e.Src, Do: e.Do}
	if n := len(p.file.Events); n > 0 && p.file.Events[n-1].At > event.At {
		return p.fail("t is %d, and in the line before it is %d", *e.T, p.file.Events[n-1].At.Milliseconds())
	}
	if err := p.action(&event, e.For); err != nil {
		return err
	}
	if err := p.wire(&event, e.Wire); err != nil {
		return err
	}
	p.file.Events = append(p.file.Events, event)
	return nil
}

// action checks what an event does, and for how long.
func (p *reading) action(e *Event, ms *int64) error {
	switch e.Do {
	case "", Beat, Cut, TooMany, Quiet:
	default:
		return p.fail("do is %q and should be cut, 429, quiet or beat", e.Do)
	}
	e.For = e.Do.lasts()
	switch {
	case ms == nil:
		return nil
	case e.For == 0:
		return p.fail("for belongs to cut, 429 and quiet")
	case *ms < 1 || *ms > MaxSpan.Milliseconds():
		return p.fail("for is %d and should be from 1 to %d", *ms, MaxSpan.Milliseconds())
	}
	e.For = time.Duration(*ms) * time.Millisecond
	return nil
}

// wire takes a message: JSON as it stands, or what is in a string.
func (p *reading) wire(e *Event, wire json.RawMessage) (err error) {
	if wire == nil {
		return nil
	}
	var text string
	switch wire[0] {
	case '"':
		if err := json.Unmarshal(wire, &text); err != nil {
			return p.fail("wire: %v", err)
		}
		e.Wire, err = newMessage(text, false)
	case '{', '[':
		e.Wire, err = newMessage(string(wire), true)
	default:
		return p.fail("wire should be an object, an array or a string")
	}
	if err != nil {
		return p.fail("wire: %v", err)
	}
	return nil
}

// isName tells whether s can be the name of a source.
func isName(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
