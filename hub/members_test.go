package hub_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"rightnow/hub"
	"rightnow/hub/hubtest"
)

// newHub makes a hub with members of these ids.
func newHub(ids ...string) (*hub.Hub, map[string]*hubtest.Member) {
	h, members := hub.New(nil), map[string]*hubtest.Member{}
	for _, id := range ids {
		members[id] = hubtest.NewMember(id)
		h.Add(members[id])
	}
	return h, members
}

func ids(members []hub.Member) []string {
	var out []string
	for _, m := range members {
		out = append(out, m.ID())
	}
	return out
}

func TestOwnRoom(t *testing.T) {
	h, members := newHub("a", "b")
	want := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	want("rooms of a", h.Rooms("a"), []string{"a"})
	want("members of room a", ids(h.Members([]string{"a"}, nil)), []string{"a"})
	want("room count", h.RoomCount(), 2)
	want("has room", h.HasRoom("a"), true)
	want("in", h.In("a", "a"), true)

	h.Join("a", "early")
	h.Join("b", "a", "a") // somebody else in a's own room
	want("rooms of a, its own one first", h.Rooms("a"), []string{"a", "early"})
	h.Leave("a", "early")
	want("members of room a, joined by b", ids(h.Members([]string{"a"}, nil)), []string{"a", "b"})
	want("rooms of a", h.Rooms("a"), []string{"a"})
	want("rooms of b", h.Rooms("b"), []string{"b", "a"})
	want("room count", h.RoomCount(), 2)
	want("in", []bool{h.In("a", "a"), h.In("b", "a"), h.In("a", "b")}, []bool{true, true, false})

	want("rooms of the removed a", h.Remove("a"), []string{"a"})
	want("room a without its owner", ids(h.Members([]string{"a"}, nil)), []string{"b"})
	h.Add(members["a"]) // comes back to a room that exists
	want("room a with its owner again", ids(h.Members([]string{"a"}, nil)), []string{"b", "a"})

	h.Leave("a", "a")
	h.Leave("b", "a", "no such room")
	want("has room a, which everybody left", h.HasRoom("a"), false)
	want("rooms of a", h.Rooms("a"), []string{})
	h.Join("b", "a")
	want("room a, joined by b only", ids(h.Members([]string{"a"}, nil)), []string{"b"})
	h.Leave("b", "a")
	h.Join("a", "a")
	want("room a, joined by its owner again", ids(h.Members([]string{"a"}, nil)), []string{"a"})

	h.Join("a", "x", "y")
	want("all rooms of a", h.LeaveAll("a"), []string{"a", "x", "y"})
	want("everybody", ids(h.Members(nil, nil)), []string{"b", "a"})
	want("room count", h.RoomCount(), 1)
}

func TestUnknownMember(t *testing.T) {
	h, members := newHub("a")
	if h.Join("z", "x") || h.Leave("z", "x") || h.Remove("z") != nil || h.LeaveAll("z") != nil || h.Rooms("z") != nil || h.Member("z") != nil || h.In("z", "z") {
		t.Error("an unknown member was found")
	}
	if h.HasRoom("x") || h.RoomCount() != 1 {
		t.Error("an unknown member made a room")
	}
	if h.Add(hubtest.NewMember("a")) {
		t.Error("an id was taken twice")
	}
	if h.Member("a") != members["a"] {
		t.Error("the first owner of the id is gone")
	}
}

func TestReachInOrder(t *testing.T) {
	h, _ := newHub("a", "b", "c", "d", "e")
	for _, join := range []struct{ id, room string }{{"c", "x"}, {"a", "x"}, {"e", "y"}, {"c", "y"}, {"b", "y"}, {"d", "z"}} {
		h.Join(join.id, join.room)
	}
	tests := []struct {
		rooms, except []string
		sender        string
		want          []string
	}{
		{nil, nil, "", []string{"a", "b", "c", "d", "e"}},
		{nil, nil, "c", []string{"a", "b", "d", "e"}},
		{nil, []string{"x"}, "", []string{"b", "d", "e"}},
		{nil, []string{"x", "e", "no such room"}, "", []string{"b", "d"}},
		{[]string{"x"}, nil, "", []string{"c", "a"}},
		{[]string{"y", "x"}, nil, "", []string{"e", "c", "b", "a"}},
		{[]string{"x", "y"}, nil, "", []string{"c", "a", "e", "b"}},
		{[]string{"x", "y", "x"}, []string{"z"}, "", []string{"c", "a", "e", "b"}},
		{[]string{"x", "y"}, []string{"b"}, "c", []string{"a", "e"}},
		{[]string{"x"}, []string{"x"}, "", nil},
		{[]string{"a"}, nil, "a", nil},
		{[]string{"d", "x", "d", "a"}, nil, "", []string{"d", "c", "a"}},
		{[]string{"no such room"}, nil, "", nil},
		{[]string{}, nil, "nobody", []string{"a", "b", "c", "d", "e"}},
	}
	for _, tt := range tests {
		var reached []string
		h2, order := orderHub(h)
		n, err := h2.Deliver(&hub.Message{Event: "e", Rooms: tt.rooms, Except: tt.except, Sender: tt.sender})
		reached = *order
		if err != nil || n != len(tt.want) || !slices.Equal(reached, tt.want) {
			t.Errorf("to %v except %v but %q: reached %d, %v (%v), want %v", tt.rooms, tt.except, tt.sender, n, reached, err, tt.want)
		}
		if tt.sender == "" {
			if got := ids(h.Members(tt.rooms, tt.except)); !slices.Equal(got, tt.want) {
				t.Errorf("members of %v except %v: %v, want %v", tt.rooms, tt.except, got, tt.want)
			}
			if got := h.Count(tt.rooms, tt.except); got != len(tt.want) {
				t.Errorf("count of %v except %v: %v, want %v", tt.rooms, tt.except, got, len(tt.want))
			}
		}
	}
}

// orderHub copies the members and rooms of h to a hub whose members write down
// in what order they are pushed to. It relies on rooms being joined in order.
func orderHub(h *hub.Hub) (*hub.Hub, *[]string) {
	out, order := hub.New(nil), new([]string)
	for _, m := range h.Members(nil, nil) {
		out.Add(&orderMember{hubtest.NewMember(m.ID()), order})
	}
	for _, room := range h.RoomNames() {
		for _, m := range h.Members([]string{room}, nil) {
			out.Join(m.ID(), room)
		}
	}
	return out, order
}

type orderMember struct {
	*hubtest.Member
	order *[]string
}

func (m *orderMember) Push(f hub.Frame, c hub.Class) bool {
	*m.order = append(*m.order, m.ID())
	return m.Member.Push(f, c)
}

// model is a hub written without a thought of speed.
type model struct {
	all   []string
	rooms map[string][]string
	of    map[string][]string
}

func (m *model) add(id string) {
	if !slices.Contains(m.all, id) {
		m.all = append(m.all, id)
		m.join(id, id)
	}
}

func (m *model) join(id, room string) {
	if slices.Contains(m.all, id) && !slices.Contains(m.rooms[room], id) {
		m.rooms[room] = append(m.rooms[room], id)
		m.of[id] = append(m.of[id], room)
	}
}

func (m *model) leave(id, room string) {
	m.rooms[room] = slices.DeleteFunc(m.rooms[room], func(s string) bool { return s == id })
	m.of[id] = slices.DeleteFunc(m.of[id], func(s string) bool { return s == room })
	if len(m.rooms[room]) == 0 {
		delete(m.rooms, room)
	}
}

func (m *model) remove(id string) {
	for _, room := range slices.Clone(m.of[id]) {
		m.leave(id, room)
	}
	m.all = slices.DeleteFunc(m.all, func(s string) bool { return s == id })
}

func (m *model) reach(rooms, except []string) []string {
	var out []string
	take := func(ids []string) {
		for _, id := range ids {
			excluded := slices.ContainsFunc(except, func(room string) bool { return slices.Contains(m.rooms[room], id) })
			if !excluded && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	if len(rooms) == 0 {
		take(m.all)
	}
	for _, room := range rooms {
		take(m.rooms[room])
	}
	return out
}

// TestAgainstModel does thousands of random things to a hub and to the model.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { runModel(t, rand.New(rand.NewPCG(seed, 1)), int(seed)) })
	}
}

func runModel(t *testing.T, rnd *rand.Rand, size int) {
	h, m := hub.New(nil), &model{rooms: map[string][]string{}, of: map[string][]string{}}
	id := func() string { return fmt.Sprint("m", rnd.IntN(3+4*size)) }
	room := func() string { // own rooms of members too
		if rnd.IntN(4) == 0 {
			return id()
		}
		return fmt.Sprint("r", rnd.IntN(1+size/2))
	}
	some := func() []string {
		names := make([]string, rnd.IntN(4))
		for i := range names {
			names[i] = room()
		}
		return names
	}
	for range 2000 {
		who, where := id(), room()
		switch rnd.IntN(8) {
		case 0, 1:
			h.Add(hubtest.NewMember(who))
			m.add(who)
		case 2, 3, 4:
			h.Join(who, where)
			m.join(who, where)
		case 5, 6:
			h.Leave(who, where)
			m.leave(who, where)
		default:
			h.Remove(who)
			m.remove(who)
		}
		compare(t, h, m, some(), some(), who, where)
		if t.Failed() {
			return
		}
	}
}

func compare(t *testing.T, h *hub.Hub, m *model, rooms, except []string, who, where string) {
	t.Helper()
	want := m.reach(rooms, except)
	if got := ids(h.Members(rooms, except)); !slices.Equal(got, want) {
		t.Errorf("members of %v except %v: %v, want %v", rooms, except, got, want)
	}
	if got := h.Count(rooms, except); got != len(want) {
		t.Errorf("count of %v except %v: %d, want %d", rooms, except, got, len(want))
	}
	gotRooms, wantRooms := h.Rooms(who), slices.Clone(m.of[who])
	slices.Sort(gotRooms)
	slices.Sort(wantRooms)
	if !slices.Equal(gotRooms, wantRooms) {
		t.Errorf("rooms of %s: %v, want %v", who, gotRooms, wantRooms)
	}
	if got, want := h.HasRoom(where), m.rooms[where] != nil; got != want {
		t.Errorf("has room %s: %v", where, got)
	}
	if got, want := h.In(who, where), slices.Contains(m.rooms[where], who); got != want {
		t.Errorf("%s in %s: %v", who, where, got)
	}
	if got := h.RoomCount(); got != len(m.rooms) || got != len(h.RoomNames()) {
		t.Errorf("room count: %d, want %d; names %v", got, len(m.rooms), h.RoomNames())
	}
}

func TestCrowdLeavesNothing(t *testing.T) {
	h := hub.New(nil)
	for range 2 {
		for i := range 5000 {
			id := fmt.Sprint(i)
			h.Add(hubtest.NewMember(id))
			h.Join(id, "crowd", "room "+id)
		}
		if n := h.Count([]string{"crowd"}, nil); n != 5000 {
			t.Fatalf("%d in the crowd", n)
		}
		for i := range 5000 {
			if rooms := h.Remove(fmt.Sprint(i)); len(rooms) != 3 {
				t.Fatalf("member %d was in %v", i, rooms)
			}
		}
		if h.RoomCount() != 0 || h.Count(nil, nil) != 0 || len(h.RoomNames()) != 0 {
			t.Fatalf("%d rooms and %d members are left", h.RoomCount(), h.Count(nil, nil))
		}
	}
}

// mover is a member that notes where it is said to be.
type mover struct {
	*hubtest.Member
	moves []string
}

func (m *mover) Moved(room string, in bool, head string) {
	m.moves = append(m.moves, fmt.Sprint(room, " ", in, " ", head))
}

// A member is told behind which message it is in a room or is not, whoever has moved it, but not of its end.
func TestMover(t *testing.T) {
	h, log := hub.New(nil), hub.NewLog(nil)
	h.Keep(log)
	m := &mover{Member: hubtest.NewMember("m")}
	heads := []string{log.Head()}
	publish := func() {
		h.Publish(&hub.Message{Event: "x", Args: []byte("[]")})
		heads = append(heads, log.Head())
	}
	h.Enroll(m, "a")
	publish()
	h.Join("m", "a", "b", "b")
	publish()
	h.Leave("m", "a", "nowhere")
	h.JoinAs(m, "c")
	publish()
	h.LeaveAll("m")
	h.Remove("m")
	var want []string
	for _, w := range []struct {
		move string
		head int
	}{{"m true", 0}, {"a true", 0}, {"b true", 1}, {"a false", 2}, {"c true", 2}, {"m false", 3}, {"b false", 3}, {"c false", 3}} {
		want = append(want, w.move+" "+heads[w.head])
	}
	if !slices.Equal(m.moves, want) {
		t.Errorf("told %q\nwant %q", m.moves, want)
	}
}

// What is asked for a member itself does not happen to another that has its id.
func TestAs(t *testing.T) {
	h, members := newHub("a")
	other := hubtest.NewMember("a")
	if h.JoinAs(other, "x") || h.LeaveAs(other, "a") || h.In("a", "x") || !h.In("a", "a") {
		t.Errorf("the other one has moved it to %q", h.Rooms("a"))
	}
	if !h.JoinAs(members["a"], "x") || !h.In("a", "x") || !h.LeaveAs(members["a"], "x") || h.In("a", "x") {
		t.Errorf("it has not moved itself: %q", h.Rooms("a"))
	}
}
