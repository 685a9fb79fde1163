package socketio_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"rightnow/socketio"
)

// rawWS is a WebSocket that costs next to nothing: frames are written as they are, and what
// comes is counted and thrown away.
type rawWS struct {
	net.Conn
	buf []byte
}

func (h *harness) rawWS(b testing.TB) *rawWS {
	b.Helper()
	c, err := h.dial(context.Background(), "tcp", h.host)
	if err != nil {
		b.Fatal(err)
	}
	w := &rawWS{Conn: c, buf: make([]byte, 64<<10)}
	fmt.Fprintf(w, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	w.readUntil(b, '}') // the open packet
	w.text("40")
	w.readUntil(b, '}')
	return w
}

// text writes a masked frame with a mask of zeros.
func (w *rawWS) text(s string) {
	frame := append([]byte{0x81, 0x80 | byte(len(s)), 0, 0, 0, 0}, s...)
	w.Write(frame)
}

// readUntil reads until a read ends with the byte.
func (w *rawWS) readUntil(b testing.TB, end byte) {
	for {
		n, err := w.Read(w.buf)
		if err != nil {
			b.Fatal(err)
		}
		if w.buf[n-1] == end {
			return
		}
	}
}

func BenchmarkEchoWithAck(b *testing.B) {
	for name, register := range map[string]func(*socketio.Socket){
		"raw": func(s *socketio.Socket) {
			s.OnAny(func(e *socketio.Event) { e.Ack()(e.Args().Raw(0)) })
		},
		"on": func(s *socketio.Socket) {
			s.On("echo", func(p point) point { return p })
		},
		"handle": func(s *socketio.Socket) {
			socketio.Handle(s, "echo", func(_ context.Context, p point) (point, error) { return p, nil })
		},
	} {
		b.Run(name, func(b *testing.B) {
			h := serve(b, nil)
			h.io.OnConnect(register)
			w := h.rawWS(b)
			defer w.Close()
			b.ReportAllocs()
			for b.Loop() {
				w.text(`421["echo",{"x":1,"s":"abc"}]`)
				w.readUntil(b, ']')
			}
		})
	}
}

func BenchmarkEmit(b *testing.B) {
	h := serve(b, nil)
	w := h.rawWS(b)
	defer w.Close()
	go io.Copy(io.Discard, w) // ends with the connection
	s := h.io.Sockets()[0]
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := s.Emit("message", "hello", i); err != nil {
			b.Fatal(err)
		}
		for i%100 == 0 && s.Session().Buffered() > 0 {
			runtime.Gosched() // the client keeps up
		}
	}
}

// BenchmarkBroadcast reports what one broadcast to so many allocates: nothing for each of them.
func BenchmarkBroadcast(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := serve(b, nil)
			for range n {
				w := h.rawWS(b)
				defer w.Close()
				go io.Copy(io.Discard, w) // ends with the connection
			}
			waitFor(b, func() bool { return h.io.SocketsCount() == n })
			text := Message{User: "turingbot", Text: "Hello, world! Hello, world! Hello, world!"}
			b.ReportAllocs()
			for b.Loop() {
				h.io.Emit("message", text)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/recipient")
		})
	}
}

// BenchmarkIdle reports what an idle connection with one socket costs in memory, engineio and
// ws included, and the kernel's and the client's part left out.
func BenchmarkIdle(b *testing.B) {
	const n = 1000
	h := serveTCP(b, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("message", func(Message) {})
	})
	for b.Loop() {
		before := inUse()
		conns := make([]net.Conn, n)
		for i := range conns {
			conns[i] = h.rawWS(b)
		}
		waitFor(b, func() bool { return h.io.SocketsCount() == n })
		for _, c := range conns {
			c.(*rawWS).buf = nil
		}
		b.ReportMetric(float64(inUse()-before)/n, "B/conn")
		for _, c := range conns {
			c.Close()
		}
		waitFor(b, func() bool { return h.io.Engine().ClientsCount() == 0 })
	}
}

var _ http.Handler = (*socketio.Server)(nil)

// inUse is the memory of live objects and stacks.
func inUse() uint64 {
	time.Sleep(100 * time.Millisecond) // nothing tells when the last goroutine has shrunk
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
