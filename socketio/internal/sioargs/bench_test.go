package sioargs

import (
	"testing"
	"time"
)

type plainMessage struct {
	User string `json:"user"`
	Text string `json:"text"`
	At   int64  `json:"at"`
}

func BenchmarkEncodeArgs(b *testing.B) {
	image := make([]byte, 1000)
	for _, bench := range []struct {
		name string
		args []any
	}{
		{"strings", []any{"hello", 42}},
		{"plain struct", []any{plainMessage{"turingbot", "Hello, world!", 1763800000000}}},
		{"map of any", []any{map[string]any{"user": "turingbot", "text": "Hello, world!", "at": 1763800000000}}},
		{"struct with time", []any{struct {
			User string
			At   time.Time
		}{"turingbot", noon}}},
		{"bytes", []any{"image", image}},
		{"bytes inside", []any{map[string]any{"name": "a.png", "data": image}}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := EncodeArgs(bench.args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeArg(b *testing.B) {
	blobs := [][]byte{make([]byte, 1000)}
	plain := []byte(`{"user":"turingbot","text":"Hello, world!","at":1763800000000}`)
	binary := []byte(ph(`{"name":"a.png","data":$0}`))
	b.Run("plain struct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var m plainMessage
			if err := DecodeArg(plain, nil, &m); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("any", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := DecodeArg(plain, nil, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bytes", func(b *testing.B) {
		b.ReportAllocs()
		raw := []byte(ph(`$0`))
		for b.Loop() {
			var v []byte
			if err := DecodeArg(raw, blobs, &v); err != nil || len(v) != 1000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("bytes inside", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v struct{ Data []byte }
			if err := DecodeArg(binary, blobs, &v); err != nil || len(v.Data) != 1000 {
				b.Fatal(err)
			}
		}
	})
}
