package eiowire

import (
	"bytes"
	"fmt"
	"testing"
)

var hello = []byte(`2["message",{"text":"hello"}]`)

func BenchmarkAppendText(b *testing.B) {
	dst := make([]byte, 0, 1+len(hello))
	b.SetBytes(int64(cap(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendText(dst[:0], Message, hello)
	}
}

func BenchmarkAppendBinary(b *testing.B) {
	for _, n := range []int{100, 60_000} {
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			data, dst := make([]byte, n), make([]byte, 0, BinarySize(n))
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendBinary(dst[:0], data)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	packet := AppendText(nil, Message, hello)
	b.SetBytes(int64(len(packet)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(packet); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParseBinary copies the packet too, because it is decoded in place.
func BenchmarkParseBinary(b *testing.B) {
	for _, n := range []int{100, 60_000} {
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			wire := AppendBinary(nil, bytes.Repeat([]byte("s"), n))
			buf := make([]byte, len(wire))
			b.SetBytes(int64(len(wire)))
			b.ReportAllocs()
			for b.Loop() {
				copy(buf, wire)
				if _, err := Parse(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCut walks through a payload of n packets.
func BenchmarkCut(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			packet := AppendText(nil, Message, hello)
			payload := bytes.TrimSuffix(bytes.Repeat(append(packet, Separator), n), []byte{Separator})
			b.SetBytes(int64(len(payload)))
			b.ReportAllocs()
			for b.Loop() {
				for _, rest, more := Cut(payload); more; _, rest, more = Cut(rest) {
				}
			}
		})
	}
}
