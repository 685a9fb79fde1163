package chat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/chat/storetest"
)

// hooked is a store in memory that a test can hold up.
type hooked struct {
	*storetest.Memory

	mu    sync.Mutex // guards hooks
	hooks map[string]func() error
}

// on has f called at each call of a method from now on; its error is the
// method's. Nil: nothing is any more.
func (h *hooked) on(method string, f func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hooks[method] = f
}

func (h *hooked) hook(method string) error {
	h.mu.Lock()
	f := h.hooks[method]
	h.mu.Unlock()
	if f == nil {
		return nil
	}
	return f()
}

// Append implements [chat.Store].
func (h *hooked) Append(ctx context.Context, drafts []chat.Draft) ([]chat.Stored, error) {
	if err := h.hook("Append"); err != nil {
		return nil, err
	}
	return h.Memory.Append(ctx, drafts)
}

// EmptyRooms implements [chat.Store]. Its hook is called when it has read.
func (h *hooked) EmptyRooms(ctx context.Context, opened time.Time, limit int) ([]string, error) {
	names, err := h.Memory.EmptyRooms(ctx, opened, limit)
	return names, errors.Join(err, h.hook("EmptyRooms"))
}

// OpenRoom implements [chat.Store].
func (h *hooked) OpenRoom(ctx context.Context, r chat.Room, limit int) (chat.Room, bool, error) {
	if err := h.hook("OpenRoom"); err != nil {
		return chat.Room{}, false, err
	}
	return h.Memory.OpenRoom(ctx, r, limit)
}

// RemoveRooms implements [chat.Store].
func (h *hooked) RemoveRooms(ctx context.Context, names []string) (int, error) {
	if err := h.hook("RemoveRooms"); err != nil {
		return 0, err
	}
	return h.Memory.RemoveRooms(ctx, names)
}

// Before implements [chat.Store]. Its hook has the room's name as well.
func (h *hooked) Before(ctx context.Context, room string, before int64, limit int) ([]chat.Message, error) {
	if err := h.hook("Before " + room); err != nil {
		return nil, err
	}
	return h.Memory.Before(ctx, room, before, limit)
}

// hookedBench is a bench whose store can be held up, for use in a bubble.
func hookedBench(t *testing.T, o chat.Options) (*bench, *hooked) {
	t.Helper()
	h := &hooked{Memory: &storetest.Memory{}, hooks: make(map[string]func() error)}
	o.Store = h
	return reopen(t, h.Memory, o), h
}

// visit enters a room and leaves it: with a hold of 1 ms it is vacant then.
func (b *bench) visit(room string) {
	b.t.Helper()
	b.enter(room, "ann", "visitor")
	b.Leave(room, "visitor")
	time.Sleep(time.Millisecond)
	synctest.Wait()
}

// talk leaves a room with a message.
func (b *bench) talk(room string) {
	b.t.Helper()
	b.enter(room, "ann", "talker")
	b.say(room, "talker", "1", "hello")
	b.Leave(room, "talker")
	time.Sleep(time.Millisecond)
	synctest.Wait()
}

func (b *bench) wantStored(what string, want ...string) {
	b.t.Helper()
	synctest.Wait()
	rooms, err := b.store.Rooms(context.Background(), 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	names := []string{}
	for _, r := range rooms {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	wantEqual(b.t, what, names, want)
}

// quick lets people be gone at once.
func quick(o chat.Options) chat.Options {
	o.Grace, o.NickHold = -1, time.Millisecond
	return o
}

// TestVacantRoomsGo follows rooms through the hours: what is counted is the
// time since somebody was there.
func TestVacantRoomsGo(t *testing.T) {
	inBubble(t, chat.Options{KeepFor: time.Minute}, func(t *testing.T, b *bench) {
		b.FollowRooms("c1", true)
		for _, room := range []string{"brief", "long", "said", "busy"} {
			b.enter(room, "ann", "c1")
		}
		b.say("said", "c1", "1", "hello")
		b.Leave("said", "c1")
		b.Leave("brief", "c1")
		time.Sleep(30 * time.Minute)
		b.Leave("long", "c1") // vacant a minute later, when the nickname is free
		at := func(minutes time.Duration, want ...string) {
			t.Helper()
			time.Sleep(time.Until(b.told.start.Add(minutes*time.Minute - time.Nanosecond)))
			synctest.Wait()
			b.told.take()
			time.Sleep(time.Nanosecond)
			b.wantStored(fmt.Sprintf("after %d minutes", minutes), want...)
		}
		at(60, "brief", "busy", "lobby", "long", "said") // it is looked every ten minutes
		at(70, "busy", "lobby", "long", "said")
		b.wantTold("the list", "4200s  rooms busy(1) said(0) lobby(0) long(0)")
		at(90, "busy", "lobby", "long", "said")
		at(100, "busy", "lobby", "said")
		at(600, "busy", "lobby", "said")
		if n := b.Stats().Removed; n != 2 {
			t.Errorf("%d removed, want 2", n)
		}
		if n := chat.Vacated(b.Service); n != 0 {
			t.Errorf("%d rooms are remembered as vacated", n)
		}
		// Its message is long forgotten, its number is not.
		b.enter("said", "ann", "c1")
		if r := b.say("said", "c1", "2", "hello"); r.Seq != 2 {
			t.Errorf("the sequence goes on with %d, want 2", r.Seq)
		}
	})
}

func TestVacantRoomsStay(t *testing.T) {
	inBubble(t, quick(chat.Options{EmptyRoomTTL: -1}), func(t *testing.T, b *bench) {
		b.visit("brief")
		time.Sleep(1000 * time.Hour)
		b.wantStored("without a limit", "brief", "lobby")
		if n := chat.Vacated(b.Service); n != 0 {
			t.Errorf("%d rooms are remembered as vacated", n)
		}
	})
}

// TestVacantManyRooms has more of them than one transaction removes, behind as
// many that stay.
func TestVacantManyRooms(t *testing.T) {
	inBubble(t, quick(chat.Options{}), func(t *testing.T, b *bench) {
		for i := range 700 {
			b.enter(fmt.Sprint("busy", i), "ann", "c1")
		}
		for i := range 1200 {
			b.visit(fmt.Sprint("brief", i))
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if n := b.Stats().Removed; n != 1200 {
			t.Errorf("%d removed, want 1200", n)
		}
		if n := len(b.rooms()); n != 100 {
			t.Errorf("%d are listed", n)
		}
		wantEqual(t, "still there", b.nicks("busy699"), []string{"ann"})
	})
}

// TestVacantAfterRestart: who was cut off by the restart has the whole time to
// come back, whatever the age of the room.
func TestVacantAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, chat.Options{})
		b.enter("silent", "ann", "c1")
		b.enter("deserted", "ann", "c1")
		b.stop()
		time.Sleep(48 * time.Hour)
		b = reopen(t, b.store, chat.Options{})
		defer b.stop()
		time.Sleep(59 * time.Minute)
		b.wantStored("before the hour", "deserted", "lobby", "silent")
		if e := b.enter("silent", "ann", "c2"); !e.You.Moderator {
			t.Error("who opened the room is no longer its moderator")
		}
		time.Sleep(time.Minute)
		b.wantStored("after the hour", "lobby", "silent")
	})
}

// TestMakesWay fills the store: the oldest vacant room goes, nothing else does.
func TestMakesWay(t *testing.T) {
	inBubble(t, quick(chat.Options{MaxRooms: 6}), func(t *testing.T, b *bench) {
		b.enter("busy", "ann", "c1")
		b.talk("said")
		b.visit("z-first")
		b.visit("second")
		b.visit("third")
		b.wantStored("full", "busy", "lobby", "said", "second", "third", "z-first")
		b.enter("second", "bob", "c2") // to enter needs no place
		b.enter("fourth", "bob", "c2")
		b.wantStored("the oldest", "busy", "fourth", "lobby", "said", "second", "third")
		b.enter("fifth", "bob", "c2")
		b.wantStored("the next one is not vacant", "busy", "fifth", "fourth", "lobby", "said", "second")
		_, err := b.tryEnter("sixth", "bob", "bob", "c2")
		wantCode(t, "none is vacant", err, chat.CodeTooManyRooms)
		if e, _ := errors.AsType[*chat.Error](err); e != nil && e.Retry != 0 {
			t.Errorf("nobody knows when, and it says %s", e.Retry)
		}
		b.Leave("second", "c2")
		time.Sleep(time.Millisecond)
		synctest.Wait()
		b.enter("sixth", "bob", "c2")
		b.wantStored("it is now", "busy", "fifth", "fourth", "lobby", "said", "sixth")
	})
}

// TestMakesWayOnlyAfterTheHold: somebody who reloads the page finds their room.
func TestMakesWayOnlyAfterTheHold(t *testing.T) {
	inBubble(t, chat.Options{MaxRooms: 2}, func(t *testing.T, b *bench) {
		b.enter("mine", "ann", "c1")
		b.Leave("mine", "c1")
		time.Sleep(59 * time.Second) // left after the grace, the nickname still held
		_, err := b.tryEnter("other", "bob", "bob", "c2")
		wantCode(t, "within the hold", err, chat.CodeTooManyRooms)
		time.Sleep(time.Second)
		synctest.Wait()
		b.enter("other", "bob", "c2")
		b.wantStored("after it", "lobby", "other")
	})
}

// TestMakesWayForALowerLimit has a store from the time of a higher one.
func TestMakesWayForALowerLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, quick(chat.Options{}))
		for i := range 10 {
			b.visit(fmt.Sprint("r", i))
		}
		b.stop()
		b = reopen(t, b.store, quick(chat.Options{MaxRooms: 4}))
		defer b.stop()
		b.enter("r3", "bob", "c2") // is there, whatever the limit
		b.enter("new", "bob", "c2")
		b.wantStored("as many as may be", "lobby", "new", "r3", "r9")
	})
}

// TestPageOfARemovedRoom looks at a room that goes and comes again: the number
// that the page remembers is the one at which the new room begins.
func TestPageOfARemovedRoom(t *testing.T) {
	inBubble(t, quick(chat.Options{}), func(t *testing.T, b *bench) {
		b.visit("go")
		page, err := b.Watch(t.Context(), "go")
		if err != nil || page.Last != 0 {
			t.Fatalf("watch: %+v, %v", page, err)
		}
		time.Sleep(2 * time.Hour)
		b.wantStored("it is gone", "lobby")
		if h, err := b.Since(t.Context(), "go", page.Last); err != nil || h.Last != 0 || len(h.Messages) != 0 {
			t.Errorf("since, while it is gone: %+v, %v", h, err)
		}
		if e := b.enter("Go", "bob", "c2"); e.Last != 0 || e.Title != "Go" || !e.You.Moderator {
			t.Errorf("opened anew: %+v", e)
		}
		b.settle()
		b.say("go", "c2", "1", "hello")
		b.wantTold("the first", "7200.001s go message 1 bob: hello")
		if h, err := b.Since(t.Context(), "go", page.Last); err != nil || span(h.Messages) != "1-1" || h.Missing != 0 || h.Last != 1 {
			t.Errorf("since, afterwards: %+v, %v", h, err)
		}
	})
}

// TestEnterWhileRemoved: who comes in this very moment waits and opens the room
// anew; who enters another room does not wait.
func TestEnterWhileRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, h := hookedBench(t, quick(chat.Options{MaxRooms: 4}))
		defer b.stop()
		b.visit("going")
		b.visit("next")
		b.talk("said")
		gate := make(chan struct{})
		h.on("RemoveRooms", func() error { <-gate; return nil })
		enter := func(ctx context.Context, room, who string) chan error {
			result := make(chan error, 1)
			go func() { // ends with the gate or with ctx
				e, err := b.Enter(ctx, chat.Entry{Room: room, Nick: who, Secret: secret(who), Conn: who})
				if err == nil && !e.You.Moderator {
					err = fmt.Errorf("%s has not opened %s", who, room)
				}
				result <- err
			}()
			synctest.Wait()
			return result
		}
		bob := enter(t.Context(), "new", "bob")
		impatient, cancel := context.WithCancel(t.Context())
		eve := enter(impatient, "going", "eve")
		cid := enter(t.Context(), "going", "cid")
		b.enter("said", "dan", "dan")
		b.enter("next", "dan", "dan")
		cancel()
		wantCode(t, "who did not want to wait", <-eve, chat.CodeUnavailable)
		if len(bob)+len(cid) != 0 {
			t.Fatal("somebody did not wait for the removal")
		}
		b.Leave("next", "dan")
		time.Sleep(time.Millisecond)
		synctest.Wait()
		close(gate)
		if err := errors.Join(<-bob, <-cid); err != nil {
			t.Error(err)
		}
		b.wantStored("afterwards", "going", "lobby", "new", "said")
		b.say("going", "cid", "1", "hello")
	})
}

// TestEnterWhileListed: people come into all rooms that were found, and there
// is one behind these.
func TestEnterWhileListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, h := hookedBench(t, quick(chat.Options{MaxRooms: 4, EmptyRoomTTL: -1}))
		defer b.stop()
		b.visit("first")
		b.visit("second")
		b.visit("third")
		h.on("EmptyRooms", func() error {
			b.enter("first", "ann", "c1")
			b.enter("second", "ann", "c1")
			return nil
		})
		b.enter("new", "bob", "c2")
		b.wantStored("afterwards", "first", "lobby", "new", "second")
	})
}

// TestRemovedWhileEntering: a room that somebody is about to enter stays, also
// before anybody can see them.
func TestRemovedWhileEntering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, h := hookedBench(t, quick(chat.Options{MaxRooms: 3}))
		defer b.stop()
		b.visit("mine")
		b.visit("next")
		gate := make(chan struct{})
		h.on("Before mine", func() error { <-gate; return nil })
		done := make(chan error, 1)
		go func() { // ends with the gate
			_, err := b.tryEnter("mine", "ann", "ann", "c1")
			done <- err
		}()
		synctest.Wait()
		b.enter("new", "bob", "c2")
		b.wantStored("the younger one went", "lobby", "mine", "new")
		_, err := b.tryEnter("newer", "bob", "bob", "c2")
		wantCode(t, "none is vacant", err, chat.CodeTooManyRooms)
		close(gate)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		b.say("mine", "c1", "1", "hello")
	})
}

// TestRemovedWhileSaying: a line whose author is gone already is stored.
func TestRemovedWhileSaying(t *testing.T) {
	inBubble(t, quick(chat.Options{MaxRooms: 2}), func(t *testing.T, b *bench) {
		b.enter("mine", "ann", "c1")
		release := b.store.Hold()
		said := make(chan error, 1)
		go func() { // ends with release
			_, err := b.trySay("mine", "c1", "1", "hello")
			said <- err
		}()
		synctest.Wait()
		b.Leave("mine", "c1")
		time.Sleep(time.Second)
		if n := b.Stats().Rooms; n != 0 {
			t.Fatalf("people are in %d rooms", n)
		}
		_, err := b.tryEnter("new", "bob", "bob", "c2")
		wantCode(t, "it is not vacant", err, chat.CodeTooManyRooms)
		release()
		if err := <-said; err != nil {
			t.Errorf("say: %v", err)
		}
		_, err = b.tryEnter("new", "bob", "bob", "c2")
		wantCode(t, "something was said in it", err, chat.CodeTooManyRooms)
		b.wantStored("it stays", "lobby", "mine")
		if claims := chat.Claims(b.Service); len(claims) != 1 || claims[chat.Lobby] != 1 {
			t.Errorf("claims are left: %v", claims)
		}
	})
}

// TestRemovingFails holds nobody up, and the next one succeeds.
func TestRemovingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, h := hookedBench(t, quick(chat.Options{MaxRooms: 2}))
		defer b.stop()
		b.visit("going")
		h.on("RemoveRooms", func() error { return errors.New("disk on fire") })
		_, err := b.tryEnter("new", "bob", "bob", "c2")
		wantCode(t, "while it fails", err, chat.CodeUnavailable)
		time.Sleep(2 * time.Hour) // the sweeps fail as well
		b.enter("going", "cid", "c3")
		b.Leave("going", "c3")
		time.Sleep(time.Millisecond)
		synctest.Wait()
		h.on("RemoveRooms", nil)
		b.enter("new", "bob", "c2")
		b.wantStored("afterwards", "lobby", "new")
	})
}

// TestNothingStored: the committer forgets the rooms in which it failed to store
// anything, when these are gone.
func TestNothingStored(t *testing.T) {
	const limit = 5
	synctest.Test(t, func(t *testing.T) {
		b, h := hookedBench(t, quick(chat.Options{MaxRooms: limit, SayEvery: -1}))
		b.talk("said")
		h.on("Append", func() error { return errors.New("disk full") })
		for i := range 5 * limit {
			room := fmt.Sprint("r", i)
			b.enter(room, "ann", "c1")
			_, err := b.trySay(room, "c1", "1", "hello")
			wantCode(t, room, err, chat.CodeUnavailable)
			b.Leave(room, "c1")
			time.Sleep(time.Millisecond)
			synctest.Wait()
		}
		h.on("Append", nil)
		b.settle()
		b.enter("r0", "bob", "c2")
		b.enter("said", "bob", "c2")
		b.settle()
		b.say("r0", "c2", "1", "hello")
		b.say("said", "c2", "2", "hello")
		b.wantTold("the sequences", "0.026s r0 message 1 bob: hello", "0.026s said message 2 bob: hello")
		b.stop()
		if n := chat.Told(b.Service); n > limit {
			t.Errorf("the committer remembers %d rooms", n)
		}
	})
}

// TestCloseWhileRemoving: Close waits for the removal that runs, and no other
// begins.
func TestCloseWhileRemoving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, h := hookedBench(t, quick(chat.Options{}))
		b.visit("going")
		gate := make(chan struct{})
		h.on("RemoveRooms", func() error { <-gate; return nil })
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		closed := make(chan struct{})
		go func() { // ends with the gate
			b.stop()
			close(closed)
		}()
		synctest.Wait()
		close(gate)
		<-closed
	})
}
