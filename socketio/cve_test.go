package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio"
	"rightnow/socketio"
)

// The holes that other servers had, each with no option set that would close it.

// TestCVE2026_33151_AttachmentFlood: ten binary values are the most in a packet; what of them has come
// is kept for 45 seconds behind the last one, and until anything else comes.
//
// checklist: 231
func TestCVE2026_33151_AttachmentFlood(t *testing.T) {
	slots := func(n int) string {
		s := fmt.Sprintf(`5%d-["bin"`, n)
		for i := range n {
			s += fmt.Sprintf(`,{"_placeholder":true,"num":%d}`, i)
		}
		return s + "]"
	}
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(func(s *socketio.Socket) { s.On("bin", func(all ...[]byte) int { return len(all) }) })
		for _, packets := range [][]string{
			{slots(11)},
			{`5100000-["bin"]`},
			{slots(10), "<>", "<>", `2["bin"]`},
			{slots(10), "<>", slots(10)},
			{slots(10), "<>", `1`},
		} {
			c := connect(h)
			c.join("/", "")
			for _, p := range packets {
				m := message{text: p}
				if p == "<>" {
					m = message{binary: make([]byte, 1000), isBin: true}
				}
				c.send(m) // over polling the one after may fail
			}
			c.wantClosed()
		}
	})
	t.Run("late", func(t *testing.T) { synctest.Test(t, testLateAttachment) })
}

func testLateAttachment(t *testing.T) {
	h := serve(t, nil)
	told := make(chan error, 1)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.OnError(func(err error) { told <- err })
		s.On("bin", func(all ...[]byte) int { return len(all) })
	})
	c, s := h.joined((*harness).websocket)
	gone := make(chan time.Time, 1)
	s.OnDisconnect(func(socketio.Reason) { gone <- time.Now() })
	go c.receive(t.Context()) // answers the pings, up to the end of the connection
	c.write(`53-["bin",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]`)
	for range 2 { // slow, and good
		time.Sleep(40 * time.Second)
		c.writeBinary([]byte("x"))
	}
	start := time.Now()
	if at := (<-gone).Sub(start); at < 45*time.Second || at > 46*time.Second {
		t.Errorf("closed after %v", at)
	}
	var broken *socketio.ProtocolError
	if err := <-told; !errors.As(err, &broken) || broken.Namespace != "/" || !strings.Contains(err.Error(), "in time") {
		t.Errorf("told %v", err)
	}
}

// TestCVE2024_38355_OddEventNames: whatever a client calls its events, with whatever behind them, nobody else notices;
// and neither do they of a handler that panics.
func TestCVE2024_38355_OddEventNames(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.OnConnect(func(s *socketio.Socket) {
			answerFence(s)
			s.On("panic", func() { panic("in a handler") })
		})
		witness := connect(h)
		witness.join("/", "")
		for _, name := range []string{
			"error", "connection", "message", "ping", "pong", "close", "open", "drain", "packet", "data", "new_namespace",
			"__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "",
			"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", "panic",
		} {
			for _, args := range []string{"", ",null", `,{"message":"x"}`, `,"x",1`} {
				c := connect(h)
				c.join("/", "")
				c.write(fmt.Sprintf(`2[%q%s]`, name, args))
				c.close()
			}
			witness.fence()
		}
	})
}

// TestCVE2020_11020_NamespaceTwins: a namespace is entered by its very name, past its own middleware; nothing that only
// looks like it leads there or anywhere.
func TestCVE2020_11020_NamespaceTwins(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		h.io.Of("/admin").Use(func(context.Context, *socketio.Socket) error { return socketio.Error("no") })
		h.io.Of("/admin").OnConnect(func(*socketio.Socket) { t.Error("in") })
		c := connect(h)
		c.write("0/admin,")
		c.want(`4/admin,{"message":"no"}`)
		for _, twin := range []string{
			"/admin/", "//admin", "/./admin", "/x/../admin", "/Admin", "/ADMIN", "/admin ", "/ admin", "/admin?x", "/admin#",
			"/admin\x00", "/\x00admin", "/admin%2f", "/%61dmin", "/аdmin", "/ａdmin", "/admin\u200b", "/adm\u0131n", "/admi", "/adminx",
		} {
			c.write("0" + twin + ",")
			c.want("4" + twin + `,{"message":"Invalid namespace"}`)
		}
		c.join("/", "")
		c.write(`2/admin,["x"]`)
		c.wantClosed()
	})
}

// TestCVE2026_39972_KeysDoNotCollide: a namespace and a room never become one key that another pair has too.
func TestCVE2026_39972_KeysDoNotCollide(t *testing.T) {
	parts := []string{"a", "b", "a#b", "a_b", "a/b", "a:b", "a\x00b", "a b", "#", "_", "\x00", "/", ":", "a#", "#b", ""}
	h := serve(t, nil)
	type pair struct{ nsp, room string }
	var all []pair
	for _, nsp := range parts {
		if nsp == "" {
			continue
		}
		h.io.Of("/" + nsp)
		for _, room := range parts {
			all = append(all, pair{"/" + nsp, room})
		}
	}
	clients := make(map[string]*client) // one in each namespace, in all of its rooms
	for _, p := range all {
		if clients[p.nsp] == nil {
			c := h.websocket()
			c.write("0" + p.nsp + ",")
			c.read()
			clients[p.nsp] = c
		}
		if err := h.io.Of(p.nsp).Sockets()[0].Join(p.room); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range all {
		h.io.Of(p.nsp).Sockets()[0].Leave(p.room)
		h.io.Of(p.nsp).To(p.room).Emit("nobody is there")
		for nsp := range clients {
			h.io.Of(nsp).Emit("n", i)
		}
		for nsp, c := range clients {
			c.want(fmt.Sprintf("2%s,[\"n\",%d]", nsp, i))
		}
		h.io.Of(p.nsp).Sockets()[0].Join(p.room)
	}
}

// TestCVE2026_42786_DefaultsAreLimits: with no option set there is a limit to everything that a client can make grow.
func TestCVE2026_42786_DefaultsAreLimits(t *testing.T) {
	h := serve(t, nil)
	h.io.OfFunc(func(context.Context, string, socketio.Auth) bool { return true })
	h.io.OnConnect(func(s *socketio.Socket) {
		for i := range 1000 {
			if err := s.Join(fmt.Sprint(i)); err != nil {
				t.Errorf("room %d: %v", i, err)
			}
		}
		if err := s.Join("one more"); !errors.Is(err, socketio.ErrTooManyRooms) {
			t.Errorf("room 1001: %v", err)
		}
	})
	c := h.websocket()
	c.join("/", "")
	for i := range 99 {
		c.join(fmt.Sprint("/", i), "")
	}
	c.write("0/more,")
	c.want(`4/more,{"message":"Too many namespaces"}`)
	for name, packet := range map[string]string{
		"a message":   `2["x","` + strings.Repeat("x", 1_000_000) + `"]`,
		"depth":       `2["x",` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `]`,
		"arguments":   `2["x"` + strings.Repeat(",1", 5000) + `]`,
		"attachments": `511-["x"]`,
		"an id":       `2` + strings.Repeat("9", 30) + `["x"]`,
		"a name":      `0/` + strings.Repeat("n", 2000) + `,`,
	} {
		c := h.websocket()
		c.write("0/limits,")
		c.read()
		c.send(message{text: packet})
		if before := c.wantClosed(); len(before) > 0 {
			t.Errorf("%s: got %.100q", name, before)
		}
	}
}

// TestCVE2017_16031_SocketIDs: the ids of sockets and connections are random in every place and distinct, and the
// connection's, which is a secret, is in no log and in nothing that a client is told.
func TestCVE2017_16031_SocketIDs(t *testing.T) {
	var out lockedBuffer
	h := serve(t, &socketio.Options{
		Logger:                  slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
		ConnectionStateRecovery: &socketio.RecoveryOptions{},
	})
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("boom", func() { panic("oops") })
		s.On("int", func(int) {})
	})
	c := h.websocket()
	id := c.enter("")
	secret := h.socket("/", id.SID).Session().ID()
	c.write(`2["boom"]`, `2["int","x"]`, `2["unknown`)
	told := strings.Join(c.wantClosed(), "")
	for range 3 {
		h.wantError() // each is in the log by now
	}
	if log := out.String(); !strings.Contains(log, "oops") || strings.Contains(log+told, secret) || strings.Contains(log+told, id.PID) {
		t.Errorf("a secret is in %s", log)
	}
	ids := map[string]bool{id.SID: true, id.PID: true, secret: true}
	if len(ids) != 3 {
		t.Error("ids are the same")
	}
	var seen [20]map[byte]bool
	for range 2000 {
		c.wire = h.websocket().wire
		next := c.enter("")
		for _, s := range []string{next.SID, next.PID} {
			if ids[s] {
				t.Fatal("an id came twice")
			}
			ids[s] = true
			for i := range len(s) {
				if seen[i] == nil {
					seen[i] = make(map[byte]bool)
				}
				seen[i][s[i]] = true
			}
		}
		c.cut()
	}
	for i, letters := range seen {
		if len(letters) != 64 { // of 4000: to miss one has a chance of 64 * (63/64)^4000
			t.Errorf("place %d has %d letters", i, len(letters))
		}
	}
}

// TestCVE2019_13209_ForeignPages: with no option set a page of another site gets no connection by WebSocket, by
// long-polling, or by a preflight, whatever cookie its visitor has; and no header lets it read an answer (CVE-2020-28481).
func TestCVE2019_13209_ForeignPages(t *testing.T) {
	h := serve(t, nil)
	client := &http.Client{Transport: &http.Transport{DialContext: h.dial, DisableKeepAlives: true}}
	for name, header := range map[string]http.Header{
		"polling":   {},
		"websocket": {"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}},
		"preflight": {"Access-Control-Request-Method": {"GET"}},
	} {
		for _, origin := range []string{"https://evil.example", "null", "https://test.evil.example", "https://eviltest"} {
			method, transport := "GET", engineio.Polling
			switch name {
			case "websocket":
				transport = engineio.WebSocket
			case "preflight":
				method = "OPTIONS"
			}
			r, err := http.NewRequest(method, "http://"+h.host+"/socket.io/?EIO=4&transport="+string(transport), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = header.Clone()
			r.Header.Set("Origin", origin)
			r.Header.Set("Cookie", "session=secret")
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode < 400 || res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s from %s: %s, %v", name, origin, res.Status, res.Header)
			}
		}
	}
	if n := h.io.Engine().ClientsCount(); n != 0 {
		t.Errorf("%d clients", n)
	}
}

// TestEngineIO667_EveryTransportPassesTheChecks: what decides over handshakes is asked whatever the transport, and a
// refused handshake leaves nothing behind.
func TestEngineIO667_EveryTransportPassesTheChecks(t *testing.T) {
	asked := make(chan string, 10)
	h := serve(t, &socketio.Options{AllowRequest: func(r *http.Request) error {
		asked <- r.URL.Query().Get("transport")
		return socketio.Error("no")
	}})
	client := &http.Client{Transport: &http.Transport{DialContext: h.dial, DisableKeepAlives: true}}
	for _, transport := range []string{"polling", "websocket"} {
		r, err := http.NewRequest("GET", "http://"+h.host+"/socket.io/?EIO=4&transport="+transport, nil)
		if err != nil {
			t.Fatal(err)
		}
		if transport == "websocket" {
			r.Header = http.Header{"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := receive(t, asked); got != transport || res.StatusCode < 400 {
			t.Errorf("%s: asked for %s, answered %s", transport, got, res.Status)
		}
	}
	if n := h.io.Engine().ClientsCount(); n != 0 {
		t.Errorf("%d clients", n)
	}
}

// TestKickedStaysOut: who was disconnected by the server does not come back by what it had, whichever way that was, and a
// ban holds for who comes back as for who comes anew; once it was refused, what it had is gone for good. (Turbo Streams'
// names were good for ever.)
func TestKickedStaysOut(t *testing.T) {
	for name, kick := range map[string]func(h *harness, s *socketio.Socket){
		"from the namespace":      func(_ *harness, s *socketio.Socket) { s.Disconnect(false) },
		"with its connection":     func(_ *harness, s *socketio.Socket) { s.Disconnect(true) },
		"with all in its room":    func(h *harness, s *socketio.Socket) { h.io.In("tea").DisconnectSockets(true) },
		"as what FetchSockets is": func(h *harness, s *socketio.Socket) { fetched(t, h, s).Disconnect(true) },
	} {
		t.Run(name, func(t *testing.T) {
			transports(t, func(t *testing.T, connect func(*harness) *client) {
				for _, skip := range []bool{false, true} {
					h := recovers(t, &socketio.RecoveryOptions{SkipMiddlewares: skip})
					c := connect(h)
					id := c.enter(`{"token":"t"}`)
					s := h.socket("/", id.SID)
					s.Join("tea")
					offset := c.eventOf(t, func() { h.io.Emit("x") }, `["x"]`)
					kick(h, s)
					c.want("1")
					h.allGone(c)
					c = connect(h)
					again := c.enter(comeBack(id.PID, offset))
					if s := h.socket("/", again.SID); again.SID == id.SID || again.PID == id.PID || s.Recovered() || len(s.Rooms()) != 1 {
						t.Error("the kicked one was recovered")
					}
				}
			})
		})
	}
	t.Run("banned", func(t *testing.T) {
		transports(t, func(t *testing.T, connect func(*harness) *client) {
			h := recovers(t, nil)
			var banned atomic.Bool
			h.io.Use(func(_ context.Context, s *socketio.Socket) error {
				var auth struct{ Token string }
				if s.Handshake().Auth.Decode(&auth); banned.Load() && auth.Token == "t" {
					return socketio.Error("banned")
				}
				return nil
			})
			c := connect(h)
			id := c.enter(`{"token":"t"}`)
			offset := c.eventOf(t, func() { h.io.Emit("x") }, `["x"]`)
			h.gone(c)
			banned.Store(true)
			for _, auth := range []string{comeBack(id.PID, offset), `{"token":"t"}`} {
				c = connect(h)
				c.write("0" + auth)
				c.want(`4{"message":"banned"}`)
				h.allGone(c)
			}
			banned.Store(false)
			if again := connect(h).enter(comeBack(id.PID, offset)); again.SID == id.SID {
				t.Error("what the banned one had is there still")
			}
		})
	})
}

// fetched is a socket as FetchSockets knows it.
func fetched(t *testing.T, h *harness, s *socketio.Socket) socketio.RemoteSocket {
	t.Helper()
	all, err := h.io.In(s.ID()).FetchSockets(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	return all[0]
}
