package chat_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
)

func TestTabsAreOnePerson(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		first := b.enter("go", "ann", "c1")
		b.wantTold("the first tab", "0s go joined ann (1)")
		second := b.enter("go", "ann", "c2")
		b.enter("go", "ann", "c2") // once more
		b.wantTold("a second tab")
		if first.You != second.You || len(second.People) != 1 || second.People[0] != first.You {
			t.Errorf("two tabs are %+v and %+v of %+v", first.You, second.You, second.People)
		}
		b.Leave("go", "c1")
		time.Sleep(time.Hour)
		b.wantTold("one tab is left")
		b.Leave("go", "c2")
		b.Leave("go", "c2")
		time.Sleep(time.Hour)
		b.wantTold("the last tab", "3610s go left ann (0)")
		wantEqual(t, "people", b.nicks("go"), []string{})
	})
}

func TestReloadMakesNoNoise(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "bob", "c0")
		b.enter("go", "ann", "c1")
		b.settle()
		for i := range 20 {
			b.Leave("go", fmt.Sprint("c", i+1))
			time.Sleep(9900 * time.Millisecond)
			wantEqual(t, "during the grace", b.nicks("go"), []string{"bob", "ann"})
			b.enter("go", "ann", fmt.Sprint("c", i+2))
		}
		b.wantTold("20 reloads")
	})
}

func TestGraceAndHold(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.Leave("go", "c1")
		time.Sleep(10 * time.Second)
		b.wantTold("after the grace", "0s go joined ann (1)", "10s go left ann (0)")

		_, err := b.tryEnter("go", "bob", "ANN", "c2")
		wantCode(t, "another one takes the nick", err, chat.CodeNickTaken)
		b.enter("go", "ann", "c3")
		b.wantTold("its owner comes back", "10s go joined ann (1)")

		b.Leave("go", "c3")
		time.Sleep(60*time.Second - 1)
		_, err = b.tryEnter("go", "bob", "ann", "c2")
		wantCode(t, "just before the end of the hold", err, chat.CodeNickTaken)
		time.Sleep(1)
		synctest.Wait()
		if _, err := b.tryEnter("go", "bob", "ann", "c2"); err != nil {
			t.Errorf("after the hold: %v", err)
		}
		_, err = b.tryEnter("go", "ann", "ann", "c3")
		wantCode(t, "too late", err, chat.CodeNickTaken)
	})
}

func TestTimesAreOptions(t *testing.T) {
	inBubble(t, chat.Options{Grace: time.Minute, NickHold: time.Second}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.Leave("go", "c1")
		time.Sleep(59 * time.Second)
		_, err := b.tryEnter("go", "bob", "ann", "c2")
		wantCode(t, "who is listed holds the nick", err, chat.CodeNickTaken)
		time.Sleep(time.Second)
		synctest.Wait()
		b.enterAs("go", "bob", "ann", "c2")
		b.wantTold("both", "0s go joined ann (1)", "60s go left ann (0)", "60s go joined ann (1)")
	})
	inBubble(t, chat.Options{Grace: -1, NickHold: -1}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.Leave("go", "c1")
		b.enterAs("go", "bob", "ann", "c2")
		b.wantTold("without grace", "0s go joined ann (1)", "0s go left ann (0)", "0s go joined ann (1)")
	})
}

func TestNickTaken(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "Ann", "c1")
		b.enterAs("go", "carl", "ann2", "c2")
		for i, nick := range []string{"ann", "ANN", " Ann ", "\u0410nn", "\u0430\uff4en"} {
			_, err := b.tryEnter("go", "bob", nick, "c3")
			wantCode(t, nick, err, chat.CodeNickTaken)
			e, ok := errors.AsType[*chat.Error](err)
			if !ok || !strings.HasSuffix(e.Suggestion, "3") {
				t.Errorf("%q: suggested %q, want a 3 at the end", nick, e.Suggestion)
				continue
			}
			b.enterAs(fmt.Sprint("other", i), "bob", nick, "c3")
		}
		b.enterAs("go", "bob", "ann3", "c3")
		b.enterAs("go", "dora", "someone else", "c4")
		_, err := b.tryEnter("go", "dora", "ann", "c4")
		wantCode(t, "a change to a taken nick", err, chat.CodeNickTaken)
		wantEqual(t, "nobody was renamed", b.nicks("go"), []string{"Ann", "ann2", "ann3", "someone else"})
	})
}

func TestRename(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.enter("go", "bob", "c2")
		before := b.enter("go", "ann", "c3").You
		b.settle()
		after := b.enterAs("go", "ann", "ANN", "c3").You // alike, so no collision with oneself
		b.wantTold("another spelling", "0s go people [ANN bob]")
		if before.ID != after.ID {
			t.Errorf("the id changed from %s to %s", before.ID, after.ID)
		}
		b.enterAs("go", "ann", "anna", "c1")
		b.wantTold("another nick", "0s go people [anna bob]")
		if r := b.say("go", "c3", "1", "hello"); r.Seq != 1 {
			t.Errorf("receipt %+v", r)
		}
		b.wantTold("the other tab", "0s go message 1 anna: hello")
		b.enterAs("go", "carl", "ann", "c4") // the old one is free at once

		_, err := b.tryEnter("go", "ann", "anne", "c1")
		if err != nil {
			t.Errorf("the third change: %v", err)
		}
		_, err = b.tryEnter("go", "ann", "annie", "c1")
		wantCode(t, "changes without end", err, chat.CodeSlowDown)
		time.Sleep(10 * time.Second)
		b.enterAs("go", "ann", "annie", "c1")
		wantEqual(t, "people", b.nicks("go"), []string{"annie", "bob", "ann"})
	})
}

// TestRenameWhileAway comes back under another nick, in the grace and after it.
func TestRenameWhileAway(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.Leave("go", "c1")
		time.Sleep(5 * time.Second)
		b.enterAs("go", "ann", "anna", "c2")
		b.wantTold("in the grace", "0s go joined ann (1)", "5s go people [anna]")
		b.Leave("go", "c2")
		time.Sleep(20 * time.Second)
		b.enterAs("go", "ann", "anne", "c3")
		b.wantTold("after it", "15s go left anna (0)", "25s go joined anne (1)")
		b.enterAs("go", "bob", "anna", "c4")
	})
}

func TestRoomFull(t *testing.T) {
	inBubble(t, chat.Options{MaxPeople: 2}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.enter("go", "bob", "c2")
		_, err := b.tryEnter("go", "carl", "carl", "c3")
		wantCode(t, "the third of two", err, chat.CodeRoomFull)
		b.enter("go", "ann", "c4") // another tab
		b.enter("other", "carl", "c3")
		b.Leave("go", "c2")
		_, err = b.tryEnter("go", "carl", "carl", "c3")
		wantCode(t, "a seat in its grace is not free", err, chat.CodeRoomFull)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		b.enter("go", "carl", "c3")
		_, err = b.tryEnter("go", "bob", "bob", "c2")
		wantCode(t, "a held nick is no seat", err, chat.CodeRoomFull)
	})
}

// TestChangingHands makes persons up over one connection: they do not fill the
// room.
func TestChangingHands(t *testing.T) {
	inBubble(t, chat.Options{MaxPeople: 3}, func(t *testing.T, b *bench) {
		b.enter("go", "bob", "c0")
		for i := range 10 {
			b.enter("go", fmt.Sprint("x", i), "c1")
		}
		want := []string{"0s go joined bob (1)", "0s go joined x0 (2)"}
		for i := range 9 {
			want = append(want, fmt.Sprintf("0s go left x%d (1)", i), fmt.Sprintf("0s go joined x%d (2)", i+1))
		}
		b.wantTold("each makes place for the next", want...)
		wantEqual(t, "people", b.nicks("go"), []string{"bob", "x9"})
		b.enter("go", "x0", "c2")
		b.enter("go", "x0", "c1") // one of two tabs changes hands: x9 is gone, x0 has both
		wantEqual(t, "people", b.nicks("go"), []string{"bob", "x0"})
		if s := b.Stats(); s.People != 2 || s.Connections != 3 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestModerator(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		if you := b.enter("Go", "ann", "c1").You; !you.Moderator {
			t.Errorf("who opened the room is %+v", you)
		}
		if you := b.enter("go", "bob", "c2").You; you.Moderator {
			t.Errorf("who came second is %+v", you)
		}
		if you := b.enter("lobby", "ann", "c1").You; you.Moderator {
			t.Errorf("in the lobby there is %+v", you)
		}
		b.stop()
		again := reopen(t, b.store, chat.Options{})
		defer again.stop()
		if you := again.enter("go", "bob", "c1").You; you.Moderator {
			t.Errorf("after a restart the first to come is %+v", you)
		}
		snapshot := again.enterAs("GO", "ann", "somebody", "c2")
		if !snapshot.You.Moderator || !snapshot.People[1].Moderator || snapshot.People[0].Moderator {
			t.Errorf("after a restart the one who opened it is %+v of %+v", snapshot.You, snapshot.People)
		}
		if snapshot.Room != "go" || snapshot.Title != "Go" {
			t.Errorf("the room is %q, %q", snapshot.Room, snapshot.Title)
		}
	})
}

func TestIDsArePublic(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		ann, there := b.enter("go", "ann", "c1").You, b.enter("other", "ann", "c1").You
		bob := b.enter("go", "bob", "c2").You
		if ann.ID != there.ID || ann.ID == bob.ID || ann.ID == "" {
			t.Errorf("ids %q, %q, %q", ann.ID, there.ID, bob.ID)
		}
		_, err := b.Enter(t.Context(), chat.Entry{Room: "go", Nick: "eve", Secret: ann.ID, Conn: "c3"})
		if err != nil {
			t.Fatal(err)
		}
		if people := b.nicks("go"); len(people) != 3 {
			t.Errorf("with ann's id for a secret eve is %v", people)
		}
		other := newBench(t, chat.Options{})
		defer other.stop()
		if id := other.enter("go", "ann", "c1").You.ID; id == ann.ID {
			t.Error("two servers derive the same id")
		}
	})
}

func TestEnterRefuses(t *testing.T) {
	inBubble(t, chat.Options{MaxRooms: 2}, func(t *testing.T, b *bench) {
		good := chat.Entry{Room: "go", Nick: "ann", Secret: secret("ann"), Conn: "c"}
		for want, change := range map[chat.Code]func(*chat.Entry){
			chat.CodeBadRoom:   func(e *chat.Entry) { e.Room = "no room" },
			chat.CodeBadNick:   func(e *chat.Entry) { e.Nick = "\u200b" },
			chat.CodeBadSecret: func(e *chat.Entry) { e.Secret = "short" },
		} {
			e := good
			change(&e)
			_, err := b.Enter(t.Context(), e)
			wantCode(t, fmt.Sprintf("%+v", e), err, want)
		}
		if _, err := b.Enter(t.Context(), good); err != nil {
			t.Error(err)
		}
		_, err := b.tryEnter("third", "ann", "ann", "c")
		wantCode(t, "the third room with the lobby", err, chat.CodeTooManyRooms)
		b.store.Fail(errors.New("disk on fire"))
		_, err = b.tryEnter("go", "bob", "bob", "c")
		wantCode(t, "without a store", err, chat.CodeUnavailable)
		if !strings.Contains(err.Error(), "disk on fire") {
			t.Errorf("the error hides its cause from the log: %v", err)
		}
		b.store.Fail(nil)
		wantEqual(t, "people", b.nicks("go"), []string{"ann"})
		if got := b.nicks("third"); len(got) != 0 {
			t.Errorf("in the refused room are %v", got)
		}
	})
}

func TestWatch(t *testing.T) {
	inBubble(t, chat.Options{TextLength: 7}, func(t *testing.T, b *bench) {
		s, err := b.Watch(t.Context(), "New-Room")
		if err != nil || s.Room != "new-room" || s.Title != "New-Room" || s.People == nil || s.Messages == nil || s.Last != 0 || s.More {
			t.Errorf("a room nobody opened: %+v, %v", s, err)
		}
		if list, _ := b.Rooms(t.Context()); len(list.Rooms) != 1 {
			t.Errorf("looking opened a room: %+v", list)
		}
		if want := (chat.Limits{Nick: 24, Text: 7, ID: 64, People: 500, TypingMS: 6000}); s.Limits != want {
			t.Errorf("limits %+v, want %+v", s.Limits, want)
		}
		entered := b.enter("new-room", "ann", "c1")
		s, _ = b.Watch(t.Context(), "NEW-ROOM")
		if s.Rev != entered.Rev || len(s.People) != 1 || s.People[0] != entered.You {
			t.Errorf("watching %+v, entered %+v", s, entered)
		}
		_, err = b.Watch(t.Context(), "../etc")
		wantCode(t, "no name of a room", err, chat.CodeBadRoom)
	})
}

// TestNothingIsLeft sees that rooms and people who are gone cost nothing.
func TestNothingIsLeft(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		for i := range 100 {
			room, who := fmt.Sprint("room", i%10), fmt.Sprint("p", i)
			b.enter(room, who, who)
			b.say(room, who, "1", "hello")
			_ = b.Type(room, who, true)
			b.Leave(room, who)
		}
		if rooms, people, spendings, deadlines := b.Kept(); rooms != 10 || people != 100 || spendings != 100 || deadlines != 100 {
			t.Errorf("while held: %d rooms, %d people, %d spendings, %d deadlines", rooms, people, spendings, deadlines)
		}
		time.Sleep(60 * time.Second)
		synctest.Wait()
		if rooms, people, spendings, deadlines := b.Kept(); rooms+people+spendings+deadlines != 0 {
			t.Errorf("after the hold: %d rooms, %d people, %d spendings, %d deadlines", rooms, people, spendings, deadlines)
		}
	})
}
