package sioargs

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDecodeArg(t *testing.T) {
	blobs := [][]byte{[]byte("one"), []byte("two"), {}}
	type target struct {
		Name  string
		Data  []byte
		Any   any
		List  [][]byte
		Map   map[string]blob
		Deep  *target
		Raw   json.RawMessage
		Array [2]any
		hiddenInner
	}
	tests := []struct {
		raw  string
		want any // and the type to decode into
	}{
		{`"a"`, "a"},
		{`1`, 1},
		{`1.5`, 1.5},
		{`null`, (*int)(nil)},
		{`9007199254740993`, int64(1<<53 + 1)},
		{`18446744073709551615`, uint64(1<<64 - 1)},
		{`"2026-11-22T11:00:00.120Z"`, time.Date(2026, 11, 22, 11, 0, 0, 120e6, time.UTC)},
		{` {"a": [1, 2] } `, json.RawMessage(` {"a": [1, 2] } `)},
		{`$0`, []byte("one")},
		{` { "num" : 1 , "_placeholder" : true } `, []byte("two")},
		{`$2`, []byte{}},
		{`null`, []byte(nil)},
		{`$1`, blob("two")},
		{`$0`, []smallByte("one")},
		{`$0`, ptr(blob("one"))},
		{`[$0,$1,$0,null]`, [][]byte{[]byte("one"), []byte("two"), []byte("one"), nil}},
		{`{"a":$1}`, map[string][]byte{"a": []byte("two")}},
		{`{"a":{"b":[$1]}}`, map[string]map[string][]blob{"a": {"b": {blob("two")}}}},
		{`{"Name":"n","Data":$0,"Any":[$1,{"x":$2,"y":"$"}],"List":[$0,$0],"Map":{"k":$1},"Deep":{"Data":$2,"Raw":[$1]},"Raw":{"r":[$1,$0,"x"]},"Array":[1,$1],"Hidden":$1,"Unknown":$0}`,
			target{
				Name: "n", Data: []byte("one"), Any: []any{[]byte("two"), map[string]any{"x": []byte{}, "y": "$"}}, List: [][]byte{[]byte("one"), []byte("one")},
				Map: map[string]blob{"k": blob("two")}, Deep: &target{Data: []byte{}, Raw: json.RawMessage(ph(`[$1]`))}, Raw: json.RawMessage(ph(`{"r":[$1,$0,"x"]}`)),
				Array: [2]any{1.0, []byte("two")}, hiddenInner: hiddenInner{Hidden: []byte("two")},
			}},
		{`{"Data":"b25l"}`, target{Data: []byte("one")}},
		{`{"Data":"b25l","List":[$1]}`, target{Data: []byte("one"), List: [][]byte{[]byte("two")}}},
	}
	for _, tt := range tests {
		t.Run(tt.raw, func(t *testing.T) {
			into := reflect.New(reflect.TypeOf(tt.want))
			if err := DecodeArg([]byte(ph(tt.raw)), blobs, into.Interface()); err != nil {
				t.Fatal(err)
			}
			if got := into.Elem().Interface(); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %#v\nwant %#v", got, tt.want)
			}
		})
	}
}

func TestDecodeIntoAny(t *testing.T) {
	blobs := [][]byte{[]byte("one")}
	tests := []struct {
		raw  string
		want any
	}{
		{`null`, nil},
		{`"9007199254740993"`, "9007199254740993"},
		{`1`, 1.0},
		{`9007199254740992`, float64(1 << 53)},
		{`-9007199254740992`, float64(-1 << 53)},
		{`9007199254740993`, int64(1<<53 + 1)},
		{`-9007199254740993`, int64(-1<<53 - 1)},
		{`9223372036854775807`, int64(1<<63 - 1)},
		{`9223372036854775808`, uint64(1 << 63)},
		{`18446744073709551615`, uint64(1<<64 - 1)},
		{`18446744073709551616`, json.Number("18446744073709551616")},
		{`-9223372036854775809`, json.Number("-9223372036854775809")},
		{`9007199254740993.0`, float64(1<<53) + 0},
		{`1.00000000000000001`, 1.0},
		{`0.1234567890123456789`, 0.12345678901234568},
		{`[9007199254740993,{"a":9007199254740993,"b":2,"c":"x","d":[true,null]}]`,
			[]any{int64(1<<53 + 1), map[string]any{"a": int64(1<<53 + 1), "b": 2.0, "c": "x", "d": []any{true, nil}}}},
		{`$0`, []byte("one")},
		{`[$0,{"a":$0,"b":9007199254740993}]`, []any{[]byte("one"), map[string]any{"a": []byte("one"), "b": int64(1<<53 + 1)}}},
	}
	for _, tt := range tests {
		var got any
		if err := DecodeArg([]byte(ph(tt.raw)), blobs, &got); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %#v, %v, want %#v", tt.raw, got, err, tt.want)
		}
	}
}

// TestDecodeNumbersWhereTheyAreDeclared asserts that exact integers in
// interfaces are no reason to touch what is declared otherwise.
func TestDecodeNumbersWhereTheyAreDeclared(t *testing.T) {
	var got struct {
		N json.Number
		F float64
		A any
		M map[string]any
		S string
	}
	raw := `{"N":9007199254740993,"F":9007199254740993,"A":9007199254740993,"M":{"a":9007199254740993},"S":"9007199254740993"}`
	if err := DecodeArg([]byte(raw), nil, &got); err != nil {
		t.Fatal(err)
	}
	if want := "{9007199254740993 9.007199254740992e+15 9007199254740993 map[a:9007199254740993] 9007199254740993}"; fmt.Sprint(got) != want {
		t.Errorf("got %v", got)
	}
	if _, ok := got.M["a"].(int64); !ok {
		t.Errorf("in the map there is a %T", got.M["a"])
	}
}

// TestDecodeWithoutBlobs asserts that placeholders mean nothing when the
// packet had no attachments.
func TestDecodeWithoutBlobs(t *testing.T) {
	var got any
	if err := DecodeArg([]byte(ph(`$0`)), nil, &got); err != nil || fmt.Sprint(got) != "map[_placeholder:true num:0]" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestDecodeAliasesBlobs(t *testing.T) {
	store := []byte("onetwo")
	blobs := [][]byte{store[:3], store[3:]}
	var top []byte
	var list [][]byte
	var dynamic any
	for raw, into := range map[string]any{`$0`: &top, `[$0]`: &list, `[{"a":$0}]`: &dynamic} {
		if err := DecodeArg([]byte(ph(raw)), blobs, into); err != nil {
			t.Fatal(err)
		}
	}
	inside := dynamic.([]any)[0].(map[string]any)["a"].([]byte)
	for _, b := range [][]byte{top, list[0], inside} {
		if &b[0] != &store[0] {
			t.Error("copied")
		}
		_ = append(b, '?')
	}
	if string(store) != "onetwo" {
		t.Errorf("appending to one attachment changed the next: %s", store)
	}
}

func TestDecodeErrors(t *testing.T) {
	blobs := [][]byte{[]byte("one")}
	tests := []struct {
		raw    string
		into   any
		reason string
	}{
		{`"b25l"`, new([]byte), "string, not an attachment"},
		{`[1,2]`, new([]byte), "array, not an attachment"},
		{`{"a":$0}`, new([]byte), "object, not an attachment"},
		{`[$0]`, new(blob), "array, not an attachment"},
		{`1`, new(blob), "number, not an attachment"},
		{`true`, new(blob), "bool, not an attachment"},
		{`$0`, new(string), "attachment"},
		{`["x",$0]`, new([]string), "attachment"},
		{`{"a":$0}`, new(map[string]string), "attachment"},
		{`{"A":$0}`, new(struct{ A string }), "attachment"},
		{`$0`, new(int), "cannot unmarshal"},
		{`"x"`, new(int), "cannot unmarshal"},
		{`[1e999]`, new(any), "cannot unmarshal"},
		{`[9007199254740993,1e999]`, new(any), "cannot unmarshal"},
	}
	for _, tt := range tests {
		err := DecodeArg([]byte(ph(tt.raw)), blobs, tt.into)
		var mismatch *json.UnmarshalTypeError
		if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("%s into %T: error %v, want %q", tt.raw, tt.into, err, tt.reason)
		}
	}
	for _, into := range []any{nil, 5, (*int)(nil), (*[]byte)(nil), (*json.RawMessage)(nil)} {
		if err := DecodeArg([]byte(ph(`[$0]`)), blobs, into); err == nil {
			t.Errorf("into %#v: no error", into)
		}
		if err := DecodeArg([]byte(`[9007199254740993]`), nil, into); err == nil {
			t.Errorf("into %#v: no error", into)
		}
	}
	if err := DecodeArg([]byte(ph(`$1`)), blobs, new(any)); err == nil {
		t.Error("an attachment that is not there was found")
	}
}

// TestDecodeForeignUnmarshaler asserts that a type that reads its JSON itself
// gets a string for an attachment, and no panic.
func TestDecodeForeignUnmarshaler(t *testing.T) {
	var got struct {
		R reader
		P *reader
	}
	if err := DecodeArg([]byte(ph(`{"R":$0,"P":[$0]}`)), [][]byte{[]byte("one")}, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.R.raw) != markChars+2 || got.R.raw[0] != '"' {
		t.Errorf("got %s", got.R.raw)
	}
}

type reader struct{ raw string }

func (r *reader) UnmarshalJSON(b []byte) error {
	r.raw = string(b)
	return nil
}

// TestDecodeIntoWhatIsThere asserts that values that were there before are
// merged with as json.Unmarshal does it, and that a cycle among them ends.
func TestDecodeIntoWhatIsThere(t *testing.T) {
	inside := &inner{Data: []byte("old")}
	v := struct{ A, B any }{A: inside, B: 1}
	if err := DecodeArg([]byte(ph(`{"A":{"data":$0}}`)), [][]byte{[]byte("new")}, &v); err != nil {
		t.Fatal(err)
	}
	if v.A != any(inside) || string(inside.Data) != "new" || v.B != 1 {
		t.Errorf("got %+v, %s", v, inside.Data)
	}
	r := &ring{}
	r.Next = r
	if err := DecodeArg([]byte(ph(`{"Any":$0}`)), [][]byte{[]byte("x")}, r); !errors.Is(err, errCycle) {
		t.Errorf("error %v", err)
	}
}
