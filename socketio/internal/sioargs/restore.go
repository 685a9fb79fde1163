package sioargs

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"

	"rightnow/socketio/internal/siowire"
)

// restorer goes through a value that encoding/json has decoded and puts
// attachments in place of marks, and exact integers in place of json.Numbers
// in interfaces.
type restorer struct {
	blobs   [][]byte
	nonce   nonce
	marked  bool // there are marks
	numbers bool // there are json.Numbers
	depth   int
}

func (r *restorer) restore(into any) error { return r.value(reflect.ValueOf(into)) }

// value restores what v, which can be set or is a pointer, contains.
func (r *restorer) value(v reflect.Value) error {
	if r.depth++; r.depth > maxDepth {
		return errCycle
	}
	defer func() { r.depth-- }()
	t := v.Type()
	switch t.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return r.value(v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() && v.CanSet() {
			return r.inside(v)
		}
	case reflect.String:
		return r.text(v)
	case reflect.Struct:
		return r.fields(v)
	case reflect.Map:
		return r.mapping(v)
	case reflect.Slice:
		if isBytes(t) || t == reflect.TypeFor[json.RawMessage]() {
			return r.bytes(v)
		}
		return r.elements(v)
	case reflect.Array:
		return r.elements(v)
	}
	return nil
}

// bytes restores a slice of bytes.
func (r *restorer) bytes(v reflect.Value) error {
	if !r.marked || !v.CanSet() {
		return nil
	}
	b := v.Bytes()
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes(r.placeholders(b))
	} else if i, ok := r.nonce.number(b); ok {
		v.SetBytes(clip(r.blobs[i]))
	}
	return nil
}

// placeholders puts placeholders back into raw JSON.
func (r *restorer) placeholders(raw []byte) []byte {
	prefix := append([]byte{'"'}, r.nonce.appendText(nil, 0)[:nonceChars]...)
	var out []byte
	for {
		at := bytes.Index(raw, prefix)
		if at < 0 {
			return append(out, raw...)
		}
		i, _ := r.nonce.numberOfText(string(raw[at+1 : at+1+markChars]))
		out = append(out, raw[:at]...)
		out = siowire.AppendPlaceholder(out, i)
		raw = raw[at+markChars+2:]
	}
}

// text refuses an attachment where a string was to be.
func (r *restorer) text(v reflect.Value) error {
	if !r.marked {
		return nil
	}
	if _, ok := r.nonce.numberOfText(v.String()); ok {
		return &json.UnmarshalTypeError{Value: "attachment", Type: v.Type()}
	}
	return nil
}

// inside restores what is in an interface: what decoded JSON is made of, or a
// pointer that was there before.
func (r *restorer) inside(v reflect.Value) error {
	if v.Elem().Kind() == reflect.Pointer {
		return r.value(v.Elem())
	}
	out, err := r.dynamic(v.Elem().Interface())
	if err == nil && out != nil {
		v.Set(reflect.ValueOf(out))
	}
	return err
}

// dynamic returns what is to stand for v; lists and objects are changed
// themselves.
func (r *restorer) dynamic(v any) (any, error) {
	if r.depth++; r.depth > maxDepth {
		return nil, errCycle
	}
	defer func() { r.depth-- }()
	var err error
	switch x := v.(type) {
	case string:
		if i, ok := r.nonce.numberOfText(x); r.marked && ok {
			return clip(r.blobs[i]), nil
		}
	case json.Number:
		if r.numbers {
			return exact(x)
		}
	case []any:
		for i := range x {
			if x[i], err = r.dynamic(x[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range x {
			if x[k], err = r.dynamic(x[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// exact returns a float64, or an integer that no float64 can hold.
func exact(n json.Number) (any, error) {
	if !strings.ContainsAny(string(n), ".eE") {
		if i, err := strconv.ParseInt(string(n), 10, 64); err == nil && (i > 1<<53 || i < -1<<53) {
			return i, nil
		} else if err != nil {
			return unsigned(n), nil
		}
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, &json.UnmarshalTypeError{Value: "number " + string(n), Type: reflect.TypeFor[float64]()}
	}
	return f, nil
}

// unsigned returns an integer beyond int64.
func unsigned(n json.Number) any {
	if u, err := strconv.ParseUint(string(n), 10, 64); err == nil {
		return u
	}
	return n
}

func (r *restorer) fields(v reflect.Value) error {
	t := v.Type()
	for i := range t.NumField() {
		if !written(t.Field(i)) {
			continue
		}
		if err := r.value(v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *restorer) elements(v reflect.Value) error {
	if !holds(v.Type().Elem()) {
		return nil
	}
	for i := range v.Len() {
		if err := r.value(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// mapping restores the values of a map, which cannot be set where they are.
func (r *restorer) mapping(v reflect.Value) error {
	if !holds(v.Type().Elem()) {
		return nil
	}
	elem := reflect.New(v.Type().Elem()).Elem()
	for k, old := range v.Seq2() {
		elem.Set(old)
		if err := r.value(elem); err != nil {
			return err
		}
		v.SetMapIndex(k, elem)
	}
	return nil
}

// holds reports whether a mark or json.Number can be in a value of type t; it
// spares long lists of numbers.
func holds(t reflect.Type) bool {
	switch k := t.Kind(); {
	case k >= reflect.Bool && k <= reflect.Complex128:
		return false
	}
	return true
}
