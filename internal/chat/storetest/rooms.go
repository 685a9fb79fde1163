package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"rightnow/internal/chat"
)

func testKey(t *testing.T, h Harness) {
	s, other := h.New(t), h.New(t)
	first := key(t, s)
	if len(first) != 32 {
		t.Errorf("the key has %d bytes, want 32", len(first))
	}
	want := bytes.Clone(first)
	clear(first) // it is the caller's
	if !bytes.Equal(key(t, s), want) {
		t.Error("the second call returned another key")
	}
	if bytes.Equal(key(t, other), want) {
		t.Error("two stores have the same key")
	}
}

func testKeyConcurrent(t *testing.T, h Harness) {
	s := h.New(t)
	keys := make([][]byte, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() { keys[i], _ = s.Key(t.Context()) })
	}
	all.Wait()
	for _, k := range keys {
		if len(k) != 32 || !bytes.Equal(k, keys[0]) {
			t.Errorf("first calls at once returned %x and %x", keys[0], k)
		}
	}
}

func key(t *testing.T, s chat.Store) []byte {
	t.Helper()
	k, err := s.Key(t.Context())
	if err != nil {
		t.Fatalf("Key: %v", err)
	}
	return k
}

func testNoRoom(t *testing.T, h Harness) {
	s := h.New(t)
	if _, err := s.Room(t.Context(), "nowhere"); !errors.Is(err, chat.ErrNoRoom) {
		t.Errorf("Room of nothing = %v, want ErrNoRoom", err)
	}
	if got, err := s.Before(t.Context(), "nowhere", 0, 10); err != nil || len(got) != 0 {
		t.Errorf("Before in no room = %v, %v", got, err)
	}
	if got, err := s.After(t.Context(), "nowhere", 0, 10); err != nil || len(got) != 0 {
		t.Errorf("After in no room = %v, %v", got, err)
	}
	if got, err := s.Rooms(t.Context(), 10); err != nil || len(got) != 0 {
		t.Errorf("Rooms without rooms = %v, %v", got, err)
	}
}

func testOpenRoom(t *testing.T, h Harness) {
	s := h.New(t)
	want := chat.Room{Name: "go", Title: "Go", Moderator: []byte{1, 0, 2}, CreatedAt: 77}
	asked := want
	asked.LastSeq, asked.LastAt = 5, 6 // do not count
	got, created, err := s.OpenRoom(t.Context(), asked, lots)
	if err != nil || !created || !reflect.DeepEqual(got, want) {
		t.Fatalf("OpenRoom = %+v, %v, %v, want %+v", got, created, err, want)
	}
	again := chat.Room{Name: "go", Title: "GO", Moderator: []byte("someone else"), CreatedAt: 99}
	got, created, err = s.OpenRoom(t.Context(), again, lots)
	if err != nil || created || !reflect.DeepEqual(got, want) {
		t.Errorf("OpenRoom of an open room = %+v, %v, %v, want the first", got, created, err)
	}
	if got, err = s.Room(t.Context(), "go"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Room = %+v, %v, want %+v", got, err, want)
	}
	openRoom(t, s, "nobodys")
	if got, _ := s.Room(t.Context(), "nobodys"); len(got.Moderator) != 0 {
		t.Errorf("a room of nobody has the moderator %x", got.Moderator)
	}
}

func testOpenRoomLimit(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "one", "two")
	if _, _, err := s.OpenRoom(t.Context(), chat.Room{Name: "three"}, 2); !errors.Is(err, chat.ErrTooManyRooms) {
		t.Errorf("the third room of two = %v, want ErrTooManyRooms", err)
	}
	if _, err := s.Room(t.Context(), "three"); !errors.Is(err, chat.ErrNoRoom) {
		t.Errorf("the refused room is there: %v", err)
	}
	if _, created, err := s.OpenRoom(t.Context(), chat.Room{Name: "two"}, 2); err != nil || created {
		t.Errorf("an open room at the limit = %v, %v", created, err)
	}
	if _, created, err := s.OpenRoom(t.Context(), chat.Room{Name: "three"}, 3); err != nil || !created {
		t.Errorf("the third room of three = %v, %v", created, err)
	}
}

func testOpenRoomConcurrent(t *testing.T, h Harness) {
	s := h.New(t)
	var all sync.WaitGroup
	var created atomic.Int32
	titles := make([]string, 8)
	for i := range titles {
		all.Go(func() {
			r, first, err := s.OpenRoom(t.Context(), chat.Room{Name: "race", Title: fmt.Sprint(i)}, lots)
			if err != nil {
				t.Errorf("OpenRoom: %v", err)
			}
			if titles[i] = r.Title; first {
				created.Add(1)
			}
		})
	}
	all.Wait()
	if created.Load() != 1 {
		t.Errorf("%d callers opened the same room", created.Load())
	}
	for _, title := range titles {
		if title != titles[0] {
			t.Errorf("callers saw different rooms: %q", titles)
		}
	}
}

func testRooms(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "silent", "early", "late")
	for room, at := range map[string]int64{"early": 10, "late": 20} {
		d := draft(room, "1")
		d.At = at
		appendAll(t, s, d)
	}
	for limit, want := range map[int][]string{10: {"late", "early", "silent"}, 2: {"late", "early"}} {
		rooms, err := s.Rooms(t.Context(), limit)
		if err != nil {
			t.Fatalf("Rooms: %v", err)
		}
		names := []string{}
		for _, r := range rooms {
			names = append(names, r.Name)
		}
		if !reflect.DeepEqual(names, want) {
			t.Errorf("Rooms(%d) = %q, want %q", limit, names, want)
		}
	}
}
