package sioevent

import (
	"reflect"
	"slices"
	"strings"
)

// field is a field as encoding/json sees it.
type field struct {
	reflect.StructField
	member   string
	depth    int  // how many embedded structs it stands in
	tagged   bool // member is from its tag
	optional bool // may be absent
	omitted  bool // is absent instead of nil
	quoted   bool // a number or a boolean that is written as a string
}

// fields are the members that encoding/json makes of a struct, in its order. Of several with one name the shallowest
// counts; among these, one that is named by its tag; if there are still two, none.
func fields(t reflect.Type) (members []field) {
	all := collect(nil, t, nil, false)
	for _, f := range all {
		rivals := slices.DeleteFunc(slices.Clone(all), func(other field) bool {
			return other.member != f.member || other.depth > f.depth || other.depth == f.depth && f.tagged && !other.tagged
		})
		if len(rivals) == 1 { // itself
			members = append(members, f)
		}
	}
	return members
}

// collect adds the fields of t, which stands in the structs path, and those of the structs embedded in it.
func collect(all []field, t reflect.Type, path []reflect.Type, optional bool) []field {
	if slices.Contains(path, t) {
		return all // embedded in itself: what it has is there already, less deep
	}
	path = append(slices.Clone(path), t)
	for i := range t.NumField() {
		f := t.Field(i)
		inner := indirect(f.Type)
		embedded := f.Anonymous && inner.Kind() == reflect.Struct
		tag := f.Tag.Get("json")
		if tag == "-" || !f.IsExported() && !embedded {
			continue
		}
		name, list, _ := strings.Cut(tag, ",")
		if embedded && name == "" {
			all = collect(all, inner, path, optional || f.Type.Kind() == reflect.Pointer)
			continue
		}
		options := strings.Split(list, ",")
		has := func(option string) bool { return slices.Contains(options, option) }
		found := field{StructField: f, member: name, depth: len(path), tagged: name != ""}
		if name == "" {
			found.member = f.Name
		}
		found.omitted = has("omitempty") || has("omitzero")
		found.optional = optional || found.omitted
		found.quoted = has("string") && scalar(inner)
		all = append(all, found)
	}
	return all
}

// scalar reports what the option "string" is meant for.
func scalar(t reflect.Type) bool {
	k := t.Kind()
	return k == reflect.Bool || k >= reflect.Int && k <= reflect.Float64 || k == reflect.String
}

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// errorMember is the field of a struct that holds the member "error", however its letters are written: encoding/json
// does not ask for their case when it reads.
func errorMember(t reflect.Type) (f field, found bool) {
	if t = indirect(t); t.Kind() != reflect.Struct {
		return field{}, false
	}
	members := fields(t)
	i := slices.IndexFunc(members, func(f field) bool { return strings.EqualFold(f.member, "error") })
	if i < 0 {
		return field{}, false
	}
	return members[i], true
}

// takesAnything reports whether the type has no members of its own, and so takes what is there.
func takesAnything(t reflect.Type) bool {
	k := indirect(t).Kind()
	return k == reflect.Interface || k == reflect.Map
}
