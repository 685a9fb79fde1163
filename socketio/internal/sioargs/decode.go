package sioargs

import (
	"bytes"
	"encoding/json"
	"reflect"

	"rightnow/socketio/internal/siowire"
)

// decoder is the state of one call of DecodeArg.
type decoder struct {
	raw    []byte
	blobs  [][]byte
	places []siowire.Placeholder
}

// bytes decodes an argument into v, which takes bytes and nothing else.
func (d *decoder) bytes(v reflect.Value) error {
	text := bytes.TrimSpace(d.raw)
	switch {
	case len(d.places) == 1 && d.places[0].End-d.places[0].Start == len(text):
		v.SetBytes(clip(d.blobs[d.places[0].Num]))
	case string(text) == "null":
		v.SetZero()
	default:
		return &json.UnmarshalTypeError{Value: kindOf(text) + ", not an attachment,", Type: v.Type()}
	}
	return nil
}

// clip keeps an append to a blob from writing behind it.
func clip(b []byte) []byte { return b[:len(b):len(b)] }

// kindOf names the kind of a JSON value as errors of encoding/json do.
func kindOf(text []byte) string {
	if len(text) == 0 {
		return "nothing"
	}
	switch text[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	}
	return "number"
}

// value decodes an argument into what into points to.
func (d *decoder) value(into any) error {
	r := restorer{blobs: d.blobs, marked: len(d.places) > 0}
	text := d.raw
	if r.marked {
		r.nonce = newNonce()
		text = d.markedText(&r.nonce)
	}
	r.numbers = hasLongNumber(text) && !plain(into)
	if !r.numbers {
		if err := json.Unmarshal(text, into); err != nil || !r.marked {
			return err
		}
		return r.restore(into)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	return r.restore(into)
}

// plain reports whether no json.Number can get into what into points to,
// unless it is declared there.
func plain(into any) bool {
	t := reflect.TypeOf(into)
	return t == nil || !leadsSomewhere(t)
}

// markedText returns the JSON with marks in place of placeholders.
func (d *decoder) markedText(n *nonce) []byte {
	text := make([]byte, 0, len(d.raw))
	done := 0
	for _, p := range d.places {
		text = append(text, d.raw[done:p.Start]...)
		text = append(text, '"')
		text = n.appendText(text, p.Num)
		text = append(text, '"')
		done = p.End
	}
	return append(text, d.raw[done:]...)
}

// exactDigits is how many digits an integer has at least that a float64 cannot
// hold.
const exactDigits = 16

// hasLongNumber reports whether so many digits stand together anywhere.
func hasLongNumber(text []byte) bool {
	run := 0
	for _, b := range text {
		if b-'0' > 9 {
			run = 0
		} else if run++; run == exactDigits {
			return true
		}
	}
	return false
}
