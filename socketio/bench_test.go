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

func (h *harness) rawWS(b testing.TB, header ...string) *rawWS {
	b.Helper()
	c, err := h.dial(context.Background(), "tcp", h.host)
	if err != nil {
		b.Fatal(err)
	}
	w := &rawWS{Conn: c, buf: make([]byte, 4<<10)}
	fmt.Fprintf(w, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
	for _, line := range header {
		fmt.Fprintf(w, "%s\r\n", line)
	}
	fmt.Fprint(w, "\r\n")
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

// frame reads one frame and returns its first byte.
func (w *rawWS) frame(b testing.TB) byte {
	b.Helper()
	var head [4]byte
	if _, err := io.ReadFull(w, head[:2]); err != nil {
		b.Fatal(err)
	}
	size := int64(head[1])
	if size == 126 {
		if _, err := io.ReadFull(w, head[2:]); err != nil {
			b.Fatal(err)
		}
		size = int64(head[2])<<8 | int64(head[3])
	}
	if _, err := io.CopyN(io.Discard, w, size); err != nil {
		b.Fatal(err)
	}
	return head[0]
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

// audience connects n clients that throw away what they get. They leave when the test ends.
func (h *harness) audience(b testing.TB, n int) {
	b.Helper()
	for range n {
		w := h.rawWS(b)
		go io.Copy(io.Discard, w) // ends with the connection
		b.Cleanup(func() { w.Close() })
	}
	waitFor(b, func() bool { return h.io.SocketsCount() == n })
}

// networks are those that broadcasts are measured on: the loopback interface with the kernel's
// part, and one in memory that leaves it out.
var networks = []struct {
	name  string
	serve func(testing.TB, *socketio.Options) *harness
}{{"tcp", serveTCP}, {"memory", serve}}

// hello is what is said in benchmarks.
var hello = Message{User: "turingbot", Text: "Hello, world! Hello, world! Hello, world!"}

func BenchmarkEchoWithAck(b *testing.B) {
	for _, handler := range []struct {
		name     string
		register func(*socketio.Socket)
	}{
		{"raw", func(s *socketio.Socket) {
			s.OnAny(func(e *socketio.Event) { e.Ack()(e.Args().Raw(0)) })
		}},
		{"on", func(s *socketio.Socket) {
			s.On("echo", func(p point) point { return p })
		}},
		{"handle", func(s *socketio.Socket) {
			socketio.Handle(s, "echo", func(_ context.Context, p point) (point, error) { return p, nil })
		}},
	} {
		b.Run(handler.name, func(b *testing.B) {
			h := serveTCP(b, nil)
			h.io.OnConnect(handler.register)
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
	h.audience(b, 1)
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

// BenchmarkBroadcast is one event to n clients.
func BenchmarkBroadcast(b *testing.B) {
	for _, network := range networks {
		for _, n := range []int{1, 20, 1000} {
			b.Run(fmt.Sprintf("net=%s/n=%d", network.name, n), func(b *testing.B) {
				h := network.serve(b, nil)
				h.audience(b, n)
				b.ReportAllocs()
				for b.Loop() {
					h.io.Emit("message", hello)
				}
				h.perRecipient(b, n, n)
			})
		}
	}
}

// BenchmarkBurst is fifty events to n clients out of one handler.
func BenchmarkBurst(b *testing.B) {
	const burst = 50
	for _, network := range networks {
		for _, n := range []int{20, 1000} {
			b.Run(fmt.Sprintf("net=%s/n=%d", network.name, n), func(b *testing.B) {
				h := network.serve(b, nil)
				h.audience(b, n)
				b.ReportAllocs()
				for b.Loop() {
					h.io.Batch(func() {
						for range burst {
							h.io.Emit("message", hello)
						}
					})
				}
				h.perRecipient(b, n, n*burst)
			})
		}
	}
}

// BenchmarkRoom is one event to a room of 20, the rooms taking turns among n clients.
func BenchmarkRoom(b *testing.B) {
	const size = 20
	for _, n := range []int{20, 1000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			h := serveTCP(b, nil)
			h.audience(b, n)
			rooms := make([]socketio.Target, n/size)
			for i, s := range h.io.Sockets() {
				room := fmt.Sprint("room-", i%len(rooms))
				if err := s.Join(room); err != nil {
					b.Fatal(err)
				}
				rooms[i%len(rooms)] = h.io.To(room)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i = (i + 1) % len(rooms) {
				rooms[i].Emit("message", hello)
			}
			h.perRecipient(b, n, size)
		})
	}
}

// perRecipient reports the time for each of the deliveries of one operation, and makes sure that
// the n clients were there to get them until the end.
func (h *harness) perRecipient(b *testing.B, n, deliveries int) {
	if left := h.io.SocketsCount(); left != n {
		b.Fatalf("%d clients of %d are left", left, n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(deliveries), "ns/recipient")
}

// BenchmarkJoinLeave has one of n sockets leave the room that all are in, and come again.
func BenchmarkJoinLeave(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			h := serve(b, nil)
			h.audience(b, n)
			sockets := h.io.Sockets()
			h.io.SocketsJoin("crowd")
			b.ReportAllocs()
			for i := 0; b.Loop(); i = (i + 1) % n {
				sockets[i].Leave("crowd")
				if err := sockets[i].Join("crowd"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkConnect is a client that comes, joins the namespace and goes.
func BenchmarkConnect(b *testing.B) {
	h := serve(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		h.rawWS(b).Close()
	}
	waitFor(b, func() bool { return h.io.Engine().ClientsCount() == 0 })
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
