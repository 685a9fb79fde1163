package sioargs

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"
)

type (
	blob      []byte
	smallByte uint8
	stamp     struct{ time.Time }
	inner     struct {
		Data []byte `json:"data"`
	}
	hiddenInner struct {
		Hidden []byte
		Plain  int
	}
	upper string
	loud  struct{ Word []byte }
)

// MarshalText has upper written its own way.
func (u upper) MarshalText() ([]byte, error) { return []byte(strings.ToUpper(string(u))), nil }

// MarshalJSON has pointers to loud, and loud where it is addressable, written
// their own way.
func (l *loud) MarshalJSON() ([]byte, error) { return json.Marshal(string(l.Word) + "!") }

type message struct {
	User  string    `json:"user"`
	Text  string    `json:"text"`
	At    time.Time `json:"at"`
	Image []byte    `json:"image,omitempty"`
	Skip  []byte    `json:"-"`
	Inner *inner    `json:"inner,omitempty"`
	note  []byte
}

type embeds struct {
	hiddenInner
	inner `json:"named"`
	*inner2
	Last any
}

type inner2 struct{ Second []byte }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 120_900_000, time.FixedZone("", 3600))

// ph writes placeholders in a vector: $0 is {"_placeholder":true,"num":0}.
func ph(s string) string {
	for i := range 10 {
		s = strings.ReplaceAll(s, fmt.Sprint("$", i), fmt.Sprintf(`{"_placeholder":true,"num":%d}`, i))
	}
	return s
}

func TestEncodeArgs(t *testing.T) {
	year10000 := time.Date(10000, 1, 2, 3, 4, 5, 6e6, time.UTC)
	tests := []struct {
		name  string
		args  []any
		want  string
		blobs string
	}{
		{"none", nil, `[]`, ``},
		{"scalars", []any{nil, true, "a", 1, int64(-2), uint64(math.MaxUint64), 1.5, uint8(3), float32(0.1)}, `[null,true,"a",1,-2,18446744073709551615,1.5,3,0.1]`, ``},
		{"numbers as JavaScript writes them", []any{math.NaN(), math.Inf(-1), math.Copysign(0, -1), 1e21, 1e-7, 1e20}, `[null,null,0,1e+21,1e-7,100000000000000000000]`, ``},
		{"no escapes for HTML", []any{"<a>&\u2028\u2029", map[string]string{"<k>\u2028": "&\u2029"}}, "[\"<a>&\u2028\u2029\",{\"<k>\u2028\":\"&\u2029\"}]", ``},
		{"backslashes stay", []any{map[string]string{"a": `\u2028 \\u2028 ` + "\x01"}}, `[{"a":"\\u2028 \\\\u2028 \u0001"}]`, ``},
		{"bytes that are no UTF-8", []any{"a\xff", []string{"a\xff"}}, "[\"a\ufffd\",[\"a\ufffd\"]]", ``},
		{"large integers", []any{int64(1<<53 + 1), map[string]any{"id": uint64(1<<63 + 1)}}, `[9007199254740993,{"id":9223372036854775809}]`, ``},
		{"raw JSON", []any{json.RawMessage(` {"a": [1, 2] }`), json.RawMessage(nil), json.Number("12.50")}, `[ {"a": [1, 2] },null,12.50]`, ``},
		{"time", []any{noon, &noon, time.Time{}, year10000, time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)},
			`["2026-11-22T11:00:00.120Z","2026-11-22T11:00:00.120Z","0001-01-01T00:00:00.000Z","+010000-01-02T03:04:05.006Z","-000001-01-01T00:00:00.000Z"]`, ``},
		{"times inside", []any{map[string]any{"a": noon, "b": []time.Time{noon, noon.Add(time.Second)}, "c": year10000}, struct{ T *time.Time }{&noon}},
			`[{"a":"2026-11-22T11:00:00.120Z","b":["2026-11-22T11:00:00.120Z","2026-11-22T11:00:01.120Z"],"c":"+010000-01-02T03:04:05.006Z"},{"T":"2026-11-22T11:00:00.120Z"}]`, ``},
		{"bytes", []any{[]byte("one"), []byte{}, []byte(nil), blob("two")}, ph(`[$0,$1,null,$2]`), `one||two`},
		{"bytes inside", []any{map[string]any{"a": []byte("x"), "list": []any{[]byte("y"), 7, map[string]any{"c": []byte{}}}, "s": "x"}}, ph(`[{"a":$0,"list":[$1,7,{"c":$2}],"s":"x"}]`), `x|y|`},
		{"in order of appearance", []any{map[string][]byte{"b": []byte("2"), "a": []byte("1")}, []byte("3")}, ph(`[{"a":$0,"b":$1},$2]`), `1|2|3`},
		{"struct", []any{message{User: "u", Text: "t", At: noon, Image: []byte("img"), Skip: []byte("s"), Inner: &inner{[]byte("in")}, note: []byte("n")}},
			ph(`[{"user":"u","text":"t","at":"2026-11-22T11:00:00.120Z","image":$0,"inner":{"data":$1}}]`), `img|in`},
		{"omitempty", []any{&message{Image: []byte{}}}, `[{"user":"","text":"","at":"0001-01-01T00:00:00Z"}]`, ``},
		{"omitzero", []any{struct {
			T time.Time `json:",omitzero"`
			B []byte    `json:",omitzero"`
		}{}}, `[{}]`, ``},
		{"embedded", []any{embeds{hiddenInner: hiddenInner{Hidden: []byte("h"), Plain: 1}, inner: inner{Data: []byte("d")}, Last: []byte("l")}},
			ph(`[{"Hidden":$0,"Plain":1,"named":{"data":$1},"Last":$2}]`), `h|d|l`},
		{"arrays, pointers, maps", []any{[2][]byte{[]byte("a"), []byte("b")}, ptr(ptr([]byte("c"))), map[int]*inner{1: {Data: []byte("d")}}, []blob{blob("e"), nil}},
			ph(`[[$0,$1],$2,{"1":{"data":$3}},[$4,null]]`), `a|b|c|d|e`},
		{"own kinds of byte", []any{[]smallByte{1, 2}, [3]byte{1, 2, 3}}, ph(`[$0,[1,2,3]]`), "\x01\x02"},
		{"marshalers", []any{net.IPv4(127, 0, 0, 1), upper("abc"), []any{upper("d"), json.RawMessage(`[1]`)}, map[upper]int{"k": 1}, stamp{noon}},
			`["127.0.0.1","ABC",["D",[1]],{"k":1},"2026-11-22T12:00:00.1209+01:00"]`, ``},
		{"marshaler of the pointer", []any{&loud{[]byte("hey")}, loud{[]byte("quiet")}, []loud{{[]byte("ho")}}, map[string]loud{"k": {[]byte("quiet")}}, &struct{ L loud }{loud{[]byte("hi")}}},
			ph(`["hey!",{"Word":$0},["ho!"],{"k":{"Word":$1}},{"L":"hi!"}]`), `quiet|quiet`},
		{"not finite inside", []any{[]float64{1, math.NaN()}, map[string]any{"a": math.Inf(1), "b": float32(math.Inf(-1)), "c": []byte("x")}, struct{ F float32 }{float32(math.NaN())}, ptr(math.NaN())},
			ph(`[[1,null],{"a":null,"b":null,"c":$0},{"F":null},null]`), `x`},
		{"like a placeholder", []any{map[string]any{"_placeholder": true, "num": 0}}, `[{"_placeholder":true,"num":0}]`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw, blobs, err := EncodeArgs(tt.args)
			if err != nil {
				t.Fatal(err)
			}
			if string(raw) != tt.want {
				t.Errorf("got  %s\nwant %s", raw, tt.want)
			}
			if got := joined(blobs); got != tt.blobs {
				t.Errorf("blobs %q, want %q", got, tt.blobs)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func joined(blobs [][]byte) string {
	var parts []string
	for _, b := range blobs {
		parts = append(parts, string(b))
	}
	return strings.Join(parts, "|")
}

type failing struct{}

func (failing) MarshalJSON() ([]byte, error) { return nil, errors.New("will not") }

type ring struct {
	Next *ring
	Any  any
}

type plainRing struct{ Next *plainRing }

func TestEncodeErrors(t *testing.T) {
	var (
		self    = map[string]any{}
		list    = make([]any, 1)
		pointer = &ring{}
		plain   = &plainRing{}
		many    = make([][]byte, 11)
	)
	self["self"], list[0], pointer.Next, plain.Next = self, list, pointer, plain
	for i := range many {
		many[i] = []byte{byte(i)}
	}
	tests := []struct {
		name   string
		arg    any
		reason string
	}{
		{"channel", make(chan int), "unsupported type"},
		{"function inside", map[string]any{"f": func() {}}, "unsupported type"},
		{"failing marshaler", failing{}, "will not"},
		{"map in itself", self, "contains itself"},
		{"list in itself", list, "contains itself"},
		{"pointer to itself", pointer, "contains itself"},
		{"plain pointer to itself", plain, "cycle"},
		{"bad raw JSON", json.RawMessage(`{"a":`), "unexpected end"},
		{"empty raw JSON", json.RawMessage{}, "unexpected end"},
		{"two raw values", json.RawMessage(`1 2`), "more than one"},
		{"bad number", json.Number("one"), "invalid number"},
		{"too many attachments", many, "11 attachments, at most 10"},
		{"bytes behind a hidden pointer", embeds{inner2: &inner2{Second: []byte("x")}}, "inner2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw, blobs, err := EncodeArgs([]any{"fine", tt.arg})
			var failed *EncodeError
			if !errors.As(err, &failed) || failed.Index != 1 || raw != nil || blobs != nil {
				t.Fatalf("got %s, %q, error %v", raw, blobs, err)
			}
			if !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("error %q does not say %q", err, tt.reason)
			}
		})
	}
	var few *AttachmentsError
	if _, _, err := EncodeArgs([]any{many}); !errors.As(err, &few) || few.Max != MaxAttachments {
		t.Errorf("error %v", err)
	}
	if _, blobs, err := EncodeArgs([]any{many[:10]}); err != nil || len(blobs) != 10 {
		t.Errorf("%d blobs, error %v", len(blobs), err)
	}
	if _, blobs, err := EncodeArgsLimit([]any{many}, 11); err != nil || len(blobs) != 11 {
		t.Errorf("%d blobs, error %v", len(blobs), err)
	}
}

// TestImpostors asserts that data of somebody's making cannot pass for an
// attachment at the receivers.
func TestImpostors(t *testing.T) {
	like := func(num any) map[string]any { return map[string]any{"_placeholder": true, "num": num} }
	tests := []struct {
		args  []any
		index int // -1: it is fine
	}{
		{[]any{like(0), "text"}, -1},
		{[]any{map[string]any{"_placeholder": false, "num": 0}, []byte("x")}, -1},
		{[]any{[]byte("x"), like(0)}, 1},
		{[]any{[]byte("x"), "a", like(99)}, 2},
		{[]any{"a", []any{like("x")}, []byte("x")}, 1},
		{[]any{json.RawMessage(`{"\u005fplaceholder":true,"num":1}`), []byte("x"), []byte("y")}, 0},
		{[]any{like(0), []byte("x")}, 1}, // one of the two is wrong
	}
	for i, tt := range tests {
		_, _, err := EncodeArgs(tt.args)
		var failed *EncodeError
		switch {
		case tt.index < 0 && err != nil:
			t.Errorf("%d: %v", i, err)
		case tt.index >= 0 && (!errors.As(err, &failed) || failed.Index != tt.index || failed.Err != errImpostor):
			t.Errorf("%d: error %v, want one for argument %d", i, err, tt.index)
		}
	}
}

// TestEncodeChangesNothing asserts that the values given are the same
// afterwards, and that the result does not share their memory.
func TestEncodeChangesNothing(t *testing.T) {
	make := func() []any {
		return []any{
			map[string]any{"a": []byte("x"), "t": noon, "n": math.NaN(), "l": []any{[]byte("y")}},
			&message{At: noon, Image: []byte("img"), Inner: &inner{[]byte("in")}},
			map[string]inner{"k": {[]byte("z")}}, [1][]byte{[]byte("w")}, []byte("v"), json.RawMessage(`"r"`),
		}
	}
	args := make()
	raw, blobs, err := EncodeArgs(args)
	if err != nil {
		t.Fatal(err)
	}
	// NaN is never equal to itself.
	if fmt.Sprintf("%+v", args[0]) != fmt.Sprintf("%+v", make()[0]) || !reflect.DeepEqual(args[1:], make()[1:]) {
		t.Errorf("changed: %+v", args)
	}
	before, text := joined(blobs), string(raw)
	args[0].(map[string]any)["a"].([]byte)[0] = '?'
	args[1].(*message).Image[0] = '?'
	args[4].([]byte)[0] = '?'
	args[5].(json.RawMessage)[1] = '?'
	if _, _, err := EncodeArgs([]any{[]byte("other"), map[string]any{"b": []byte("other")}}); err != nil {
		t.Error(err)
	}
	if joined(blobs) != before || string(raw) != text {
		t.Errorf("the result changed with the arguments: %s, %q", raw, blobs)
	}
}

// TestMarksOfOthersMeanNothing asserts that marks of an earlier call, which
// somebody may have seen, are plain text in the next.
func TestMarksOfOthersMeanNothing(t *testing.T) {
	var m marks
	mark := m.ofBytes([]byte("secret"))
	stamp := m.ofTime(noon)
	number := m.ofNull(64)
	text := string(m.nonce.appendText(nil, 0))
	raw, blobs, err := EncodeArgs([]any{map[string]any{"a": text, "b": []byte("x"), "c": mark, "d": noon, "f": number, "g": math.NaN(), "h": stamp.Format(time.RFC3339Nano)}})
	if err != nil {
		t.Fatal(err)
	}
	want := ph(fmt.Sprintf(`[{"a":"%s","b":$0,"c":$1,"d":"2026-11-22T11:00:00.120Z","f":%v,"g":null,"h":"%s"}]`, text, json.Number(fmt.Sprint(number)), stamp.Format(time.RFC3339Nano)))
	if string(raw) != want || len(blobs) != 2 {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}

// TestMarkLikeText asserts that text that begins as a mark of the same call
// does, which nobody can guess, is left alone unless it is one.
func TestMarkLikeText(t *testing.T) {
	var m marks
	m.ofBytes([]byte("x"))
	m.ofTime(noon)
	attach := func([]byte) (int, error) { return 0, nil }
	nonce := string(m.nonce.appendText(nil, 0)[:nonceChars])
	for _, text := range []string{`"` + nonce, `"` + nonce + `AAA`, `"` + nonce + `AAAB"`, `"` + nonce + `???? "`} {
		if got, err := m.restoreBlobs([]byte(text), attach); err != nil || string(got) != text {
			t.Errorf("%s became %s, %v", text, got, err)
		}
	}
	second := m.timeMark(0).Format(`"2006-01-02T15:04:05.`)
	for _, text := range []string{second, second + `000000007Z"`, second + `abcdefghiZ"`, second + `1Z" and more`} {
		if got := m.restoreTimes([]byte(text)); string(got) != text {
			t.Errorf("%s became %s", text, got)
		}
	}
}

func TestEveryDrawMakesGoodMarks(t *testing.T) {
	for range 5000 {
		var m marks
		first := m.ofTime(noon)
		last := m.timeMark(maxTimes - 1)
		if y := first.Year(); y < 1000 || y > 9000 || first.Unix() != last.Unix() {
			t.Fatalf("times from %v to %v", first, last)
		}
		if m.number < 1e21 || math.IsInf(m.number, 0) || m.number32 < 1e21 || notFinite(float64(m.number32)) {
			t.Fatalf("numbers %v and %v", m.number, m.number32)
		}
	}
}

// TestFewAllocations allows two more than there are, for under the race
// detector a sync.Pool forgets at random.
func TestFewAllocations(t *testing.T) {
	tests := []struct {
		name string
		args []any
		most float64
	}{
		{"scalars", []any{"hello", 1, 1.5, true}, 3},
		{"plain struct", []any{&struct{ A, B string }{"a", "b"}}, 4},
		{"bytes", []any{"image", []byte("x")}, 5},
	}
	for _, tt := range tests {
		if n := testing.AllocsPerRun(100, func() {
			if _, _, err := EncodeArgs(tt.args); err != nil {
				t.Error(err)
			}
		}); n > tt.most {
			t.Errorf("%s: %v allocations", tt.name, n)
		}
	}
}
