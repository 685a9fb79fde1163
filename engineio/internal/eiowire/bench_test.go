package eiowire

import (
	"bytes"
	"testing"
)

func BenchmarkParseBinary(b *testing.B) {
	wire := AppendBinary(nil, bytes.Repeat([]byte("sample"), 10_000))
	buf := make([]byte, len(wire))
	b.SetBytes(int64(len(wire)))
	b.ReportAllocs()
	for b.Loop() {
		copy(buf, wire)
		if _, err := Parse(buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCut(b *testing.B) {
	payload := bytes.Repeat([]byte(`42["message",{"text":"hello"}]`+"\x1e"), 1000)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		for _, rest, more := Cut(payload); more; _, rest, more = Cut(rest) {
		}
	}
}
