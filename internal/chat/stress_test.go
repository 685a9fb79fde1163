package chat_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"rightnow/internal/chat"
)

// TestStress has many connections do everything at once, in real time, with the
// shortest of times; then a page that had only the events must know the same as
// one that asks.
func TestStress(t *testing.T) {
	const conns, steps = 24, 150
	b := newBench(t, chat.Options{
		Grace: 2 * time.Millisecond, NickHold: 4 * time.Millisecond, SayEvery: -1, TypingExpiry: 3 * time.Millisecond,
		ListInterval: time.Millisecond, CommitQueue: 4, CommitBatch: 3, MaxPeople: 10, KeepMessages: 1000, PruneEvery: 5 * time.Millisecond,
	})
	var all sync.WaitGroup
	for c := range conns {
		all.Go(func() { b.wander(fmt.Sprint("c", c), steps) })
	}
	all.Wait()
	b.told.mu.Lock()
	events := slices.Clone(b.told.events)
	b.told.mu.Unlock()
	for _, room := range []string{"r0", "r1", "r2"} {
		snapshot, err := b.Watch(t.Context(), room)
		if err != nil {
			t.Fatal(err)
		}
		page := watchEvents(t, room, events, snapshot.Rev)
		here := make(map[string]chat.Person)
		for _, p := range snapshot.People {
			here[p.ID] = p
		}
		// People may have left since the events were taken.
		for id, p := range here {
			if page.people[id] != p {
				t.Errorf("%s: %+v is here, the events say %+v", room, p, page.people[id])
			}
		}
		if page.last != snapshot.Last {
			t.Errorf("%s: the last message told is %d, the last stored %d", room, page.last, snapshot.Last)
		}
	}
	b.stop()
}

// wander does what one connection may do, mostly without looking at errors.
func (b *bench) wander(conn string, steps int) {
	ctx := context.Background()
	for i := range steps {
		room := fmt.Sprint("r", rand.IntN(3))
		who := fmt.Sprint("p", rand.IntN(12))
		switch rand.IntN(9) {
		case 0, 1:
			_, _ = b.tryEnter(room, who, who, conn)
		case 2:
			_, _ = b.tryEnter(room, who, fmt.Sprint("nick", rand.IntN(12)), conn)
		case 3:
			b.Leave(room, conn)
		case 4:
			_ = b.Type(room, conn, rand.IntN(2) == 0)
		case 5:
			_, _ = b.Since(ctx, room, 0)
			_, _ = b.Watch(ctx, room)
		case 6:
			b.FollowRooms(conn, rand.IntN(2) == 0)
		default:
			_, err := b.trySay(room, conn, fmt.Sprint(conn, "-", i/2), "hello")
			if code := chat.CodeOf(err); code != "" && code != chat.CodeNotHere {
				b.t.Errorf("say: %v", err)
			}
		}
	}
}

// page is what a page knows that has heard all events of a room.
type page struct {
	people map[string]chat.Person
	last   int64
}

// watchEvents applies events as a page does, up to a state of the people, and
// fails on what no page can make sense of.
func watchEvents(t *testing.T, room string, events []any, rev int64) page {
	t.Helper()
	p := page{people: make(map[string]chat.Person)}
	var last int64
	for i, event := range events {
		switch e := event.(type) {
		case chat.Message:
			if e.Room == room && e.Seq != p.last+1 {
				t.Errorf("%s: message %d after %d", room, e.Seq, p.last)
			}
			if e.Room == room {
				p.last = e.Seq
			}
		case chat.Presence:
			if e.Room == room && e.Rev <= rev {
				p.move(t, e, last, joined(p, e))
				last = e.Rev
			}
		case chat.Crowd:
			if e.Room == room && e.Rev <= rev {
				if len(e.People) != len(p.people) || e.Count != len(e.People) {
					t.Errorf("%s: event %d has %d people, before it there were %d", room, i, len(e.People), len(p.people))
				}
				clear(p.people)
				for _, person := range e.People {
					p.people[person.ID] = person
				}
				last = e.Rev
			}
		}
	}
	return p
}

// joined says which of the two a Presence is: payloads do not tell.
func joined(p page, e chat.Presence) bool { return e.Count > len(p.people) }

func (p page) move(t *testing.T, e chat.Presence, last int64, joined bool) {
	t.Helper()
	_, here := p.people[e.Person.ID]
	switch {
	case e.Rev <= last:
		t.Errorf("%s: rev %d after %d", e.Room, e.Rev, last)
	case here == joined:
		t.Errorf("%s: %s joined %v and is here %v", e.Room, e.Person.Nick, joined, here)
	case joined:
		p.people[e.Person.ID] = e.Person
	default:
		delete(p.people, e.Person.ID)
	}
	if e.Count != len(p.people) {
		t.Errorf("%s: the count is %d of %v", e.Room, e.Count, slices.Collect(maps.Keys(p.people)))
	}
}
