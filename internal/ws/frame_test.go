package ws

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"testing"
)

// The examples of RFC 6455 section 5.7.
func TestRFCExamples(t *testing.T) {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	long := make([]byte, 65536)
	for _, test := range []struct {
		name string
		got  []byte
		want string // hex of the start
		size int
	}{
		{"unmasked text", AppendFrame(nil, OpText, []byte("Hello")), "810548656c6c6f", 7},
		{"masked text", AppendMasked(nil, OpText, []byte("Hello"), key), "818537fa213d7f9f4d5158", 11},
		{"ping", AppendFrame(nil, OpPing, []byte("Hello")), "890548656c6c6f", 7},
		{"masked pong", AppendMasked(nil, OpPong, []byte("Hello"), key), "8a8537fa213d7f9f4d5158", 11},
		{"256 bytes", AppendFrame(nil, OpBinary, long[:256]), "827e0100", 260},
		{"64 KiB", AppendFrame(nil, OpBinary, long), "827f0000000000010000", 65546},
		{"125 bytes", AppendFrame(nil, OpBinary, long[:125]), "827d", 127},
		{"126 bytes", AppendFrame(nil, OpBinary, long[:126]), "827e007e", 130},
		{"65535 bytes", AppendFrame(nil, OpBinary, long[:65535]), "827effff", 65539},
		{"appended", AppendFrame([]byte{1, 2}, OpClose, nil), "01028800", 4},
	} {
		want, _ := hex.DecodeString(test.want)
		if len(test.got) != test.size || !bytes.HasPrefix(test.got, want) {
			t.Errorf("%s: %d bytes, %x…, want %d, %s", test.name, len(test.got), test.got[:min(12, len(test.got))], test.size, test.want)
		}
	}
}

// TestUnmask compares with the definition, at every length, place and
// alignment.
func TestUnmask(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	key := [4]byte{1, 2, 0xfe, 0x80}
	for n := range 150 {
		for pos := range 5 {
			p := make([]byte, n+pos)
			for i := range p {
				p[i] = byte(rnd.Uint32())
			}
			want := bytes.Clone(p)
			for i := range n {
				want[pos+i] ^= key[(pos+i)%4]
			}
			unmask(p[pos:], key, pos)
			if !bytes.Equal(p, want) {
				t.Fatalf("%d bytes at %d: %x, want %x", n, pos, p, want)
			}
		}
	}
}
