package siowire

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

var jsonVectors = []string{
	`{}`, `[]`, `null`, `true`, `false`, `0`, `-0`, `1`, `-1`, `10`, `1.5`, `1e5`, `1E+5`, `1e-5`, `""`, `"a"`,
	` [ 1 , { "a" : [ ] } , "x" ] `, "\t\r\n{}\n", `{"a":{"b":[{},[],""]},"c":null}`, `"\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00"`, `"\ud800"`,
	`"é 😀"`, "\"\u2028\"", "\"\x7f\"",
	``, ` `, `["`, `{`, `}`, `[`, `]`, `[}`, `{]`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{a:1}`, `{"a" 1}`, `{1:2}`,
	`01`, `-`, `-a`, `1.`, `.5`, `1.e5`, `1e`, `1e+`, `+1`, `0x1`, `--1`, `1e5.5`, `NaN`, `Infinity`, `nul`, `nulll`, `tru`, `True`, `falsee`,
	`"`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "\"\x00\"", "\"\xff\"", "\"\xed\xa0\x80\"", `'a'`, `1 2`, `{}{}`, `[]]`, `"a""b"`, "\ufeff1", "\v1", `undefined`,
}

func TestValidAgreesWithStandardLibrary(t *testing.T) {
	for _, in := range jsonVectors {
		checkValid(t, []byte(in))
	}
}

// checkValid compares Valid to encoding/json, which is laxer in one thing: it
// takes strings that are no UTF-8.
func checkValid(t *testing.T, data []byte) {
	t.Helper()
	want := json.Valid(data) && utf8.Valid(data)
	if err := Valid(data, 10000); (err == nil) != want {
		t.Errorf("%q: got %v, want valid %v", data, err, want)
	}
}

// checklist: 231
func TestValidDepth(t *testing.T) {
	nested := func(n int, inner string) []byte {
		return []byte(strings.Repeat(`[{"a":`, n/2) + inner + strings.Repeat(`}]`, n/2))
	}
	for _, depth := range []int{2, 64, 126, 128, 512, 514, 1000, 5000} {
		if err := Valid(nested(depth, "1"), depth); err != nil {
			t.Errorf("depth %d: %v", depth, err)
		}
		if err := Valid(nested(depth, "[]"), depth); err == nil {
			t.Errorf("depth %d: an array more is accepted", depth)
		}
		if err := Valid(bytes.Replace(nested(depth, "1"), []byte("1}"), []byte("1]"), 1), depth); err == nil {
			t.Errorf("depth %d: a wrong bracket is accepted", depth)
		}
	}
	if err := Valid(bytes.Repeat([]byte("["), 1<<20), 0); err == nil {
		t.Error("a flood of brackets is accepted")
	}
}

func TestValidOffset(t *testing.T) {
	err := Valid([]byte(`{"a": nope}`), 0)
	if syntax, ok := err.(*SyntaxError); !ok || syntax.Offset != 6 {
		t.Errorf("got %#v", err)
	}
}

func TestElements(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{`[]`, nil},
		{` [ ] `, nil},
		{`["a"]`, []string{`"a"`}},
		{`[1,2]`, []string{`1`, `2`}},
		{` [ "a]," , { "b" : [ "}" ] } , [ [ ] ] , -1.5e3 , null ] `, []string{`"a],"`, `{ "b" : [ "}" ] }`, `[ [ ] ]`, `-1.5e3`, `null`}},
		{`["\\",["\""]]`, []string{`"\\"`, `["\""]`}},
		{`{"a":[1]}`, nil},
		{`"x"`, nil},
		{``, nil},
	}
	for _, tt := range tests {
		var got []string
		for _, raw := range Elements(nil, []byte(tt.in)) {
			got = append(got, string(raw))
		}
		if strings.Join(got, "\x00") != strings.Join(tt.want, "\x00") {
			t.Errorf("%s: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

// TestElementsCannotGrowIntoEachOther asserts that appending to one element
// does not overwrite what stands behind it.
func TestElementsCannotGrowIntoEachOther(t *testing.T) {
	data := []byte(`["a","b"]`)
	elems := Elements(nil, data)
	_ = append(elems[0], "!!"...)
	if string(data) != `["a","b"]` {
		t.Errorf("overwritten: %s", data)
	}
}

func TestEventName(t *testing.T) {
	tests := []struct{ data, want string }{
		{`["a",1]`, "a"},
		{`[ "a b" ]`, "a b"},
		{`[""]`, ""},
		{`["\u00e9\n\"\\\/"]`, "é\n\"\\/"},
		{`["\ud83d\ude00"]`, "😀"},
		{`["\ud83dx"]`, "\ufffdx"},
		{`["\ud83d\u0041"]`, "\ufffdA"},
		{`[1]`, "1"},
		{`[1.0]`, "1"},
		{`[-0]`, "0"},
		{`[1e21]`, "1e+21"},
		{`[1e-7]`, "1e-7"},
		{`[1e-300]`, "1e-300"},
		{`[0.1]`, "0.1"},
		{`[1e999]`, "Infinity"},
		{`[-1e999]`, "-Infinity"},
		{``, ""},
		{`[]`, ""},
	}
	for _, tt := range tests {
		if got := EventName([]byte(tt.data)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.data, got, tt.want)
		}
	}
}
