package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/hub"
	"rightnow/socketio"
)

// result is what EmitWithAck returned.
type result struct {
	args socketio.Args
	err  error
}

func ask(ctx context.Context, to socketio.AckEmitter, event string, args ...any) chan result {
	c := make(chan result, 1)
	go func() {
		args, err := to.EmitWithAck(ctx, event, args...)
		c <- result{args, err}
	}()
	return c
}

// checklist: 137
func TestI137AckReachesTheServer(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(answerFence)
		c, s := h.joined(connect)
		got := ask(t.Context(), s, "q", 1)
		c.want(`20["q",1]`)
		c.write(`30["a",{"b":2}]`, `30["second"]`)
		r := receive(t, got)
		var a string
		var b struct{ B int }
		if r.err != nil || r.args.Len() != 2 || r.args.Decode(0, &a) != nil || r.args.Decode(1, &b) != nil || a != "a" || b.B != 2 {
			t.Errorf("got %q %v, %v", a, b, r.err)
		}
		if err := r.args.Decode(2, &a); !errors.Is(err, socketio.ErrNoArgument) {
			t.Errorf("got %v", err)
		}
		c.fence()
	})
}

// checklist: 138
func TestI137BinaryAckReachesTheServer(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).websocket)
	got := ask(t.Context(), s, "q")
	c.want(`20["q"]`)
	c.write(`61-0[{"_placeholder":true,"num":0}]`)
	c.writeBinary([]byte{1, 2})
	r := receive(t, got)
	var b []byte
	if err := r.args.Decode(0, &b); err != nil || !slices.Equal(b, []byte{1, 2}) {
		t.Errorf("got %x, %v", b, err)
	}
}

// checklist: 139
func TestI139Timeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, nil)
		h.io.OnConnect(answerFence)
		c, s := h.joined((*harness).websocket)
		start := time.Now()
		got := ask(t.Context(), s.Timeout(3*time.Second), "q")
		r := receive(t, got)
		if !errors.Is(r.err, socketio.ErrTimeout) || !errors.Is(r.err, context.DeadlineExceeded) || r.err.Error() != "operation has timed out" {
			t.Errorf("got %v", r.err)
		}
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("after %v", d)
		}
		c.want(`20["q"]`)
		c.write(`30["late"]`)
		c.fence()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if r := receive(t, ask(ctx, s.Timeout(time.Hour), "q")); !errors.Is(r.err, socketio.ErrTimeout) {
			t.Errorf("the context's deadline: %v", r.err)
		}
	})
}

// checklist: 140
func TestI140Call(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).websocket)
	type answer struct{ N int64 }
	got := make(chan answer, 1)
	background(t, func() {
		a, err := socketio.Call[answer](t.Context(), s, "q")
		if err != nil {
			t.Error(err)
		}
		got <- a
	})
	c.want(`20["q"]`)
	c.write(`30[{"n":9007199254740993},"second"]`)
	if a := receive(t, got); a.N != 9007199254740993 {
		t.Errorf("got %d", a.N)
	}
	if _, err := socketio.Call[answer](t.Context(), s.Timeout(time.Millisecond), "q"); !errors.Is(err, socketio.ErrTimeout) {
		t.Errorf("got %v", err)
	}
}

// checklist: 141
func TestI141BroadcastAck(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		clients := []*client{connect(h), connect(h), connect(h)}
		for _, c := range clients {
			c.join("/", "")
		}
		got := make(chan []string, 1)
		background(t, func() {
			answers, err := h.io.Timeout(time.Minute).EmitWithAck(t.Context(), "q", "x")
			if err != nil {
				t.Error(err)
			}
			got <- firsts(answers)
		})
		for i, c := range clients {
			c.want(`20["q","x"]`)
			c.write(fmt.Sprintf(`30[%d,"ignored"]`, i))
		}
		list := receive(t, got)
		slices.Sort(list)
		if !slices.Equal(list, []string{"0", "1", "2"}) {
			t.Errorf("got %v", list)
		}
	})
}

func firsts(answers []socketio.Args) []string {
	list := []string{}
	for _, a := range answers {
		list = append(list, string(a.Raw(0)))
	}
	return list
}

// checklist: 141
func TestI141BroadcastAckTimesOutWithAPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, nil)
		h.io.OnConnect(answerFence)
		a, _ := h.joined((*harness).websocket)
		b, _ := h.joined((*harness).websocket)
		go func() {
			a.want(`20["q"]`)
			a.write(`30["a"]`)
		}()
		answers, err := h.io.Timeout(time.Second).EmitWithAck(t.Context(), "q")
		if !errors.Is(err, socketio.ErrTimeout) || !slices.Equal(firsts(answers), []string{`"a"`}) {
			t.Errorf("got %v, %v", firsts(answers), err)
		}
		b.want(`20["q"]`)
		b.write(`30["late"]`)
		b.fence()
		if len(answers) != 1 {
			t.Error("a late answer changed the result")
		}
	})
}

// checklist: 142
func TestI142BroadcastAckToNobody(t *testing.T) {
	h := serve(t, nil)
	for name, target := range map[string]interface {
		EmitWithAck(context.Context, string, ...any) ([]socketio.Args, error)
	}{"namespace": h.io, "room": h.io.To("nobody"), "zero": socketio.Target{}} {
		if answers, err := target.EmitWithAck(t.Context(), "q"); len(answers) > 0 || err != nil {
			t.Errorf("%s: %v, %v", name, answers, err)
		}
	}
}

// checklist: 143
func TestI143BroadcastAckWithoutTimeoutEndsWhenAllHaveLeft(t *testing.T) {
	h := serve(t, nil)
	a, _ := h.joined((*harness).websocket)
	b, _ := h.joined((*harness).websocket)
	c, _ := h.joined((*harness).websocket)
	got := make(chan result, 1)
	background(t, func() {
		answers, err := h.io.EmitWithAck(context.Background(), "q")
		if len(answers) != 1 {
			t.Errorf("got %v", firsts(answers))
		}
		got <- result{err: err}
	})
	for _, c := range []*client{a, b, c} {
		c.want(`20["q"]`)
	}
	a.write(`30[]`)
	b.write(`1`)
	c.cut()
	if r := receive(t, got); !errors.Is(r.err, socketio.ErrDisconnected) {
		t.Errorf("got %v", r.err)
	}
}

// checklist: 144
func TestI144IDsAreUniqueInTheNamespace(t *testing.T) {
	h := serve(t, nil)
	a, sa := h.joined((*harness).websocket)
	b, sb := h.joined((*harness).websocket)
	ctx, cancel := context.WithCancel(t.Context())
	first := ask(ctx, sa, "q")
	a.want(`20["q"]`)
	second := ask(ctx, sb, "q")
	b.want(`21["q"]`)
	third := make(chan result, 1)
	background(t, func() {
		_, err := h.io.EmitWithAck(ctx, "q")
		third <- result{err: err}
	})
	a.want(`22["q"]`)
	b.want(`22["q"]`)
	cancel()
	for _, c := range []chan result{first, second, third} {
		if r := receive(t, c); !errors.Is(r.err, context.Canceled) {
			t.Errorf("got %v", r.err)
		}
	}
}

// checklist: 145
func TestI145DisconnectReleasesAcks(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		for name, end := range map[string]func(*client, *socketio.Socket){
			"client leaves": func(c *client, _ *socketio.Socket) { c.write(`1`) },
			"server leaves": func(_ *client, s *socketio.Socket) { s.Disconnect(false) },
			"server closes": func(_ *client, s *socketio.Socket) { s.Disconnect(true) },
			"client closes": func(c *client, _ *socketio.Socket) { c.close() },
		} {
			h := serve(t, nil)
			c, s := h.joined(connect)
			got := ask(context.Background(), s, "q")
			c.want(`20["q"]`)
			end(c, s)
			r := receive(t, got)
			var cause *socketio.DisconnectError
			if !errors.Is(r.err, socketio.ErrDisconnected) || !errors.As(r.err, &cause) || cause.Reason == "" {
				t.Errorf("%s: %v", name, r.err)
			}
		}
	})
}

// The first call of an acknowledgement counts, from whatever goroutine.
//
// checklist: 232
func TestAckLaterAndTwice(t *testing.T) {
	h := serve(t, nil)
	acks := make(chan socketio.Ack, 1)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("later", func(_ context.Context, ack socketio.Ack, v int) { acks <- ack })
		s.On("node", func(v int, ack socketio.Ack) error { return ack.Send(v) })
		answerFence(s)
	})
	c := h.websocket()
	c.join("/", "")
	c.write(`25["later",1]`)
	ack := receive(t, acks)
	if err := ack(make(chan int)); err == nil {
		t.Error("a channel was encoded")
	}
	if err := ack.Send("a", 2); err != nil {
		t.Error(err)
	}
	if err := ack("again"); err != nil {
		t.Error(err)
	}
	c.want(`35["a",2]`)
	c.write(`2["later",1]`)
	if err := receive(t, acks)("unwanted"); err != nil {
		t.Error(err)
	}
	c.write(`26["node",4]`)
	c.want(`36[4]`)
	c.fence()
	c.write(`27["later",1]`)
	ack = receive(t, acks)
	c.write(`1`)
	c.join("/", "")
	if err := ack("too late"); !errors.Is(err, socketio.ErrDisconnected) {
		t.Errorf("got %v", err)
	}
	c.fence()
}

// A volatile event that wants an acknowledgement and is dropped waits for nobody: alone, or as one of many.
func TestVolatileWithAck(t *testing.T) {
	h := serve(t, nil)
	ready, s := h.joined((*harness).websocket)
	_, lost := h.joined((*harness).polling) // nobody polls
	if _, err := lost.Volatile().EmitWithAck(context.Background(), "q"); !errors.Is(err, socketio.ErrDropped) {
		t.Errorf("alone: %v", err)
	}
	got := ask(context.Background(), s.Volatile(), "q")
	ready.want(`21["q"]`)
	ready.write(`31["a"]`)
	if r := receive(t, got); r.err != nil {
		t.Error(r.err)
	}
	all := make(chan result, 1)
	background(t, func() {
		answers, err := h.io.Volatile().EmitWithAck(context.Background(), "all")
		if !slices.Equal(firsts(answers), []string{`"a"`}) {
			t.Errorf("got %v", firsts(answers))
		}
		all <- result{err: err}
	})
	ready.want(`22["all"]`)
	ready.write(`32["a"]`)
	if r := receive(t, all); !errors.Is(r.err, socketio.ErrDropped) {
		t.Errorf("many: %v", r.err)
	}
}

// Another node counts its ids by itself: what it asks all clients must not answer what this one has asked.
func TestAnotherNodesBroadcastHasNoIDHere(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).websocket)
	balance := ask(t.Context(), s, "balance")
	c.want(`20["balance"]`)
	if n, err := h.io.Hub().Deliver(&hub.Message{Event: "poll", Args: []byte(`["why?"]`), WantAck: true, AckID: 0}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	c.want(`2["poll","why?"]`)
	c.write(`30["much"]`)
	var got string
	if r := receive(t, balance); r.err != nil || r.args.Decode(0, &got) != nil || got != "much" {
		t.Errorf("got %q, %v", got, r.err)
	}
}
