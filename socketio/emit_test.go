package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"rightnow/socketio"
)

// checklist: 124
func TestH124Arguments(t *testing.T) {
	type inner struct {
		N int64  `json:"n"`
		B []byte `json:"b"`
	}
	at := time.Date(2026, 11, 22, 20, 41, 0, 123e6, time.UTC)
	tests := map[string]struct {
		args []any
		want []string
	}{
		"none":     {nil, []string{`2["e"]`}},
		"plain":    {[]any{1, "two", true, nil, []int{3}}, []string{`2["e",1,"two",true,null,[3]]`}},
		"html":     {[]any{"<b>&"}, []string{`2["e","<b>&"]`}},
		"big":      {[]any{int64(math.MaxInt64)}, []string{`2["e",9223372036854775807]`}},
		"NaN":      {[]any{math.NaN(), math.Inf(1)}, []string{`2["e",null,null]`}},
		"date":     {[]any{at}, []string{`2["e","2026-11-22T20:41:00.123Z"]`}},
		"binary":   {[]any{[]byte{1, 2}}, []string{`51-["e",{"_placeholder":true,"num":0}]`, "<0102>"}},
		"in order": {[]any{inner{7, []byte{1}}, []any{[]byte{2}}}, []string{`52-["e",{"n":7,"b":{"_placeholder":true,"num":0}},[{"_placeholder":true,"num":1}]]`, "<01>", "<02>"}},
	}
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		c, s := h.joined(connect)
		for name, test := range tests {
			for kind, emit := range map[string]func(string, ...any) error{"socket": s.Emit, "broadcast": h.io.Emit} {
				if err := emit("e", test.args...); err != nil {
					t.Errorf("%s, %s: %v", name, kind, err)
				}
				c.want(test.want...)
			}
		}
	})
}

func TestH124WhatCannotBeEncodedIsAnError(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(answerFence)
	c, s := h.joined((*harness).websocket)
	for _, emit := range []func(string, ...any) error{s.Emit, h.io.Emit, h.io.To("x").Emit, s.Broadcast().Emit, s.Volatile().Emit} {
		if err := emit("e", make(chan int)); err == nil || !strings.Contains(err.Error(), `emit "e"`) {
			t.Errorf("got %v", err)
		}
	}
	c.fence()
}

// checklist: 125, 138
func TestH125NamespacePrefix(t *testing.T) {
	h := serve(t, nil)
	h.io.Of("/x").OnConnect(func(s *socketio.Socket) {
		s.On("ask", func() []byte { return []byte{9} })
	})
	c := h.websocket()
	c.join("/x", "")
	h.io.Of("/x").Emit("e", []byte{1})
	c.want(`51-/x,["e",{"_placeholder":true,"num":0}]`, "<01>")
	c.write(`2/x,12["ask"]`)
	c.want(`61-/x,12[{"_placeholder":true,"num":0}]`, "<09>")
	h.io.Of("/x").Emit("e", 1)
	c.want(`2/x,["e",1]`)
	c.join("/", "")
	h.io.Emit("e", 1)
	h.io.Emit("e", []byte{2})
	c.want(`2["e",1]`, `51-["e",{"_placeholder":true,"num":0}]`, "<02>")
}

// checklist: 126
func TestH126ReservedNames(t *testing.T) {
	h := serve(t, nil)
	_, s := h.joined((*harness).websocket)
	for _, name := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"} {
		for _, emit := range []func(string, ...any) error{s.Emit, h.io.Emit, h.io.Of("/").Emit, s.Broadcast().Emit, h.io.To("r").Emit} {
			if err := emit(name); !errors.Is(err, socketio.ErrReservedEvent) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.EmitWithAck(t.Context(), name); !errors.Is(err, socketio.ErrReservedEvent) {
			t.Errorf("%s with ack: %v", name, err)
		}
	}
}

// checklist: 127
func TestH127Send(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		c, s := h.joined(connect)
		s.Send("a", 1)
		h.io.Send("b")
		h.io.To(s.ID()).Send()
		c.want(`2["message","a",1]`, `2["message","b"]`, `2["message"]`)
	})
}

// checklist: 128
func TestH128VolatileOverPolling(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).polling)
	if err := s.Volatile().Emit("v", 1); !errors.Is(err, socketio.ErrDropped) { // nobody polls
		t.Errorf("got %v", err)
	}
	h.io.Volatile().Emit("v", 2)
	got := make(chan string)
	background(t, func() { got <- c.read() })
	for s.Volatile().Emit("v", 3) != nil {
		time.Sleep(time.Millisecond) // until the poll has come
	}
	if g := receive(t, got); g != `2["v",3]` {
		t.Errorf("got %s", g)
	}
}

// checklist: 129
func TestH129VolatileIsDeliveredWhenWritable(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).websocket)
	if err := s.Volatile().Emit("v", 1); err != nil {
		t.Error(err)
	}
	h.io.Volatile().Emit("v", 2)
	c.want(`2["v",1]`, `2["v",2]`)
}

// Behind a normal emit of the same moment a volatile one finds the connection ready all the same.
//
// checklist: 130
func TestH130VolatileBehindAnEmit(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		if err := s.Volatile().Emit("v", 0); err != nil { // right behind the answer to CONNECT
			t.Error(err)
		}
		s.On("both", func() {
			s.Emit("n", 1)
			if err := s.Volatile().Emit("v", 1); err != nil {
				t.Error(err)
			}
			h.io.Emit("n", 2)
			h.io.Volatile().Emit("v", 2)
		})
	})
	c := h.websocket()
	c.join("/", "")
	c.want(`2["v",0]`)
	c.write(`2["both"]`)
	c.want(`2["n",1]`, `2["v",1]`, `2["n",2]`, `2["v",2]`)
}

// checklist: 131, 161
func TestH131EmitThenDisconnect(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.Of("/x")
		c, s := h.joined(connect)
		c.join("/x", "")
		for i := range 5 {
			s.Emit("e", i)
		}
		s.Disconnect(true)
		got := c.wantClosed()
		want := []string{`2["e",0]`, `2["e",1]`, `2["e",2]`, `2["e",3]`, `2["e",4]`, `1`, `1/x,`}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
}

// checklist: 132
func TestH132NoEmitAfterDisconnect(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.Of("/x").OnConnect(answerFence)
		c, s := h.joined(connect)
		c.join("/x", "")
		s.Disconnect(false)
		if err := s.Emit("late"); !errors.Is(err, socketio.ErrDisconnected) {
			t.Errorf("Emit: %v", err)
		}
		if err := s.Volatile().Emit("late"); !errors.Is(err, socketio.ErrDisconnected) {
			t.Errorf("volatile: %v", err)
		}
		if _, err := s.EmitWithAck(t.Context(), "late"); !errors.Is(err, socketio.ErrDisconnected) {
			t.Errorf("EmitWithAck: %v", err)
		}
		h.io.Emit("late")
		h.io.To(s.ID()).Emit("late")
		c.want(`1`)
		c.write(`2/x,1["fence"]`)
		c.want(`3/x,1[]`)
		c.close()
	})
}

// checklist: 133
func TestH133OrderOfManyEmits(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		c, s := h.joined(connect)
		for i := range 1000 {
			switch i % 3 {
			case 0:
				s.Emit("n", i)
			case 1:
				h.io.Emit("n", i)
			case 2:
				h.io.To(s.ID()).Emit("n", i, []byte{byte(i)})
			}
		}
		for i := range 1000 {
			if i%3 < 2 {
				c.want(fmt.Sprintf(`2["n",%d]`, i))
			} else {
				c.want(fmt.Sprintf(`51-["n",%d,{"_placeholder":true,"num":0}]`, i), fmt.Sprintf("<%02x>", byte(i)))
			}
		}
	})
}

// checklist: 134
func TestH134OnAny(t *testing.T) {
	h := serve(t, nil)
	var log []string
	note := func(what string) func(*socketio.Event) {
		return func(e *socketio.Event) { log = append(log, what+" "+e.Name()) }
	}
	h.io.OnConnect(func(s *socketio.Socket) {
		answerFence(s)
		offSecond := func() {}
		s.OnAny(note("first"))
		offSecond = s.OnAny(note("second"))
		s.PrependAny(note("zeroth"))
		s.Use(func(e *socketio.Event) error {
			note("use")(e)
			if e.Name() == "blocked" {
				return errors.New("blocked")
			}
			return nil
		})
		s.On("off", func() { offSecond(); log = append(log, "handler off") })
		s.On("all off", func() { s.OffAny() })
	})
	c := h.websocket()
	c.join("/", "")
	c.write(`2["blocked"]`, `2["off"]`, `2["x"]`, `2["all off"]`)
	c.fence()
	want := []string{
		"zeroth blocked", "first blocked", "second blocked", "use blocked",
		"zeroth off", "first off", "second off", "use off", "handler off",
		"zeroth x", "first x", "use x",
		"zeroth all off", "first all off", "use all off",
		"use fence",
	}
	if !slices.Equal(log, want) {
		t.Errorf("got  %q\nwant %q", log, want)
	}
}

// checklist: 135
func TestH135OnAnyOutgoing(t *testing.T) {
	h := serve(t, nil)
	seen := make(chan string, 20)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.OnAnyOutgoing(func(e *socketio.Event) { seen <- fmt.Sprintf("%s %s", e.Name(), e.Args().Raw(0)) })
		s.On("ask", func() int { return 1 })
	})
	c, s := h.joined((*harness).websocket)
	s.Emit("single", 1)
	if got := receive(t, seen); got != "single 1" {
		t.Errorf("got %s", got)
	}
	h.io.Emit("broadcast", 2)
	if got := receive(t, seen); got != "broadcast 2" {
		t.Errorf("got %s", got)
	}
	s.Broadcast().Emit("for others")
	c.write(`21["ask"]`)
	c.want(`2["single",1]`, `2["broadcast",2]`, `31[1]`)
	s.PrependAnyOutgoing(func(e *socketio.Event) { seen <- "first " + e.Name() })
	s.Emit("twice", 3)
	if a, b := receive(t, seen), receive(t, seen); a != "first twice" || b != "twice 3" {
		t.Errorf("got %s, %s", a, b)
	}
	c.want(`2["twice",3]`)
	s.OffAnyOutgoing()
	s.Emit("unseen")
	c.want(`2["unseen"]`)
	if len(seen) > 0 {
		t.Errorf("saw %s", <-seen)
	}
}

// checklist: 136
func TestH136SocketMiddleware(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(func(s *socketio.Socket) {
			answerFence(s)
			s.Use(func(e *socketio.Event) error {
				switch e.Name() {
				case "blocked":
					return errors.New("blocked event")
				case "panic":
					panic("in a middleware")
				}
				return nil
			})
			s.On("blocked", func() { t.Error("the handler ran") })
			s.On("panic", func() { t.Error("the handler ran") })
			s.OnError(func(err error) { s.Emit("mw-error", err.Error()) })
		})
		c := connect(h)
		c.join("/", "")
		c.write(`21["blocked"]`)
		c.want(`2["mw-error","blocked event"]`)
		c.write(`21["panic"]`)
		c.want(`2["mw-error","socketio: panic in Use: in a middleware"]`)
		c.fence()
	})
}

// A burst in a handler arrives in few writes, and nothing of it waits for the handler's end.
func TestEmitsInAHandlerAreFlushedSoon(t *testing.T) {
	h := serve(t, nil)
	release := make(chan bool)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("slow", func() {
			s.Emit("at once")
			<-release
		})
	})
	c := h.websocket()
	c.join("/", "")
	c.write(`2["slow"]`)
	c.want(`2["at once"]`)
	close(release)
}

func TestBatch(t *testing.T) {
	h := serve(t, nil)
	h.io.Of("/x")
	c := h.websocket()
	c.join("/", "")
	c.join("/x", "")
	h.io.Batch(func() {
		h.io.Emit("a")
		h.io.Of("/x").Emit("b")
	})
	c.want(`2["a"]`, `2/x,["b"]`)
}

func TestContextOfEmitWithAckIsChecked(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(answerFence)
	c, s := h.joined((*harness).websocket)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the cause")
	cancel(cause)
	if _, err := s.EmitWithAck(ctx, "x"); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	c.fence()
}
