package siowire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func BenchmarkDecode(b *testing.B) {
	for _, packet := range []struct{ name, text string }{
		{"event", `27["message",{"text":"` + strings.Repeat("x", 100) + `","at":1763800000000,"who":{"id":"abc","nick":"turingbot"}}]`},
		{"binary", `51-["image",{"name":"a.png","data":{"_placeholder":true,"num":0}}]`},
		{"ack", `3200["ok"]`},
		{"connect", `0/chat,{"token":"abcdefghijklmnopqrstuvwxyz"}`},
		{"text1k", `2["message","` + strings.Repeat("lorem ipsum ", 85) + `"]`},
	} {
		b.Run(packet.name, func(b *testing.B) {
			text := []byte(packet.text)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(text, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkValid(b *testing.B) {
	data := []byte(`{"list":[` + strings.Repeat(`{"id":123456,"text":"lorem ipsum dolor sit amet","ok":true,"x":-1.5e3},`, 100) + `null]}`)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if err := Valid(data, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if !json.Valid(data) {
				b.Fatal("invalid")
			}
		}
	})
}

func BenchmarkElements(b *testing.B) {
	data := []byte(`["message",{"text":"hello","list":[1,2,3]},null,"x"]`)
	var buf [8][]byte
	b.ReportAllocs()
	for b.Loop() {
		if len(Elements(buf[:0], data)) != 4 {
			b.Fatal("not four")
		}
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	for _, size := range []int{10, 1000} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			args := []byte(`[{"text":"` + strings.Repeat("x", size) + `","at":1763800000000}]`)
			dst := make([]byte, 0, 2*size+256)
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendPacket(dst[:0], Event, "/chat", 0, false, 0, nil)
				dst = AppendEvent(dst, "message", args, "")
			}
			b.SetBytes(int64(len(dst)))
		})
	}
}

func BenchmarkAppendAck(b *testing.B) {
	args := []byte(`["ok"]`)
	dst := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendPacket(dst[:0], Ack, "/chat", 1234567, true, 0, args)
	}
}

func BenchmarkAppendString(b *testing.B) {
	for _, text := range []struct{ name, s string }{
		{"plain", strings.Repeat("lorem ipsum ", 85)},
		{"escapes", strings.Repeat("\"quoted\"\n ", 85)},
		{"unicode", strings.Repeat("größer 😀 ", 85)},
	} {
		b.Run(text.name, func(b *testing.B) {
			dst := make([]byte, 0, 2*len(text.s))
			b.SetBytes(int64(len(text.s)))
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendString(dst[:0], text.s)
			}
		})
	}
}

func BenchmarkPlaceholders(b *testing.B) {
	data := []byte(`["image",{"name":"a.png","data":{"_placeholder":true,"num":0},"more":[{"_placeholder":true,"num":1}]}]`)
	var buf [4]Placeholder
	b.ReportAllocs()
	for b.Loop() {
		if got, err := Placeholders(buf[:0], data, 2); err != nil || len(got) != 2 {
			b.Fatal(got, err)
		}
	}
}
