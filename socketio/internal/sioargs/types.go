package sioargs

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"time"
)

// reflect.TypeFor is cheap: these are functions so that the package has no
// variables but its two caches.

func timeType() reflect.Type { return reflect.TypeFor[time.Time]() }

// isBytes reports whether encoding/json takes a t for binary data: a slice of
// bytes, unless the bytes say themselves how to be written.
func isBytes(t reflect.Type) bool {
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Uint8 {
		return false
	}
	return !marshals(reflect.PointerTo(t.Elem()))
}

// marshals reports whether values of type t say themselves how to be written.
func marshals(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

// unmarshals is the same for reading.
func unmarshals(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Unmarshaler]()) || t.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// takesBytes reports whether an attachment goes into a variable of type t.
func takesBytes(t reflect.Type) bool {
	return isBytes(t) && !unmarshals(reflect.PointerTo(t))
}

// opaque reports whether encoding/json asks a value of type t, addressable or
// not, how it is to be written. Nothing may be replaced in such a value.
func opaque(t reflect.Type, addressable bool) bool {
	return marshals(t) || addressable && t.Kind() != reflect.Pointer && marshals(reflect.PointerTo(t))
}

// leads caches, by reflect.Type, what leadsSomewhere found: types do not
// change, so this is no state.
var leads sync.Map

// leadsSomewhere reports whether a value of type t may contain something to
// replace: bytes, a time, or an interface, behind which there may be both.
func leadsSomewhere(t reflect.Type) bool {
	if known, ok := leads.Load(t); ok {
		return known.(bool)
	}
	found := search(t, map[reflect.Type]bool{})
	leads.Store(t, found)
	return found
}

// search is leadsSomewhere for types that are not in seen.
func search(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch {
	case t == timeType() || t.Kind() == reflect.Pointer && t.Elem() == timeType():
		return true
	case marshals(t):
		return false
	case isBytes(t):
		return true
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice, reflect.Array, reflect.Pointer, reflect.Map:
		return search(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); written(f) && search(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// written reports whether encoding/json looks at a field.
func written(f reflect.StructField) bool {
	if f.Tag.Get("json") == "-" {
		return false
	}
	t := f.Type
	if f.Anonymous && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return f.IsExported() || f.Anonymous && t.Kind() == reflect.Struct
}

// inlined reports whether the fields of an embedded struct count as those of
// the struct around it.
func inlined(f reflect.StructField) bool {
	if !f.Anonymous || f.Type.Kind() != reflect.Struct {
		return false
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name == "" || !f.IsExported()
}

// omitsEmpty reports whether a field has the tag option omitempty.
func omitsEmpty(f reflect.StructField) bool {
	_, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	for option := range strings.SplitSeq(options, ",") {
		if option == "omitempty" {
			return true
		}
	}
	return false
}
