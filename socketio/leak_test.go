package socketio_test

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"testing"
	"time"

	"rightnow/internal/leaktest"
	"rightnow/socketio"
)

// cycles are the ways that a socket's life may take, each ending where it began. Those of the
// first kind happen on one connection; the others make one each.
var cycles = map[string]struct {
	connection bool
	do         func(h *harness, c *client)
}{
	"join and leave": {false, func(_ *harness, c *client) {
		c.join("/work", "")
		c.write("1/work,")
	}},
	"refused": {false, func(_ *harness, c *client) {
		c.write("0/refused,")
		c.want(`4/refused,{"message":"no"}`)
	}},
	"unknown": {false, func(_ *harness, c *client) {
		c.write("0/unknown,")
		c.want(`4/unknown,{"message":"Invalid namespace"}`)
	}},
	"dynamic": {false, func(_ *harness, c *client) {
		c.join("/dyn-x", "")
		c.write("1/dyn-x,")
	}},
	"left by the server": {false, func(h *harness, c *client) {
		c.join("/work", "")
		c.write(`2/work,["leave"]`)
		c.want(`1/work,`)
	}},
	"acks": {false, func(_ *harness, c *client) {
		c.join("/work", "")
		c.write(`2/work,["ask"]`)
		c.read()
		c.write("1/work,") // the question stays without an answer
	}},
	"joined and gone": {true, func(_ *harness, c *client) {
		c.join("/work", "")
		c.close()
	}},
	"gone while asked": {true, func(_ *harness, c *client) {
		c.join("/work", "")
		c.write(`2/work,["ask"]`)
		c.read()
		c.cut()
	}},
	"gone while joining": {true, func(_ *harness, c *client) {
		c.write("0/slow,")
		c.cut()
	}},
	"double connect": {true, func(_ *harness, c *client) {
		c.write("0/slow,", "0/slow,")
		c.wantClosed()
	}},
	"violation": {true, func(_ *harness, c *client) {
		c.join("/work", "")
		c.write(`2/work,["e"]`, "x")
		c.wantClosed()
	}},
	"closed by the server": {true, func(_ *harness, c *client) {
		c.join("/work", "")
		c.write(`2/work,["close"]`)
		c.wantClosed()
	}},
	"half a binary packet": {true, func(_ *harness, c *client) {
		c.join("/work", "")
		c.write(`52-/work,["e",{"_placeholder":true,"num":0}]`)
		c.writeBinary(make([]byte, 1000))
		c.cut()
	}},
	"full inbox": {true, func(_ *harness, c *client) {
		c.join("/work", "")
		c.write(`2/work,["wait"]`, `2/work,["e"]`, `2/work,["e"]`, `2/work,["e"]`, `2/work,["release"]`)
		c.close()
	}},
}

// furnish makes a namespace for every cycle.
func furnish(io *socketio.Server) {
	io.Of("/refused").Use(func(ctx context.Context, s *socketio.Socket) error {
		s.Join("early")
		s.Context()
		return socketio.Error("no")
	})
	io.Of("/slow").Use(func(ctx context.Context, s *socketio.Socket) error {
		<-ctx.Done()
		return nil
	})
	io.OfPattern(regexp.MustCompile("^/dyn-")).OnConnect(func(s *socketio.Socket) { s.Join("room") })
	io.Of("/work").OnConnect(func(s *socketio.Socket) {
		s.Join("room", s.ID()+"'s own")
		s.On("leave", func() { s.Disconnect(false) })
		s.On("close", func() { s.Disconnect(true) })
		s.On("ask", func() { s.EmitWithAck(context.Background(), "q") })
		s.On("wait", func() { runtime.Gosched() })
		s.OnDisconnect(func(socketio.Reason) {})
		s.OnAny(func(*socketio.Event) {})
	})
}

// After many cycles on each path there are as many goroutines and live objects as before.
func TestLeaks(t *testing.T) {
	for network, listen := range map[string]func(testing.TB, *socketio.Options) *harness{"memory": serve, "tcp": serveTCP} {
		n := 10_000
		if raceBuild || testing.Short() || network == "tcp" {
			n = 500
		}
		for name, cycle := range cycles {
			t.Run(network+"/"+name, func(t *testing.T) {
				h := listen(t, &socketio.Options{CleanupEmptyChildNamespaces: true, InboxEvents: 2})
				furnish(h.io)
				h.loose = true
				c := h.websocket()
				defer c.cut()
				c.join("/", "")
				turn := func() { cycle.do(h, c) }
				if cycle.connection {
					turn = func() {
						c := h.websocket()
						cycle.do(h, c)
						c.cut()
					}
				}
				testLeak(t, n, turn, func() {
					c.write("1")
					c.join("/", "")
					waitFor(t, func() bool { return h.io.Engine().ClientsCount() == 1 })
				})
			})
		}
	}
}

// testLeak runs n turns and checks that nothing of them is left; settle waits until their
// consequences are over.
func testLeak(t *testing.T, n int, turn, settle func()) {
	t.Helper()
	run := func(n int) {
		for range n {
			turn()
		}
		settle()
	}
	run(100) // pools fill
	leaktest.ManyGoroutines()
	goroutines, objects := living(t, 0, 0)
	run(n)
	living(t, goroutines, objects+uint64(n)/2)
}

// waitFor waits for something that no event tells of.
func waitFor(t testing.TB, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("in vain")
		}
	}
}

// living counts goroutines and live objects; with bounds it waits until they are kept.
func living(t *testing.T, maxGoroutines int, maxObjects uint64) (goroutines int, objects uint64) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		now := leaktest.Live()
		goroutines, objects = now.Goroutines, now.Objects
		if maxObjects == 0 || goroutines <= maxGoroutines && objects <= maxObjects {
			return goroutines, objects
		}
		if time.Now().After(deadline) {
			t.Fatal(fmt.Sprintf("%d goroutines (at most %d), %d objects (at most %d)\n", goroutines, maxGoroutines, objects, maxObjects),
				leaktest.Stacks())
		}
	}
}
