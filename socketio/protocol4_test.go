package socketio_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/socketio"
)

// checklist: 178
func TestOldClientsAreJoinedToTheRoot(t *testing.T) {
	transports3(t, nil, func(t *testing.T, h *harness, connect func() *client) {
		ids := make(chan string, 1)
		h.io.Use(func(_ context.Context, s *socketio.Socket) error { return s.Emit("early") })
		h.io.OnConnect(func(s *socketio.Socket) {
			if s.ID() != s.Session().ID() {
				t.Errorf("socket %s of session %s", s.ID(), s.Session().ID())
			}
			if auth, _ := s.Handshake().Auth.MarshalJSON(); string(auth) != "{}" {
				t.Errorf("auth %s", auth)
			}
			s.On("hi", func(ack socketio.Ack, who string) { ack("hello "+who, []byte{1}) })
			s.Emit("welcome", "😀")
			ids <- s.ID()
		})
		c := connect()
		if first := c.read(); first == "0" {
			c.want(`2["early"]`)
		} else if first != `2["early"]` || c.read() != "0" {
			t.Errorf("got %s", first)
		}
		c.want(`2["welcome","😀"]`)
		id := receive(t, ids)
		c.write(`27["hi","ann"]`)
		c.want(`61-7["hello ann",{"_placeholder":true,"num":0}]`, "<01>")
		c.write(`1`)
		waitFor(t, func() bool { return h.io.SocketsCount() == 0 })
		c.write(`0`) // once it has left it may ask
		c.want(`2["early"]`, `0`, `2["welcome","😀"]`)
		if again := receive(t, ids); again != id {
			t.Errorf("came again as %s, was %s", again, id)
		}
	})
}

func TestOldClientsThatJoinTwiceAreClosed(t *testing.T) {
	transports3(t, nil, func(t *testing.T, h *harness, connect func() *client) {
		for _, packet := range []string{"0", "0/", "0/?a=1"} {
			c := connect()
			c.want("0")
			c.write(packet)
			c.wantClosed()
		}
	})
}

// checklist: 184
func TestOldClientsBringAQuery(t *testing.T) {
	transports3(t, nil, func(t *testing.T, h *harness, connect func() *client) {
		auths := make(chan string, 1)
		h.io.Of("/foo").OnConnect(func(s *socketio.Socket) {
			if s.ID() != "/foo#"+s.Session().ID() {
				t.Errorf("socket %s of session %s", s.ID(), s.Session().ID())
			}
			s.On("x", func(ack socketio.Ack) { ack(s.Namespace().Name()) })
			auth, _ := s.Handshake().Auth.MarshalJSON()
			auths <- string(auth)
		})
		for query, auth := range map[string]string{
			"":                 `{}`,
			"?a=1":             `{"a":"1"}`,
			"?a=1&b=%20x&a=2":  `{"a":"2","b":" x"}`,
			"?a=%zz&b=\u20ac":  `{"b":"` + "\u20ac" + `"}`,
			"?":                `{}`,
			"?__proto__=1&a=1": `{"__proto__":"1","a":"1"}`,
		} {
			c := connect()
			c.want("0")
			c.write("0/foo" + query)
			c.want("0/foo,")
			if got := receive(t, auths); got != auth {
				t.Errorf("%s brings %s, want %s", query, got, auth)
			}
			c.write(`2/foo,1["x"]`)
			c.want(`3/foo,1["/foo"]`)
			c.write(`2/foo?a=1,2["x"]`) // as old ones name it
			c.want(`3/foo,2["/foo"]`)
			c.write("1/foo,")
			waitFor(t, func() bool { return h.io.Of("/foo").SocketsCount() == 0 })
			h.io.Emit("still")
			c.want(`2["still"]`)
		}
	})
}

// checklist: 185
func TestOldClientsAreRefused(t *testing.T) {
	transports3(t, nil, func(t *testing.T, h *harness, connect func() *client) {
		refusals := map[string]error{
			"/text":   socketio.ConnectError{Message: "no \u2028 entry"},
			"/data":   socketio.ConnectError{Message: "no entry", Data: map[string]int{"code": 401}},
			"/intern": fmt.Errorf("a secret"),
		}
		for name, err := range refusals {
			h.io.Of(name).Use(func(context.Context, *socketio.Socket) error { return err })
		}
		c := connect()
		c.want("0")
		c.write("0/text")
		c.want("4/text,\"no \u2028 entry\"")
		c.write("0/data,")
		c.want(`4/data,{"code":401}`)
		c.write("0/intern")
		if got := c.read(); got != `4/intern,"internal"` {
			t.Errorf("got %s", got)
		}
		c.write("0/nowhere")
		c.want(`4/nowhere,{"message":"Invalid namespace"}`)
		h.io.Emit("still")
		c.want(`2["still"]`)
	})
}

// A refusal of "/" leaves an old client without a namespace: its time to join runs.
func TestOldClientsRefusedAtTheRoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, &socketio.Options{AllowEIO3: true, ConnectTimeout: 30 * time.Second})
		h.io.Use(func(context.Context, *socketio.Socket) error { return socketio.ConnectError{Message: "denied"} })
		c := h.websocket3()
		c.want(`4"denied"`)
		start := time.Now()
		<-oneSession(h).Done()
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("closed after %v", took)
		}
	})
}

// Old clients and new ones hear the same.
func TestOldClientsAmongNewOnes(t *testing.T) {
	transports3(t, nil, func(t *testing.T, h *harness, connect func() *client) {
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("say", func(text string, b []byte) { s.Broadcast().Emit("said", text, b) })
			s.On("join", func(room string) { s.Join(room) })
		})
		old := connect()
		old.want("0")
		fresh, s := h.joined((*harness).websocket)
		old.write(`51-["say","é",{"_placeholder":true,"num":0}]`)
		old.writeBinary([]byte{0, 255})
		fresh.want(`51-["said","é",{"_placeholder":true,"num":0}]`, "<00ff>")
		fresh.write(`51-["say","😀",{"_placeholder":true,"num":0}]`)
		fresh.writeBinary(nil)
		old.want(`51-["said","😀",{"_placeholder":true,"num":0}]`, "<>")
		old.write(`2["join","tea"]`)
		waitFor(t, func() bool { return len(h.io.To("tea").Sockets()) == 1 })
		background(t, func() {
			got, err := h.io.To("tea", s.ID()).EmitWithAck(context.Background(), "all?")
			if err != nil || len(got) != 2 {
				t.Errorf("%d answers, %v", len(got), err)
			}
		})
		old.want(`20["all?"]`)
		fresh.want(`20["all?"]`)
		old.write(`30["old"]`)
		fresh.write(`30["new"]`)
	})
}

func TestOldClientsAreDisconnected(t *testing.T) {
	transports3(t, nil, func(t *testing.T, h *harness, connect func() *client) {
		h.io.Of("/foo")
		c := connect()
		c.want("0")
		c.write("0/foo")
		c.want("0/foo,")
		h.io.Of("/foo").Sockets()[0].Disconnect(false)
		c.want("1/foo,")
		h.io.Sockets()[0].Disconnect(true)
		if got := c.wantClosed(); !slices.Equal(got, []string{"1"}) {
			t.Errorf("got %q", got)
		}
	})
}

func TestOldClientsMakeNamespaces(t *testing.T) {
	transports3(t, &socketio.Options{CleanupEmptyChildNamespaces: true}, func(t *testing.T, h *harness, connect func() *client) {
		h.io.OfPattern(regexp.MustCompile(`^/dyn-\d+$`))
		h.io.OfFunc(func(_ context.Context, name string, auth socketio.Auth) bool {
			var a struct{ Token string }
			return auth.Decode(&a) == nil && a.Token == "t"
		})
		c := connect()
		c.want("0")
		c.write("0/dyn-1?token=x")
		c.want("0/dyn-1,")
		c.write("0/other?token=x")
		c.want(`4/other,{"message":"Invalid namespace"}`)
		c.write("0/other?token=t")
		c.want("0/other,")
	})
}

// Old clients know nothing of recovery: they are given no private id, and are not kept.
func TestOldClientsAreNotRecovered(t *testing.T) {
	transports3(t, &socketio.Options{ConnectionStateRecovery: &socketio.RecoveryOptions{}}, func(t *testing.T, h *harness, connect func() *client) {
		c := connect()
		c.want("0")
		h.io.Emit("x", 1)
		c.event(`["x",1]`)
		h.gone(c)
		again := connect()
		again.want("0")
		if h.io.Sockets()[0].Recovered() {
			t.Error("recovered")
		}
	})
}

func TestOldClientsWithAnotherParser(t *testing.T) {
	transports3(t, &socketio.Options{Parser: socketio.MessagePack()}, func(t *testing.T, h *harness, connect func() *client) {
		h.io.Of("/foo").OnConnect(func(s *socketio.Socket) {
			s.On("hi", func(n int) { s.Emit("ho", n+1) })
		})
		c := connect()
		packet := func(p *socketio.Packet) []byte {
			wire, err := socketio.MessagePack().Encode(p)
			if err != nil {
				t.Fatal(err)
			}
			return wire[0].Data
		}
		next := func() string {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			m, err := c.receive(ctx)
			if err != nil {
				t.Fatal(err)
			}
			p, err := socketio.MessagePack().NewDecoder().Decode(m.binary, true)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("%d %s %s", p.Type, p.Namespace, p.Data)
		}
		if got := next(); got != "0 / " {
			t.Errorf("got %q", got)
		}
		c.writeBinary(packet(&socketio.Packet{Type: socketio.PacketConnect, Namespace: "/foo?a=1"}))
		if got := next(); got != "0 /foo " {
			t.Errorf("got %q", got)
		}
		c.writeBinary(packet(&socketio.Packet{Type: socketio.PacketEvent, Namespace: "/foo?a=1", Data: []byte(`["hi",1]`)}))
		if got := next(); got != `2 /foo ["ho",2]` {
			t.Errorf("got %q", got)
		}
	})
}

// checklist: 187
func TestOldClientsAreRefusedByDefault(t *testing.T) {
	h := serve(t, nil)
	w := &pollWire{http: h.client(t)}
	w.url = "http://" + h.host + "/socket.io/?EIO=3&transport=polling"
	if body, err := w.get(t.Context()); err == nil || h.io.Engine().ClientsCount() != 0 {
		t.Errorf("got %q", body)
	}
}

// oneSession returns the only session.
func oneSession(h *harness) interface{ Done() <-chan struct{} } {
	for s := range h.io.Engine().Sessions() {
		return s
	}
	h.t.Fatal("no session is open")
	return nil
}
