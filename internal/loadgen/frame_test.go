package loadgen

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// serverFrame is a frame as servers send it.
func serverFrame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return append(b, payload...)
}

const (
	final = 0x80
	text  = final | opText
)

func TestParseFrame(t *testing.T) {
	for name, test := range map[string]struct {
		data  []byte
		op    byte
		final bool
		size  int // of the payload
		n     int
		err   error
	}{
		"nothing":            {n: 0},
		"half a head":        {data: []byte{text}},
		"short":              {data: serverFrame(text, "42"), op: opText, final: true, size: 2, n: 4},
		"empty":              {data: serverFrame(text, ""), op: opText, final: true, n: 2},
		"two":                {data: append(serverFrame(text, "42"), serverFrame(text, "43")...), op: opText, final: true, size: 2, n: 4},
		"125":                {data: serverFrame(text, strings.Repeat("x", 125)), op: opText, final: true, size: 125, n: 127},
		"126":                {data: serverFrame(text, strings.Repeat("x", 126)), op: opText, final: true, size: 126, n: 130},
		"65535":              {data: serverFrame(text, strings.Repeat("x", 65535)), op: opText, final: true, size: 65535, n: 65539},
		"65536":              {data: serverFrame(text, strings.Repeat("x", 65536)), op: opText, final: true, size: 65536, n: 65546},
		"one byte missing":   {data: serverFrame(text, "42")[:3]},
		"length of 16 cut":   {data: []byte{text, 126, 1}},
		"length of 64 cut":   {data: []byte{text, 127, 0, 0, 0, 0, 0, 0, 0}},
		"first of several":   {data: serverFrame(opText, "4"), op: opText, size: 1, n: 3},
		"last of several":    {data: serverFrame(final|opContinuation, "2"), op: opContinuation, final: true, size: 1, n: 3},
		"ping":               {data: serverFrame(final|opPing, "?"), op: opPing, final: true, size: 1, n: 3},
		"masked":             {data: []byte{text, 0x82, 1, 2, 3, 4, 0, 0}, err: errMasked},
		"compressed":         {data: serverFrame(text|0x40, "42"), err: errReserved},
		"ping in parts":      {data: serverFrame(opPing, ""), err: errControl},
		"long close":         {data: serverFrame(final|opClose, strings.Repeat("x", 126)), err: errControl},
		"unknown opcode":     {data: serverFrame(final|3, ""), err: errAny},
		"unknown control":    {data: serverFrame(final|11, ""), err: errAny},
		"too long":           {data: binary.BigEndian.AppendUint64([]byte{text, 127}, maxMessage+1), err: errAny},
		"beyond all numbers": {data: binary.BigEndian.AppendUint64([]byte{text, 127}, 1<<63), err: errAny},
	} {
		t.Run(name, func(t *testing.T) {
			f, n, err := parseFrame(test.data)
			if !matches(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if f.op != test.op || f.final != test.final || len(f.payload) != test.size || n != test.n {
				t.Errorf("opcode %d, final %t, %d bytes of %d; want %+v", f.op, f.final, len(f.payload), n, test)
			}
		})
	}
}

// errAny stands for any error in a table.
var errAny = errors.New("any")

func matches(err, want error) bool {
	return want == errAny && err != nil || errors.Is(err, want)
}

// TestAppendFrame takes the mask off again.
func TestAppendFrame(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 4, 5, 125, 126, 127, 65535, 65536, 70000} {
		payload := bytes.Repeat([]byte("abcdefg"), size/7+1)[:size]
		b := appendFrame([]byte("before"), opText, payload)
		b = b[len("before"):]
		if b[0] != text || b[1]&0x80 == 0 {
			t.Fatalf("%d bytes begin with %x", size, b[:2])
		}
		b[1] &^= 0x80 // a server's frame of the masked payload, with the key before it
		head := len(b) - size - 4
		if got := unmask(b[head:]); !bytes.Equal(got, payload) {
			t.Errorf("%d bytes became %s", size, quote(got))
		}
		unmasked := append(b[:head:head], payload...)
		if f, n, err := parseFrame(unmasked); err != nil || n != len(unmasked) || len(f.payload) != size {
			t.Errorf("the head of %d bytes: %d of %d, %v", size, len(f.payload), n, err)
		}
	}
}

// unmask takes the key at the beginning off what follows it.
func unmask(b []byte) []byte {
	out := make([]byte, len(b)-4)
	for i := range out {
		out[i] = b[4+i] ^ b[i&3]
	}
	return out
}

// FuzzParseFrame wants the same of a stream however it is cut.
func FuzzParseFrame(f *testing.F) {
	f.Add(serverFrame(text, "42"), 1)
	f.Add(serverFrame(text, strings.Repeat("x", 126)), 3)
	f.Add(serverFrame(final|opClose, "\x03\xe8bye"), 4)
	f.Add([]byte{text, 127, 255, 255, 255, 255, 255, 255, 255, 255}, 9)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		whole, n, err := parseFrame(data)
		if err == nil && n > 0 && (n > len(data) || len(whole.payload) > n-2) {
			t.Fatalf("%d bytes with %d of payload, from %d", n, len(whole.payload), len(data))
		}
		if cut < 0 || cut >= len(data) {
			return
		}
		part, m, partErr := parseFrame(data[:cut])
		switch {
		case partErr != nil && err == nil:
			t.Fatalf("the first %d bytes are wrong: %v", cut, partErr)
		case m > 0 && (m != n || !bytes.Equal(part.payload, whole.payload)):
			t.Fatalf("the first %d bytes are another frame", cut)
		case m == 0 && partErr == nil && n > 0 && n <= cut:
			t.Fatalf("a frame of %d is not seen in %d bytes", n, cut)
		}
	})
}
