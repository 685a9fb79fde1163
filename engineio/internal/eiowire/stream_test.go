package eiowire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// payload is what a StreamReader gave.
type payload struct {
	data   string
	binary bool
}

// readStream feeds a stream in pieces of n bytes.
func readStream(stream []byte, n int, limit int64) (got []payload, err error) {
	r := StreamReader{Max: limit}
	for piece := range slices.Chunk(bytes.Clone(stream), n) {
		err = r.Feed(piece, func(p []byte, isBinary bool) bool {
			got = append(got, payload{string(p), isBinary})
			return true
		})
		if err != nil {
			return got, err
		}
	}
	return got, nil
}

// TestStreamHeaders: the three sizes of a header at their edges, both kinds, in any pieces.
//
// checklist: 199
func TestStreamHeaders(t *testing.T) {
	var stream []byte
	var want []payload
	for _, n := range []int{1, 2, 125, 126, 127, 65535, 65536, 100_000} {
		for _, isBinary := range []bool{false, true} {
			data := bytes.Repeat([]byte{byte('a' + n%26)}, n)
			before := len(stream)
			stream = AppendStreamFrame(stream, data, isBinary)
			if head := len(stream) - before - n; head != StreamHeaderSize(n) {
				t.Errorf("the header of %d bytes has %d, not %d", n, head, StreamHeaderSize(n))
			}
			if marked := stream[before]&0x80 != 0; marked != isBinary {
				t.Errorf("%d bytes, binary %v: the first byte is %#x", n, isBinary, stream[before])
			}
			want = append(want, payload{string(data), isBinary})
		}
	}
	for _, n := range []int{1, 2, 3, 7, 4096, len(stream)} {
		got, err := readStream(stream, n, 100_000)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("in pieces of %d: %d payloads of %d, %v", n, len(got), len(want), err)
		}
	}
}

// TestStreamKnownBytes has the bytes of Node's encoder.
//
// checklist: 199
func TestStreamKnownBytes(t *testing.T) {
	for _, c := range []struct {
		data     string
		isBinary bool
		want     []byte
	}{
		{"0", false, []byte{1, '0'}},
		{"2probe", false, []byte("\x062probe")},
		{"\x01\x02\x03\x04", true, []byte{0x84, 1, 2, 3, 4}},
		{"", true, []byte{1, 'b'}}, // Node sends a frame that its own clients refuse
	} {
		if got := AppendStreamFrame(nil, []byte(c.data), c.isBinary); !bytes.Equal(got, c.want) {
			t.Errorf("%q became %x, not %x", c.data, got, c.want)
		}
	}
}

// TestStreamLongForms: a length may be written in more bytes than it needs.
//
// checklist: 199
func TestStreamLongForms(t *testing.T) {
	got, err := readStream([]byte("\x7e\x00\x01a\xff\x00\x00\x00\x00\x00\x00\x00\x02bc"), 3, 10)
	if want := []payload{{"a", false}, {"bc", true}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestStreamRefuses: no payload is empty, none is larger than the limit, whatever the header says.
//
// checklist: 199
func TestStreamRefuses(t *testing.T) {
	for name, stream := range map[string]string{
		"empty":                    "\x00",
		"empty, binary":            "\x80",
		"empty, 16 bits":           "\x7e\x00\x00",
		"empty, 64 bits":           "\xff\x00\x00\x00\x00\x00\x00\x00\x00",
		"too large":                "\x0b",
		"too large, 16 bits":       "\x7e\x00\x0b",
		"too large, 64 bits":       "\x7f\x00\x00\x00\x00\x00\x00\x00\x0b",
		"beyond JavaScript":        "\x7f\x00\x20\x00\x00\x00\x00\x00\x00",
		"negative as an int64":     "\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
		"too large for four bytes": "\x7f\x00\x00\x00\x01\x00\x00\x00\x01",
	} {
		for n := 1; n <= len(stream)+2; n++ {
			got, err := readStream([]byte("\x02hi"+stream), n, 10)
			if !errors.Is(err, ErrPacket) || !slices.Equal(got, []payload{{"hi", false}}) {
				t.Errorf("%s, in pieces of %d: %v, %v", name, n, got, err)
			}
		}
	}
	if got, err := readStream([]byte("\x0aaaaaaaaaaa"), 4, 10); err != nil || len(got) != 1 {
		t.Errorf("a payload of exactly the limit: %v, %v", got, err)
	}
}

// TestStreamStops: nothing is taken any more after a refusal to take.
func TestStreamStops(t *testing.T) {
	r, n := StreamReader{Max: 10}, 0
	err := r.Feed([]byte("\x01a\x01b\x00"), func([]byte, bool) bool { n++; return false })
	if err != nil || n != 1 {
		t.Errorf("%d payloads, %v", n, err)
	}
}

// TestStreamPromises: a header alone costs next to nothing.
func TestStreamPromises(t *testing.T) {
	r := StreamReader{Max: 1 << 40}
	if err := r.Feed([]byte("\x7f\x00\x00\x00\x80\x00\x00\x00\x00ab"), nil); err != nil || cap(r.part) > firstGrown {
		t.Errorf("%d bytes are kept for 2, %v", cap(r.part), err)
	}
}

// FuzzStream: no panic; the payloads are the same in any pieces, keep to the limit, and are written again as they were.
func FuzzStream(f *testing.F) {
	for _, s := range []string{
		"", "\x010", "\x062probe\x015", "\x840123", "\x00", "\x7e\x00\x80", "\x7f\x00\x00\x00\x00\x00\x00\x00\x03abc", "\x1f0{\"sid\":\"aaaaaaaaaaaaaaaaaaaa\"}",
	} {
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, stream []byte, n uint8) {
		const limit = 300
		whole, wholeErr := readStream(stream, max(len(stream), 1), limit)
		pieces, err := readStream(stream, int(n)+1, limit)
		if !slices.Equal(whole, pieces) || err != wholeErr {
			t.Fatalf("%v, %v in one piece; %v, %v in pieces of %d", whole, wholeErr, pieces, err, int(n)+1)
		}
		var again []byte
		for _, p := range whole {
			if len(p.data) == 0 || len(p.data) > limit {
				t.Fatalf("a payload of %d bytes", len(p.data))
			}
			again = AppendStreamFrame(again, []byte(p.data), p.binary)
		}
		if back, err := readStream(again, 64, limit); err != nil || !slices.Equal(back, whole) {
			t.Fatalf("%v became %v, %v", whole, back, err)
		}
	})
}

// BenchmarkStreamReader reads many small packets that come together.
func BenchmarkStreamReader(b *testing.B) {
	for _, n := range []int{30, 1000} {
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			stream := bytes.Repeat(AppendStreamFrame(nil, make([]byte, n), false), 4096/n+1)
			r := StreamReader{Max: 1000}
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			for b.Loop() {
				if err := r.Feed(stream, func([]byte, bool) bool { return true }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
