package ws

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"rightnow/internal/leaktest"
	"rightnow/internal/memnet"
	"rightnow/internal/netpoll"
)

// TestMain fails when a test leaves a goroutine of ours behind.
func TestMain(m *testing.M) { os.Exit(leaktest.Ours(m, 10*time.Second)) }

// eventually polls cond, for what has no event to wait for, up to ten seconds.
func eventually(cond func() bool) bool {
	for end := time.Now().Add(10 * time.Second); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// frame is what a test client reads.
type frame struct {
	first   byte
	payload string
}

func (f frame) String() string { return fmt.Sprintf("%02x %.60q", f.first, f.payload) }

// readFrame reads one unmasked frame.
func readFrame(r io.Reader) (frame, error) {
	var h [10]byte
	if _, err := io.ReadFull(r, h[:2]); err != nil {
		return frame{}, err
	}
	if h[1]&bitMask != 0 {
		return frame{}, errors.New("server's frame is masked")
	}
	n := uint64(h[1])
	if size := headerSize(h[:2]); size > 2 {
		if _, err := io.ReadFull(r, h[2:size]); err != nil {
			return frame{}, err
		}
		n = parseHeader(h[:size]).length
	}
	if n > 64<<20 {
		return frame{}, fmt.Errorf("frame of %d bytes", n)
	}
	p := make([]byte, n)
	_, err := io.ReadFull(r, p)
	return frame{h[0], string(p)}, err
}

// client is the other end of a Conn under test.
type client struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func newClient(t *testing.T, nc net.Conn) *client {
	t.Cleanup(func() { nc.Close() })
	return &client{t, nc, bufio.NewReaderSize(nc, 64<<10)}
}

// send writes the bytes in pieces of at most chop bytes, 0 for one piece. That
// the server has gone meanwhile is no failure.
func (c *client) send(p []byte, chop int) {
	for len(p) > 0 {
		n := len(p)
		if chop > 0 {
			n = min(n, chop)
		}
		if _, err := c.Write(p[:n]); err != nil {
			return
		}
		p = p[n:]
	}
}

// want reads frames and compares.
func (c *client) want(frames ...frame) {
	c.t.Helper()
	for i, want := range frames {
		got, err := readFrame(c.r)
		if err != nil {
			c.t.Fatalf("frame %d: %v, want %v", i, err, want)
		}
		if got != want {
			c.t.Fatalf("frame %d: %v, want %v", i, got, want)
		}
	}
}

// wantEnd reads until the end of the stream and wants no more frames.
func (c *client) wantEnd() {
	c.t.Helper()
	if f, err := readFrame(c.r); err == nil {
		c.t.Fatalf("frame %v, want the end", f)
	} else if err == io.ErrUnexpectedEOF {
		c.t.Fatal("the stream ends inside a frame")
	}
}

func text(s string) frame { return frame{0x81, s} }
func bin(s string) frame  { return frame{0x82, s} }
func pong(s string) frame { return frame{0x8a, s} }

// closing is the close frame with code; reasons are not compared.
func (c *client) wantClose(code int) {
	c.t.Helper()
	f, err := readFrame(c.r)
	if err != nil {
		c.t.Fatalf("%v, want close %d", err, code)
	}
	if f.first != 0x88 {
		c.t.Fatalf("%v, want close %d", f, code)
	}
	if got := closeCode(f.payload); got != code {
		c.t.Fatalf("close %d %q, want %d", got, f.payload, code)
	}
}

func closeCode(payload string) int {
	if len(payload) < 2 {
		return codeNoStatus
	}
	return int(binary.BigEndian.Uint16([]byte(payload)))
}

var testKey = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// raw makes one masked frame with any first byte.
func raw(first byte, payload string) []byte {
	return appendMasked(nil, first, []byte(payload), testKey)
}

// closeFrame makes a masked close frame.
func closeFrame(code int, reason string) []byte {
	return raw(0x88, string(binary.BigEndian.AppendUint16(nil, uint16(code)))+reason)
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// echoHandler sends every message back and remembers how it ended.
type echoHandler struct {
	c      *Conn
	ended  chan error // Closed; buffered
	closed int
}

func (h *echoHandler) Message(op Opcode, data []byte) {
	if h.c.Push(AppendFrame(nil, op, data)) == nil {
		h.c.Flush()
	}
}

func (h *echoHandler) Closed(err error) { h.closed++; h.ended <- err }

// poller is what polled adds to the options of connections. Tests of one package
// run one after the other.
var poller *netpoll.Poller

// polled returns opts with the poller of the moment, which is none but in
// TestPolled.
func polled(opts *Options) *Options {
	if poller == nil {
		return opts
	}
	o := opts.withDefaults()
	o.Poller = poller
	return &o
}

// echoPair makes the connections of echoServer: in memory, but for
// TestAutobahnOverSockets.
var echoPair = func(testing.TB) (server, other net.Conn) {
	a, b := memnet.Pipe(0)
	return a, b
}

// echoServer serves an echo on a new connection.
func echoServer(t *testing.T, opts *Options) (*client, *echoHandler) {
	a, b := echoPair(t)
	return serveEcho(t, a, b, opts)
}

func serveEcho(t *testing.T, server, other net.Conn, opts *Options) (*client, *echoHandler) {
	h := &echoHandler{c: NewConn(server, nil, polled(opts)), ended: make(chan error, 8)}
	h.c.Serve(h)
	t.Cleanup(func() { h.c.Abort(nil) })
	return newClient(t, other), h
}

// recorder is a Handler made of functions.
type recorder struct {
	message func(op Opcode, data []byte)
	ended   chan error
}

func newRecorder(message func(op Opcode, data []byte)) *recorder {
	if message == nil {
		message = func(Opcode, []byte) {}
	}
	return &recorder{message, make(chan error, 8)}
}

func (r *recorder) Message(op Opcode, data []byte) { r.message(op, data) }
func (r *recorder) Closed(err error)               { r.ended <- err }

// tcpPair returns both ends of a TCP connection over loopback.
func tcpPair(t testing.TB) (server, client net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return dialPair(t, l)
}

// dialPair connects to l.
func dialPair(t testing.TB, l net.Listener) (server, client net.Conn) {
	type result struct {
		c   net.Conn
		err error
	}
	dialled := make(chan result, 1)
	go func() {
		c, err := net.Dial(l.Addr().Network(), l.Addr().String())
		dialled <- result{c, err}
	}()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	r := <-dialled
	if r.err != nil {
		t.Fatal(r.err)
	}
	return server, r.c
}
