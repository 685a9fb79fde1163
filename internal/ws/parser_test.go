package ws

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// transcript is a sink that writes down what it gets.
type transcript struct {
	events []string
	err    error // how it ended; the last event says so too
}

func (tr *transcript) message(op Opcode, data []byte) bool {
	tr.events = append(tr.events, fmt.Sprintf("message %d %q", op, data))
	return true
}

func (tr *transcript) control(op Opcode, data []byte) bool {
	tr.events = append(tr.events, fmt.Sprintf("control %d %q", op, data))
	return op != OpClose
}

// parse feeds wire in pieces that end at the given cuts.
func parse(ps *parser, wire []byte, cuts ...int) *transcript {
	tr := &transcript{}
	wire = bytes.Clone(wire) // the parser unmasks in place
	from := 0
	for _, to := range append(cuts, len(wire)) {
		if err := ps.feed(wire[from:to], tr); err != nil {
			tr.events, tr.err = append(tr.events, err.Error()), err
			break
		}
		from = to
	}
	return tr
}

func newParser(maxMessage int64, maxFragments int) *parser {
	return &parser{maxMessage: maxMessage, maxFragments: maxFragments}
}

// announce is a header alone, with the length in its 64-bit form.
func announce(first byte, n uint64) []byte {
	p := binary.BigEndian.AppendUint64([]byte{first, 0x80 | len64}, n)
	return append(p, testKey[:]...)
}

func TestLimits(t *testing.T) {
	const limit = 1000
	fill := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct {
		name string
		wire []byte
		code int // 0: accepted
	}{
		{"exact", raw(0x82, fill(limit)), 0},
		{"one more", raw(0x82, fill(limit+1)), 1009},
		{"one more, header only", raw(0x82, fill(limit+1))[:8], 1009},
		{"fragments exact", join(raw(0x02, fill(600)), raw(0x80, fill(400))), 0},
		{"fragments one more", join(raw(0x02, fill(600)), raw(0x80, fill(401))[:8]), 1009},
		{"not counted together", join(raw(0x82, fill(600)), raw(0x82, fill(600))), 0},
		{"pings not counted", join(raw(0x02, fill(990)), raw(0x89, fill(100)), raw(0x80, fill(10))), 0},
		{"most fragments", fragments(2, fill(100), 10), 0},
		{"fragment too many", fragments(2, fill(101), 10), 1008},
		{"empty fragments", bytes.Repeat(raw(0x00, ""), 50), 1002},
		{"flood of empty fragments", join(raw(0x02, ""), bytes.Repeat(raw(0x00, ""), 50)), 1008},
		{"2^31", announce(0x82, 1<<31), 1009},
		{"2^63-1", announce(0x82, math.MaxInt64), 1009},
		{"2^63", announce(0x82, 1<<63), 1002},
		{"2^64-1", announce(0x82, math.MaxUint64), 1002},
		{"2^63-1 after a fragment", join(raw(0x02, fill(600)), announce(0x80, math.MaxInt64)), 1009},
		{"2^64-600 after a fragment", join(raw(0x02, fill(600)), announce(0x80, 1<<64-600)), 1002},
		{"125 in 16 bits", []byte{0x82, 0x80 | len16, 0, 125, 1, 2, 3, 4}, 1002},
		{"65535 in 64 bits", announce(0x82, 65535), 1002},
		{"0 in 64 bits", announce(0x82, 0), 1002},
		{"ping of 126", raw(0x89, fill(126))[:2], 1002},
		{"unmasked", AppendFrame(nil, OpText, []byte("hello"))[:2], 1002},
		{"unmasked ping", AppendFrame(nil, OpPing, nil), 1002},
	} {
		tr := &transcript{}
		ps := newParser(limit, 10)
		err := ps.feed(bytes.Clone(test.wire), tr)
		var rule *ProtocolError
		errors.As(err, &rule)
		if (err == nil) != (test.code == 0) || rule != nil && rule.Code != test.code {
			t.Errorf("%s: %v, want %d", test.name, err, test.code)
		}
	}
}

// TestUnlimited wants lengths not to overflow where the limit is the highest.
func TestUnlimited(t *testing.T) {
	ps := newParser(math.MaxInt64, 10)
	if err := ps.feed(join(raw(0x02, "x"), announce(0x80, math.MaxInt64)), &transcript{}); err == nil {
		t.Error("2^63 bytes over two fragments accepted")
	}
	ps = newParser(math.MaxInt64, 10)
	if err := ps.feed(announce(0x82, math.MaxInt64), &transcript{}); err != nil {
		t.Error(err)
	}
	if cap(ps.msg) > assembleMin {
		t.Errorf("%d bytes for an announcement", cap(ps.msg))
	}
}

// TestGrowth wants what an incomplete message holds to follow what arrived, not
// what was announced, and to be exact at the end.
func TestGrowth(t *testing.T) {
	const size = 1 << 20
	wire := raw(0x82, strings.Repeat("x", size))
	ps := newParser(size, 1)
	tr := &transcript{}
	arrived := -14
	for len(wire) > 1000 {
		if err := ps.feed(wire[:1000], tr); err != nil {
			t.Fatal(err)
		}
		wire = wire[1000:]
		arrived += 1000
		if cap(ps.msg) > max(2*arrived, assembleMin) || cap(ps.msg) > size {
			t.Fatalf("%d bytes held for %d that arrived", cap(ps.msg), arrived)
		}
	}
	ps.feed(wire, tr)
	if len(tr.events) != 1 || ps.msg != nil {
		t.Errorf("%d messages, %d bytes kept", len(tr.events), cap(ps.msg))
	}
}

// TestGrowthOfFragments wants the room of a message in many fragments to grow
// in few steps.
func TestGrowthOfFragments(t *testing.T) {
	wire := fragments(2, strings.Repeat("x", 1_000_000), 1000)
	allocs := testing.AllocsPerRun(1, func() {
		ps := newParser(1_000_000, 1024)
		if err := ps.feed(bytes.Clone(wire), countSink{new(int)}); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 20 {
		t.Errorf("%v allocations", allocs)
	}
}

type countSink struct{ n *int }

func (s countSink) message(Opcode, []byte) bool { *s.n++; return true }
func (s countSink) control(Opcode, []byte) bool { return true }

// TestStops wants nothing to be read after a close frame.
func TestStops(t *testing.T) {
	wire := join(raw(0x81, "one"), closeFrame(1000, ""), raw(0x81, "two"), []byte{0xff, 0xff})
	tr := parse(newParser(100, 10), wire)
	if want := []string{`message 1 "one"`, `control 8 "\x03\xe8"`}; !reflect.DeepEqual(tr.events, want) {
		t.Errorf("%v, want %v", tr.events, want)
	}
}

func TestClosePayload(t *testing.T) {
	for _, test := range []struct {
		code   int
		reason string
		want   string
	}{
		{0, "ignored", ""},
		{1000, "", "\x03\xe8"},
		{4000, "bye", "\x0f\xa0bye"},
		{1005, "no such code", "\x03\xf3no such code"},
		{70000, "", "\x03\xf3"},
		{-1, "", "\x03\xf3"},
		{1000, strings.Repeat("x", 200), "\x03\xe8" + strings.Repeat("x", 123)},
		{1000, strings.Repeat("é", 100), "\x03\xe8" + strings.Repeat("é", 61)},
		{1000, "a\xffb", "\x03\xe8ab"},
		{1000, "a\xc3", "\x03\xe8a"},
	} {
		if got := closePayload(test.code, test.reason); string(got) != test.want {
			t.Errorf("%d %q: %q, want %q", test.code, test.reason, got, test.want)
		}
		if err := checkClose(closePayload(test.code, test.reason)); err != nil {
			t.Errorf("%d %q: we would refuse it: %v", test.code, test.reason, err)
		}
	}
}

// FuzzParser wants bytes chopped anywhere to mean what they mean in one piece,
// and that to be what the model makes of them.
func FuzzParser(f *testing.F) {
	for _, wire := range [][]byte{
		nil,
		raw(0x81, "hello"),
		join(raw(0x01, "hel"), raw(0x89, "ping"), raw(0x00, ""), raw(0x80, "lo"), closeFrame(1000, "bye")),
		raw(0x82, strings.Repeat("\xfe", 126)),
		raw(0x82, strings.Repeat("\xfe", 3000)),
		raw(0x81, kosme+"\xed\xa0\x80"),
		join(raw(0x01, kosme[:3]), raw(0x80, kosme[3:])),
		announce(0x82, 1<<63),
		announce(0x82, 1<<31),
		{0x82, 0xfe, 0, 125, 1, 2, 3, 4},
		raw(0xc1, "compressed"),
		raw(0x83, ""),
		AppendFrame(nil, OpText, []byte("unmasked")),
		raw(0x88, "\x03"),
		fragments(1, strings.Repeat("é", 50), 3),
	} {
		f.Add(wire, uint16(1), uint16(3))
		f.Add(wire, uint16(5), uint16(2))
	}
	f.Fuzz(func(t *testing.T, wire []byte, a, b uint16) {
		whole := parse(newParser(2000, 20), wire)
		var cuts []int
		for at := 1 + int(a); at < len(wire) && len(cuts) < 500; at += 1 + int(b)%40 {
			cuts = append(cuts, at)
		}
		if chopped := parse(newParser(2000, 20), wire, cuts...); !reflect.DeepEqual(whole, chopped) {
			t.Errorf("chopped at %v:\n%v\nwhole:\n%v", cuts, chopped.events, whole.events)
		}
		m := model{maxMessage: 2000, maxFragments: 20}
		if want, got := m.read(wire), codesOnly(whole.events, whole.err); !slices.Equal(want, got) {
			t.Errorf("got:\n%v\nwant:\n%v", got, want)
		}
	})
}
