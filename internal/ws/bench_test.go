package ws

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"
)

func BenchmarkAppendFrame(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			payload, dst := make([]byte, n), make([]byte, 0, n+maxHeader)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendFrame(dst[:0], OpText, payload)
			}
		})
	}
}

func BenchmarkUnmask(b *testing.B) {
	for _, n := range []int{16, 100, 16384} {
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			p := make([]byte, n)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				unmask(p, testKey, 1)
			}
		})
	}
}

// BenchmarkParser reads what a full read buffer of small messages holds.
func BenchmarkParser(b *testing.B) {
	for _, n := range []int{20, 100, 1000} {
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			wire := bytes.Repeat(AppendMasked(nil, OpText, make([]byte, n), [4]byte{}), 100)
			ps, count := newParser(1e6, 10), new(int)
			sink := countSink{count}
			b.SetBytes(int64(len(wire)))
			b.ReportAllocs()
			for b.Loop() {
				// The key is zero, so that unmasking in place changes nothing.
				if err := ps.feed(wire, sink); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// drained is a TCP connection whose client throws away what it reads.
func drained(b testing.TB) (server net.Conn, stop func()) {
	server, other := tcpPair(b)
	done := make(chan bool)
	go func() { io.Copy(io.Discard, other); close(done) }()
	return server, func() { server.Close(); other.Close(); <-done }
}

// BenchmarkPushFlush sends lone frames and bursts over TCP.
func BenchmarkPushFlush(b *testing.B) {
	for _, burst := range []int{1, 10, 50} {
		b.Run(fmt.Sprintf("burst=%d", burst), func(b *testing.B) {
			server, stop := drained(b)
			defer stop()
			c := NewConn(server, nil, nil)
			frame := AppendFrame(nil, OpText, make([]byte, 100))
			b.ReportAllocs()
			b.SetBytes(int64(burst * len(frame)))
			for b.Loop() {
				for range burst {
					for c.Push(frame) != nil {
						c.Flush()
					}
				}
				c.Flush()
			}
			c.Abort(nil)
		})
	}
}

// BenchmarkFanOut pushes one shared frame to n connections over TCP and flushes
// each: what a broadcast costs below all protocols.
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{1, 20, 200} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			conns := make([]*Conn, n)
			for i := range conns {
				server, stop := drained(b)
				defer stop()
				conns[i] = NewConn(server, nil, nil)
			}
			frame := AppendFrame(nil, OpText, make([]byte, 100))
			b.ReportAllocs()
			for b.Loop() {
				for _, c := range conns {
					for c.Push(frame) != nil {
						c.Flush()
					}
				}
				for _, c := range conns {
					c.Flush()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/recipient")
			for _, c := range conns {
				c.Abort(nil)
			}
		})
	}
}

// BenchmarkRead reads messages of a client that sends them in batches.
func BenchmarkRead(b *testing.B) {
	for _, batch := range []int{1, 100} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			server, other := tcpPair(b)
			defer other.Close()
			c := NewConn(server, nil, nil)
			wire := bytes.Repeat(raw(0x81, string(make([]byte, 100))), batch)
			got, all := 0, make(chan bool)
			h := newRecorder(func(Opcode, []byte) {
				if got++; got == batch {
					got = 0
					all <- true
				}
			})
			c.Serve(h)
			b.ReportAllocs()
			b.SetBytes(int64(len(wire)))
			for b.Loop() {
				if _, err := other.Write(wire); err != nil {
					b.Fatal(err)
				}
				<-all
			}
			c.Abort(nil)
			<-h.ended
		})
	}
}
