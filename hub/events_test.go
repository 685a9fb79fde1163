package hub_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"rightnow/hub"
	"rightnow/hub/hubtest"
)

func eventName(e hub.RoomEvent) string {
	op := []string{"create", "join", "leave", "delete"}[e.Op]
	if e.Member != "" {
		return op + " " + e.Room + " " + e.Member
	}
	return op + " " + e.Room
}

func TestRoomEvents(t *testing.T) {
	h := hub.New(nil)
	var got []string
	h.OnRoom(func(e hub.RoomEvent) { got = append(got, eventName(e)) })
	expect := func(what string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
		got = nil
	}
	h.Add(hubtest.NewMember("a"))
	expect("add a", "create a", "join a a")
	h.Add(hubtest.NewMember("b"))
	expect("add b", "create b", "join b b")
	h.Join("a", "x", "x", "a")
	expect("join", "create x", "join x a")
	h.Join("b", "x", "a")
	expect("join", "join x b", "join a b")
	h.Leave("a", "x", "none")
	expect("leave", "leave x a")
	h.Remove("a")
	expect("remove a", "leave a a")
	h.Remove("b")
	expect("remove b", "leave b b", "delete b", "leave x b", "delete x", "leave a b", "delete a")
}

func TestRoomHookMayCallTheHub(t *testing.T) {
	h := hub.New(nil)
	var got []string
	h.OnRoom(func(e hub.RoomEvent) {
		got = append(got, eventName(e))
		if e.Op == hub.RoomJoined && e.Room == "x" {
			h.Join(e.Member, "y") // reported after this one
			got = append(got, fmt.Sprint(h.Rooms(e.Member)))
		}
	})
	h.Add(hubtest.NewMember("a"))
	h.Join("a", "x")
	want := []string{"create a", "join a a", "create x", "join x a", "[a x y]", "create y", "join y a"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRoomHookThatPanics(t *testing.T) {
	h := hub.New(nil)
	var got []string
	h.OnRoom(func(e hub.RoomEvent) {
		if e.Op == hub.RoomCreated && e.Room == "x" {
			panic("hook")
		}
		got = append(got, eventName(e))
	})
	h.Add(hubtest.NewMember("a"))
	func() {
		defer func() { _ = recover() }()
		h.Join("a", "x")
		t.Error("no panic")
	}()
	h.Join("a", "y")
	want := []string{"create a", "join a a", "join x a", "create y", "join y a"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestRoomEventsAlternate asserts that creations and deletions of a room are
// reported in turn however many goroutines make them.
func TestRoomEventsAlternate(t *testing.T) {
	h := hub.New(nil)
	var exists, broken bool
	var reports int
	h.OnRoom(func(e hub.RoomEvent) { // one at a time: no lock needed
		if e.Room != "x" || e.Op == hub.RoomJoined || e.Op == hub.RoomLeft {
			return
		}
		broken = broken || exists == (e.Op == hub.RoomCreated)
		exists = e.Op == hub.RoomCreated
		reports++
	})
	var wg sync.WaitGroup
	for i := range 4 {
		id := fmt.Sprint(i)
		h.Add(hubtest.NewMember(id))
		wg.Go(func() {
			for range 500 {
				h.Join(id, "x")
				h.Leave(id, "x")
			}
		})
	}
	wg.Wait()
	if broken || exists || reports == 0 || reports%2 != 0 {
		t.Errorf("broken %v, exists %v, %d reports", broken, exists, reports)
	}
}

func TestRoomHookEnds(t *testing.T) {
	h := hub.New(nil)
	var first, second int
	off := h.OnRoom(func(hub.RoomEvent) { first++ })
	h.OnRoom(func(hub.RoomEvent) { second++ })
	h.Add(hubtest.NewMember("a")) // made and joined: its own room
	off()
	off()
	h.Join("a", "room")
	if first != 2 || second != 4 {
		t.Errorf("%d and %d events, want 2 and 4", first, second)
	}
}
