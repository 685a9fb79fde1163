package chat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
)

// from enters a room from a network address.
func (b *bench) from(address, room, who string) error {
	_, err := b.Enter(context.Background(), chat.Entry{Room: room, Nick: who, Secret: secret(who), Conn: who, Address: address})
	return err
}

// wantLater wants the refusal that says when the next room can be opened.
func wantLater(t *testing.T, what string, err error, retry time.Duration, words string) {
	t.Helper()
	e, ok := errors.AsType[*chat.Error](err)
	if !ok || e.Code != chat.CodeTooManyRooms || e.Retry != retry || !strings.Contains(e.Message, "in "+words+". ") {
		t.Errorf("%s: %v, want a retry in %s, %q", what, err, retry, words)
	}
}

func TestOpeningIsLimited(t *testing.T) {
	inBubble(t, chat.Options{OpenBurst: 3, OpenEvery: time.Minute}, func(t *testing.T, b *bench) {
		const home, other = "203.0.113.7", "203.0.113.8"
		rooms := 0
		open := func(address string) error {
			rooms++
			return b.from(address, fmt.Sprint("r", rooms), "ann")
		}
		for range 3 {
			if err := open(home); err != nil {
				t.Fatal(err)
			}
		}
		wantLater(t, "the fourth", open(home), time.Minute, "60 seconds")
		_, err := b.store.Room(t.Context(), "r4")
		if !errors.Is(err, chat.ErrNoRoom) {
			t.Errorf("the refused room is there: %v", err)
		}
		for range 5 {
			if err := errors.Join(b.from(home, "r1", "bob"), b.from(home, "lobby", "bob"), b.from(home, "R2", "cid")); err != nil {
				t.Errorf("into rooms that exist: %v", err)
			}
		}
		if err := errors.Join(open(other), open("")); err != nil {
			t.Errorf("from elsewhere: %v", err)
		}
		time.Sleep(59500 * time.Millisecond)
		wantLater(t, "too soon", open(home), 500*time.Millisecond, "1 second")
		time.Sleep(500 * time.Millisecond)
		if err := open(home); err != nil {
			t.Errorf("a minute later: %v", err)
		}
		wantLater(t, "one came back, not two", open(home), time.Minute, "60 seconds")
		synctest.Wait()
		if s := b.Stats(); s.Openers != 1 || s.SlowedDown != 3 {
			t.Errorf("%+v, want 1 opener and 3 slowed down", s)
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if n := b.Stats().Openers; n != 0 {
			t.Errorf("%d openers are remembered although they may open as many as ever", n)
		}
	})
}

// TestOpeningFromOneNetwork has addresses that are one subscriber's, and not.
func TestOpeningFromOneNetwork(t *testing.T) {
	for _, c := range []struct {
		first, second string
		same          bool
	}{
		{"203.0.113.7", "203.0.113.7", true},
		{"203.0.113.7", "::ffff:203.0.113.7", true},
		{"203.0.113.7", "203.0.113.8", false},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"pipe", "pipe", true},
		{"pipe", "another", false},
	} {
		inBubble(t, chat.Options{OpenBurst: 1}, func(t *testing.T, b *bench) {
			if err := b.from(c.first, "r1", "ann"); err != nil {
				t.Fatal(err)
			}
			if err := b.from(c.second, "r2", "ann"); (chat.CodeOf(err) == chat.CodeTooManyRooms) != c.same {
				t.Errorf("%s, then %s: %v", c.first, c.second, err)
			}
		})
	}
}

func TestOpeningWithoutLimit(t *testing.T) {
	inBubble(t, chat.Options{OpenEvery: -1}, func(t *testing.T, b *bench) {
		for i := range 100 {
			if err := b.from("203.0.113.7", fmt.Sprint("r", i), "ann"); err != nil {
				t.Fatal(err)
			}
		}
		if n := b.Stats().Openers; n != 0 {
			t.Errorf("%d openers are remembered for nothing", n)
		}
	})
}

// TestOpeningSaysWhen spells the time that a person reads.
func TestOpeningSaysWhen(t *testing.T) {
	for every, words := range map[time.Duration]string{
		time.Millisecond: "1 second", time.Second: "1 second", 1001 * time.Millisecond: "2 seconds", 2 * time.Minute: "120 seconds",
		2*time.Minute + 1: "3 minutes", 2 * time.Hour: "120 minutes", 2*time.Hour + 1: "3 hours", 24 * time.Hour: "24 hours",
	} {
		inBubble(t, chat.Options{OpenBurst: 1, OpenEvery: every}, func(t *testing.T, b *bench) {
			if err := b.from("203.0.113.7", "r1", "ann"); err != nil {
				t.Fatal(err)
			}
			wantLater(t, every.String(), b.from("203.0.113.7", "r2", "ann"), every, words)
		})
	}
}

// TestManyComeToOneNewRoom: a school class follows one link, and has opened one
// room.
func TestManyComeToOneNewRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, h := hookedBench(t, chat.Options{OpenBurst: 2})
		defer b.stop()
		gate := make(chan struct{})
		h.on("OpenRoom", func() error { <-gate; return nil })
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() { // ends with the gate
				if err := b.from("203.0.113.7", "class", fmt.Sprint("pupil", i)); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait() // all have seen that there is no such room
		close(gate)
		all.Wait()
		if err := b.from("203.0.113.7", "second", "ann"); err != nil {
			t.Errorf("the second room of two: %v", err)
		}
		wantLater(t, "the third", b.from("203.0.113.7", "third", "ann"), time.Minute, "60 seconds")
	})
}

// TestOpenersAreBounded comes from more addresses than are remembered.
func TestOpenersAreBounded(t *testing.T) {
	inBubble(t, chat.Options{OpenAddresses: 10, OpenBurst: 2}, func(t *testing.T, b *bench) {
		for i := range 100 {
			if err := b.from(fmt.Sprint("203.0.113.", i), fmt.Sprint("r", i), "ann"); err != nil {
				t.Fatal(err)
			}
			if n := b.Stats().Openers; n > 10 {
				t.Fatalf("%d openers are remembered", n)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := b.Stats().Openers; n != 0 {
			t.Errorf("%d openers are left", n)
		}
		if _, _, _, deadlines := b.Kept(); deadlines != 0 {
			t.Errorf("%d deadlines are left", deadlines)
		}
	})
}

// TestHostileOpeners has 300 connections that open rooms as fast as they may,
// and faster: from one address, and from one each. People go on opening theirs,
// and lose none in which something was said or somebody is.
func TestHostileOpeners(t *testing.T) {
	const conns, limit, minutes = 300, 100, 5
	for name, c := range map[string]struct {
		address func(i int) string
		opened  int
	}{
		"one address": {func(int) string { return "203.0.113.7" }, 20 + minutes - 1},
		"one each":    {func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) }, conns * (20 + minutes - 1)},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, quick(chat.Options{MaxRooms: limit}), func(t *testing.T, b *bench) {
				b.enter("mine", "ann", "ann")
				opened, tries := 0, 21
				for minute := range minutes {
					for i := range conns * tries {
						opened += b.attack(c.address(i%conns), fmt.Sprint("hostile", i%conns), fmt.Sprintf("x-%d-%d", minute, i))
					}
					room := fmt.Sprint("good", minute)
					if err := b.from("198.51.100.1", room, "bob"); err != nil {
						t.Fatal(err)
					}
					b.say(room, "bob", "1", "hello")
					b.Leave(room, "bob")
					time.Sleep(time.Minute)
					synctest.Wait()
					tries = 2 // of which one is refused
				}
				if opened != c.opened {
					t.Errorf("%d rooms were opened, want %d", opened, c.opened)
				}
				for minute := range minutes {
					if r, err := b.store.Room(t.Context(), fmt.Sprint("good", minute)); err != nil || r.LastSeq != 1 {
						t.Errorf("%+v, %v", r, err)
					}
				}
				wantEqual(t, "still in their silent room", b.nicks("mine"), []string{"ann"})
			})
		})
	}
}

// attack opens a room, if it may, goes away, and waits until the nickname is no
// longer held.
func (b *bench) attack(address, who, room string) (opened int) {
	b.t.Helper()
	switch err := b.from(address, room, who); chat.CodeOf(err) {
	case "":
		b.Leave(room, who)
		time.Sleep(time.Millisecond)
		synctest.Wait()
		return 1
	case chat.CodeTooManyRooms:
		return 0
	default:
		b.t.Fatal(err)
		return 0
	}
}
