package ws

import (
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"rightnow/internal/leaktest"
	"rightnow/internal/netpoll"
)

// withPoller gives the connections that a test makes a poller.
func withPoller(t *testing.T) *netpoll.Poller {
	p := new(netpoll.Poller)
	poller = p
	t.Cleanup(func() {
		poller = nil
		if !eventually(func() bool { return p.Watching() == 0 }) {
			t.Errorf("%d connections are still watched", p.Watching())
		}
	})
	return p
}

// TestPolled runs the tests of raw sockets once more, with a poller.
func TestPolled(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"Sockets":         TestSockets,
		"FullKernel":      TestFullKernel,
		"WriteTimeoutTCP": TestWriteTimeoutTCP,
		"ConcurrentFlush": TestConcurrentFlush,
		"QueueLimit":      TestQueueLimit,
		"FrameLimit":      TestFrameLimit,
		"Resets":          TestResets,
		"RefusedSender":   TestRefusedSender,
		"RacingEnds":      TestRacingEnds,
		"NoForeignBytes":  TestNoForeignBytes,
		"Cycles":          TestCycles,
	} {
		t.Run(name, func(t *testing.T) {
			withPoller(t)
			test(t)
		})
	}
}

// TestPolledIdle shows that a connection from which nothing comes has no
// goroutine, and that many share a few.
func TestPolledIdle(t *testing.T) {
	p := withPoller(t)
	const n = 200
	before := runtime.NumGoroutine()
	var clients []*client
	var handlers []*echoHandler
	for range n {
		server, other := tcpPair(t)
		c, h := serveEcho(t, server, other, nil)
		c.send(raw(0x81, "hello"), 0)
		c.want(text("hello"))
		clients, handlers = append(clients, c), append(handlers, h)
	}
	if got := p.Watching(); got != n {
		t.Errorf("%d connections are watched, not %d", got, n)
	}
	// The poller's own, and the workers that are kept.
	if got := runtime.NumGoroutine() - before; got > n/4 {
		t.Errorf("%d goroutines for %d idle connections", got, n)
	}
	for _, stack := range strings.Split(leaktest.Stacks(), "\n\n") {
		if strings.Contains(stack, "ws.(*reader).run") {
			t.Fatal("a goroutine waits for a peer:\n" + stack)
		}
	}
	for i, c := range clients { // all still listen
		c.send(raw(0x81, "again"), 0)
		c.want(text("again"))
		c.Close()
		<-handlers[i].ended
	}
}

// TestPolledGoodbye has the end of the stream come together with the last
// bytes, before anybody looks: there is no event for it alone.
func TestPolledGoodbye(t *testing.T) {
	for range 50 {
		withPollerOnce(t, func() {
			server, other := tcpPair(t)
			got := make(chan string, 2)
			h := newRecorder(func(_ Opcode, data []byte) { got <- string(data) })
			c := NewConn(server, nil, polled(nil))
			other.Write(raw(0x81, "last words"))
			other.Close()
			c.Serve(h)
			if m := <-got; m != "last words" {
				t.Errorf("got %q", m)
			}
			if err := <-h.ended; err != io.EOF {
				t.Errorf("ended by %v", err)
			}
		})
	}
}

func withPollerOnce(t *testing.T, f func()) {
	p := new(netpoll.Poller)
	poller = p
	defer func() { poller = nil }()
	f()
	if !eventually(func() bool { return p.Watching() == 0 }) {
		t.Fatal("still watched")
	}
}

// TestPolledEarly has bytes that came with the handshake handled without a
// further word from the peer.
func TestPolledEarly(t *testing.T) {
	withPoller(t)
	server, other := tcpPair(t)
	h := &echoHandler{ended: make(chan error, 1)}
	h.c = NewConn(server, raw(0x81, "early"), polled(nil))
	h.c.Serve(h)
	cl := newClient(t, other)
	cl.want(text("early"))
	h.c.Abort(nil)
	<-h.ended
}

// TestPolledBlocked has one handler block: no other connection waits for it, and
// what the peer sends meanwhile is handled afterwards, in order.
func TestPolledBlocked(t *testing.T) {
	withPoller(t)
	server, other := tcpPair(t)
	release, got := make(chan struct{}), make(chan string, 10)
	h := newRecorder(func(_ Opcode, data []byte) {
		if string(data) == "block" {
			<-release
		}
		got <- string(data)
	})
	c := NewConn(server, nil, polled(nil))
	c.Serve(h)
	other.Write(raw(0x81, "block"))

	s2, o2 := tcpPair(t)
	c2, h2 := serveEcho(t, s2, o2, nil)
	for _, m := range []string{"1", "2", "3"} {
		c2.send(raw(0x81, m), 0)
		c2.want(text(m))
		other.Write(raw(0x81, m))
	}
	close(release)
	for _, want := range []string{"block", "1", "2", "3"} {
		if m := <-got; m != want {
			t.Errorf("got %q, not %q", m, want)
		}
	}
	c.Abort(nil)
	<-h.ended
	h2.c.Abort(nil)
	<-h2.ended
}

// TestPolledNowhere has a connection that cannot be watched wait alone.
func TestPolledNowhere(t *testing.T) {
	p := withPoller(t)
	server, other := tcpPair(t)
	server.Close()
	h := &echoHandler{c: NewConn(server, nil, polled(nil)), ended: make(chan error, 1)}
	h.c.Serve(h)
	if err := <-h.ended; err == nil {
		t.Error("ended by nothing")
	}
	other.Close()

	mem, _ := net.Pipe()
	h = &echoHandler{c: NewConn(mem, nil, polled(nil)), ended: make(chan error, 1)}
	h.c.Serve(h)
	if p.Watching() != 0 {
		t.Error("a pipe is watched")
	}
	h.c.Abort(nil)
	<-h.ended
}

// TestPolledEnds ends connections in all ways while they are being added.
func TestPolledEnds(t *testing.T) {
	withPoller(t)
	var all sync.WaitGroup
	for i := range 300 {
		server, other := unixPair(t)
		h := &echoHandler{c: NewConn(server, nil, polled(nil)), ended: make(chan error, 8)}
		var wg sync.WaitGroup
		wg.Go(func() { h.c.Serve(h) })
		wg.Go(func() {
			switch i % 4 {
			case 0:
				h.c.Abort(nil)
			case 1:
				other.Close()
			case 2:
				other.Write(raw(0x81, "x"))
				h.c.Abort(nil)
			default:
				other.Write(closeFrame(1000, ""))
			}
		})
		wg.Wait()
		all.Go(func() {
			<-h.ended
			other.Close()
		})
	}
	all.Wait()
}
