package chat_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
)

func (b *bench) rooms() []string {
	b.t.Helper()
	list, err := b.Rooms(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	lines := []string{}
	for _, r := range list.Rooms {
		lines = append(lines, fmt.Sprintf("%s %q %d", r.Name, r.Title, r.People))
	}
	return lines
}

func TestRooms(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		wantEqual(t, "at the start", b.rooms(), []string{`lobby "Lobby" 0`})
		b.enter("Go", "ann", "c1")
		b.enter("go", "bob", "c2")
		b.enter("Zig", "ann", "c1")
		b.enter("Ada", "ann", "c1")
		time.Sleep(time.Second)
		b.say("zig", "c1", "1", "hello")
		wantEqual(t, "by people, then by the last message", b.rooms(), []string{`go "Go" 2`, `zig "Zig" 1`, `ada "Ada" 1`, `lobby "Lobby" 0`})
		list, _ := b.Rooms(t.Context())
		if at := list.Rooms[1].LastAt; at != time.Now().UnixMilli() {
			t.Errorf("zig's last message is of %d", at)
		}
		b.Leave("go", "c1")
		b.Leave("go", "c2")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		wantEqual(t, "held nicks are no people", b.rooms(), []string{`zig "Zig" 1`, `ada "Ada" 1`, `go "Go" 0`, `lobby "Lobby" 0`})
	})
}

func TestRoomsLimit(t *testing.T) {
	inBubble(t, chat.Options{ListedRooms: 2}, func(t *testing.T, b *bench) {
		for i := range 4 {
			b.enter(fmt.Sprint("room", i), "ann", "c1")
			time.Sleep(time.Second)
			b.say(fmt.Sprint("room", i), "c1", "1", "hello")
			if i > 0 {
				b.Leave(fmt.Sprint("room", i), "c1")
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		// The store names the last two; who has people is listed all the same.
		wantEqual(t, "rooms", b.rooms(), []string{`room0 "room0" 1`, `room3 "room3" 0`})
	})
}

// TestFollowRooms wants the list told to those who follow it: at once after a
// change, then not before the interval is over.
func TestFollowRooms(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		time.Sleep(time.Second)
		b.wantTold("nobody follows", "0s go joined ann (1)")
		b.FollowRooms("c1", true)
		b.FollowRooms("c2", true)
		b.FollowRooms("c2", true)
		b.enter("zig", "ann", "c1")
		b.wantTold("at once", "1s zig joined ann (1)", "1s  rooms go(1) zig(1) lobby(0)")
		b.say("zig", "c1", "1", "hello")
		b.enter("go", "bob", "c2")
		b.enter("ada", "bob", "c2")
		synctest.Wait()
		b.settle()
		time.Sleep(1999 * time.Millisecond)
		b.wantTold("not yet")
		time.Sleep(time.Millisecond)
		b.wantTold("together", "3s  rooms go(2) zig(1) ada(1) lobby(0)")
		time.Sleep(time.Hour)
		b.wantTold("without a change")
		b.FollowRooms("c1", false)
		b.FollowRooms("c2", false)
		b.FollowRooms("c3", false)
		b.enter("new", "ann", "c1")
		b.wantTold("nobody follows any more", "3603s new joined ann (1)")
	})
}
