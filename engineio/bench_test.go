package engineio

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"rightnow/internal/memnet"
)

// TestSendDoesNotAllocate: a frame shared by many sessions costs none of them an allocation.
func TestSendDoesNotAllocate(t *testing.T) {
	if raced {
		return // the race detector allocates
	}
	realtime(t, nil, func(r *rig) {
		p, w := r.openWS()
		go io.Copy(io.Discard, w.Conn) // ends with the connection
		f := TextFrame([]byte(`2["message",{"text":"hello"}]`))
		if n := testing.AllocsPerRun(1000, func() {
			for range 10 {
				p.Send(f)
			}
			p.Flush()
		}); n != 0 {
			t.Errorf("WebSocket: %v allocations for 10 frames and a flush", n)
		}
		p, _ = r.open()
		if n := testing.AllocsPerRun(1, func() { // the queue grows now and then
			for range 5000 {
				if _, err := p.Send(f); err != nil {
					t.Fatal(err)
				}
			}
		}); n > 50 {
			t.Errorf("polling: %v allocations for 5000 frames", n)
		}
		w.Close()
	})
}

// benchRig is a rig on TCP or in memory.
func benchRig(b *testing.B, tcp bool) *rig {
	var ln net.Listener = memnet.Listen()
	if tcp {
		var err error
		if ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			b.Fatal(err)
		}
	}
	r := newRig(b, &Options{OnSession: func(s *Session) SessionHandler { return benchHandler{s} }}, ln)
	b.Cleanup(func() {
		r.Shutdown(b.Context())
		r.client.CloseIdleConnections()
		r.hs.Close()
	})
	return r
}

// benchHandler sends everything back.
type benchHandler struct{ s *Session }

func (h benchHandler) OnMessage(data []byte, binary bool) {
	f := TextFrame(append([]byte(nil), data...))
	if dirty, _ := h.s.Send(f); dirty {
		h.s.Flush()
	}
}

func (benchHandler) OnClose(Reason, error) {}

// audience opens n WebSockets that throw away what they get.
func (r *rig) audience(b *testing.B, n int) []*Session {
	for range n {
		w, _ := r.tryWS("EIO=4&transport=websocket")
		go io.Copy(io.Discard, w.Conn) // ends with the connection
		b.Cleanup(func() { w.Close() })
	}
	return r.snapshot()
}

// BenchmarkEncode makes a frame for both transports.
func BenchmarkEncode(b *testing.B) {
	text := []byte(`2["message",{"text":"hello"}]`)
	b.Run("text", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			TextFrame(text).polling()
		}
	})
	b.Run("binary", func(b *testing.B) {
		image := make([]byte, 10_000)
		b.ReportAllocs()
		for b.Loop() {
			TextFrame(text, image).polling()
		}
	})
}

// BenchmarkBroadcast sends one frame to n WebSockets over TCP.
func BenchmarkBroadcast(b *testing.B) {
	for _, n := range []int{20, 1000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			sessions := benchRig(b, true).audience(b, n)
			b.ReportAllocs()
			for b.Loop() {
				f := TextFrame([]byte(`2["message",{"text":"hello"}]`))
				for _, s := range sessions {
					s.Send(f)
				}
				for _, s := range sessions {
					s.Flush()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/recipient")
		})
	}
}

// BenchmarkQueue sends one frame to n WebSockets; the writing is not counted.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{20, 1000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			sessions := benchRig(b, false).audience(b, n)
			f := TextFrame([]byte(`2["message",{"text":"hello"}]`))
			b.ReportAllocs()
			for i := 1; b.Loop(); i++ {
				for _, s := range sessions {
					if _, err := s.Send(f); err != nil {
						b.Fatal(err)
					}
				}
				if i%10 == 0 {
					b.StopTimer()
					for _, s := range sessions {
						s.Flush()
					}
					b.StartTimer()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/recipient")
		})
	}
}

// BenchmarkEcho is a round trip of one message over a WebSocket.
func BenchmarkEcho(b *testing.B) {
	r := benchRig(b, true)
	w, _ := r.tryWS("EIO=4&transport=websocket")
	w.read()
	b.Cleanup(func() { w.Close() })
	b.ReportAllocs()
	for b.Loop() {
		w.text("4hello")
		if _, err := w.read(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPoll is a POST and the poll that brings its echo, without a network.
func BenchmarkPoll(b *testing.B) {
	r := benchRig(b, false)
	session := func() string {
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, httptest.NewRequest("GET", "/?EIO=4&transport=polling", nil))
		_, sid, _ := strings.Cut(rec.Body.String(), `"sid":"`)
		return "/?transport=polling&sid=" + sid[:20]
	}()
	b.ReportAllocs()
	for b.Loop() {
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, httptest.NewRequest("POST", session, strings.NewReader("4hello")))
		rec = httptest.NewRecorder()
		r.ServeHTTP(rec, httptest.NewRequest("GET", session, nil))
		if rec.Code != http.StatusOK || rec.Body.String() != "4hello" {
			b.Fatal(rec.Body)
		}
	}
}

// BenchmarkPollTCP is one message to a poll over TCP: through net/http, and past it.
func BenchmarkPollTCP(b *testing.B) {
	for name, plain := range map[string]bool{"nethttp": true, "lane": false} {
		b.Run(name, func(b *testing.B) {
			r := newRig(b, &Options{PlainPolling: plain}, localTCP(b))
			b.Cleanup(r.stop)
			p, session := r.open()
			c := r.dial()
			defer c.Close()
			get, frame, buf := []byte(rawRequest("GET", session)), TextFrame([]byte("hello")), make([]byte, 4096)
			deliver := func() {
				p.say(frame)
				c.Write(get)
				if n, err := c.Read(buf); err != nil || !strings.HasSuffix(string(buf[:n]), "4hello") {
					b.Fatalf("%q, %v", buf[:n], err)
				}
			}
			for range firstPolls + 1 {
				deliver()
			}
			b.ReportAllocs()
			for b.Loop() {
				deliver()
			}
		})
	}
}

// BenchmarkIdleSession measures what lives for a session that does nothing, its WebSocket included, the connection's
// own memory not.
func BenchmarkIdleSession(b *testing.B) {
	r := benchRig(b, true)
	const n = 500
	measure := func() (heap, stack uint64) {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, m.StackInuse
	}
	for b.Loop() {
		heap, stack := measure()
		var conns []net.Conn
		for range n {
			w, _ := r.tryWS("EIO=4&transport=websocket")
			conns = append(conns, w.Conn)
		}
		heap2, stack2 := measure()
		b.ReportMetric(float64(heap2-heap)/n, "heap-B/session")
		b.ReportMetric(float64(stack2-stack)/n, "stack-B/session")
		for _, c := range conns {
			c.Close()
		}
		eventually(func() bool { return r.ClientsCount() == 0 })
	}
}
