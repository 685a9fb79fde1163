package sioargs

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"
)

// maxDepth is how deep a value may be nested. Deeper is a cycle.
const maxDepth = 1000

var errCycle = errors.New("the value contains itself, or is nested too deep")

// rewriter replaces what is to be replaced in a value, without changing it:
// what contains something replaced is copied.
//
// Its methods return the value to write and whether it is another one.
type rewriter struct {
	marks   *marks
	numbers bool // replace numbers that are not finite
	depth   int
	err     error // the first
}

// enter counts a level; it reports false when there is no going on.
func (w *rewriter) enter() bool {
	w.depth++
	if w.depth > maxDepth {
		w.fail(errCycle)
	}
	return w.err == nil
}

func (w *rewriter) leave() { w.depth-- }

func (w *rewriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// dynamic rewrites an argument, or what is in an interface, with shortcuts for
// what decoded JSON is made of.
func (w *rewriter) dynamic(v any) (out any, changed bool) {
	if !w.enter() {
		return v, false
	}
	defer w.leave()
	switch x := v.(type) {
	case nil, bool, string, int, int64, uint64:
		return v, false
	case float64:
		if w.numbers && notFinite(x) {
			return w.marks.ofNull(64), true
		}
		return v, false
	case []byte:
		return w.bytes(x)
	case time.Time:
		return w.time(x)
	case []any:
		return w.list(x)
	case map[string]any:
		return w.object(x)
	}
	if t := reflect.TypeOf(v); !w.numbers && !leadsSomewhere(t) {
		return v, false
	}
	rv, changed := w.value(reflect.ValueOf(v), false)
	if !changed {
		return v, false
	}
	return rv.Interface(), true
}

func notFinite(f float64) bool { return math.IsNaN(f) || math.IsInf(f, 0) }

func (w *rewriter) bytes(b []byte) ([]byte, bool) {
	if b == nil {
		return nil, false
	}
	if w.marks.full() {
		w.fail(errors.New("too many binary values"))
		return b, false
	}
	return w.marks.ofBytes(b), true
}

// time leaves the zero time alone, because of omitzero.
func (w *rewriter) time(t time.Time) (time.Time, bool) {
	if t.IsZero() {
		return t, false
	}
	if w.marks.full() {
		w.fail(errors.New("too many times"))
		return t, false
	}
	return w.marks.ofTime(t), true
}

func (w *rewriter) list(list []any) (out []any, changed bool) {
	out = list
	for i, v := range list {
		if v, different := w.dynamic(v); different {
			if !changed {
				out, changed = slices.Clone(list), true
			}
			out[i] = v
		}
	}
	return out, changed
}

func (w *rewriter) object(object map[string]any) (out map[string]any, changed bool) {
	out = object
	for k, v := range object {
		if v, different := w.dynamic(v); different {
			if !changed {
				out, changed = maps.Clone(object), true
			}
			out[k] = v
		}
	}
	return out, changed
}

// value rewrites by reflection. addressable says whether encoding/json will
// find the value addressable, which decides what it does with methods of the
// pointer to it.
func (w *rewriter) value(v reflect.Value, addressable bool) (out reflect.Value, changed bool) {
	t := v.Type()
	switch {
	case t == timeType():
		mark, changed := w.time(v.Interface().(time.Time))
		return reflect.ValueOf(mark), changed
	case t.Kind() == reflect.Pointer && t.Elem() == timeType():
		return w.pointer(v)
	case opaque(t, addressable) || !w.enter():
		return v, false
	}
	defer w.leave()
	switch t.Kind() {
	case reflect.Interface:
		return w.inside(v)
	case reflect.Pointer:
		return w.pointer(v)
	case reflect.Struct:
		return w.structure(v, addressable)
	case reflect.Map:
		return w.mapping(v)
	case reflect.Slice:
		if isBytes(t) {
			return w.slice(v)
		}
		return w.elements(v, true)
	case reflect.Array:
		return w.elements(v, addressable)
	case reflect.Float32, reflect.Float64:
		return w.number(v)
	}
	return v, false
}

// inside rewrites what is in an interface.
func (w *rewriter) inside(v reflect.Value) (reflect.Value, bool) {
	if v.IsNil() {
		return v, false
	}
	out, changed := w.dynamic(v.Elem().Interface())
	if !changed {
		return v, false
	}
	return reflect.ValueOf(out), true
}

func (w *rewriter) pointer(v reflect.Value) (reflect.Value, bool) {
	if v.IsNil() {
		return v, false
	}
	elem, changed := w.value(v.Elem(), true)
	if !changed {
		return v, false
	}
	p := reflect.New(elem.Type())
	p.Elem().Set(elem)
	return p.Convert(v.Type()), true
}

// slice replaces a slice type made of bytes.
func (w *rewriter) slice(v reflect.Value) (reflect.Value, bool) {
	mark, changed := w.bytes(v.Bytes())
	if !changed {
		return v, false
	}
	out := reflect.MakeSlice(v.Type(), len(mark), len(mark))
	for i, b := range mark {
		out.Index(i).SetUint(uint64(b))
	}
	return out, true
}

// elements rewrites a slice or array.
func (w *rewriter) elements(v reflect.Value, addressable bool) (out reflect.Value, changed bool) {
	out = v
	if !w.numbers && !leadsSomewhere(v.Type().Elem()) {
		return v, false
	}
	for i := range v.Len() {
		elem, different := w.value(v.Index(i), addressable)
		if !different {
			continue
		}
		if !changed {
			out, changed = cloneElements(v), true
		}
		out.Index(i).Set(elem)
	}
	return out, changed
}

func cloneElements(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Array {
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		return c
	}
	c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(c, v)
	return c
}

func (w *rewriter) mapping(v reflect.Value) (out reflect.Value, changed bool) {
	out = v
	if !w.numbers && !leadsSomewhere(v.Type().Elem()) {
		return v, false
	}
	for k, elem := range v.Seq2() {
		elem, different := w.value(elem, false)
		if !different {
			continue
		}
		if !changed {
			out, changed = cloneMap(v), true
		}
		out.SetMapIndex(k, elem)
	}
	return out, changed
}

func cloneMap(v reflect.Value) reflect.Value {
	c := reflect.MakeMapWithSize(v.Type(), v.Len())
	for k, elem := range v.Seq2() {
		c.SetMapIndex(k, elem)
	}
	return c
}

// number replaces a number that is not finite.
func (w *rewriter) number(v reflect.Value) (reflect.Value, bool) {
	if !w.numbers || !notFinite(v.Float()) {
		return v, false
	}
	out := reflect.New(v.Type()).Elem()
	out.SetFloat(w.marks.ofNull(v.Type().Bits()))
	return out, true
}

func (w *rewriter) structure(v reflect.Value, addressable bool) (out reflect.Value, changed bool) {
	s := &structCopy{of: v}
	w.fields(v, nil, addressable, s)
	if s.changed {
		return s.to, true
	}
	return v, false
}

// structCopy copies a struct when the first of its fields is replaced.
type structCopy struct {
	of, to  reflect.Value
	changed bool
}

func (s *structCopy) set(index []int, v reflect.Value) {
	if !s.changed {
		s.changed = true
		s.to = reflect.New(s.of.Type()).Elem()
		s.to.Set(s.of)
	}
	s.to.FieldByIndex(index).Set(v)
}

// fields rewrites the fields of v, which is the struct being copied or one
// embedded in it at index: fields of an embedded struct can be set one by one
// even where the struct itself, not exported, cannot.
func (w *rewriter) fields(v reflect.Value, index []int, addressable bool, s *structCopy) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if !written(f) || !w.numbers && !leadsSomewhere(f.Type) {
			continue
		}
		at := append(slices.Clone(index), i)
		switch {
		case inlined(f):
			w.fields(v.Field(i), at, addressable, s)
		case !f.IsExported():
			w.hidden(f, v.Field(i))
		case isBytes(f.Type) && v.Field(i).Len() == 0 && omitsEmpty(f):
		default:
			if out, changed := w.value(v.Field(i), addressable); changed {
				s.set(at, out)
			}
		}
	}
}

// hidden refuses an embedded pointer to a struct that is not exported: it is
// written, but cannot be replaced by one to a copy.
func (w *rewriter) hidden(f reflect.StructField, v reflect.Value) {
	if !v.IsNil() && leadsSomewhere(f.Type) {
		w.fail(fmt.Errorf("cannot look for binary values behind the embedded pointer %s, which is not exported", f.Name))
	}
}
