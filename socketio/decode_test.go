package socketio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"rightnow/socketio"
)

// checklist: 108
func TestG108EventsAndAcks(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("a", func(n int) int { return n + 1 })
		})
		c := connect(h)
		c.join("/", "")
		c.write(`2["a",1]`, `27["a",1]`, `200["a",2]`)
		c.want(`37[2]`, `30[3]`)
	})
}

// violations are packets that no client may send once it has joined "/", and may send nothing
// after.
func violations() map[string][]message {
	text := func(packets ...string) (list []message) {
		for _, p := range packets {
			list = append(list, message{text: p})
		}
		return list
	}
	list := map[string][]message{
		"unknown type":                 text("7"),
		"letter as a type":             text("x"),
		"empty packet":                 text(""),
		"bad JSON":                     text(`2["a"`),
		"trailing JSON":                text(`2["a"]]`),
		"event without a name":         text(`2[]`),
		"event of an object":           text(`2{}`),
		"event of a string":            text(`2"a"`),
		"name is null":                 text(`2[null]`),
		"name is an object":            text(`2[{}]`),
		"name is a bool":               text(`2[true]`),
		"ack of an object":             text(`31{}`),
		"disconnect with payload":      text(`1{}`),
		"connect with an array":        text(`0/a,[]`),
		"connect with a string":        text(`0/a,"x"`),
		"connect with null":            text(`0/a,null`),
		"connect with bad JSON":        text(`0/a,{`),
		"namespace without slash":      text(`0foo,`),
		"second connect":               text(`0`),
		"connect error":                text(`4{"message":"x"}`),
		"event for unjoined namespace": text(`2/a,["x"]`),
		"event for unknown namespace":  text(`2/nowhere,["x"]`),
		"ack for unjoined namespace":   text(`3/a,1[]`),
		"disconnect for unjoined":      text(`1/a,`),
		"eleven attachments":           text(`511-["a"]`),
		"a million attachments":        text(`51000000-["a"]`),
		"no attachment count":          text(`5["a"]`),
		"fractional attachments":       text(`51.5-["a"]`),
		"placeholder out of range":     text(`51-["a",{"_placeholder":true,"num":1}]`),
		"placeholder negative":         text(`51-["a",{"_placeholder":true,"num":-1}]`),
		"placeholder not a number":     text(`51-["a",{"_placeholder":true,"num":"0"}]`),
		"text for an attachment":       text(`51-["a",{"_placeholder":true,"num":0}]`, `2["a"]`),
		"stray binary":                 {{binary: []byte{1}, isBin: true}},
		"one binary too many": {
			{text: `51-["a",{"_placeholder":true,"num":0}]`},
			{binary: []byte{1}, isBin: true}, {binary: []byte{2}, isBin: true},
		},
	}
	for _, name := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"} {
		list["reserved "+name] = text(fmt.Sprintf(`2[%q]`, name))
	}
	return list
}

// Each violation closes the connection of the client that did it, tells why, and disturbs
// nobody else: checklist 97-99, 109, 110, 113-115, 118, 119.
//
// checklist: 91, 99, 109, 110, 113, 114, 115, 118, 119
func TestG109Violations(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.Of("/a")
		reasons := make(chan socketio.Reason, 1)
		told := make(chan error, 1)
		h.io.OnConnect(func(s *socketio.Socket) {
			if s.Handshake().Auth == nil {
				s.On("a", func([]byte) {})
				s.OnError(func(err error) { told <- err })
				s.OnDisconnect(func(r socketio.Reason) { reasons <- r })
			}
			answerFence(s)
		})
		witness := connect(h)
		witness.join("/", `{"witness":true}`)
		for name, messages := range violations() {
			c := connect(h)
			c.join("/", "")
			for _, m := range messages {
				c.send(m) // over polling the one after may fail
			}
			if before := c.wantClosed(); len(before) > 0 {
				t.Errorf("%s: got %q", name, before)
			}
			if r := receive(t, reasons); r != socketio.ReasonForcedClose {
				t.Errorf("%s: reason %q", name, r)
			}
			var violation *socketio.ProtocolError
			if err := receive(t, told); !errors.As(err, &violation) {
				t.Errorf("%s: told %v", name, err)
			}
			witness.fence()
		}
		if n := h.io.SocketsCount(); n != 1 {
			t.Errorf("%d sockets left", n)
		}
	})
}

// checklist: 111
func TestG111NamesThatAreNotReserved(t *testing.T) {
	h := serve(t, nil)
	got := make(chan string, 1)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.OnAny(func(e *socketio.Event) { got <- fmt.Sprintf("%s/%d", e.Name(), e.Len()) })
		s.OnError(func(err error) { t.Errorf("OnError got %v", err) })
	})
	c := h.websocket()
	c.join("/", "")
	for packet, want := range map[string]string{
		`2["error"]`:        "error/0",
		`2["error","oops"]`: "error/1",
		`2["connection"]`:   "connection/0",
		`2["message",1,2]`:  "message/2",
		`2["__proto__"]`:    "__proto__/0",
		`2[5,1]`:            "5/1",
		`2`:                 "/0",
		`2["\u0061"]`:       "a/0",
	} {
		c.write(packet)
		if name := receive(t, got); name != want {
			t.Errorf("%s: got %s, want %s", packet, name, want)
		}
	}
}

// checklist: 112
func TestG112Attachments(t *testing.T) {
	type nested struct {
		A []byte   `json:"a"`
		L [][]byte `json:"l"`
	}
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		got := make(chan string, 1)
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("bin", func(a []byte, n nested, rest ...json.RawMessage) {
				got <- fmt.Sprintf("%x %x %x %d", a, n.A, n.L, len(rest))
			})
			s.On("many", func(all ...[]byte) int { return len(all) })
		})
		c := connect(h)
		c.join("/", "")
		c.write(`53-["bin",{"_placeholder":true,"num":2},{"a":{"_placeholder":true,"num":0},"l":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}]},7]`)
		for _, b := range [][]byte{{0}, {1}, {2}} {
			c.writeBinary(b)
		}
		if g, want := receive(t, got), "02 00 [01 01] 1"; g != want {
			t.Errorf("got %s, want %s", g, want)
		}
		for n := 1; n <= 10; n++ {
			places := ""
			for i := range n {
				places += fmt.Sprintf(`,{"_placeholder":true,"num":%d}`, i)
			}
			c.write(fmt.Sprintf(`5%d-1["many"%s]`, n, places))
			for range n {
				c.writeBinary([]byte("x"))
			}
			c.want(fmt.Sprintf(`31[%d]`, n))
		}
	})
}

// checklist: 116
func TestG116PlaceholderInAPlainEventIsData(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("echo", func(v json.RawMessage) json.RawMessage { return v })
		s.On("map", func(v map[string]any) any { return v["num"] })
	})
	c := h.websocket()
	c.join("/", "")
	c.write(`21["echo",{"_placeholder":true,"num":0}]`, `22["map",{"_placeholder":true,"num":0}]`)
	c.want(`31[{"_placeholder":true,"num":0}]`, `32[0]`)
}

// A binary event that announces no attachment is an event, and so is what comes behind it.
//
// checklist: 117
func TestG117NoAttachments(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("n", func(n int) int { return n })
			s.On("bin", func(b []byte) int { return len(b) })
		})
		c, s := h.joined(connect)
		c.write(`50-1["n",7]`, `22["n",8]`, `51-3["bin",{"_placeholder":true,"num":0}]`)
		c.writeBinary([]byte("abc"))
		c.want(`31[7]`, `32[8]`, `33[3]`)
		got := ask(t.Context(), s, "q")
		c.want(`20["q"]`)
		c.write(`60-0["a"]`)
		if r := receive(t, got); r.err != nil || string(r.args.Raw(0)) != `"a"` {
			t.Errorf("got %s, %v", r.args.Raw(0), r.err)
		}
	})
}

// checklist: 118, 122
func TestG118StrangeAcksAreIgnored(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(answerFence)
		c := connect(h)
		c.join("/", "")
		c.write(`399[1]`, `3[1]`, `318446744073709551615[]`) // 122
		c.fence()
	})
}

// checklist: 120
func TestG120HeartbeatBetweenAttachments(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("bin", func(a, b []byte) int { return len(a) + len(b) })
	})
	c := h.websocket()
	w := c.wire.(*wsWire)
	c.join("/", "")
	c.write(`52-1["bin",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`)
	c.writeBinary([]byte("a"))
	if err := w.conn.Write(t.Context(), 1, []byte("3")); err != nil {
		t.Fatal(err)
	}
	c.writeBinary([]byte("b"))
	c.want(`31[2]`)
}

// checklist: 121
func TestG121TooManyAttachmentsFailTheEmit(t *testing.T) {
	h := serve(t, nil)
	var eleven []any
	for range 11 {
		eleven = append(eleven, []byte("x"))
	}
	c, s := h.joined((*harness).websocket)
	for name, emit := range map[string]func(string, ...any) error{
		"socket":    s.Emit,
		"namespace": h.io.Emit,
		"room":      h.io.To("r").Emit,
	} {
		if err := emit("x", eleven...); !errors.Is(err, socketio.ErrTooManyAttachments) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Emit("x", eleven[:10]...); err != nil {
		t.Error(err)
	}
	if got := c.read(); !strings.HasPrefix(got, `510-["x"`) {
		t.Errorf("got %s", got)
	}
}

// checklist: 122
func TestG122AckIDsOf64Bits(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) { s.On("a", func() int { return 1 }) })
	c := h.websocket()
	c.join("/", "")
	c.write(`218446744073709551615["a"]`)
	c.want(`318446744073709551615[1]`)
	c.write(`2184467440737095516150["a"]`)
	c.wantClosed()
}

// What cannot be decoded is told to each socket of the connection, and then each is disconnected.
//
// checklist: 123
func TestG123ErrorsAreToldBeforeTheDisconnect(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		log := map[string]chan string{"/": make(chan string, 10), "/x": make(chan string, 10)}
		for nsp, told := range log {
			h.io.Of(nsp).OnConnect(func(s *socketio.Socket) {
				s.OnError(func(err error) { told <- fmt.Sprintf("%T", err) })
				s.OnDisconnect(func(r socketio.Reason) { told <- string(r) })
			})
		}
		c := connect(h)
		c.join("/", "")
		c.join("/x", "")
		c.write(`2["a"`)
		c.wantClosed()
		for nsp, told := range log {
			if a, b := receive(t, told), receive(t, told); a != "*socketio.ProtocolError" || b != "forced close" {
				t.Errorf("%s: %s, then %s", nsp, a, b)
			}
		}
	})
}
