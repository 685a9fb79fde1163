package sioadmin

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

func webSocketAs(who string) *sioclient.Options {
	return &sioclient.Options{Transports: []eioclient.Transport{eioclient.WebSocket}, Query: url.Values{"who": {who}}}
}

// checklist: 223
func TestS223Features(t *testing.T) {
	const commands = "EMIT JOIN LEAVE DISCONNECT MJOIN MLEAVE MDISCONNECT "
	for want, o := range map[string]*Options{
		commands + "AGGREGATED_EVENTS ALL_EVENTS": {},
		commands + "AGGREGATED_EVENTS":            {Mode: Production},
		"AGGREGATED_EVENTS ALL_EVENTS":            {ReadOnly: true},
		"AGGREGATED_EVENTS":                       {ReadOnly: true, Mode: Production},
	} {
		bubble(t, o, nil, func(r *rig) {
			config := decode[map[string][]string](t, r.signIn().one("config"), 0)
			if got := strings.Join(config["supportedFeatures"], " "); got != want || len(config) != 1 {
				t.Errorf("%v, want %s", config, want)
			}
		})
	}
}

// checklist: 224
func TestS224Live(t *testing.T) {
	bubble(t, nil, nil, func(r *rig) {
		r.io.OnConnect(func(s *socketio.Socket) {
			s.On("say", func(text string) string {
				r.io.Emit("said", text)
				return "ok"
			})
		})
		_, before := r.client(nil)
		before.Join("tea")
		u := r.signIn()
		sockets := decode[[]describedSocket](t, u.one("all_sockets"), 0)
		if len(sockets) != 2 || sockets[0].ID != before.ID() && sockets[1].ID != before.ID() {
			t.Fatalf("%+v", sockets)
		}
		i := slices.IndexFunc(sockets, func(s describedSocket) bool { return s.Nsp == "/" })
		if s := sockets[i]; s.ClientID != before.Session().ID()[:12] || s.Transport != "websocket" ||
			fmt.Sprint(s.Rooms) != fmt.Sprintf("[%s tea]", before.ID()) || string(s.Data) != "{}" {
			t.Errorf("%+v", s)
		}

		c, s := r.client(nil)
		heard := u.take()
		if len(heard) != 2 || heard[0].event != "room_joined" || heard[1].event != "socket_connected" || !isTime(heard[1].args[1]) {
			t.Fatalf("%s", heard)
		}
		if got := decode[describedSocket](t, heard[1], 0); got.ID != s.ID() || fmt.Sprint(got.Rooms) != "["+s.ID()+"]" {
			t.Errorf("%+v", got)
		}
		u.take()
		c.EmitWithAck(context.Background(), "say", "hello")
		u.want(`event_received "/" "`+s.ID()+`" ["say","hello"]`,
			`event_sent "/" "`+before.ID()+`" ["said","hello"]`,
			`event_sent "/" "`+s.ID()+`" ["said","hello"]`)
		s.Join("tea")
		s.Leave("tea")
		s.SetData("lost")
		s.SetData(struct{ Name string }{"Ann"})
		u.want(`room_joined "/" "tea" "`+s.ID()+`"`, `room_left "/" "tea" "`+s.ID()+`"`,
			`socket_updated {"data":{"Name":"Ann"},"id":"`+s.ID()+`","nsp":"/"}`)
		s.Join("tea")
		u.take()
		c.Disconnect()
		u.want(`socket_disconnected "/" "`+s.ID()+`" "client namespace disconnect"`,
			`room_left "/" "`+s.ID()+`" "`+s.ID()+`"`, `room_left "/" "tea" "`+s.ID()+`"`)

		brief, _ := r.client(nil) // is gone before it is told of
		id := brief.ID()
		brief.Disconnect()
		var events []string
		for _, s := range u.take() {
			if strings.Contains(s.String(), id) {
				events = append(events, s.event)
			}
		}
		if got := strings.Join(events, " "); got != "room_joined socket_connected socket_disconnected room_left" {
			t.Error(got)
		}

		other := r.connect(map[string]any{"username": "admin", "password": password}) // admins see each other, not their events
		for _, s := range u.take() {
			if !strings.Contains(s.String(), `"/admin"`) || strings.HasPrefix(s.event, "event") {
				t.Errorf("%s", s)
			}
		}
		if n := len(decode[[]describedSocket](t, other.one("all_sockets"), 0)); n != 3 {
			t.Errorf("the second admin sees %d sockets", n)
		}
	})
	bubble(t, &Options{Mode: Production}, nil, func(r *rig) {
		u := r.signIn()
		c, s := r.client(nil)
		s.Join("tea")
		s.SetData(1)
		s.Emit("hello")
		c.Emit("hello")
		c.Disconnect()
		time.Sleep(10 * time.Second) // virtual
		for _, s := range u.take() {
			if s.event != "server_stats" && s.event != "session" && s.event != "config" {
				t.Errorf("%s", s)
			}
		}
	})
}

// A transport that changes is told within a second.
//
// checklist: 224
func TestS224Upgrade(t *testing.T) {
	bubble(t, nil, nil, func(r *rig) {
		u := r.signIn()
		u.take()
		c := r.net.Dial(&sioclient.Options{Logger: slog.New(slog.DiscardHandler)})
		time.Sleep(2 * time.Second) // virtual
		var transports []string
		for _, s := range u.take("socket_connected", "socket_updated") {
			transports = append(transports, decode[describedSocket](t, s, 0).Transport)
		}
		if got := strings.Join(transports, " "); got != "polling websocket" && got != "websocket" || !c.Connected() {
			t.Error(got)
		}
	})
}

// checklist: 225
func TestS225ServerStats(t *testing.T) {
	bubble(t, nil, nil, func(r *rig) {
		r.io.OnConnect(func(s *socketio.Socket) { s.On("echo", func(text string) { s.Emit("echo", text) }) })
		u := r.signIn()
		first := decode[map[string]any](t, u.one("server_stats"), 0)
		for _, name := range []string{
			"serverId", "hostname", "pid", "uptime", "clientsCount", "pollingClientsCount", "aggregatedEvents", "namespaces",
		} {
			if first[name] == nil {
				t.Errorf("no %s in %v", name, first)
			}
		}
		if len(first) != 8 || first["serverId"] != "one" || first["clientsCount"] != 1.0 {
			t.Errorf("%v", first)
		}

		time.Sleep(4 * time.Second) // virtual
		u.take()
		c, _ := r.client(nil)
		poller := r.net.Dial(&sioclient.Options{
			Transports: []eioclient.Transport{eioclient.Polling}, Logger: slog.New(slog.DiscardHandler),
		})
		c.Emit("echo", "hello")
		synctest.Wait()
		c.Client().Close()
		var all []serverStats
		for range 3 {
			time.Sleep(2 * time.Second) // virtual
			all = append(all, decode[serverStats](t, u.one("server_stats"), 0))
		}
		got := all[0]
		if got.ClientsCount != 2 || got.PollingClientsCount != 1 || !poller.Connected() ||
			fmt.Sprint(got.Namespaces) != "[{/ 1} {/admin 1}]" {
			t.Errorf("%+v", got)
		}
		counted := map[string]uint64{}
		for _, a := range got.AggregatedEvents {
			if a.Timestamp%1000 != 0 {
				t.Errorf("%d is no whole second", a.Timestamp)
			}
			counted[a.Type+a.SubType] += a.Count
		}
		if counted["rawConnection"] != 2 || counted["rawDisconnectiontransport close"] != 1 ||
			counted["packetsIn"] != 4 || counted["packetsOut"] < 3 || counted["bytesIn"] < 20 || counted["bytesOut"] < 20 {
			t.Errorf("%v", counted)
		}
		for _, a := range all[2].AggregatedEvents { // all that goes on is what the admin is told
			if a.Type != "packetsOut" && a.Type != "bytesOut" {
				t.Errorf("counted again: %+v", a)
			}
		}
	})
}

// checklist: 226
func TestS226Commands(t *testing.T) {
	bubble(t, nil, nil, func(r *rig) {
		u := r.signIn()
		a, as := r.client(nil)
		b, bs := r.client(nil)
		r.io.Of("/other")
		a2, b2 := a.Client().Of("/other"), b.Client().Of("/other")
		a2.Connect()
		b2.Connect()
		got := make(chan string, 10)
		for name, c := range map[string]*sioclient.Socket{"a": a, "b": b} {
			c.On("news", func(args ...any) { got <- fmt.Sprint(name, args) })
		}
		ask := func(event string, args ...any) {
			t.Helper()
			if err := u.Emit(event, args...); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		ask("emit", "/", nil, "news", 1<<60, []byte{7})
		ask("emit", "/", bs.ID(), "news", "for b")
		ask("join", "/", "tea")
		ask("join", "/", "milk", as.ID())
		rooms := func(s *socketio.Socket) string { return strings.Join(s.Rooms()[1:], " ") }
		if rooms(as) != "tea milk" || rooms(bs) != "tea" {
			t.Errorf("rooms %s, %s", rooms(as), rooms(bs))
		}
		ask("emit", "/", "milk", "news", "for milk")
		ask("leave", "/", "tea", bs.ID())
		ask("leave", "/", "milk")
		if rooms(as) != "tea" || rooms(bs) != "" {
			t.Errorf("rooms %s, %s", rooms(as), rooms(bs))
		}
		ask("_disconnect", "/", false, bs.ID())
		if b.Connected() || !b2.Connected() || !a.Connected() {
			t.Error("b should have left the namespace, and nobody else")
		}
		ask("_disconnect", "/", true, "tea")
		if a.Connected() || a2.Connected() {
			t.Error("a's connection should be closed")
		}
		close(got)
		var heard []string
		for s := range got {
			heard = append(heard, s)
		}
		slices.Sort(heard)
		if want := "a[1152921504606846976 [7]] a[for milk] b[1152921504606846976 [7]] b[for b]"; strings.Join(heard, " ") != want {
			t.Errorf("%q", heard)
		}
	})
}

// Forged commands, wrong ones, and such as name what isn't there.
//
// checklist: 226
func TestS226RefusedCommands(t *testing.T) {
	bubble(t, &Options{ReadOnly: true}, nil, func(r *rig) {
		u := r.signIn()
		c, s := r.client(nil)
		c.On("news", func() { t.Error("an admin who may only look emits") })
		for event, args := range map[string][]any{
			"emit": {"/", nil, "news"}, "join": {"/", "tea"}, "leave": {"/", s.ID()}, "_disconnect": {"/", true},
		} {
			u.Emit(event, args...)
		}
		synctest.Wait()
		if !c.Connected() || len(s.Rooms()) != 1 {
			t.Error("an admin who may only look does more")
		}
	})
	bubble(t, nil, nil, func(r *rig) {
		u := r.signIn()
		c, s := r.client(nil)
		long := strings.Repeat("x", 2000)
		for _, c := range []struct {
			event string
			args  []any
			want  string // of handler of the event, unless it says more
		}{
			{"join", []any{"/nowhere", "tea"}, "there is no such namespace"},
			{"join", []any{"/", long}, "the name is empty or too long"},
			{"join", []any{"/", ""}, "the name is empty or too long"},
			{"leave", []any{"/", "tea", long}, "the name is empty or too long"},
			{"emit", []any{"/", nil, "connect"}, `socketio: emit "connect": the event name is reserved`},
			{"emit", []any{"/", nil, ""}, "the name is empty or too long"},
			{"_disconnect", []any{"", true}, "there is no such namespace"},
			{"emit", []any{7, nil, "x"}, "argument 0: json: cannot unmarshal number into Go value of type string"},
			{"join", nil, "argument 0: no such argument"},
			{"join", []any{"/"}, "argument 1: no such argument"},
		} {
			u.Emit(c.event, c.args...)
			want := fmt.Sprintf("socketio: handler of %q: sioadmin: %s: %s", c.event, c.event, c.want)
			if strings.HasPrefix(c.want, "argument ") {
				want = fmt.Sprintf("socketio: event %q, %s", c.event, c.want)
			}
			if got := r.failed(); got != want {
				t.Errorf("%s %.100q: %s, want %s", c.event, c.args, got, want)
			}
		}
		u.Emit("_disconnect", "/", true, "nobody")
		u.Emit("emit", "/", "nobody", "news")
		u.Emit("join", "/", "tea", "nobody")
		if got := r.failed(); got != "" || !c.Connected() || len(s.Rooms()) != 1 {
			t.Errorf("commands for nobody: %s", got)
		}
		if n := len(r.io.Namespaces()); n != 2 {
			t.Errorf("%d namespaces", n)
		}
	})
}

// checklist: 227
func TestS227Handshake(t *testing.T) {
	header := http.Header{
		"Authorization": {"Bearer abc"}, "Cookie": {"sid=abc"}, "X-Api-Key": {"abc"}, "X-Auth-Token": {"abc"},
		"User-Agent": {"tester"}, "X-Long": {strings.Repeat("y", 1000)}, "Origin": {"http://siotest.example"},
	}
	for want, extra := range map[string]http.Header{
		"pipe":      nil,
		"192.0.2.1": {"X-Forwarded-For": {"192.0.2.1"}},
		"192.0.2.2": {"X-Forwarded-For": {"192.0.2.1"}, "Cf-Connecting-Ip": {"192.0.2.2"}},
	} {
		bubble(t, nil, nil, func(r *rig) {
			h := header.Clone()
			for name, values := range extra {
				h[name] = values
			}
			u := r.signIn()
			u.take()
			secret := r.net.Client(&sioclient.Options{
				Transports: []eioclient.Transport{eioclient.WebSocket}, Header: h, Logger: slog.New(slog.DiscardHandler),
				Query: url.Values{"token": {"abc"}, "page": {"1"}},
				Auth:  authOf(map[string]any{"token": "abc", "name": "abc"}),
			}).Of("/")
			secret.Connect()
			text := u.one("socket_connected").String()
			if strings.Contains(text, "abc") {
				t.Errorf("a secret in %s", text)
			}
			var s struct{ Handshake map[string]json.RawMessage }
			json.Unmarshal([]byte(strings.TrimPrefix(text[:strings.LastIndex(text, " ")], "socket_connected ")), &s)
			var keys []string
			for key := range s.Handshake {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			if got := strings.Join(keys, " "); got != "address headers issued query secure time url xdomain" {
				t.Errorf("handshake: %s", got)
			}
			var headers, query map[string]string
			json.Unmarshal(s.Handshake["headers"], &headers)
			json.Unmarshal(s.Handshake["query"], &query)
			if headers["user-agent"] != "tester" || headers["authorization"] != hiddenValue || len(headers["x-long"]) > 300 ||
				query["page"] != "1" || query["token"] != hiddenValue || string(s.Handshake["xdomain"]) != "true" {
				t.Errorf("%v, %v", headers, query)
			}
			if address := strings.Trim(string(s.Handshake["address"]), `"`); want != "pipe" && address != want {
				t.Errorf("address %s, want %s", address, want)
			}
		})
	}
}

func authOf(auth any) func(context.Context, string) (any, error) {
	return func(context.Context, string) (any, error) { return auth, nil }
}

// Everything over the other parser that the UI has.
//
// checklist: 228
func TestS228MessagePack(t *testing.T) {
	bubble(t, nil, &socketio.Options{Parser: socketio.MessagePack()}, func(r *rig) {
		o := &sioclient.Options{Transports: []eioclient.Transport{eioclient.WebSocket}, Parser: sioclient.MessagePack()}
		u := r.connectBy(o, map[string]any{"username": "admin", "password": password})
		got := u.take()
		var events []string
		for _, s := range got {
			events = append(events, s.event)
		}
		if strings.Join(events, " ") != "session config all_sockets server_stats" {
			t.Fatalf("%q, %v", events, u.refused)
		}
		c := r.net.Dial(&sioclient.Options{Parser: sioclient.MessagePack(), Transports: o.Transports, Logger: slog.New(slog.DiscardHandler)})
		if s := decode[describedSocket](t, u.one("socket_connected"), 0); s.ID != c.ID() || len(s.Rooms) != 1 {
			t.Errorf("%+v", s)
		}
		c.Emit("hello", 1, "x", []byte{1, 2})
		u.want(`event_received "/" "` + c.ID() + `" ["hello",1,"x","[2 bytes of binary]"]`)
		u.Emit("_disconnect", "/", false, c.ID())
		synctest.Wait()
		if c.Connected() {
			t.Error("a command does nothing")
		}
	})
}
