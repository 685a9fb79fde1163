package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"rightnow/internal/chat"
)

// openAt opens a room at a time.
func openAt(t *testing.T, s chat.Store, name string, ms int64) {
	t.Helper()
	if _, created, err := s.OpenRoom(t.Context(), chat.Room{Name: name, CreatedAt: ms}, lots); err != nil || !created {
		t.Fatalf("OpenRoom(%q) = %v, %v", name, created, err)
	}
}

func wantEmpty(t *testing.T, s chat.Store, opened time.Time, limit int, want ...string) {
	t.Helper()
	got, err := s.EmptyRooms(t.Context(), opened, limit)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("EmptyRooms(%d ms, %d) = %q, %v, want %q", opened.UnixMilli(), limit, got, err, want)
	}
}

func remove(t *testing.T, s chat.Store, names ...string) int {
	t.Helper()
	n, err := s.RemoveRooms(t.Context(), names)
	if err != nil {
		t.Fatalf("RemoveRooms(%q): %v", names, err)
	}
	return n
}

func testEmptyRooms(t *testing.T, h Harness) {
	s := h.New(t)
	wantEmpty(t, s, time.Time{}, 10)
	for name, at := range map[string]int64{"late": 30, "early": 10, "said": 5, "forgotten": 6, "b": 20, "a": 20} {
		openAt(t, s, name, at)
	}
	appendAll(t, s, draft("said", "1"), draft("forgotten", "1"))
	if n := prune(t, s, 0, time.UnixMilli(1001)); n != 2 {
		t.Fatalf("%d forgotten, want 2", n)
	}
	wantEmpty(t, s, time.Time{}, 10, "early", "a", "b", "late")
	wantEmpty(t, s, time.Time{}, 2, "early", "a")
	wantEmpty(t, s, time.Time{}, 0)
	wantEmpty(t, s, time.UnixMilli(20), 10, "early", "a", "b")
	wantEmpty(t, s, time.UnixMilli(19), 10, "early")
	wantEmpty(t, s, time.UnixMilli(9), 10)
	if _, err := s.EmptyRooms(cancelled(t), time.Time{}, 10); err == nil {
		t.Error("EmptyRooms with an ended context gave no error")
	}
}

func testRemoveRooms(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "said", "forgotten", "empty", "stays", "other")
	appendAll(t, s, draft("said", "1"), draft("forgotten", "1"), draft("forgotten", "2"))
	prune(t, s, 0, time.UnixMilli(1001))
	if n := remove(t, s, "said", "empty", "nowhere", "forgotten", "empty", "other"); n != 2 {
		t.Errorf("%d removed, want 2", n)
	}
	if n := remove(t, s); n != 0 {
		t.Errorf("%d of no rooms removed", n)
	}
	for name, want := range map[string]error{"said": nil, "forgotten": nil, "stays": nil, "empty": chat.ErrNoRoom, "other": chat.ErrNoRoom} {
		if _, err := s.Room(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("Room(%q) = %v, want %v", name, err, want)
		}
	}
	if fates := appendAll(t, s, draft("empty", "1"), draft("forgotten", "3")); !errors.Is(fates[0].Err, chat.ErrNoRoom) || fates[1].Seq != 3 {
		t.Errorf("afterwards: %+v, want no room and 3", fates)
	}
	if _, err := s.RemoveRooms(cancelled(t), []string{"stays"}); err == nil {
		t.Error("RemoveRooms with an ended context gave no error")
	}
	wantEmpty(t, s, time.Time{}, 10, "stays")
}

// testRemoveAndOpen has a name that comes again, and the others' messages.
func testRemoveAndOpen(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a", "b", "c")
	appendAll(t, s, drafts("a", 3)...)
	for range 3 {
		remove(t, s, "c", "b")
		again := chat.Room{Name: "b", Title: "B", Moderator: []byte("another"), CreatedAt: 2}
		got, created, err := s.OpenRoom(t.Context(), again, 2) // a removed room takes no place
		if err != nil || !created || got.Title != "B" || got.LastSeq != 0 || string(got.Moderator) != "another" {
			t.Fatalf("opened again: %+v, %v, %v", got, created, err)
		}
	}
	if fates := appendAll(t, s, draft("b", "1"), draft("a", "4")); fates[0].Seq != 1 || fates[1].Seq != 4 {
		t.Errorf("the sequences go on with %+v", fates)
	}
	wantSeqs(t, "a", history(t, s, "a"), upTo(1, 4))
	wantSeqs(t, "b", history(t, s, "b"), upTo(1, 1))
}

// testRemoveConcurrent removes rooms while something is said in them for the
// first time: either the message is there and the room with it, or neither.
func testRemoveConcurrent(t *testing.T, h Harness) {
	const rounds, writers = 20, 4
	s := h.New(t)
	kept := 0
	for round := range rounds {
		name := fmt.Sprint("r", round)
		openRoom(t, s, name)
		stored := make([]bool, writers)
		var removed int
		var all sync.WaitGroup
		for w := range writers {
			if w == round%writers { // not always the same one comes first
				all.Go(func() { removed, _ = s.RemoveRooms(t.Context(), []string{name}) })
			}
			all.Go(func() {
				fates, err := s.Append(t.Context(), []chat.Draft{draft(name, fmt.Sprint(w))})
				if err != nil || fates[0].Err != nil && !errors.Is(fates[0].Err, chat.ErrNoRoom) {
					t.Errorf("Append: %+v, %v", fates, err)
				}
				stored[w] = err == nil && fates[0].Err == nil
			})
		}
		all.Wait()
		_, err := s.Room(t.Context(), name)
		there, n := err == nil, len(history(t, s, name))
		if said := slices.Contains(stored, true); said != there || there == (removed == 1) || said && n != writers || !said && n != 0 {
			t.Errorf("%s: stored %v, room there %v, %d removed, %d messages", name, stored, there, removed, n)
		}
		if there {
			kept++
		}
	}
	t.Logf("%d of %d rooms were kept by their messages", kept, rounds)
}
