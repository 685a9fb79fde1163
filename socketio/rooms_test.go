package socketio_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"rightnow/hub"
	"rightnow/socketio"
)

// crowd is a few clients in "/", each with its server's socket.
type crowd struct {
	h       *harness
	clients []*client
	sockets []*socketio.Socket
}

func newCrowd(t testing.TB, n int) *crowd {
	h := serve(t, nil)
	h.io.OnConnect(answerFence)
	w := &crowd{h: h}
	for range n {
		c, s := h.joined((*harness).websocket)
		w.clients = append(w.clients, c)
		w.sockets = append(w.sockets, s)
	}
	return w
}

// want checks that the event "e" came once to those whose index is in who, and to nobody else.
func (w *crowd) want(what string, who ...int) {
	w.h.t.Helper()
	for i, c := range w.clients {
		c.write(`2999["fence"]`)
		got := c.read()
		count := 0
		for ; got != `3999[]`; got = c.read() {
			count++
		}
		want := 0
		if slices.Contains(who, i) {
			want = 1
		}
		if count != want {
			w.h.t.Errorf("%s: client %d got it %d times, want %d", what, i, count, want)
		}
	}
}

// checklist: 146, 147, 148, 149, 150
func TestJ146To153Rooms(t *testing.T) {
	w := newCrowd(t, 4)
	io, s := w.h.io, w.sockets
	for _, join := range []struct {
		socket int
		rooms  []string
	}{{0, []string{"a"}}, {1, []string{"a", "b"}}, {2, []string{"b"}}, {2, []string{"b"}}} {
		if err := s[join.socket].Join(join.rooms...); err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		name string
		emit func(string, ...any) error
		who  []int
	}{
		{"all", io.Emit, []int{0, 1, 2, 3}},
		{"own id is a room", io.To(s[3].ID()).Emit, []int{3}},
		{"room", io.To("a").Emit, []int{0, 1}},
		{"in", io.In("b").Emit, []int{1, 2}},
		{"union, once each", io.To("a").To("b").Emit, []int{0, 1, 2}},
		{"list", io.To("a", "b", s[3].ID()).Emit, []int{0, 1, 2, 3}},
		{"unknown room", io.To("nowhere").Emit, nil},
		{"except room", io.Except("a").Emit, []int{2, 3}},
		{"except id", io.Except(s[0].ID()).Emit, []int{1, 2, 3}},
		{"room except room", io.To("a").Except("b").Emit, []int{0}},
		{"broadcast", s[0].Broadcast().Emit, []int{1, 2, 3}},
		{"socket to", s[1].To("a").Emit, []int{0}},
		{"socket in", s[1].In("a").Emit, []int{0}},
		{"socket except", s[0].Except("b").Emit, []int{3}},
		{"socket local", s[0].Local().Emit, []int{1, 2, 3}},
		{"socket to itself", s[0].To(s[0].ID()).Emit, nil},
		{"local", io.Local().To("a").Emit, []int{0, 1}},
		{"socket volatile broadcast", s[0].Volatile().Broadcast().Emit, []int{1, 2, 3}},
		{"socket timeout to", s[0].Timeout(1).To("b").Emit, []int{1, 2}},
		{"socket volatile in, except", s[0].Volatile().In("b").Except("a").Emit, []int{2}},
		{"socket volatile local", s[0].Volatile().Local().Emit, []int{1, 2, 3}},
		{"socket volatile except", s[0].Volatile().Except("a").Emit, []int{2, 3}},
		{"zero target", socketio.Target{}.Emit, nil},
	}
	for _, step := range steps {
		if err := step.emit("e"); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
		w.want(step.name, step.who...)
	}
	s[2].Leave("b", "b", "never", s[2].ID())
	io.To("b").Emit("e")
	w.want("after leave", 1)
	io.To(s[2].ID()).Emit("e")
	w.want("own room stays", 2)
}

// checklist: 151
func TestJ151RoomsAreOfTheirNamespace(t *testing.T) {
	h := serve(t, nil)
	h.io.Of("/x").OnConnect(answerFence)
	c, s := h.joined((*harness).websocket)
	sid := c.join("/x", "")
	s.Join("r")
	h.io.Of("/x").To("r").Emit("no")
	h.io.To("r").Emit("yes")
	c.want(`2["yes"]`)
	if got := h.socket("/x", sid).Rooms(); !slices.Equal(got, []string{sid}) {
		t.Errorf("rooms %q", got)
	}
}

// checklist: 152
func TestJ152RoomsWhileDisconnecting(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		got := make(chan string, 2)
		h.io.OnConnect(func(s *socketio.Socket) {
			s.Join("r")
			s.OnDisconnecting(func(socketio.Reason) { got <- fmt.Sprintf("%d %s %t", len(s.Rooms()), s.Rooms()[1], s.Connected()) })
			s.OnDisconnect(func(socketio.Reason) { got <- fmt.Sprintf("%q %t", s.Rooms(), h.io.Hub().HasRoom("r")) })
		})
		c := connect(h)
		c.join("/", "")
		c.write("1")
		if g := receive(t, got); g != "2 r false" {
			t.Errorf("disconnecting: %s", g)
		}
		if g := receive(t, got); g != "[] false" {
			t.Errorf("disconnect: %s", g)
		}
	})
}

// checklist: 153
func TestJ153JoinAfterDisconnectDoesNothing(t *testing.T) {
	h := serve(t, nil)
	_, s := h.joined((*harness).websocket)
	s.Disconnect(false)
	if err := s.Join("r"); err != nil {
		t.Error(err)
	}
	s.Leave("r")
	if h.io.Hub().HasRoom("r") {
		t.Error("joined after the disconnect")
	}
}

// checklist: 154
func TestJ154RoomEvents(t *testing.T) {
	log := make(chan string, 20)
	names := map[hub.RoomOp]string{hub.RoomCreated: "create", hub.RoomJoined: "join", hub.RoomLeft: "leave", hub.RoomDeleted: "delete"}
	h := serve(t, &socketio.Options{OnHub: func(nsp string, h *hub.Hub) {
		h.OnRoom(func(e hub.RoomEvent) {
			if e.Room == "r" {
				log <- names[e.Op]
			}
		})
	}})
	_, s := h.joined((*harness).websocket)
	s.Join("r")
	s.Leave("r")
	for _, want := range []string{"create", "join", "leave", "delete"} {
		if got := receive(t, log); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// checklist: 155
func TestJ155Utilities(t *testing.T) {
	w := newCrowd(t, 3)
	io, s := w.h.io, w.sockets
	io.SocketsJoin("all")
	io.In(s[0].ID()).SocketsJoin("some", "more")
	io.Except(s[0].ID()).SocketsLeave("all")
	if got := ids(io.In("all").Sockets()); !slices.Equal(got, ids(s[:1])) {
		t.Errorf("in all: %q", got)
	}
	if n := io.In("more").SocketsCount(); n != 1 {
		t.Errorf("%d in more", n)
	}
	s[1].Broadcast().SocketsJoin("others")
	if got := ids(io.Local().In("others").Sockets()); !slices.Equal(got, ids([]*socketio.Socket{s[0], s[2]})) {
		t.Errorf("others: %q", got)
	}
	io.Local().In(s[0].ID()).SocketsJoin("here")
	io.In("here").Local().SocketsJoin("here too")
	if got := ids(io.In("here too").Sockets()); !slices.Equal(got, ids(s[:1])) {
		t.Errorf("here too: %q", got)
	}
	io.Local().SocketsLeave("here", "here too")
	io.SocketsLeave("others")
	if io.Hub().HasRoom("others") || io.Hub().HasRoom("here") || io.Hub().HasRoom("here too") {
		t.Error("somebody stayed")
	}
	io.In(s[0].ID()).DisconnectSockets(false)
	w.clients[0].want("1")
	w.clients[0].join("/", "")
	io.To(s[1].ID()).DisconnectSockets(true)
	w.clients[1].want("1")
	w.clients[1].wantClosed()
	io.Local().Except(s[2].ID()).DisconnectSockets(false) // the one that came back
	w.clients[0].want("1")
	w.clients[0].join("/", "")
	io.DisconnectSockets(true)
	for _, i := range []int{0, 2} {
		w.clients[i].want("1")
		w.clients[i].wantClosed()
	}
}

func ids(sockets []*socketio.Socket) (list []string) {
	for _, s := range sockets {
		list = append(list, s.ID())
	}
	return list
}

// checklist: 156
func TestJ156FetchSockets(t *testing.T) {
	h := serve(t, nil)
	c := h.websocket()
	sid := c.join("/", `{"user":"u"}`)
	s := h.socket("/", sid)
	s.SetData(42)
	s.Join("r")
	all, err := h.io.FetchSockets(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if r := all[0]; r.ID != sid || r.Data != 42 || !slices.Equal(r.Rooms, []string{sid, "r"}) || string(r.Handshake.Auth) != `{"user":"u"}` {
		t.Errorf("got %+v", r)
	}
	if none, err := h.io.In("elsewhere").FetchSockets(t.Context()); err != nil || len(none) != 0 {
		t.Error(none, err)
	}
}

// What FetchSockets returns leads to its sockets, and to nobody once they have gone.
//
// checklist: 156
func TestRemoteSocket(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).websocket)
	other, _ := h.joined((*harness).websocket)
	all, err := h.io.FetchSockets(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != s.ID() {
		t.Fatal(all, err)
	}
	r := all[0]
	r.Emit("own", 1)
	c.want(`2["own",1]`)
	answer := make(chan socketio.Args, 1)
	background(t, func() {
		got, err := r.EmitWithAck(t.Context(), "asked")
		if err != nil {
			t.Error(err)
		}
		answer <- got
	})
	asked := c.read()
	c.write("3" + strings.TrimSuffix(strings.TrimPrefix(asked, "2"), `["asked"]`) + `["yes"]`)
	var said string
	if got := receive(t, answer); got.Decode(0, &said) != nil || said != "yes" {
		t.Errorf("acknowledged with %v", got)
	}
	r.Join("a", "b")
	r.Leave("a")
	if got := s.Rooms(); !slices.Equal(got, []string{s.ID(), "b"}) {
		t.Errorf("it is in %q", got)
	}
	r.Disconnect(false)
	c.want("1")
	if err := r.Emit("gone"); err != nil {
		t.Error(err)
	}
	for _, r := range []socketio.RemoteSocket{r, {}} {
		if _, err := r.EmitWithAck(t.Context(), "gone"); !errors.Is(err, socketio.ErrDisconnected) {
			t.Errorf("got %v", err)
		}
	}
	h.io.Emit("end")
	other.want(`2["end"]`)
}

// checklist: 157
func TestJ157FlagsAreForOneEmission(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).polling)
	if err := s.Volatile().Emit("lost"); !errors.Is(err, socketio.ErrDropped) {
		t.Errorf("got %v", err)
	}
	s.Emit("kept")
	c.want(`2["kept"]`)
}

// checklist: 158
func TestJ158TargetsAreImmutable(t *testing.T) {
	w := newCrowd(t, 3)
	for i, s := range w.sockets {
		s.Join("all", fmt.Sprint("r", i))
	}
	base := w.h.io.To("r0")
	base.To("r1")
	base.Except("all")
	base.To("r2").Emit("e")
	w.want("derived", 0, 2)
	base.Emit("e")
	w.want("base", 0)
	var wg sync.WaitGroup
	for range 2 { // both append to base's room
		wg.Go(func() { base.To("r1", "nobody").Emit("e") })
	}
	wg.Wait()
	for _, i := range []int{0, 1} {
		w.clients[i].want(`2["e"]`, `2["e"]`)
	}
}

// checklist: 231
func TestRoomsPerSocketAreBounded(t *testing.T) {
	h := serve(t, &socketio.Options{MaxRooms: 3})
	_, s := h.joined((*harness).websocket)
	for range 10 { // the same again is no more
		if err := s.Join("a", "b"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Join("c", "d"); !errors.Is(err, socketio.ErrTooManyRooms) {
		t.Errorf("got %v", err)
	}
	if err := s.Join("c"); err != nil {
		t.Error(err)
	}
	if err := s.Join("d"); !errors.Is(err, socketio.ErrTooManyRooms) {
		t.Errorf("got %v", err)
	}
	s.Leave("a")
	if err := s.Join("d"); err != nil {
		t.Error(err)
	}
	if n := len(s.Rooms()); n != 4 {
		t.Errorf("%d rooms", n)
	}
}

// The lesson's three ways of counting, and who is in a room: none of them makes a handshake.
//
// checklist: 235
func TestCounts(t *testing.T) {
	w := newCrowd(t, 3)
	io := w.h.io
	w.h.io.Of("/x")
	w.h.websocket().join("/x", "")
	if a, b, c := io.Engine().ClientsCount(), io.SocketsCount(), len(io.Sockets()); a != 4 || b != 3 || c != 3 {
		t.Errorf("%d clients, %d sockets, %d in the list", a, b, c)
	}
	w.sockets[0].Join("r")
	w.sockets[1].Join("r", "q")
	if a, b, c := io.In("r").SocketsCount(), io.Hub().Count([]string{"r"}, []string{"q"}), io.Hub().RoomCount(); a != 2 || b != 1 || c != 5 {
		t.Errorf("%d in r, %d of them not in q, %d rooms", a, b, c)
	}
	if got := io.Hub().Members([]string{"r"}, nil); len(got) != 2 || got[0].ID() != w.sockets[0].ID() || got[1].ID() != w.sockets[1].ID() {
		t.Errorf("members %v", got)
	}
}
