package eiowire

import (
	"bytes"
	"encoding/base64"
	"testing"
)

// FuzzPayload walks any payload: no panic, packets and separators add up to it, and what is parsed is written again as
// it was, base64 in its canonical form.
func FuzzPayload(f *testing.F) {
	for _, s := range []string{
		"", "4", "4hello", "2probe", "4a\x1ebAQIDBA==\x1e4b", "\x1e\x1e\x1e", "4a\x1e", "b", "b=", "b-_A", "bA\x1eb!!!!AA", "7x", "4\xff", "0{}\x1e1",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		rest, more := bytes.Clone(payload), true
		length := -1
		for more {
			var p []byte
			p, rest, more = Cut(rest)
			length += 1 + len(p)
			if bytes.IndexByte(p, Separator) >= 0 {
				t.Fatalf("separator inside of packet %q", p)
			}
			checkPacket(t, p)
		}
		if length != len(payload) {
			t.Fatalf("%d bytes walked of %d", length, len(payload))
		}
	})
}

func checkPacket(t *testing.T, p []byte) {
	wire := bytes.Clone(p)
	pkt, err := Parse(p)
	if err != nil {
		return
	}
	if !pkt.Binary {
		if again := AppendText(nil, pkt.Type, pkt.Data); !bytes.Equal(again, wire) {
			t.Fatalf("%q became %q", wire, again)
		}
		return
	}
	if want, err := base64.StdEncoding.Strict().DecodeString(string(wire[1:])); err == nil && !bytes.Equal(want, pkt.Data) && !bytes.ContainsAny(wire, "\r\n") {
		t.Fatalf("%q decoded to %x, want %x", wire, pkt.Data, want)
	}
	again, err := Parse(AppendBinary(nil, pkt.Data))
	if err != nil || !bytes.Equal(again.Data, pkt.Data) {
		t.Fatalf("%x came back as %x, %v", pkt.Data, again.Data, err)
	}
}
