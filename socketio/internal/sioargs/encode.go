package sioargs

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"sync"
	"time"

	"rightnow/socketio/internal/siowire"
)

// rawDepth bounds the nesting of a json.RawMessage, as encoding/json does.
const rawDepth = 10000

// keptScratch is the largest buffer kept for the next call.
const keptScratch = 64 << 10

// scratch has encoders that wait for their next call.
var scratch = sync.Pool{New: func() any {
	e := &encoder{}
	e.json = json.NewEncoder(&e.out)
	e.json.SetEscapeHTML(false)
	return e
}}

// encoder is the state of one call of EncodeArgs.
type encoder struct {
	out      bytes.Buffer
	json     *json.Encoder // writes to out
	blobs    [][]byte
	maxBlobs int
	marks    marks
}

// release gives e back without what it has made.
func (e *encoder) release() {
	e.blobs = nil
	e.marks.reset()
	if e.out.Cap() <= keptScratch {
		e.out.Reset()
		scratch.Put(e)
	}
}

// arg appends one argument.
func (e *encoder) arg(arg any) error {
	if done, err := e.simple(arg); done {
		return err
	}
	start := e.out.Len()
	if err := e.value(arg); err != nil {
		return err
	}
	e.unescape(start)
	return e.restore(start)
}

// simple appends arguments of the common types that need no reflection.
func (e *encoder) simple(arg any) (done bool, err error) {
	b := e.out.AvailableBuffer()
	switch x := arg.(type) {
	case nil:
		b = append(b, "null"...)
	case bool:
		b = strconv.AppendBool(b, x)
	case string:
		b = siowire.AppendString(b, x)
	case int:
		b = strconv.AppendInt(b, int64(x), 10)
	case int64:
		b = strconv.AppendInt(b, x, 10)
	case uint64:
		b = strconv.AppendUint(b, x, 10)
	case float64:
		b = siowire.AppendNumber(b, x)
	case time.Time:
		b = append(b, '"')
		b = appendTime(b, x)
		b = append(b, '"')
	case []byte:
		b, err = e.blob(b, x)
	case json.RawMessage:
		b, err = rawMessage(b, x)
	default:
		return false, nil
	}
	e.out.Write(b)
	return true, err
}

// blob appends the placeholder of an attachment.
func (e *encoder) blob(dst, blob []byte) ([]byte, error) {
	if blob == nil {
		return append(dst, "null"...), nil
	}
	num, err := e.attach(blob)
	if err != nil {
		return nil, err
	}
	return siowire.AppendPlaceholder(dst, num), nil
}

// attach makes a copy of blob the next attachment.
func (e *encoder) attach(blob []byte) (num int, err error) {
	if n := len(e.blobs) + 1; n > e.maxBlobs {
		return 0, &AttachmentsError{Count: n, Max: e.maxBlobs}
	}
	e.blobs = append(e.blobs, append(make([]byte, 0, len(blob)), blob...))
	return len(e.blobs) - 1, nil
}

func rawMessage(dst []byte, raw json.RawMessage) ([]byte, error) {
	if raw == nil {
		return append(dst, "null"...), nil
	}
	if err := siowire.Valid(raw, rawDepth); err != nil {
		return nil, err
	}
	return append(dst, raw...), nil
}

// value appends any value, with marks in place of what encoding/json does not
// write as it should.
func (e *encoder) value(arg any) (err error) {
	if leadsSomewhere(reflect.TypeOf(arg)) {
		err = e.rewritten(arg, false)
	} else {
		err = e.encode(arg)
	}
	// Numbers that are none are rare: only their error makes it worth to look
	// at each number.
	if err != nil && isNotFinite(err) {
		e.marks.reset()
		err = e.rewritten(arg, true)
	}
	return err
}

// rewritten appends a value as a rewriter makes it.
func (e *encoder) rewritten(arg any, numbers bool) error {
	w := rewriter{marks: &e.marks, numbers: numbers}
	value, _ := w.dynamic(arg)
	if w.err != nil {
		return w.err
	}
	return e.encode(value)
}

// encode appends value as encoding/json writes it.
func (e *encoder) encode(value any) error {
	if err := e.json.Encode(value); err != nil {
		return err
	}
	e.out.Truncate(e.out.Len() - 1) // the newline
	return nil
}

func isNotFinite(err error) bool {
	var unsupported *json.UnsupportedValueError
	if !errors.As(err, &unsupported) || !unsupported.Value.IsValid() || !unsupported.Value.CanFloat() {
		return false
	}
	f := unsupported.Value.Float()
	return math.IsNaN(f) || math.IsInf(f, 0)
}

// unescape replaces the escapes that encoding/json makes and JSON.stringify
// does not, in what was written since start.
func (e *encoder) unescape(start int) {
	b := e.out.Bytes()[start:]
	if bytes.Contains(b, []byte(`\u`)) {
		e.out.Truncate(start + len(unescape(b)))
	}
}

// unescape works in place and returns the shorter text.
func unescape(b []byte) []byte {
	n := 0
	for i := 0; i < len(b); {
		switch {
		case b[i] != '\\' || i+1 == len(b):
			b[n] = b[i]
			i, n = i+1, n+1
		case b[i+1] != 'u' || i+6 > len(b):
			n += copy(b[n:], b[i:i+2])
			i += 2
		default:
			n += copy(b[n:], unescaped(b[i:i+6]))
			i += 6
		}
	}
	return b[:n]
}

// unescaped returns what JSON.stringify writes instead of the escape seq.
func unescaped(seq []byte) string {
	switch string(seq) {
	case `\u2028`:
		return "\u2028"
	case `\u2029`:
		return "\u2029"
	case `\ufffd`:
		return "\ufffd"
	}
	return string(seq)
}

// restore replaces the marks in what was written since start.
func (e *encoder) restore(start int) (err error) {
	m := &e.marks
	if !m.used() {
		return nil
	}
	text := m.restoreNulls(e.out.Bytes()[start:])
	if len(m.times) > 0 {
		text = m.restoreTimes(text)
	}
	if len(m.blobs) > 0 {
		text, err = m.restoreBlobs(text, e.attach)
	}
	e.out.Truncate(start)
	e.out.Write(text)
	m.reset()
	return err
}

// impostor looks through the finished array of a packet with attachments for
// an object that a client would take for a placeholder, and returns the number
// of the argument. Placeholders of our own are numbered as they stand.
func (e *encoder) impostor() (arg int, found bool) {
	text := e.out.Bytes()
	if len(e.blobs) == 0 || !bytes.Contains(text, []byte(`\u`)) && bytes.Count(text, []byte("_placeholder")) == len(e.blobs) {
		return 0, false // none, or our own only
	}
	num := 0
	for arg, raw := range siowire.Elements(nil, text) {
		places, err := siowire.Placeholders(nil, raw, len(e.blobs))
		if err != nil {
			return arg, true
		}
		for _, p := range places {
			if p.Num != num {
				return arg, true
			}
			num++
		}
	}
	return 0, false
}
