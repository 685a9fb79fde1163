package socketio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/socketio"
)

// identity is what a client is told when it joins a namespace that recovers.
type identity struct{ SID, PID string }

// recovers serves with recovery; a nil o has the defaults.
func recovers(t testing.TB, o *socketio.RecoveryOptions) *harness {
	if o == nil {
		o = &socketio.RecoveryOptions{}
	}
	return serve(t, &socketio.Options{ConnectionStateRecovery: o})
}

// enter joins "/" and returns who the client is.
func (c *client) enter(auth string) identity {
	c.t.Helper()
	c.write("0" + auth)
	return c.wantIdentity()
}

func (c *client) wantIdentity() (id identity) {
	c.t.Helper()
	got := c.read()
	data, ok := strings.CutPrefix(got, "0")
	if err := json.Unmarshal([]byte(data), &id); !ok || err != nil || len(id.SID) != 20 || len(id.PID) != 20 {
		c.t.Fatalf("got %s, want 0{\"sid\":…,\"pid\":…}", got)
	}
	return id
}

// comeBack is the auth of a client that comes back.
func comeBack(pid, offset string) string {
	if offset == "" {
		return fmt.Sprintf(`{"pid":%q}`, pid)
	}
	return fmt.Sprintf(`{"token":"t","pid":%q,"offset":%q}`, pid, offset)
}

// event reads an event whose last argument is its offset, and checks the rest.
func (c *client) event(want string) (offset string) {
	c.t.Helper()
	got := c.read()
	var parts []any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(got, "2")), &parts); err != nil || len(parts) < 2 {
		c.t.Fatalf("got %s, want the event %s", got, want)
	}
	offset, _ = parts[len(parts)-1].(string)
	rest, _ := json.Marshal(parts[:len(parts)-1])
	if string(rest) != want || offset == "" {
		c.t.Fatalf("got %s with the offset %q, want %s", rest, offset, want)
	}
	return offset
}

// gone cuts the client's connection and waits until the server knows.
func (h *harness) gone(c *client) {
	h.t.Helper()
	before := h.io.SocketsCount()
	c.cut()
	waitFor(h.t, func() bool { return h.io.SocketsCount() < before })
}

// checklist: 167
func TestNothingIsAddedWithoutRecovery(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).websocket) // fails on a pid
	s.Emit("x", 1)
	c.want(`2["x",1]`)
	if s.Recovered() {
		t.Error("recovered, without recovery")
	}
}

// checklist: 168
func TestOffsetsGoWithPlainEventsOnly(t *testing.T) {
	h := recovers(t, nil)
	c := h.websocket()
	s := h.socket("/", c.enter("").SID)
	first := c.eventOf(t, func() { s.Emit("own", 1) }, `["own",1]`)
	second := c.eventOf(t, func() { h.io.Emit("all") }, `["all"]`)
	if first == second {
		t.Error("two events have one offset")
	}
	s.Volatile().Emit("volatile", 1)
	c.want(`2["volatile",1]`)
	h.io.Volatile().Emit("volatile", 2)
	c.want(`2["volatile",2]`)
	background(t, func() { s.EmitWithAck(context.Background(), "asked", 1) })
	c.want(`20["asked",1]`)
	c.write(`30[]`)
}

func (c *client) eventOf(t *testing.T, emit func(), want string) string {
	t.Helper()
	emit()
	return c.event(want)
}

// checklist: 169, 170, 171, 176
func TestAClientComesBack(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := recovers(t, nil)
		sockets := make(chan *socketio.Socket, 2)
		h.io.OnConnect(func(s *socketio.Socket) {
			s.Emit("hello", s.Recovered())
			sockets <- s
		})
		c := connect(h)
		id := c.enter("")
		s := receive(t, sockets)
		c.event(`["hello",false]`)
		s.Join("tea", "cake")
		s.Leave("cake")
		s.SetData("kept")
		offset := c.eventOf(t, func() { h.io.Emit("seen", 0) }, `["seen",0]`)
		h.io.Emit("unseen", 1)
		h.gone(c)

		h.io.To("tea").Emit("tea", 2)
		h.io.To("cake").Emit("cake", 3)
		h.io.Except("tea").Emit("others", 4)
		h.io.To(id.SID).Emit("own", 5)
		h.io.Volatile().Emit("volatile", 6)
		h.io.To("tea", "milk").Emit("bytes", []byte{7})

		back := connect(h)
		if again := back.enter(comeBack(id.PID, offset)); again != id {
			t.Fatalf("came back as %v, was %v", again, id)
		}
		back.event(`["unseen",1]`)
		back.event(`["tea",2]`)
		back.event(`["own",5]`)
		if got := back.read(); !strings.HasPrefix(got, `51-["bytes",{"_placeholder":true,"num":0},"`) {
			t.Fatalf("got %s, not the bytes", got)
		}
		back.want("<07>")
		back.event(`["hello",true]`)
		s = receive(t, sockets)
		if s.ID() != id.SID || s.Data() != "kept" || !slices.Equal(s.Rooms(), []string{id.SID, "tea"}) || !s.Recovered() {
			t.Errorf("socket %s with data %v in %v, recovered %v", s.ID(), s.Data(), s.Rooms(), s.Recovered())
		}
		var auth struct{ Token string }
		if s.Handshake().Auth.Decode(&auth); auth.Token != "t" {
			t.Error("the client's own auth is lost")
		}
		h.io.To("tea").Emit("tea", 8)
		back.event(`["tea",8]`)
	})
}

// checklist: 172
func TestAClientThatGotNothingComesBack(t *testing.T) {
	h := recovers(t, nil)
	h.io.Emit("before")
	c := h.websocket()
	id := c.enter("")
	h.gone(c)
	h.io.Emit("missed", 1)
	back := h.websocket()
	if again := back.enter(comeBack(id.PID, "")); again != id {
		t.Fatalf("came back as %v, was %v", again, id)
	}
	back.event(`["missed",1]`)
}

// checklist: 172, 173, 177
func TestWhoIsNotRecoveredIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		options *socketio.RecoveryOptions
		away    func(h *harness, c *client, s *socketio.Socket) // how the client goes
		auth    func(id identity, offset string) string
	}{
		"unknown private id": {auth: func(_ identity, offset string) string { return comeBack("AAAAAAAAAAAAAAAAAAAA", offset) }},
		"unknown offset":     {auth: func(id identity, _ string) string { return comeBack(id.PID, "x-1") }},
		"offset of no text":  {auth: func(id identity, _ string) string { return fmt.Sprintf(`{"pid":%q,"offset":7}`, id.PID) }},
		"private id of no text": {auth: func(_ identity, offset string) string {
			return fmt.Sprintf(`{"pid":{},"offset":%q}`, offset)
		}},
		"disconnected by the server": {away: func(h *harness, c *client, s *socketio.Socket) {
			s.Disconnect(true)
			c.wantClosed()
		}},
		"left": {away: func(h *harness, c *client, s *socketio.Socket) {
			c.write("1")
			<-s.Context().Done()
			h.allGone(c)
		}},
		"missed more than is kept": {
			options: &socketio.RecoveryOptions{MaxEvents: 3},
			away: func(h *harness, c *client, s *socketio.Socket) {
				h.gone(c)
				for i := range 4 {
					h.io.Emit("n", i)
				}
			},
		},
		"missed more bytes than are kept": {
			options: &socketio.RecoveryOptions{MaxBytes: 4 << 10},
			away: func(h *harness, c *client, s *socketio.Socket) {
				h.gone(c)
				for range 4 {
					h.io.Emit("x", strings.Repeat("x", 1<<10))
				}
			},
		},
		"missed more than a queue holds": {
			away: func(h *harness, c *client, s *socketio.Socket) {
				h.gone(c)
				for range 9 {
					h.io.Emit("big", strings.Repeat("x", 64<<10))
				}
			},
		},
		"too many are away": {
			options: &socketio.RecoveryOptions{MaxSessions: 1},
			away: func(h *harness, c *client, s *socketio.Socket) {
				first := h.websocket()
				first.enter("")
				h.gone(first)
				h.gone(c)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := recovers(t, c.options)
			one := h.websocket()
			id := one.enter("")
			s := h.socket("/", id.SID)
			offset := one.eventOf(t, func() { h.io.Emit("x") }, `["x"]`)
			if c.away == nil {
				h.gone(one)
			} else {
				c.away(h, one, s)
			}
			auth := comeBack(id.PID, offset)
			if c.auth != nil {
				auth = c.auth(id, offset)
			}
			two := h.websocket()
			again := two.enter(auth)
			if again.SID == id.SID || again.PID == id.PID {
				t.Errorf("came back as %v, was %v", again, id)
			}
			if h.socket("/", again.SID).Recovered() {
				t.Error("is said to be recovered")
			}
		})
	}
}

// allGone cuts the last connection, which may have no socket any more.
func (h *harness) allGone(c *client) {
	c.cut()
	waitFor(h.t, func() bool { return h.io.Engine().ClientsCount() == 0 })
}

// checklist: 172, 177
func TestWhoStaysAwayTooLongIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := recovers(t, &socketio.RecoveryOptions{MaxDisconnectionDuration: time.Minute})
		early, late := h.websocket(), h.websocket()
		earlyID, lateID := early.enter(""), late.enter("")
		early.cut()
		late.cut()
		synctest.Wait()
		time.Sleep(59 * time.Second)
		if again := h.websocket().enter(comeBack(earlyID.PID, "")); again != earlyID {
			t.Errorf("came back as %v, was %v", again, earlyID)
		}
		time.Sleep(2 * time.Second)
		if again := h.websocket().enter(comeBack(lateID.PID, "")); again == lateID {
			t.Error("recovered after a minute")
		}
	})
}

// checklist: 175
func TestOneLiveSocketForAPrivateID(t *testing.T) {
	h := recovers(t, nil)
	reasons := make(chan socketio.Reason, 4)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.OnDisconnect(func(r socketio.Reason) { reasons <- r })
	})
	dead := h.websocket()
	id := dead.enter("")
	offset := dead.eventOf(t, func() { h.io.Emit("x") }, `["x"]`)
	h.io.Emit("y") // read by nobody: the connection is dead, and the server does not know
	second := h.websocket()
	if again := second.enter(comeBack(id.PID, offset)); again != id {
		t.Fatalf("came back as %v, was %v", again, id)
	}
	second.event(`["y"]`)
	if r := receive(t, reasons); r != socketio.ReasonTransportClose {
		t.Errorf("the first socket ended with %q", r)
	}
	if n := len(h.io.Sockets()); n != 1 {
		t.Errorf("%d sockets are there", n)
	}
	dead.wantClosed()
	h.io.Emit("z")
	second.event(`["z"]`)
}

// checklist: 175
func TestManyComeBackWithOnePrivateID(t *testing.T) {
	h := recovers(t, nil)
	c := h.websocket()
	id := c.enter("")
	h.gone(c)
	const n = 20
	ids := make(chan identity, n)
	for range n {
		c := h.websocket()
		background(t, func() {
			c.write("0" + comeBack(id.PID, ""))
			if got := c.read(); strings.HasPrefix(got, "0{") {
				var id identity
				json.Unmarshal([]byte(got[1:]), &id)
				ids <- id
			}
		})
	}
	again := 0
	for range n {
		if receive(t, ids) == id {
			again++
		}
	}
	with := 0
	for _, s := range h.io.Sockets() {
		if s.ID() == id.SID {
			with++
		}
	}
	if with != 1 || again == 0 {
		t.Errorf("%d live sockets have the id, which %d clients were given again", with, again)
	}
}

// checklist: 174
func TestMiddlewaresRunAgain(t *testing.T) {
	for name, skip := range map[string]bool{"again": false, "skipped": true} {
		t.Run(name, func(t *testing.T) {
			h := recovers(t, &socketio.RecoveryOptions{SkipMiddlewares: skip})
			banned := make(chan bool, 1)
			banned <- false
			h.io.Use(func(_ context.Context, s *socketio.Socket) error {
				ban := <-banned
				banned <- ban
				if ban {
					return socketio.ConnectError{Message: "banned"}
				}
				return nil
			})
			c := h.websocket()
			id := c.enter("")
			h.gone(c)
			<-banned
			banned <- true
			back := h.websocket()
			if skip {
				if again := back.enter(comeBack(id.PID, "")); again != id {
					t.Errorf("came back as %v, was %v", again, id)
				}
				return
			}
			back.write("0" + comeBack(id.PID, ""))
			back.want(`4{"message":"banned"}`)
			<-banned
			banned <- false
			if again := back.enter(comeBack(id.PID, "")); again == id {
				t.Error("who was refused has its session still")
			}
		})
	}
}

// checklist: 174
func TestWhatComesWhileMiddlewaresRunIsNotLost(t *testing.T) {
	h := recovers(t, nil)
	hold := make(chan chan struct{}, 1)
	h.io.Use(func(context.Context, *socketio.Socket) error {
		select {
		case c := <-hold:
			<-c
		default:
		}
		return nil
	})
	c := h.websocket()
	id := c.enter("")
	h.gone(c)
	h.io.Emit("n", 1)
	release := make(chan struct{})
	hold <- release
	back := h.websocket()
	back.write("0" + comeBack(id.PID, ""))
	waitFor(t, func() bool { return len(hold) == 0 })
	h.io.Emit("n", 2)
	close(release)
	if again := back.wantIdentity(); again != id {
		t.Fatalf("came back as %v, was %v", again, id)
	}
	back.event(`["n",1]`)
	back.event(`["n",2]`)
	h.io.Emit("n", 3)
	back.event(`["n",3]`)
}

func TestACutWhileComingBack(t *testing.T) {
	h := recovers(t, nil)
	waits := make(chan struct{}, 10)
	var blocked = make(chan bool, 1)
	blocked <- false
	h.io.Use(func(ctx context.Context, s *socketio.Socket) error {
		b := <-blocked
		blocked <- b
		if b {
			waits <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	c := h.websocket()
	id := c.enter("")
	h.gone(c)
	h.io.Emit("missed")
	<-blocked
	blocked <- true
	again := h.websocket()
	again.write("0" + comeBack(id.PID, ""))
	receive(t, waits)
	h.allGone(again)
	<-blocked
	blocked <- false
	var got identity
	waitFor(t, func() bool { // its session is back a moment after the connection has gone
		c := h.websocket()
		got = c.enter(comeBack(id.PID, ""))
		if got == id {
			c.event(`["missed"]`)
		}
		return got == id
	})
}

func TestRecoveryEndsWithTheServer(t *testing.T) {
	h := recovers(t, nil)
	c := h.websocket()
	c.enter("")
	h.gone(c)
	h.shutdown() // and the leak check of the package finds no timer's goroutine
}

func TestAChildNamespaceStaysForWhoIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, &socketio.Options{
			CleanupEmptyChildNamespaces: true,
			ConnectionStateRecovery:     &socketio.RecoveryOptions{MaxDisconnectionDuration: time.Minute},
		})
		h.io.OfFunc(func(context.Context, string, socketio.Auth) bool { return true })
		c := h.websocket()
		c.write("0/child,")
		var id identity
		json.Unmarshal([]byte(strings.TrimPrefix(c.read(), "0/child,")), &id)
		c.cut()
		synctest.Wait()
		time.Sleep(30 * time.Second)
		h.io.Of("/child").Emit("missed")
		back := h.websocket()
		back.write("0/child," + comeBack(id.PID, ""))
		if got := back.read(); !strings.Contains(got, id.PID) {
			t.Fatalf("got %s, not the session of before", got)
		}
		if got := back.read(); !strings.HasPrefix(got, `2/child,["missed","`) {
			t.Fatalf("got %s, not what was missed", got)
		}
		back.cut()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n := len(h.io.Namespaces()); n != 1 {
			t.Errorf("%d namespaces are there after the last client's time", n)
		}
	})
}

// However a client was lost, it may come back, unless it or the server wanted the end, or what it sent was no packet.
//
// checklist: 159, 173
func TestReasonsThatClientsComeBackFrom(t *testing.T) {
	for reason, c := range map[socketio.Reason]struct {
		end       func(c *client, s *socketio.Socket)
		recovered bool
	}{
		socketio.ReasonTransportClose:   {func(c *client, _ *socketio.Socket) { c.cut() }, true},
		socketio.ReasonPingTimeout:      {func(*client, *socketio.Socket) { time.Sleep(time.Minute) }, true},
		socketio.ReasonForcedClose:      {func(c *client, _ *socketio.Socket) { c.write("2{}") }, true},
		socketio.ReasonTransportError:   {func(c *client, _ *socketio.Socket) { c.engine("2") }, true},
		socketio.ReasonParseError:       {func(c *client, _ *socketio.Socket) { c.engine("x") }, false},
		socketio.ReasonClientDisconnect: {func(c *client, _ *socketio.Socket) { c.write("1") }, false},
		socketio.ReasonServerDisconnect: {func(_ *client, s *socketio.Socket) { s.Disconnect(true) }, false},
	} {
		t.Run(string(reason), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := recovers(t, nil)
				got := make(chan socketio.Reason, 2)
				h.io.OnConnect(func(s *socketio.Socket) {
					s.OnDisconnect(func(r socketio.Reason) { got <- r })
				})
				one := h.websocket()
				id := one.enter("")
				offset := one.eventOf(t, func() { h.io.Emit("n", 0) }, `["n",0]`)
				c.end(one, h.socket("/", id.SID))
				if r := receive(t, got); r != reason {
					t.Fatalf("ended with %q", r)
				}
				h.io.Emit("n", 1)
				two := h.websocket()
				again := two.enter(comeBack(id.PID, offset))
				if back := again == id; back != c.recovered || h.socket("/", again.SID).Recovered() != back {
					t.Errorf("came back as %v, was %v", again, id)
				}
				if c.recovered {
					two.event(`["n",1]`)
				}
				h.io.Emit("n", 2)
				two.event(`["n",2]`)
			})
		})
	}
}
