package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio"
	"rightnow/socketio"
)

// The numbers in the names are those of the conformance checklist.

// checklist: 85
func TestF085ConnectAnswersWithSID(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		c := connect(h)
		sid := c.join("/", "")
		if eio := h.socket("/", sid).Session().ID(); eio == sid {
			t.Error("the socket's id is the session's secret")
		}
	})
}

// checklist: 86
func TestF086AuthReachesHandshake(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		auths := make(chan string, 2)
		h.io.OnConnect(func(s *socketio.Socket) {
			var auth struct{ Token json.Number }
			if err := s.Handshake().Auth.Decode(&auth); err != nil {
				t.Error(err)
			}
			all, _ := json.Marshal(s.Handshake().Auth)
			auths <- fmt.Sprintf("%s %s", auth.Token, all)
		})
		connect(h).join("/", `{"token":12345678901234567890}`)
		if got, want := receive(t, auths), `12345678901234567890 {"token":12345678901234567890}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		connect(h).join("/", "")
		if got, want := receive(t, auths), ` {}`; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// checklist: 87
func TestF087CommaIsOptional(t *testing.T) {
	h := serve(t, nil)
	h.io.Of("/foo")
	c := h.websocket()
	c.write("0/foo")
	c.wantJoined("/foo")
	d := h.websocket()
	d.write("0/foo,")
	d.wantJoined("/foo")
}

// checklist: 88
func TestF088NamespacesHaveTheirOwnIDs(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.Of("a")
		c := connect(h)
		if c.join("/", "") == c.join("/a", "") {
			t.Error("one id for two sockets")
		}
	})
}

// checklist: 89
func TestF089UnknownNamespaceIsRefused(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		c := connect(h)
		c.write("0/x,")
		c.want(`4/x,{"message":"Invalid namespace"}`)
		c.join("/", "")
	})
}

// checklist: 90
func TestF090MiddlewareRefuses(t *testing.T) {
	errs := map[string]error{
		"data":   socketio.ConnectError{Message: "no \"entry\"", Data: map[string]any{"code": 401}},
		"plain":  socketio.ConnectError{Message: "denied"},
		"client": socketio.Error("for the client"),
		"secret": errors.New("the database is at 10.0.0.1"),
		"bad":    socketio.ConnectError{Message: "bad data", Data: make(chan int)},
		"binary": socketio.ConnectError{Message: "bad data", Data: []byte{1}},
	}
	want := map[string]string{
		"data":   `4/x,{"message":"no \"entry\"","data":{"code":401}}`,
		"plain":  `4/x,{"message":"denied"}`,
		"client": `4/x,{"message":"for the client"}`,
		"secret": `4/x,{"message":"internal"}`,
		"panic":  `4/x,{"message":"internal"}`,
		"bad":    `4/x,{"message":"bad data"}`,
		"binary": `4/x,{"message":"bad data"}`,
	}
	h := serve(t, nil)
	later := 0
	x := h.io.Of("/x")
	x.Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct{ Case string }
		s.Handshake().Auth.Decode(&auth)
		if s.Connected() {
			t.Error("connected in a middleware")
		}
		if auth.Case == "panic" {
			panic("a panic")
		}
		return errs[auth.Case]
	})
	x.Use(func(context.Context, *socketio.Socket) error { later++; return nil })
	x.OnConnect(func(s *socketio.Socket) {
		s.OnDisconnect(func(socketio.Reason) {})
	})
	c := h.websocket()
	for name, packet := range want {
		c.write(fmt.Sprintf(`0/x,{"case":%q}`, name))
		c.want(packet)
	}
	if later != 0 {
		t.Error("a middleware ran behind a refusal")
	}
	c.join("/x", `{"case":"ok"}`)
	if later != 1 {
		t.Error("the second middleware did not run")
	}
}

// checklist: 92, 93
func TestF092ConnectTimeout(t *testing.T) {
	for name, packets := range map[string][]string{
		"silent":  nil,
		"unknown": {"0/unknown,"},
		"refused": {"0/refused,"},
		"hanging": {"0/hanging,"}, // 93
	} {
		t.Run(name, func(t *testing.T) {
			transports(t, func(t *testing.T, connect func(*harness) *client) {
				synctest.Test(t, func(t *testing.T) { testConnectTimeout(t, connect, packets) })
			})
		})
	}
}

func testConnectTimeout(t *testing.T, connect func(*harness) *client, packets []string) {
	h := serve(t, &socketio.Options{ConnectTimeout: 3 * time.Second})
	h.io.Of("/refused").Use(func(context.Context, *socketio.Socket) error { return socketio.Error("no") })
	h.io.Of("/hanging").Use(func(ctx context.Context, _ *socketio.Socket) error {
		<-ctx.Done()
		return ctx.Err()
	})
	start := time.Now()
	c := connect(h)
	time.Sleep(time.Second)
	c.write(packets...)
	c.wantClosed()
	if d := time.Since(start); d < 3*time.Second || d > 3*time.Second+100*time.Millisecond {
		t.Errorf("closed after %v", d)
	}
	if err := h.wantError(); !errors.Is(err, socketio.ErrConnectTimeout) {
		t.Errorf("OnError got %v", err)
	}
}

// checklist: 94
func TestF094LeavingTheLastNamespaceKeepsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, &socketio.Options{ConnectTimeout: time.Second})
		c := h.websocket()
		c.join("/", "")
		c.write("1")
		time.Sleep(10 * time.Second)
		c.join("/", "")
	})
}

// checklist: 95
func TestF095SecondConnectCloses(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		c, _ := h.joined(connect)
		c.write("0")
		c.wantClosed()
	})
}

// checklist: 96
func TestF096BackToBackConnectsMakeNoTwoSockets(t *testing.T) {
	h := serve(t, nil)
	entered, leave := make(chan bool), make(chan bool)
	h.io.Use(func(context.Context, *socketio.Socket) error {
		entered <- true
		<-leave
		return nil
	})
	h.io.OnConnect(func(*socketio.Socket) { t.Error("a socket of a closed connection") })
	c := h.websocket()
	c.write("0")
	receive(t, entered)
	c.write("0")
	c.wantClosed()
	close(leave)
	if n := h.io.SocketsCount(); n != 0 {
		t.Errorf("%d sockets", n)
	}
}

// Nothing but CONNECT may come before its answer.
//
// checklist: 97
func TestF097EventsBeforeTheReplyClose(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		entered := make(chan bool)
		h.io.Use(func(ctx context.Context, s *socketio.Socket) error {
			s.On("e", func() { t.Error("an event before the reply was handled") })
			entered <- true
			<-ctx.Done()
			return nil
		})
		c := connect(h)
		c.write(`2["e"]`)
		c.wantClosed()
		c = connect(h)
		c.write("0")
		receive(t, entered)
		c.write(`2["e"]`)
		c.wantClosed()
	})
}

// checklist: 98
func TestF098EventForAnUnjoinedNamespaceClosesEverything(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.Of("/c")
		ended := make(chan string, 2)
		for _, nsp := range []string{"/", "/a"} {
			h.io.Of(nsp).OnConnect(func(s *socketio.Socket) {
				s.OnDisconnect(func(r socketio.Reason) { ended <- nsp + " " + string(r) })
			})
		}
		for _, packet := range []string{`2/c,["x"]`, `2/unknown,["x"]`, `3/c,1[]`, `1/c,`} {
			c := connect(h)
			c.join("/", "")
			c.join("/a", "")
			c.write(packet)
			if before := c.wantClosed(); len(before) > 0 {
				t.Errorf("%s: got %q", packet, before)
			}
			got := []string{receive(t, ended), receive(t, ended)}
			slices.Sort(got)
			if want := []string{"/ forced close", "/a forced close"}; !slices.Equal(got, want) {
				t.Errorf("%s: %q", packet, got)
			}
		}
	})
}

// checklist: 100
func TestF100ReconnectGivesAFreshID(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		c, s := h.joined(connect)
		c.write("1")
		if c.join("/", "") == s.ID() {
			t.Error("the id was used again")
		}
	})
}

// checklist: 101
func TestF101MiddlewareMayEmitAndJoin(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.Use(func(_ context.Context, s *socketio.Socket) error {
			if err := s.Join("early"); err != nil {
				return err
			}
			if err := s.To("early").Emit("nobody"); err != nil {
				return err
			}
			return s.Emit("before", 1)
		})
		h.io.OnConnect(func(s *socketio.Socket) { h.io.To("early").Emit("after", s.Rooms()[1]) })
		c := connect(h)
		c.write("0")
		c.want(`2["before",1]`)
		c.wantJoined("/")
		c.want(`2["after","early"]`)
	})
}

// checklist: 102
func TestF102OnConnectRunsOnceBehindTheReply(t *testing.T) {
	h := serve(t, nil)
	calls := 0
	h.io.OnConnect(func(s *socketio.Socket) {
		calls++
		s.Emit("welcome", s.Connected())
		answerFence(s)
	})
	c := h.websocket()
	for n := 1; n <= 3; n++ {
		c.join("/", "")
		c.want(`2["welcome",true]`)
		c.fence()
		if calls != n {
			t.Errorf("called %d times for %d joins", calls, n)
		}
		c.write("1")
	}
}

// A broadcast that comes while a socket joins is neither lost nor ahead of the reply.
func TestJoinAndBroadcastAtTheSameTime(t *testing.T) {
	h := serve(t, &socketio.Options{QueueLimit: 64 << 20}) // on one processor the client may not run for long
	stop := make(chan bool)
	background(t, func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				h.io.Emit("n", i)
			}
		}
	})
	defer close(stop)
	for range 100 {
		c := h.websocket()
		c.join("/", "") // fails when the event is first
		var a, b int
		fmt.Sscanf(c.read(), `2["n",%d]`, &a)
		fmt.Sscanf(c.read(), `2["n",%d]`, &b)
		if b != a+1 {
			t.Fatalf("got %d, then %d", a, b)
		}
		c.cut()
	}
}

// checklist: 231
func TestNamespacesPerConnectionAreBounded(t *testing.T) {
	h := serve(t, &socketio.Options{MaxNamespaces: 2})
	h.io.Of("/a")
	h.io.Of("/b")
	c := h.websocket()
	c.join("/", "")
	c.join("/a", "")
	c.write("0/b,")
	c.want(`4/b,{"message":"Too many namespaces"}`)
	c.write("1/a,")
	c.join("/b", "")
}

func TestHandshakeObject(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).polling)
	_ = c
	hs := s.Handshake()
	if hs.Query().Get("EIO") != "4" || hs.Address == "" || hs.Secure || time.Since(hs.Issued) > time.Minute {
		t.Errorf("handshake %+v", hs)
	}
	var node map[string]any
	data, err := json.Marshal(hs)
	if err != nil || json.Unmarshal(data, &node) != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"headers", "time", "address", "xdomain", "secure", "issued", "url", "query", "auth"} {
		if _, ok := node[key]; !ok {
			t.Errorf("no %s in %s", key, data)
		}
	}
	if host := node["headers"].(map[string]any)["host"]; host != h.host {
		t.Errorf("host %v", host)
	}
	if s.Transport() != engineio.Polling {
		t.Error(s.Transport())
	}
}
