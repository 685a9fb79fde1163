package socketio_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"rightnow/socketio"
)

// beingAdmitted is a client that has been cut off, with its offset, and that comes back: while its new socket, which is in the
// rooms "tea" and "cake", becomes a member, something is done.
type beingAdmitted struct {
	*harness
	id     identity
	offset string
	asked  *atomic.Pointer[func()]
	again  *socketio.Socket
}

func admits(t *testing.T) *beingAdmitted {
	h := recovers(t, nil)
	asked := h.onceAsked()
	c := h.websocket()
	id := c.enter("")
	s := h.socket("/", id.SID)
	s.Join("tea", "cake")
	offset := c.eventOf(t, func() { h.io.Emit("first") }, `["first"]`)
	h.gone(c)
	return &beingAdmitted{harness: h, id: id, offset: offset, asked: asked}
}

// meanwhile has f run when the next who comes back is a member and has not joined. It may be called once.
func (b *beingAdmitted) meanwhile(f func(s *socketio.Socket)) {
	b.io.Use(func(_ context.Context, s *socketio.Socket) error {
		if s.Recovered() && b.again == nil {
			b.again = s
			g := func() { f(s) }
			b.asked.Store(&g)
		}
		return nil
	})
}

// What Join and Leave say while a socket becomes a member holds, in their order.
func TestRoomsWhileASocketIsAdmitted(t *testing.T) {
	b := admits(t)
	b.meanwhile(func(s *socketio.Socket) {
		s.Leave("tea")
		s.Join("tea", "milk", "sugar")
		s.Leave("sugar", "cake")
	})
	c := b.websocket()
	if again := c.enter(comeBack(b.id.PID, b.offset)); again != b.id {
		t.Fatalf("came back as %v, was %v", again, b.id)
	}
	rooms := b.again.Rooms()
	slices.Sort(rooms)
	want := []string{b.id.SID, "milk", "tea"}
	slices.Sort(want)
	if !slices.Equal(rooms, want) {
		t.Errorf("is in %q, want %q", rooms, want)
	}
	for _, room := range []string{"cake", "sugar", "milk", "tea"} {
		b.io.To(room).Emit(room)
	}
	c.event(`["milk"]`)
	c.event(`["tea"]`)
}

// checklist: 176
func TestARoomThatIsLeftWhileASocketIsAdmitted(t *testing.T) {
	for name, leave := range map[string]func(*beingAdmitted, *socketio.Socket){
		"by the socket": func(_ *beingAdmitted, s *socketio.Socket) { s.Leave("tea") },
		"by the hub":    func(b *beingAdmitted, s *socketio.Socket) { b.io.Hub().Leave(s.ID(), "tea") },
	} {
		t.Run(name, func(t *testing.T) {
			b := admits(t)
			b.io.To("tea").Emit("missed", 1)
			b.meanwhile(func(s *socketio.Socket) {
				b.io.To("tea").Emit("held", 2)
				leave(b, s)
			})
			c := b.websocket()
			if again := c.enter(comeBack(b.id.PID, b.offset)); again != b.id {
				t.Fatalf("came back as %v, was %v", again, b.id)
			}
			c.event(`["missed",1]`)
			c.event(`["held",2]`)
			b.io.To("tea").Emit("not meant for it", 3)
			b.io.Emit("end")
			c.event(`["end"]`)
		})
	}
}

// A client that is cut off while it is let in comes a third time, and is the same one.
//
// checklist: 175
func TestACutWhileASocketIsAdmitted(t *testing.T) {
	for name, cut := range map[string]func(*beingAdmitted, *client, *socketio.Socket){
		"the server knows": func(_ *beingAdmitted, c *client, s *socketio.Socket) {
			c.cut()
			<-s.Context().Done()
		},
		"the server does not know": func(*beingAdmitted, *client, *socketio.Socket) {},
	} {
		t.Run(name, func(t *testing.T) {
			b := admits(t)
			b.io.To("tea").Emit("missed", 1)
			second, third := b.websocket(), b.websocket()
			b.meanwhile(func(s *socketio.Socket) {
				cut(b, second, s)
				third.write("0" + comeBack(b.id.PID, b.offset))
				<-s.Context().Done() // the third one has ended it, if nobody did before
			})
			second.write("0" + comeBack(b.id.PID, b.offset))
			if again := third.wantIdentity(); again != b.id {
				t.Fatalf("came back as %v, was %v", again, b.id)
			}
			third.event(`["missed",1]`)
			b.io.To("tea").Emit("tea", 2)
			third.event(`["tea",2]`)
			if n := b.io.SocketsCount(); n != 1 {
				t.Errorf("%d sockets", n)
			}
		})
	}
}

// A client that joins when nobody waits for its acknowledgement any more gets the event, and its answer is ignored.
func TestALateSocketIsNotWaitedFor(t *testing.T) {
	b := admits(t)
	b.meanwhile(func(*socketio.Socket) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if answers, err := b.io.EmitWithAck(ctx, "asked"); len(answers) > 0 || err != nil {
			t.Errorf("answered %v, %v", answers, err)
		}
	})
	c := b.websocket()
	if again := c.enter(comeBack(b.id.PID, b.offset)); again != b.id {
		t.Fatalf("came back as %v, was %v", again, b.id)
	}
	c.want(`20["asked"]`)
	if n := socketio.Expected(b.again); n != 0 {
		t.Errorf("%d acknowledgements are waited for", n)
	}
	c.write(`30[]`)
	b.io.Emit("end")
	c.event(`["end"]`)
}

// An emit after the last goodbye fails, from the first hook that learns of it on.
func TestEmitAfterTheEndFails(t *testing.T) {
	h := recovers(t, nil)
	emitted := make(chan error, 2)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.OnDisconnecting(func(socketio.Reason) { emitted <- s.Emit("late") })
		s.OnDisconnect(func(socketio.Reason) { emitted <- s.Emit("late") })
	})
	for range 50 {
		c := h.websocket()
		c.enter("")
		c.write("1")
		for range 2 {
			if err := receive(t, emitted); err == nil {
				t.Fatal("no error")
			}
		}
		c.cut()
	}
}

// What an application calls its own by other capitals is not what a client that comes back says.
func TestAuthOfAnotherCase(t *testing.T) {
	b := admits(t)
	c := b.websocket()
	auth := `{"pid":"` + b.id.PID + `","offset":"` + b.offset + `","PID":7,"Offset":"x","OFFSET":[]}`
	if again := c.enter(auth); again != b.id {
		t.Errorf("came back as %v, was %v", again, b.id)
	}
	b.gone(c)
	if again := b.websocket().enter(`{"pid":"` + b.id.PID + `","offset":7}`); again == b.id {
		t.Error("is said to be recovered from an offset that is none")
	}
}
