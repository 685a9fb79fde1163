package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// ends are the ways for a connection to end, and the reasons that sockets are told.
var ends = map[string]struct {
	do     func(*harness, *client, *socketio.Socket)
	reason socketio.Reason
	// reason over polling, when that is another one
	polling socketio.Reason
	only    string // the transport it happens to; empty: both
}{
	"client leaves":   {do: func(_ *harness, c *client, _ *socketio.Socket) { c.write("1") }, reason: "client namespace disconnect"},
	"server leaves":   {do: func(_ *harness, _ *client, s *socketio.Socket) { s.Disconnect(false) }, reason: "server namespace disconnect"},
	"server closes":   {do: func(_ *harness, _ *client, s *socketio.Socket) { s.Disconnect(true) }, reason: "server namespace disconnect"},
	"shutdown":        {do: func(h *harness, _ *client, _ *socketio.Socket) { h.shutdown() }, reason: "server shutting down"},
	"client closes":   {do: func(_ *harness, c *client, _ *socketio.Socket) { c.close() }, reason: "transport close"},
	"connection lost": {do: func(_ *harness, c *client, _ *socketio.Socket) { c.cut() }, reason: "transport close", polling: "transport error"},
	"violation":       {do: func(_ *harness, c *client, _ *socketio.Socket) { c.write("x") }, reason: "forced close"},
	"ping timeout":    {do: func(*harness, *client, *socketio.Socket) {}, reason: "ping timeout"},
	"bad packet":      {do: func(_ *harness, c *client, _ *socketio.Socket) { c.engine("x") }, reason: "parse error"},
	"wrong heartbeat": {do: func(_ *harness, c *client, _ *socketio.Socket) { c.engine("2") }, reason: "transport error"},
	"too long": {do: func(_ *harness, c *client, _ *socketio.Socket) { c.engine("4" + strings.Repeat("x", 1_000_001)) },
		reason: "transport error", only: "websocket"},
	"two polls at once": {do: func(_ *harness, c *client, _ *socketio.Socket) { c.wire.(*pollWire).pollTwice() },
		reason: "transport error", only: "polling"},
}

// checklist: 159, 163
func TestK159Reasons(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			for _, wire := range []string{"websocket", "polling"} {
				if end.only != "" && end.only != wire {
					continue
				}
				synctest.Test(t, func(t *testing.T) {
					connect, want := (*harness).websocket, end.reason
					if wire == "polling" {
						connect = (*harness).polling
						if end.polling != "" {
							want = end.polling
						}
					}
					testReason(t, connect, end.do, want)
				})
			}
		})
	}
}

func testReason(t *testing.T, connect func(*harness) *client, end func(*harness, *client, *socketio.Socket), want socketio.Reason) {
	h := serve(t, nil)
	log := make(chan string, 10)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.OnDisconnect(func(r socketio.Reason) { log <- "disconnect " + string(r) })
		s.OnDisconnecting(func(r socketio.Reason) { log <- "disconnecting " + string(r) })
	})
	c, s := h.joined(connect)
	ctx := s.Context()
	if !s.Connected() || ctx.Err() != nil {
		t.Error("not connected")
	}
	end(h, c, s)
	for _, what := range []string{"disconnecting ", "disconnect "} {
		select {
		case got := <-log:
			if got != what+string(want) {
				t.Errorf("got %q, want %q", got, what+string(want))
			}
		case <-time.After(time.Hour):
			t.Fatal("no disconnect")
		}
	}
	var cause *socketio.DisconnectError
	if err := context.Cause(ctx); !errors.As(err, &cause) || cause.Reason != want || !errors.Is(err, socketio.ErrDisconnected) {
		t.Errorf("cause %v", err)
	}
	if err := context.Cause(s.Context()); err == nil || s.Connected() {
		t.Error("still connected")
	}
	synctest.Wait()
	if len(log) > 0 {
		t.Errorf("and %q", <-log)
	}
	if n := h.io.SocketsCount(); n != 0 {
		t.Errorf("%d sockets", n)
	}
}

// checklist: 160
func TestK160DisconnectLeavesOtherNamespacesAlone(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.Of("/x")
		h.io.OnConnect(answerFence)
		c := connect(h)
		c.join("/", "")
		x := h.socket("/x", c.join("/x", ""))
		x.Disconnect(false)
		x.Disconnect(false)
		c.want("1/x,")
		c.fence()
		// What the client sent before it knew is ignored, and does not cost it the connection.
		c.write(`2/x,["in flight"]`, `3/x,1[]`, `51-/x,["b",{"_placeholder":true,"num":0}]`)
		c.writeBinary([]byte("x"))
		c.write(`1/x,`)
		c.fence()
		if c.join("/x", "") == x.ID() {
			t.Error("the id was used again")
		}
		// After its own DISCONNECT it knows.
		c.write(`1/x,`, `2/x,["too late"]`)
		c.wantClosed()
	})
}

// checklist: 162
func TestK162TransportErrorsAreDescribed(t *testing.T) {
	long, octets := strings.Repeat("x", 2000), http.Header{"Content-Type": {"application/octet-stream"}}
	for name, end := range map[string]struct {
		connect func(*harness) *client
		do      func(*client) error
		want    string
	}{
		"websocket: too long":        {(*harness).websocket, func(c *client) error { return c.engine("4" + long) }, "too big"},
		"websocket: not UTF-8":       {(*harness).websocket, func(c *client) error { return c.engine("4\xff") }, "UTF-8"},
		"websocket: wrong heartbeat": {(*harness).websocket, func(c *client) error { return c.engine("2") }, "invalid heartbeat direction"},
		"polling: wrong heartbeat":   {(*harness).polling, func(c *client) error { return c.engine("2") }, "invalid heartbeat direction"},
		"polling: two polls at once": {(*harness).polling, func(c *client) error { c.poll().pollTwice(); return nil }, "overlap from client"},
		"polling: two POSTs at once": {(*harness).polling, func(c *client) error { return c.poll().postTwice() }, "overlap from client"},
		"polling: a poll given up":   {(*harness).polling, func(c *client) error { c.cut(); return nil }, "aborted by the client"},
		"polling: a POST given up":   {(*harness).polling, func(c *client) error { return c.poll().halfPost(nil) }, "aborted by the client"},
		"polling: bytes, not a text": {(*harness).polling, func(c *client) error { return c.poll().halfPost(octets) }, "binary body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, &socketio.Options{MaxPayload: 1000})
			told := make(chan error, 1)
			h.io.OnConnect(func(s *socketio.Socket) {
				answerFence(s)
				s.OnDisconnect(func(r socketio.Reason) {
					if r != socketio.ReasonTransportError {
						t.Errorf("the reason is %q", r)
					}
					told <- context.Cause(s.Context())
				})
			})
			c, _ := h.joined(end.connect)
			if err := end.do(c); err != nil {
				t.Fatal(err)
			}
			var cause *socketio.DisconnectError
			err := receive(t, told)
			if !errors.As(err, &cause) || cause.Reason != socketio.ReasonTransportError || cause.Err == nil || !strings.Contains(cause.Err.Error(), end.want) {
				t.Errorf("the cause is %v, want %q in it", err, end.want)
			}
		})
	}
}

// What came before the end is handled before the hooks.
func TestEventsBeforeTheEndAreHandled(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		log := make(chan string, 10)
		release := make(chan bool)
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("e", func(i int) {
				if i == 0 {
					<-release
				}
				log <- fmt.Sprintf("%d %d", i, len(s.Rooms()))
			})
			s.OnDisconnecting(func(r socketio.Reason) { log <- string(r) })
		})
		c, s := h.joined(connect)
		c.write(`2["e",0]`, `2["e",1]`, `2["e",2]`, `1`)
		<-s.Context().Done() // at once, though events wait
		if h.io.Hub().Member(s.ID()) != nil {
			t.Error("still a member")
		}
		close(release)
		for _, want := range []string{"0 1", "1 1", "2 1", "client namespace disconnect"} {
			if got := receive(t, log); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

// The membership ends with the connection, even while a handler runs.
func TestMembershipEndsAtOnce(t *testing.T) {
	h := serve(t, nil)
	running, release := make(chan bool), make(chan bool)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("slow", func() {
			running <- true
			<-release
		})
	})
	c, s := h.joined((*harness).websocket)
	c.write(`2["slow"]`)
	receive(t, running)
	c.cut()
	<-s.Context().Done()
	if h.io.Hub().Member(s.ID()) != nil || h.io.SocketsCount() != 0 {
		t.Error("still a member")
	}
	close(release)
}

func TestDisconnectInHandlersAndHooks(t *testing.T) {
	h := serve(t, nil)
	log := make(chan string, 10)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("bye", func() {
			s.Emit("bye")
			s.Disconnect(false)
			log <- fmt.Sprintf("after %t", s.Connected())
		})
		s.OnDisconnect(func(r socketio.Reason) {
			s.Disconnect(true)
			h.io.Emit("left", s.ID() != "")
			log <- string(r)
		})
	})
	a, _ := h.joined((*harness).websocket)
	b, _ := h.joined((*harness).websocket)
	a.write(`2["bye"]`)
	a.want(`2["bye"]`, `1`)
	b.want(`2["left",true]`)
	if first, second := receive(t, log), receive(t, log); first != "after false" || second != "server namespace disconnect" {
		t.Error(first, second)
	}
	a.wantClosed()
}

func TestAcknowledgeThenDisconnect(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("bye", func(ack socketio.Ack) {
				s.Emit("bye", "last")
				ack("last")
				s.Disconnect(true)
			})
		})
		c, _ := h.joined(connect)
		c.write(`21["bye"]`)
		if got := c.wantClosed(); !slices.Equal(got, []string{`2["bye","last"]`, `31["last"]`, `1`}) {
			t.Errorf("got %q", got)
		}
	})
}

func TestDisconnectWhileJoining(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(func(*socketio.Socket) { t.Error("joined") })
		h.io.Use(func(ctx context.Context, s *socketio.Socket) error {
			s.Disconnect(false) // nothing to leave yet
			if s.Context().Err() != nil {
				t.Error("ended")
			}
			s.Disconnect(true)
			return nil
		})
		c := connect(h)
		c.write("0")
		if before := c.wantClosed(); len(before) > 0 {
			t.Errorf("got %q", before)
		}
	})
}

// checklist: 164, 165
func TestK164Shutdown(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.Of("/x")
		c, s := h.joined(connect)
		c.join("/x", "")
		handled := make(chan bool)
		s.On("slow", func(ctx context.Context) {
			handled <- true
			<-ctx.Done()
			handled <- true
		})
		c.write(`2["slow"]`)
		receive(t, handled)
		s.Emit("last")
		done := make(chan bool)
		background(t, func() {
			h.shutdown()
			h.shutdown() // 165: harmless
			close(done)
		})
		if got := c.wantClosed(); !slices.Equal(got, []string{`2["last"]`}) {
			t.Errorf("got %q", got)
		}
		if p, ok := c.wire.(*pollWire); ok && p.ended != errPollClosed {
			t.Error("the poll was not told that the session is closed")
		}
		select {
		case <-done:
			t.Error("did not wait for the handler")
		default:
		}
		receive(t, handled)
		<-done
		if n := h.io.Engine().ClientsCount(); n != 0 { // 166
			t.Errorf("%d clients", n)
		}
	})
}

func TestShutdownGivesUpWithItsContext(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).websocket)
	running, release := make(chan bool), make(chan bool)
	s.On("stuck", func() {
		running <- true
		<-release
	})
	c.write(`2["stuck"]`)
	receive(t, running)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := h.io.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	close(release)
}

// checklist: 165
func TestK165ShutdownOfAnUnusedServer(t *testing.T) {
	if err := socketio.New(nil).Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// checklist: 166
func TestK166NobodyIsCountedWhenAllHaveLeft(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		for _, end := range ends {
			c, s := h.joined(connect)
			if n := h.io.Engine().ClientsCount(); n != 1 {
				t.Errorf("%d clients", n)
			}
			if end.reason == socketio.ReasonPingTimeout || end.reason == socketio.ReasonShutdown || end.only != "" {
				c.close()
			} else {
				end.do(h, c, s)
			}
			c.cut()
			waitFor(t, func() bool { return h.io.Engine().ClientsCount() == 0 && h.io.SocketsCount() == 0 })
		}
	})
}

// A message that is too long is told apart from other ends: by the code of the close frame or the
// status, and by the error.
//
// checklist: 229
func TestT229TooLong(t *testing.T) {
	long := strings.Repeat("x", 2000)
	h := serve(t, &socketio.Options{MaxPayload: 1000})
	told := make(chan error, 2)
	h.io.OnConnect(func(s *socketio.Socket) {
		answerFence(s)
		s.OnDisconnect(func(r socketio.Reason) { told <- context.Cause(s.Context()) })
	})
	for what, send := range map[string]func(c *client) error{
		"text":   func(c *client) error { return c.send(message{text: long}) },
		"binary": func(c *client) error { return c.send(message{binary: []byte(long), isBin: true}) },
	} {
		c, _ := h.joined((*harness).websocket)
		if err := send(c); err != nil {
			t.Fatal(err)
		}
		if _, err := c.receive(t.Context()); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
			t.Errorf("%s: the client learns %v", what, err)
		}
		var cause *socketio.DisconnectError
		err := receive(t, told)
		if !errors.As(err, &cause) || cause.Reason != socketio.ReasonTransportError || cause.Err == nil || cause.Err.Error() != "ws: closed with 1009: message too big" {
			t.Errorf("%s: the server learns %v", what, err)
		}
		p, _ := h.joined((*harness).polling)
		if err := send(p); err == nil || !strings.HasPrefix(err.Error(), "413 ") {
			t.Errorf("%s: the client learns %v", what, err)
		}
		p.fence() // the session goes on, as in Node
	}
}

// The Go client knows before it sends, and its connection goes on.
//
// checklist: 229
func TestT229TooLongForOurClient(t *testing.T) {
	h := serve(t, &socketio.Options{MaxPayload: 1000})
	h.io.OnConnect(answerFence)
	for _, transport := range []eioclient.Transport{eioclient.Polling, eioclient.WebSocket} {
		dialer := &http.Transport{DialContext: h.dial}
		c := sioclient.New("http://"+h.host, &sioclient.Options{
			Transports: []eioclient.Transport{transport}, HTTPClient: &http.Client{Transport: dialer}, DisableReconnect: true,
		})
		s := c.Of("/")
		gone := make(chan sioclient.Reason, 1)
		s.OnDisconnect(func(r sioclient.Reason) { gone <- r })
		s.Connect()
		if _, err := s.EmitWithAck(t.Context(), "fence"); err != nil {
			t.Fatal(err)
		}
		long := strings.Repeat("x", 2000)
		if err := s.Emit("long", long); !errors.Is(err, sioclient.ErrTooBig) {
			t.Errorf("%s: Emit learns %v", transport, err)
		}
		if _, err := s.EmitWithAck(t.Context(), "long", []byte(long)); !errors.Is(err, sioclient.ErrTooBig) {
			t.Errorf("%s: EmitWithAck learns %v", transport, err)
		}
		if _, err := s.EmitWithAck(t.Context(), "fence"); err != nil {
			t.Errorf("%s: the connection: %v", transport, err)
		}
		c.Close()
		dialer.CloseIdleConnections()
		if r := receive(t, gone); r != sioclient.ReasonClientDisconnect {
			t.Errorf("%s: it ended with %q", transport, r)
		}
	}
}
