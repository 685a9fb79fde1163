package sioargs

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"rightnow/socketio/internal/siowire"
)

// grower makes a value of the fuzzer's bytes, and beside it what is to come
// out after encoding and decoding.
type grower struct {
	seed  []byte
	depth int
	blobs int
}

func (g *grower) next() byte {
	if len(g.seed) == 0 {
		return 0
	}
	b := g.seed[0]
	g.seed = g.seed[1:]
	return b
}

func (g *grower) take(n int) []byte {
	n = min(n, len(g.seed))
	b := append([]byte{}, g.seed[:n]...)
	g.seed = g.seed[n:]
	return b
}

func (g *grower) value() (in, out any) {
	g.depth++
	defer func() { g.depth-- }()
	kind := g.next() % 10
	if g.depth > 20 && kind >= 8 {
		kind = 0
	}
	switch kind {
	case 1:
		return true, true
	case 2:
		n := int64(g.next())<<56 | int64(g.next())
		if n > 1<<53 || n < -1<<53 {
			return n, n
		}
		return n, float64(n)
	case 3:
		return g.number()
	case 4, 5:
		s := string(g.take(int(g.next() % 40)))
		return s, string([]rune(s)) // each bad byte becomes U+FFFD
	case 6, 7:
		g.blobs++
		b := g.take(int(g.next() % 40))
		return b, b
	case 8:
		return g.list()
	case 9:
		return g.object()
	}
	return nil, nil
}

func (g *grower) number() (in, out any) {
	f := math.Float64frombits(uint64(g.next())<<56 | uint64(g.next())<<48 | uint64(g.next()))
	if notFinite(f) {
		return f, nil
	}
	if f == math.Trunc(f) && math.Abs(f) > 1<<53 { // may be written as an integer
		out, _ = exact(json.Number(siowire.AppendNumber(nil, f)))
		return f, out
	}
	return f, f
}

func (g *grower) list() (in, out any) {
	list, want := []any{}, []any{}
	for range g.next() % 6 {
		i, o := g.value()
		list, want = append(list, i), append(want, o)
	}
	return list, want
}

func (g *grower) object() (in, out any) {
	object, want := map[string]any{}, map[string]any{}
	for n := range g.next() % 6 {
		k := fmt.Sprint("k", n)
		object[k], want[k] = g.value()
	}
	return object, want
}

// FuzzRoundTrip asserts that what is encoded is decoded again.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte{8, 5, 6, 3, 1, 2, 3, 9, 2, 4, 5, 'h', 'e', 'l', 'l', 'o', 2, 0xff, 1, 3, 0x7f, 0xf0, 0, 0})
	f.Add([]byte("\x09\x05\x06\x02ab\x04\x06\xe2\x80\xa8<>&\x08\x02\x06\x00\x06\x01x"))
	f.Add([]byte{3, 0x80, 0, 0})
	f.Fuzz(func(t *testing.T, seed []byte) {
		g := grower{seed: seed}
		in, want := g.value()
		raw, blobs, err := EncodeArgsLimit([]any{in, in}, 1<<20)
		if err != nil {
			t.Fatalf("%#v: %v", in, err)
		}
		if err := siowire.Valid(raw, 10000); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		args := siowire.Elements(nil, raw)
		if len(args) != 2 || len(blobs) != 2*g.blobs {
			t.Fatalf("%s: %d arguments, %d blobs of %d", raw, len(args), len(blobs), 2*g.blobs)
		}
		for _, arg := range args {
			var got any
			if err := DecodeArg(arg, blobs, &got); err != nil {
				t.Fatalf("%s: %v", arg, err)
			}
			if fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) && !reflect.DeepEqual(got, want) {
				t.Fatalf("%s:\ngot  %#v\nwant %#v", arg, got, want)
			}
		}
	})
}

// FuzzDecode asserts that no JSON and no attachments make DecodeArg panic, and
// that what it reads can be written and read again.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`null`, `"x"`, `[1,2.5,-3e7]`, `9007199254740993`, `[18446744073709551616,{"a":[9007199254740993]}]`, `$0`, `[$0,$1,$0]`,
		`{"data":$0,"user":"$1","at":"2026-11-22T11:00:00Z","image":$1,"inner":{"data":null}}`, `{"data":"b25l"}`, `{"Hidden":$0,"Last":[$1]}`,
	} {
		f.Add([]byte(ph(s)), []byte("blob"))
	}
	f.Fuzz(func(t *testing.T, raw, blob []byte) {
		if siowire.Valid(raw, 100) != nil {
			return
		}
		blobs := [][]byte{blob, []byte("other")}
		for _, into := range []any{new([]byte), new(string), new(message), new(embeds), new(map[string][]byte), new([]blobHolder), new(json.RawMessage), new(ring)} {
			_ = DecodeArg(raw, blobs, into) // errors are fine
			_ = DecodeArg(raw, nil, into)
		}
		var first, second any
		if DecodeArg(raw, blobs, &first) != nil {
			return
		}
		again, againBlobs, err := EncodeArgsLimit([]any{first}, 1<<20)
		if err != nil {
			t.Fatalf("%s was read as %#v, which cannot be written: %v", raw, first, err)
		}
		if err := DecodeArg(siowire.Elements(nil, again)[0], againBlobs, &second); err != nil {
			t.Fatalf("%s became %s: %v", raw, again, err)
		}
		if hasPlaceholder(first) {
			return // an object that only looks like one is read as one the second time
		}
		if first, second = floats(first), floats(second); !reflect.DeepEqual(first, second) {
			t.Fatalf("%s: first %#v, then %#v", raw, first, second)
		}
	})
}

type blobHolder struct {
	B blob
	A any
	R json.RawMessage
}

// hasPlaceholder reports whether v has an object that looks like a
// placeholder.
func hasPlaceholder(v any) bool {
	return strings.Contains(fmt.Sprintf("%#v", v), `"_placeholder":`)
}

// floats makes all numbers in v float64 and positive zeros: a large number
// may be written as an integer when it was read as none, and zero has no sign
// when it is written.
func floats(v any) any {
	switch x := v.(type) {
	case float64:
		return x + 0
	case int64:
		return float64(x)
	case uint64:
		return float64(x)
	case json.Number:
		f, _ := x.Float64()
		return f
	case []any:
		for i := range x {
			x[i] = floats(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = floats(x[k])
		}
	}
	return v
}
