package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/socketio"
)

func TestEventsAreHandledInOrder(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		var got []int
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("n", func(i int) { got = append(got, i) })
			answerFence(s)
		})
		c := connect(h)
		c.join("/", "")
		for i := range 500 {
			c.write(fmt.Sprintf(`2["n",%d]`, i))
		}
		c.fence()
		if len(got) != 500 || !slices.IsSorted(got) {
			t.Errorf("got %v", got)
		}
	})
}

// A slow handler delays its own socket, and neither the client's other namespaces nor others.
func TestSlowHandlerDelaysOnlyItself(t *testing.T) {
	h := serve(t, nil)
	running, release := make(chan bool), make(chan bool)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("slow", func() int {
			running <- true
			<-release
			return 1
		})
		answerFence(s)
	})
	h.io.Of("/x").OnConnect(func(s *socketio.Socket) { s.On("quick", func() int { return 2 }) })
	a, b := h.websocket(), h.websocket()
	a.join("/", "")
	a.join("/x", "")
	b.join("/", "")
	a.write(`21["slow"]`)
	receive(t, running)
	a.write(`2999["fence"]`, `2/x,2["quick"]`)
	b.fence()
	a.want(`3/x,2[2]`)
	close(release)
	a.want(`31[1]`, `3999[]`)
}

// A handler may wait for an acknowledgement of its own client: acks overtake queued events.
func TestHandlerWaitsForItsOwnClient(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("ask me", func(ctx context.Context) (string, error) {
				return socketio.Call[string](ctx, s, "what?")
			})
			s.On("ask all", func(ctx context.Context) (int, error) {
				answers, err := h.io.EmitWithAck(ctx, "all?")
				return len(answers), err
			})
			answerFence(s)
		})
		c := connect(h)
		c.join("/", "")
		c.write(`21["ask me"]`, `22["ask all"]`, `2999["fence"]`)
		c.want(`20["what?"]`)
		c.write(`30["this"]`)
		c.want(`31["this"]`, `21["all?"]`)
		c.write(`31[]`)
		c.want(`32[1]`, `3999[]`)
	})
}

// With the inbox full nothing is read, so no acknowledgement can come: whoever waits for one is
// told, and the client goes on once there is room.
func TestFullInbox(t *testing.T) {
	limits := map[string]*socketio.Options{
		"events": {InboxEvents: 3},
		"bytes":  {InboxBytes: 100},
	}
	for name, o := range limits {
		t.Run(name, func(t *testing.T) {
			transports(t, func(t *testing.T, connect func(*harness) *client) {
				testFullInbox(t, o, connect)
			})
		})
	}
}

func testFullInbox(t *testing.T, o *socketio.Options, connect func(*harness) *client) {
	h := serve(t, o)
	release := make(chan bool)
	results := make(chan error, 4)
	count := 0
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("first", func() {
			_, err := s.EmitWithAck(context.Background(), "q")
			results <- err
			_, err = s.EmitWithAck(context.Background(), "again")
			results <- err
			_, err = h.io.EmitWithAck(context.Background(), "all")
			results <- err
			<-release
		})
		s.On("n", func(int, string) { count++ })
		answerFence(s)
	})
	c := connect(h)
	c.join("/", "")
	c.write(`2["first"]`)
	c.want(`20["q"]`)
	sent := make(chan bool)
	background(t, func() {
		defer close(sent)
		for i := range 20 {
			c.write(fmt.Sprintf(`2["n",%d,%q]`, i, strings.Repeat("x", 20)))
		}
	})
	for range 3 {
		if err := receive(t, results); !errors.Is(err, socketio.ErrBackpressure) {
			t.Errorf("got %v", err)
		}
	}
	close(release)
	<-sent
	c.want(`21["again"]`, `22["all"]`)
	c.fence()
	if count != 20 {
		t.Errorf("%d events were handled", count)
	}
}

// The size of what may wait is bounded: a flood is not read.
func TestFullInboxPushesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, &socketio.Options{InboxEvents: 10})
		release := make(chan bool)
		handled := 0
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("n", func(string) { handled++; <-release })
			answerFence(s)
		})
		c := h.websocket()
		c.join("/", "")
		written := 0
		flooded := make(chan bool)
		go func() {
			defer close(flooded)
			for range 100 {
				c.write(fmt.Sprintf(`2["n",%q]`, strings.Repeat("x", 10_000)))
				written++
			}
		}()
		synctest.Wait()
		if written >= 50 { // 11 taken, and what the pipe and the frame buffers hold
			t.Errorf("%d events were taken", written)
		}
		time.Sleep(time.Hour) // heartbeats stand still, the session lives
		close(release)
		<-flooded
		c.fence()
		if handled != 100 {
			t.Errorf("%d handled", handled)
		}
	})
}

// A session that ends releases a reader that waits for room.
func TestFullInboxAndTheEnd(t *testing.T) {
	for name, end := range map[string]func(*harness, *client, *socketio.Socket){
		"cut":        func(_ *harness, c *client, _ *socketio.Socket) { c.cut() },
		"disconnect": func(_ *harness, _ *client, s *socketio.Socket) { s.Disconnect(true) },
		"leave":      func(_ *harness, _ *client, s *socketio.Socket) { s.Disconnect(false) },
		"shutdown": func(h *harness, _ *client, _ *socketio.Socket) {
			go h.io.Shutdown(context.Background())
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testFullInboxAndTheEnd(t, end) })
		})
	}
}

func testFullInboxAndTheEnd(t *testing.T, end func(*harness, *client, *socketio.Socket)) {
	h := serve(t, &socketio.Options{InboxEvents: 1})
	release, ended := make(chan bool), make(chan bool)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("n", func() { <-release })
		s.OnDisconnect(func(socketio.Reason) { close(ended) })
	})
	c, s := h.joined((*harness).websocket)
	c.write(`2["n"]`, `2["n"]`, `2["n"]`)
	synctest.Wait()
	end(h, c, s)
	select {
	case <-s.Context().Done():
	case <-time.After(5 * time.Minute):
		t.Error("not ended")
	}
	close(release)
	<-ended
}

// A client that joins and leaves in a circle has no more handlers and inboxes waiting than one
// that joins what it may.
func TestJoinAndLeaveInACircle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, &socketio.Options{MaxNamespaces: 3})
		release := make(chan bool)
		var joined, left atomic.Int32
		h.io.OnConnect(func(s *socketio.Socket) {
			joined.Add(1)
			s.On("n", func() { <-release })
			s.OnDisconnect(func(socketio.Reason) { left.Add(1) })
		})
		circle := func(c *client) {
			for range 10 {
				c.join("/", "")
				c.write(`2["n"]`, `2["n"]`, "1")
			}
		}
		c := h.websocket()
		background(t, func() { circle(c) })
		synctest.Wait()
		if n := joined.Load(); n != 3 {
			t.Errorf("%d sockets at work", n)
		}
		close(release)
		synctest.Wait()
		if joined.Load() != 10 || left.Load() != 10 {
			t.Errorf("%d joined, %d left", joined.Load(), left.Load())
		}
	})
}

// The reader that waits for them ends with its session.
func TestJoinAndLeaveAndTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, &socketio.Options{MaxNamespaces: 1})
		release := make(chan bool)
		h.io.OnConnect(func(s *socketio.Socket) { s.On("n", func() { <-release }) })
		c := h.websocket()
		c.join("/", "")
		c.write(`2["n"]`, "1", "0")
		synctest.Wait()
		c.cut()
		for start := time.Now(); h.io.Engine().ClientsCount() > 0; time.Sleep(time.Second) {
			if time.Since(start) > 5*time.Minute {
				t.Fatal("not ended")
			}
		}
		close(release)
	})
}

func TestGoexitInAHandler(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("exit", func() { runtime.Goexit() })
		answerFence(s)
	})
	c := h.websocket()
	c.join("/", "")
	c.write(`2["exit"]`)
	c.fence()
}
