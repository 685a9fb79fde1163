package sioadmin

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

func TestNobodyLooks(t *testing.T) {
	bubble(t, nil, nil, func(r *rig) {
		running := func() bool {
			synctest.Wait()
			r.admin.mu.Lock()
			defer r.admin.mu.Unlock()
			return r.admin.reporter != nil
		}
		if running() {
			t.Error("it reports to nobody")
		}
		first, second := r.signIn(), r.signIn()
		if !running() {
			t.Error("it does not report")
		}
		first.Client().Close()
		if !running() {
			t.Error("it does not report to the second")
		}
		second.Client().Close()
		if running() {
			t.Error("it goes on reporting")
		}
		if n := len(r.signIn().take("all_sockets")); n != 1 {
			t.Errorf("all_sockets came %d times to the third", n)
		}
	})
}

func TestClose(t *testing.T) {
	bubble(t, nil, nil, func(r *rig) {
		u := r.signIn()
		r.admin.Close()
		r.admin.Close()
		synctest.Wait()
		if u.Connected() {
			t.Error("an admin is still there")
		}
		if u := r.connect(map[string]any{"username": "admin", "password": password}); u.Connected() {
			t.Error("an admin gets in")
		}
	})
}

func TestOnlySoManySockets(t *testing.T) {
	bubble(t, &Options{MaxSockets: 3}, nil, func(r *rig) {
		u := r.signIn()
		for range 2 {
			r.client(nil)
		}
		u.take()
		fourth, _ := r.client(nil)
		u.want()
		if got := decode[serverStats](t, r.signIn().one("server_stats"), 0); got.ClientsCount != 5 {
			t.Errorf("%+v", got)
		}
		u.Emit("_disconnect", "/", true) // there is room again
		synctest.Wait()
		_, s := r.client(nil)
		if got := decode[describedSocket](t, u.one("socket_connected"), 0); got.ID != s.ID() || fourth.Connected() {
			t.Errorf("%+v", got)
		}
	})
}

// Sockets that were hidden are shown when others have left.
func TestHiddenSocketsAreShownWhenThereIsRoom(t *testing.T) {
	bubble(t, &Options{MaxSockets: 4}, nil, func(r *rig) {
		u := r.signIn() // is shown too
		var early, late []*socketio.Socket
		var leave []func()
		for i := range 6 {
			c, s := r.client(nil)
			if i < 3 {
				early, leave = append(early, s), append(leave, c.Client().Close)
			} else {
				late = append(late, s)
			}
		}
		time.Sleep(5 * time.Second) // virtual
		if got := u.take("all_sockets"); len(got) != 1 {
			t.Errorf("told anew %d times while it was full", len(got)-1)
		}
		for _, f := range leave {
			f()
		}
		time.Sleep(5 * time.Second) // virtual
		all := u.take("all_sockets")
		if len(all) != 1 {
			t.Fatalf("told %d times", len(all))
		}
		for _, s := range late {
			if !strings.Contains(fmt.Sprint(all[0]), s.ID()) {
				t.Errorf("%s is hidden still", s.ID())
			}
		}
		for _, s := range early {
			if strings.Contains(fmt.Sprint(all[0]), s.ID()) {
				t.Errorf("%s has gone", s.ID())
			}
		}
	})
}

func TestOnlySoManyEvents(t *testing.T) {
	bubble(t, &Options{MaxEvents: 5}, nil, func(r *rig) {
		u := r.signIn()
		_, s := r.client(nil)
		time.Sleep(2 * time.Second) // virtual
		u.take()
		for i := range 20 {
			s.Emit("n", i)
		}
		if got := u.take("event_sent"); len(got) != 5 {
			t.Errorf("%d events", len(got))
		}
		time.Sleep(2 * time.Second) // virtual
		if got := decode[serverStats](t, u.one("server_stats"), 0); got.LostEvents != 15 {
			t.Errorf("%+v", got)
		}
		s.Emit("n", 20)
		u.want(`event_sent "/" "` + s.ID() + `" ["n",20]`)
	})
}

// More happens at once than can wait: the admin is told everything anew.
func TestTooMuchAtOnce(t *testing.T) {
	bubble(t, nil, &socketio.Options{MaxRooms: 10_000}, func(r *rig) {
		u := r.signIn()
		_, s := r.client(nil)
		u.take()
		var rooms []string
		for i := range watchLimit + 100 {
			rooms = append(rooms, fmt.Sprint(i))
		}
		s.Join(rooms...)
		time.Sleep(2 * time.Second) // virtual
		var all []described
		for _, m := range u.take("all_sockets") {
			all = decode[[]described](t, m, 0)
		}
		if len(all) != 2 {
			t.Fatalf("%d sockets are told", len(all))
		}
		for _, d := range all {
			if d.ID == s.ID() && len(d.Rooms) != len(rooms)+1 {
				t.Errorf("in %d rooms", len(d.Rooms))
			}
		}
	})
}

type described = describedSocket

// An admin that does not read gets nothing more, and everything when it reads again.
func TestAnAdminThatDoesNotRead(t *testing.T) {
	bubble(t, &Options{MaxEvents: 1000}, nil, func(r *rig) {
		u := r.signIn()
		u.take()
		held := make(chan bool)
		u.On("event_sent", func(...json.RawMessage) { <-held })
		slow := u.r.io.Of("/admin").Sockets()[0]
		_, s := r.client(nil)
		for range 20 { // in less time than a connection that takes nothing is given
			for range 100 {
				s.Emit("x", strings.Repeat("x", 900))
			}
			time.Sleep(200 * time.Millisecond) // virtual
		}
		if b := slow.Session().Buffered(); b < maxBehind || b > 4*maxBehind || !slow.Connected() {
			t.Errorf("%d bytes wait, connected %v, %s", b, slow.Connected(), slow.Session().Reason())
		}
		s.Join("tea")
		time.Sleep(time.Second) // virtual
		close(held)
		time.Sleep(2 * time.Second) // virtual
		tea := false
		for _, m := range u.take("all_sockets") {
			tea = tea || strings.Contains(m.String(), "tea")
		}
		if !tea {
			t.Error("what has changed meanwhile is not told")
		}
	})
}

func TestArguments(t *testing.T) {
	var events []*socketio.Event
	bubble(t, nil, nil, func(r *rig) {
		r.io.OnConnect(func(s *socketio.Socket) { s.OnAny(func(e *socketio.Event) { events = append(events, e) }) })
		c, _ := r.client(nil)
		list := make([]any, 200)
		deep := any(1)
		for range 100 {
			deep = []any{deep}
		}
		c.Emit("secrets", map[string]any{"token": "abc", "Password": "abc", "in": []any{map[string]any{"apiKey": "abc"}}, "author": "x"})
		c.Emit("long", strings.Repeat("é", 2000), list)
		c.Emit("deep", deep)
		c.Emit("large", strings.Repeat("x", maxEventBytes))
		c.Emit("binary", []byte{1, 2, 3}, map[string]any{"b": []byte{1}})
		c.Emit("exact", 1<<62, 0.5, nil, true)
		synctest.Wait()
	})
	var o Options
	for i, want := range []string{
		`["secrets",{"Password":"[hidden]","author":"x","in":[{"apiKey":"[hidden]"}],"token":"[hidden]"}]`,
		`["long","` + strings.Repeat("é", 500) + `…",[` + strings.Repeat("null,", 100) + `"…"]]`,
		`["deep",` + strings.Repeat("[", maxNesting+1) + `"…"` + strings.Repeat("]", maxNesting+1) + `]`,
		fmt.Sprintf(`["large","[%d bytes]"]`, maxEventBytes+2),
		`["binary","[3 bytes of binary]",{"b":"[1 bytes of binary]"}]`,
		`["exact",4611686018427387904,0.5,null,true]`,
	} {
		got, err := json.Marshal(o.arguments(events[i]))
		if err != nil || string(got) != want {
			t.Errorf("%s, %v\nwant %s", got, err, want)
		}
	}
	o.HideArgs = func(e *socketio.Event) bool { return e.Name() == "exact" }
	if got := fmt.Sprint(o.arguments(events[5])); got != "[exact [hidden]]" {
		t.Error(got)
	}
	o.HideArgs, o.Logger = func(*socketio.Event) bool { panic("no") }, slog.New(slog.DiscardHandler)
	if got := fmt.Sprint(o.arguments(events[5])); got != "[exact [hidden]]" {
		t.Errorf("after a panic: %s", got)
	}
}

func TestData(t *testing.T) {
	shared := map[string]int{"a": 1}
	bubble(t, nil, nil, func(r *rig) {
		_, s := r.client(nil)
		for _, c := range []struct {
			data any
			want string
		}{
			{nil, `{}`}, {"x", `{"value":"x"}`}, {7, `{"value":7}`}, {[2]bool{true}, `{"value":[true,false]}`},
			{struct {
				Name string
				Key  string `json:"-"`
			}{"Ann", "secret"}, `{"Name":"Ann"}`},
			{shared, `{}`}, {&shared, `{}`}, {struct{ M map[string]int }{shared}, `{}`}, {strings.Repeat("x", maxData), `{}`},
		} {
			s.SetData(c.data)
			if got := string((&Options{}).describeData(s)); got != c.want {
				t.Errorf("%v: %s, want %s", c.data, got, c.want)
			}
		}
		s.SetData(&shared)
		o := &Options{Data: func(s *socketio.Socket) any { return map[string]any{"n": len(*s.Data().(*map[string]int))} }}
		if got := string(o.describeData(s)); got != `{"n":1}` {
			t.Error(got)
		}
		s.SetData(1)
		o.Logger = slog.New(slog.DiscardHandler)
		if got := string(o.describeData(s)); got != `{}` {
			t.Errorf("after a panic: %s", got)
		}
	})
}

func FuzzHideURL(f *testing.F) {
	f.Add("/socket.io/?EIO=4&token=s3cr3t&x=1")
	f.Add("/socket.io/?a=%zz&token=s3cr3t")
	f.Add("?;=&&access_token=s3cr3t#x")
	f.Fuzz(func(t *testing.T, target string) {
		got := hideURL(target)
		path, query, found := strings.Cut(got, "?")
		if wantPath, _, want := strings.Cut(target, "?"); path != wantPath || found != want {
			t.Errorf("%q became %q", target, got)
		}
		for pair := range strings.SplitSeq(query, "&") {
			if value, secret := strings.CutPrefix(pair, "token="); secret && value != "%5Bhidden%5D" {
				t.Errorf("%q became %q", target, got)
			}
		}
	})
}

// An admin that polls gets the same.
func TestPollingAdmin(t *testing.T) {
	bubble(t, nil, nil, func(r *rig) {
		u := r.connectBy(&sioclient.Options{Transports: []eioclient.Transport{eioclient.Polling}},
			map[string]any{"username": "admin", "password": password})
		u.take()
		_, s := r.client(nil)
		for i := range 50 {
			s.Emit("n", i)
		}
		if got := u.take("event_sent"); len(got) != 50 {
			t.Errorf("%d events", len(got))
		}
	})
}
