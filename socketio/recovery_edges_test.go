package socketio_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"rightnow/socketio"
)

// onceAsked returns where to put what is to run, once, when the recovery of "/" next looks up what a client missed. It is called
// before the first client.
func (h *harness) onceAsked() *atomic.Pointer[func()] {
	var asked atomic.Pointer[func()]
	socketio.WhenAsked(h.io.Of("/"), func() {
		if f := asked.Swap(nil); f != nil {
			(*f)()
		}
	})
	return &asked
}

// cutOff is a client of a namespace with recovery that has been cut off behind an offset.
type cutOff struct {
	*harness
	id     identity
	socket *socketio.Socket // of before
	offset string
}

// cutOffAfter has a client join, does something and cuts it off.
func cutOffAfter(t *testing.T, do func(h *harness, c *client, s *socketio.Socket)) cutOff {
	t.Helper()
	h := recovers(t, nil)
	c := h.websocket()
	id := c.enter("")
	k := cutOff{harness: h, id: id, socket: h.socket("/", id.SID)}
	k.offset = c.eventOf(t, func() { h.io.Emit("first") }, `["first"]`)
	do(h, c, k.socket)
	h.gone(c)
	return k
}

// back comes back and expects the events, and nothing else before "end".
func (k cutOff) back(offset string, events ...string) *client {
	k.t.Helper()
	k.io.Emit("end")
	c := k.websocket()
	if again := c.enter(comeBack(k.id.PID, offset)); again != k.id {
		k.t.Fatalf("came back as %v, was %v", again, k.id)
	}
	for _, event := range append(events, `["end"]`) {
		c.event(event)
	}
	return c
}

// What was sent to a room before the client joined it was not meant for it, whatever it was in when it was lost.
//
// checklist: 170
func TestNothingFromBeforeAClientJoinedARoom(t *testing.T) {
	k := cutOffAfter(t, func(h *harness, _ *client, s *socketio.Socket) {
		h.io.To("tea").Emit("tea", 1)
		h.io.Except("tea").Emit("others", 2)
		s.Join("tea")
	})
	k.io.To("tea").Emit("tea", 3)
	k.io.Except("tea").Emit("others", 4)
	c := k.back(k.offset, `["others",2]`, `["tea",3]`)
	s := k.harness.socket("/", k.id.SID)
	k.io.To("cake").Emit("cake", 5) // and once more, for a socket that has come back before
	s.Join("cake")
	k.gone(c)
	k.io.To("cake").Emit("cake", 6)
	k.io.To("tea").Emit("tea", 7)
	k.back(k.offset, `["others",2]`, `["tea",3]`, `["end"]`, `["cake",6]`, `["tea",7]`)
}

// A room that a middleware joins when the client comes back is a new one as well.
//
// checklist: 170
func TestNothingFromBeforeAMiddlewareJoinedARoom(t *testing.T) {
	k := cutOffAfter(t, func(*harness, *client, *socketio.Socket) {})
	k.io.Use(func(_ context.Context, s *socketio.Socket) error { return s.Join("tea") })
	k.io.To("tea").Emit("tea", 1)
	k.gone(k.back(k.offset))
	k.io.To("tea").Emit("tea", 2)
	k.back(k.offset, `["end"]`, `["tea",2]`)
}

// An offset from before the session is one that its client has made up.
//
// checklist: 170
func TestNothingFromBeforeAClientJoined(t *testing.T) {
	h := recovers(t, nil)
	before := h.websocket()
	before.enter("")
	old := before.eventOf(t, func() { h.io.Emit("old", 1) }, `["old",1]`)
	h.io.Emit("old", 2)
	h.io.To("tea").Emit("tea", 3)
	c := h.websocket()
	id := c.enter("")
	s := h.socket("/", id.SID)
	s.Join("tea")
	h.io.To("tea").Emit("tea", 4)
	h.gone(c)
	k := cutOff{harness: h, id: id}
	k.back(old, `["tea",4]`)
}

// What was on its way when the client left a room was sent to it, and is sent again when it did not get through.
//
// checklist: 170
func TestWhatCameBeforeAClientLeftARoom(t *testing.T) {
	k := cutOffAfter(t, func(h *harness, c *client, s *socketio.Socket) {
		s.Join("tea")
		h.io.To("tea").Emit("tea", 1)
		s.Leave("tea")
		h.io.To("tea").Emit("tea", 2)
		s.Join("tea")
		h.io.To("tea").Emit("tea", 3)
		for range 100 { // past stays are bounded, and those that last are not forgotten
			s.Join("other")
			s.Leave("other")
		}
		s.Join("more")
		h.io.To("more").Emit("more", 4)
		s.Leave("more")
	})
	k.back(k.offset, `["tea",3]`, `["more",4]`)
	k = cutOffAfter(t, func(h *harness, c *client, s *socketio.Socket) {
		s.Join("tea")
		h.io.To("tea").Emit("tea", 1)
		s.Leave("tea")
		h.io.To("tea").Emit("tea", 2)
		s.Namespace().Hub().Join(s.ID(), "past Socket.Join")
		h.io.To("past Socket.Join").Emit("past", 3)
	})
	k.back(k.offset, `["tea",1]`, `["past",3]`)
}

// A program that still has the socket of a client that is away may emit to it, and the client gets that when it comes back.
//
// checklist: 169
func TestEmitToWhoIsAway(t *testing.T) {
	k := cutOffAfter(t, func(*harness, *client, *socketio.Socket) {})
	<-k.socket.Context().Done()
	if err := k.socket.Emit("kept", 1); err != nil {
		t.Error(err)
	}
	if err := k.socket.Volatile().Emit("volatile", 2); err == nil {
		t.Error("a volatile event was taken")
	}
	comes := make(chan struct{})
	k.io.Use(func(context.Context, *socketio.Socket) error { // between the CONNECT and its answer
		if err := k.socket.Emit("kept", 3); err != nil {
			t.Error(err)
		}
		close(comes)
		return nil
	})
	k.io.Emit("before")
	c := k.websocket()
	if again := c.enter(comeBack(k.id.PID, k.offset)); again != k.id {
		t.Fatalf("came back as %v, was %v", again, k.id)
	}
	receive(t, comes)
	c.event(`["kept",1]`)
	c.event(`["before"]`)
	c.event(`["kept",3]`)
	c.write("1")
	c.write("2[]") // what ends the connection
	waitFor(t, func() bool { return k.socket.Emit("gone") != nil })
}

// What is to be acknowledged and what is volatile is not sent again, whether it was seen before the cut or not, and what
// stands around it is; who waits for the acknowledgement learns of the cut.
//
// checklist: 168, 169
func TestAskedAndVolatileBeforeACut(t *testing.T) {
	asked := make(chan error, 2)
	ask := func(s *socketio.Socket, event string) {
		_, err := s.EmitWithAck(t.Context(), event)
		asked <- err
	}
	k := cutOffAfter(t, func(h *harness, c *client, s *socketio.Socket) {
		background(t, func() { ask(s, "seen") })
		c.want(`20["seen"]`)
		s.Volatile().Emit("volatile", 1)
		c.want(`2["volatile",1]`)
		s.Emit("plain", 2)
		c.event(`["plain",2]`) // and its offset is forgotten: the client died before it had handled it
		background(t, func() { ask(s, "asked") })
		c.want(`21["asked"]`)
		h.io.Volatile().Emit("volatile", 3)
		s.Emit("plain", 4)
		background(t, func() { h.io.EmitWithAck(t.Context(), "all") })
		waitFor(t, func() bool { return strings.HasSuffix(c.read(), `["all"]`) })
		h.io.Emit("plain", 5)
	})
	for range cap(asked) {
		if err := receive(t, asked); !errors.Is(err, socketio.ErrDisconnected) {
			t.Errorf("who asked learns %v", err)
		}
	}
	k.io.Volatile().Emit("volatile", 6)
	c := k.back(k.offset, `["plain",2]`, `["plain",4]`, `["plain",5]`)
	c.write(`30["late"]`, `31["late"]`, `2["x"]`) // the numbers mean nothing any more, and do no harm
	background(t, func() { ask(k.harness.socket("/", k.id.SID), "again") })
	if got := c.read(); !strings.HasSuffix(got, `["again"]`) || strings.HasPrefix(got, "20") || strings.HasPrefix(got, "21") {
		t.Errorf("got %s", got)
	}
}

// The connection of a client that is coming back ends at the very moment at which the server finds that there is more for
// it than its queue holds.
func TestACutWhileRecoveryIsGivenUp(t *testing.T) {
	h := recovers(t, nil)
	asked := h.onceAsked()
	c := h.websocket()
	id := c.enter("")
	h.gone(c)
	c = h.websocket()
	ended := make(chan struct{})
	h.io.Use(func(_ context.Context, s *socketio.Socket) error {
		if !s.Recovered() {
			return nil
		}
		for range 9 {
			h.io.Emit("big", strings.Repeat("x", 64<<10))
		}
		f := func() {
			c.cut()
			<-s.Context().Done()
			close(ended)
		}
		asked.Store(&f)
		return nil
	})
	c.write("0" + comeBack(id.PID, ""))
	receive(t, ended)
	waitFor(t, func() bool { return h.io.Hub().Count(nil, nil) == 0 && h.io.Engine().ClientsCount() == 0 })
	if again := h.websocket().enter(comeBack(id.PID, "")); again == id {
		t.Error("is said to be recovered")
	}
}

// A middleware may put the client out of a room when it comes back: of what was sent there while it was away, and is sent
// there from now on, it gets nothing.
func TestAMiddlewareLeavesARoom(t *testing.T) {
	k := cutOffAfter(t, func(h *harness, _ *client, s *socketio.Socket) { s.Join("tea") })
	k.io.Use(func(_ context.Context, s *socketio.Socket) error {
		s.Leave("tea")
		return nil
	})
	k.io.To("tea").Emit("tea", 1)
	c := k.back(k.offset)
	k.io.To("tea").Emit("tea", 2)
	k.gone(c)
	k.io.To("tea").Emit("tea", 3)
	k.back(k.offset, `["end"]`)
}

// What a middleware does for a client that is cut off again before it is back is as if it had not been.
func TestACutBehindAMiddlewareThatLeavesARoom(t *testing.T) {
	k := cutOffAfter(t, func(h *harness, _ *client, s *socketio.Socket) { s.Join("a", "b", "c") })
	var first atomic.Bool
	left := make(chan struct{})
	k.io.Use(func(ctx context.Context, s *socketio.Socket) error {
		if !first.Swap(true) {
			s.Leave("a")
			close(left)
			<-ctx.Done()
		}
		return nil
	})
	c := k.websocket()
	c.write("0" + comeBack(k.id.PID, k.offset))
	receive(t, left)
	k.allGone(c)
	waitFor(t, func() bool { // its session is back a moment after the connection has gone
		c := k.websocket()
		return c.enter(comeBack(k.id.PID, k.offset)) == k.id
	})
	if got := k.harness.socket("/", k.id.SID).Rooms(); !slices.Equal(got, []string{k.id.SID, "a", "b", "c"}) {
		t.Errorf("it is in %q", got)
	}
}

// The socket of before does nothing to the one that has its id now.
func TestAnEndedSocketMovesNobody(t *testing.T) {
	k := cutOffAfter(t, func(h *harness, _ *client, s *socketio.Socket) { s.Join("a") })
	k.back(k.offset)
	k.socket.Leave("a")
	k.socket.Join("b")
	if got := k.harness.socket("/", k.id.SID).Rooms(); !slices.Equal(got, []string{k.id.SID, "a"}) {
		t.Errorf("it is in %q", got)
	}
}
