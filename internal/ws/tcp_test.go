package ws

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// tightPair is a TCP connection whose kernel buffers are as small as they get.
// It is slow for more than some kilobytes: its window is less than a segment.
func tightPair(t testing.TB) (server, client net.Conn) {
	s, c := tcpPair(t)
	return squeeze(t, s, c, 1)
}

// smallPair is a TCP connection with small kernel buffers.
func smallPair(t testing.TB) (server, client net.Conn) {
	s, c := tcpPair(t)
	return squeeze(t, s, c, 128<<10)
}

// unixPair is a Unix socket with kernel buffers as small as they get.
func unixPair(t testing.TB) (server, client net.Conn) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, c := dialPair(t, l)
	return squeeze(t, s, c, 1)
}

func squeeze(t testing.TB, server, client net.Conn, size int) (net.Conn, net.Conn) {
	type buffered interface {
		SetReadBuffer(int) error
		SetWriteBuffer(int) error
	}
	err := errors.Join(server.(buffered).SetWriteBuffer(size), client.(buffered).SetReadBuffer(size))
	if err != nil {
		t.Fatal(err)
	}
	return server, client
}

// TestSockets echoes over each kind of socket that is read and written raw.
func TestSockets(t *testing.T) {
	for name, pair := range map[string]func(testing.TB) (a, b net.Conn){"tcp": smallPair, "unix": unixPair} {
		t.Run(name, func(t *testing.T) {
			server, other := pair(t)
			c, h := serveEcho(t, server, other, &Options{QueueLimit: 16 << 20})
			if h.c.raw == nil {
				t.Fatal("not raw")
			}
			for _, n := range []int{0, 1, 125, 126, 5000, readSize, 65535, 65536, 500_000} {
				p := strings.Repeat("é", n/2)
				go c.send(raw(0x81, p), 0)
				c.want(text(p))
			}
			c.send(closeFrame(1000, ""), 0)
			c.wantClose(1000)
			c.wantEnd()
			if err := <-h.ended; err.Error() != (&CloseError{Code: 1000}).Error() {
				t.Error(err)
			}
		})
	}
}

// TestFullKernel queues far more than a tiny kernel buffer takes, in frames of
// all sizes, and wants every byte, in order, once the client reads.
func TestFullKernel(t *testing.T) {
	t.Run("tcp", func(t *testing.T) { testFullKernel(t, smallPair) })
	t.Run("unix", func(t *testing.T) { testFullKernel(t, unixPair) })
}

func testFullKernel(t *testing.T, pair func(testing.TB) (server, client net.Conn)) {
	server, other := pair(t)
	h := newRecorder(nil)
	c := NewConn(server, nil, polled(&Options{QueueLimit: 64 << 20}))
	c.Serve(h)
	var want []frame
	for i := range 400 {
		p := strings.Repeat(fmt.Sprintf("<%d>", i), 1+i*i%977)
		if i%50 == 0 {
			p = strings.Repeat(p, 10) // some are written directly, not joined
		}
		want = append(want, text(p))
		if err := c.Push(AppendFrame(nil, OpText, []byte(p))); err != nil {
			t.Fatal(err)
		}
		if i%5 == 0 {
			c.Flush()
		}
	}
	c.Flush()
	if !eventually(func() bool { return !c.Writable() }) || c.Buffered() == 0 {
		t.Errorf("writable, %d bytes buffered, though nobody reads", c.Buffered())
	}
	cl := newClient(t, other)
	cl.want(want...)
	if !eventually(c.Writable) || c.Buffered() != 0 {
		t.Errorf("writable %v, buffered %d", c.Writable(), c.Buffered())
	}
	c.Close(0, "")
	cl.wantClose(codeNoStatus)
	cl.Close()
	if err := <-h.ended; err == nil {
		t.Error("ended by nothing")
	}
}

// TestWriteTimeoutTCP wants ErrSlow from the raw path too, and the end of what
// waits for the peer.
func TestWriteTimeoutTCP(t *testing.T) {
	server, other := tightPair(t)
	defer other.Close()
	h := newRecorder(nil)
	c := NewConn(server, nil, polled(&Options{WriteTimeout: 30 * time.Millisecond}))
	c.Serve(h)
	c.Push(AppendFrame(nil, OpBinary, make([]byte, 900_000)))
	c.Flush()
	if err := <-h.ended; !errors.Is(err, ErrSlow) {
		t.Errorf("ended by %v", err)
	}
	if _, err := io.Copy(io.Discard, other); err == nil {
		t.Error("the client did not see a reset")
	}
	if c.Buffered() != 0 || !c.Writable() {
		t.Errorf("buffered %d, writable %v", c.Buffered(), c.Writable())
	}
}

// TestConcurrentFlush pushes and flushes from many goroutines at once: each
// one's frames must arrive complete and in its order, and nothing may be left.
func TestConcurrentFlush(t *testing.T) {
	for name, pair := range map[string]func(testing.TB) (a, b net.Conn){"tcp": smallPair, "unix": unixPair} {
		t.Run(name, func(t *testing.T) {
			server, other := pair(t)
			c := NewConn(server, nil, polled(&Options{QueueLimit: 64 << 20}))
			h := newRecorder(nil)
			c.Serve(h)
			const senders, each = 8, 300
			var wg sync.WaitGroup
			for s := range senders {
				wg.Go(func() {
					for i := range each {
						p := binary.BigEndian.AppendUint32([]byte{byte(s)}, uint32(i))
						p = append(p, bytes.Repeat([]byte{byte(s)}, i*7%500)...)
						if err := c.Push(AppendFrame(nil, OpBinary, p)); err != nil {
							t.Error(err)
						}
						c.Flush()
					}
				})
			}
			cl := newClient(t, other)
			var next [senders]uint32
			for range senders * each {
				f, err := readFrame(cl.r)
				if err != nil {
					t.Fatal(err)
				}
				s, i := f.payload[0], binary.BigEndian.Uint32([]byte(f.payload[1:]))
				if i != next[s] || strings.Trim(f.payload[5:], string(rune(s))) != "" {
					t.Fatalf("sender %d: frame %d, want %d", s, i, next[s])
				}
				next[s]++
			}
			wg.Wait()
			if !eventually(func() bool { return c.Buffered() == 0 && c.Writable() }) {
				t.Errorf("%d bytes left", c.Buffered())
			}
			c.Abort(nil)
			<-h.ended
		})
	}
}

// TestQueueLimit wants a frame beyond the limit to be refused whole, and room
// again when the peer reads.
func TestQueueLimit(t *testing.T) {
	server, other := tightPair(t)
	c := NewConn(server, nil, polled(&Options{QueueLimit: 1000}))
	h := newRecorder(nil)
	c.Serve(h)
	p := AppendFrame(nil, OpBinary, make([]byte, 396)) // 400 bytes with its header
	for i, want := range []error{nil, nil, ErrQueueFull} {
		if err := c.Push(p); err != want {
			t.Errorf("push %d: %v", i, err)
		}
	}
	if c.Buffered() != 800 {
		t.Errorf("buffered %d", c.Buffered())
	}
	if err := c.Push(AppendFrame(nil, OpBinary, make([]byte, 196))); err != nil {
		t.Errorf("what just fits: %v", err)
	}
	if err := c.Push([]byte{0x81, 0}); err != ErrQueueFull {
		t.Errorf("a byte more: %v", err)
	}
	c.Flush()
	newClient(t, other).want(bin(strings.Repeat("\x00", 396)))
	if c.Buffered() != 0 || c.Push(p) != nil {
		t.Errorf("no room after a flush, %d buffered", c.Buffered())
	}
	c.Abort(nil)
	<-h.ended
}

// TestFrameLimit wants tiny frames to be bounded by number.
func TestFrameLimit(t *testing.T) {
	a, b := tcpPair(t)
	defer b.Close()
	c := NewConn(a, nil, polled(&Options{QueueLimit: 32000}))
	defer c.Abort(nil)
	n := 0
	for c.Push([]byte{0x81, 0}) == nil {
		n++
	}
	if n != freeSlots+1000 {
		t.Errorf("%d frames", n)
	}
	c.Flush()
	if err := c.Push([]byte{0x81, 0}); err != nil {
		t.Errorf("after a flush: %v", err)
	}
}

// TestResets lets the client reset the connection at each step. Closed must be
// called once, and nothing may be left (see TestMain).
func TestResets(t *testing.T) {
	message := raw(0x82, strings.Repeat("x", 50_000))
	steps := map[string]func(c *client, s *Conn){
		"at once":            func(*client, *Conn) {},
		"in a header":        func(c *client, _ *Conn) { c.send(message[:3], 0) },
		"in a payload":       func(c *client, _ *Conn) { c.send(message[:30_000], 0) },
		"between fragments":  func(c *client, _ *Conn) { c.send(raw(0x01, "x"), 0) },
		"after a message":    func(c *client, _ *Conn) { c.send(message, 0) },
		"while we are stuck": func(_ *client, s *Conn) { s.Push(AppendFrame(nil, OpText, make([]byte, 900_000))); s.Flush() },
		"stuck and closing":  func(_ *client, s *Conn) { s.Push(make([]byte, 900_000)); s.Flush(); s.Close(1000, "") },
		"after our close":    func(c *client, s *Conn) { s.Close(1000, ""); c.wantClose(1000) },
		"after its close":    func(c *client, _ *Conn) { c.send(closeFrame(1000, ""), 0) },
		"after a refusal":    func(c *client, _ *Conn) { c.send(raw(0xf1, ""), 0); c.wantClose(1002) },
		"refused while sending": func(c *client, _ *Conn) {
			c.send(join(raw(0xf1, ""), message), 0)
			c.wantClose(1002)
		},
		"with pings": func(c *client, _ *Conn) { c.send(bytes.Repeat(raw(0x89, "x"), 2000), 0) },
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				server, other := tightPair(t)
				h := newRecorder(nil)
				s := NewConn(server, nil, polled(nil))
				s.Serve(h)
				step(newClient(t, other), s)
				other.(*net.TCPConn).SetLinger(0)
				other.Close()
				if err := <-h.ended; err == nil {
					t.Error("ended by nothing")
				}
				if !eventually(func() bool { return s.state.Load() == stateDead }) {
					t.Fatal("still open")
				}
				if err := s.Push([]byte("x")); err != ErrClosed {
					t.Errorf("push: %v", err)
				}
				s.Flush()
				wantNothingKept(t, s)
				if len(h.ended) != 0 {
					t.Error("Closed was called again")
				}
			}
		})
	}
}

// TestRefusedSender wants a client that is sending when it is refused to be read
// on, so that no reset overtakes the close frame; also when the connection has
// handled messages before.
func TestRefusedSender(t *testing.T) {
	server, other := tcpPair(t)
	c, h := serveEcho(t, server, other, nil)
	c.send(join(raw(0x81, "hello"), raw(0xff, "")), 0)
	<-h.ended
	c.want(text("hello"))
	c.wantClose(1002)
	c.wantEnd()
	junk := make([]byte, 64<<10)
	for range 300 { // far more than the kernel holds
		if _, err := c.Write(junk); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	wantNothingKept(t, h.c)
}

// wantNothingKept wants an ended connection to hold no frame and no timer.
func wantNothingKept(t *testing.T, c *Conn) {
	t.Helper()
	if !eventually(func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.state.Load() == stateDead && !c.writing && c.out.empty() && c.out.off == 0
	}) {
		t.Error("not at an end")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.in.empty() || c.late != nil || c.bytes != 0 || c.frames != 0 || c.blocked {
		t.Errorf("%d bytes in %d frames kept", c.bytes, c.frames)
	}
	if c.timer != nil && c.timer.Stop() {
		t.Error("a timer is left")
	}
}

// TestRacingEnds lets everything that ends a connection, or writes to it,
// happen at once.
func TestRacingEnds(t *testing.T) {
	message := raw(0x81, strings.Repeat("x", 5000))
	for i := range 150 {
		server, other := unixPair(t)
		h := &echoHandler{c: NewConn(server, nil, polled(&Options{CloseTimeout: 20 * time.Millisecond})), ended: make(chan error, 8)}
		c := h.c
		c.Serve(h)
		var wg sync.WaitGroup
		for k, act := range []func(){
			func() { c.Close(1000, "") },
			func() { c.Abort(nil) },
			func() { c.Push(message); c.Flush(); c.Push(message); c.Flush() },
			func() { other.Write(message); other.Write(raw(0x89, "")); other.Write(closeFrame(1000, "")) },
			func() { io.CopyN(io.Discard, other, 3000); other.Close() },
			func() { other.Write(raw(0xff, "")) },
		} {
			if k < 2 && i%3 != k { // else one of them always wins
				continue
			}
			wg.Go(act)
		}
		<-h.ended
		other.Close()
		wg.Wait()
		wantNothingKept(t, c)
		if len(h.ended) != 0 {
			t.Error("Closed was called again")
		}
	}
}

// TestNoForeignBytes lets many connections send, read and break off at random,
// each with a pattern of its own: nobody may ever see another's, in messages,
// pongs or close frames, as would be if a pooled buffer were used by two.
func TestNoForeignBytes(t *testing.T) {
	var wg sync.WaitGroup
	for who := range 12 {
		wg.Go(func() {
			for round := range 6 {
				server, other := tcpPair(t)
				patternedConn(t, server, other, byte('A'+who), round)
			}
		})
	}
	wg.Wait()
}

func patternedConn(t *testing.T, server, other net.Conn, mark byte, round int) {
	h := &echoHandler{c: NewConn(server, nil, polled(&Options{QueueLimit: 16 << 20})), ended: make(chan error, 1)}
	h.c.Serve(h)
	defer other.Close()
	pattern := func(n int) string { return strings.Repeat(string(mark), n) }
	var sizes []int
	var wire []byte
	for i := range 40 {
		n := (i*i*131 + int(mark)*round*17) % 3000
		if i%13 == 0 {
			n *= 20
		}
		sizes = append(sizes, n, n%120)
		wire = append(wire, raw(0x81, pattern(n))...)
		wire = append(wire, raw(0x89, pattern(n%120))...)
	}
	wire = append(wire, raw(0x01, pattern(2000))...) // a message that never ends
	wire = append(wire, closeFrame(1000, pattern(50))...)
	go other.Write(wire)
	var total, want int
	for _, n := range sizes {
		want += n
	}
	for {
		f, err := readFrame(other)
		if err != nil {
			t.Errorf("%c: %v", mark, err)
			break
		}
		if f.first == 0x88 {
			break
		}
		if strings.Trim(f.payload, string(mark)) != "" {
			t.Errorf("%c: foreign bytes in %v", mark, f)
		}
		total += len(f.payload)
	}
	if total > want || total < want-120*40 { // pongs may be left out
		t.Errorf("%c: %d bytes, want %d", mark, total, want)
	}
	var closed *CloseError
	if err := <-h.ended; !errors.As(err, &closed) || closed.Reason != pattern(50) {
		t.Errorf("%c: ended by %v", mark, err)
	}
}

// TestCycles opens and ends connections in each way, over TCP and net/http, and
// wants no goroutine to stay (see TestMain).
func TestCycles(t *testing.T) {
	ended := make(chan error, 200)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Upgrade(w, r, nil, polled(nil))
		if err != nil {
			return // reset
		}
		h := &echoHandler{c: c, ended: ended}
		c.Serve(h)
		switch r.URL.Path {
		case "/close":
			c.Close(1000, "")
		case "/abort":
			c.Abort(nil)
		}
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(l)
	defer srv.Close()
	for i := range 200 {
		path := []string{"/close", "/abort", "/echo", "/gone"}[i%4]
		nc, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(nc, handshake, path)
		switch path {
		case "/gone":
			nc.(*net.TCPConn).SetLinger(0)
		default:
			nc.Write(raw(0x81, "hello"))
			nc.Write(closeFrame(1000, ""))
			io.Copy(io.Discard, nc)
		}
		nc.Close()
		if path != "/gone" { // its request may never have been seen
			<-ended
		}
	}
}

const handshake = "GET %s HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
