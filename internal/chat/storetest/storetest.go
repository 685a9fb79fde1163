// Package storetest is what every [chat.Store] must pass, and a store in memory
// that does: for tests of what stands above a store.
package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"rightnow/internal/chat"
)

// Harness makes the stores to be tested.
type Harness struct {
	// New returns an empty store and sees to its end.
	New func(t *testing.T) chat.Store
	// Reopen ends a store that New returned and opens what it left behind. Nil
	// for a store that keeps nothing.
	Reopen func(t *testing.T, s chat.Store) chat.Store
}

// Run tests one implementation.
func Run(t *testing.T, h Harness) {
	for name, test := range map[string]func(*testing.T, Harness){
		"Key":                testKey,
		"KeyConcurrent":      testKeyConcurrent,
		"NoRoom":             testNoRoom,
		"OpenRoom":           testOpenRoom,
		"OpenRoomLimit":      testOpenRoomLimit,
		"OpenRoomConcurrent": testOpenRoomConcurrent,
		"Rooms":              testRooms,
		"EmptyRooms":         testEmptyRooms,
		"RemoveRooms":        testRemoveRooms,
		"RemoveAndOpen":      testRemoveAndOpen,
		"RemoveConcurrent":   testRemoveConcurrent,
		"Append":             testAppend,
		"AppendRooms":        testAppendRooms,
		"AppendRepeat":       testAppendRepeat,
		"AppendNoRoom":       testAppendNoRoom,
		"AppendNothing":      testAppendNothing,
		"AppendCancelled":    testAppendCancelled,
		"AppendKeepsNothing": testAppendKeepsNothing,
		"AppendConcurrent":   testAppendConcurrent,
		"Whole":              testWhole,
		"Texts":              testTexts,
		"Before":             testBefore,
		"After":              testAfter,
		"PruneKeep":          testPruneKeep,
		"PruneOlder":         testPruneOlder,
		"PruneBoth":          testPruneBoth,
		"PruneNothing":       testPruneNothing,
		"PruneMany":          testPruneMany,
		"Reopen":             testReopen,
		"Feed":               testFeed,
		"Quote":              testQuote,
		"RemoveQuotes":       testRemoveQuotes,
		"QuotesConcurrent":   testQuotesConcurrent,
		"Notes":              testNotes,
		"WallReopen":         testWallReopen,
	} {
		t.Run(name, func(t *testing.T) { test(t, h) })
	}
}

const lots = 1000 // a limit that is not reached

func openRoom(t *testing.T, s chat.Store, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, created, err := s.OpenRoom(t.Context(), chat.Room{Name: name, Title: name, CreatedAt: 1}, lots); err != nil || !created {
			t.Fatalf("OpenRoom(%q) = %v, %v", name, created, err)
		}
	}
}

func draft(room, id string) chat.Draft {
	return chat.Draft{Room: room, Person: "p1", Nick: "ann", ID: id, Text: "text of " + id, At: 1000}
}

// drafts makes n with the ids 1, 2, … and the times 1000, 1001, …
func drafts(room string, n int) []chat.Draft {
	all := make([]chat.Draft, n)
	for i := range all {
		all[i] = draft(room, fmt.Sprint(i+1))
		all[i].At += int64(i)
	}
	return all
}

func appendAll(t *testing.T, s chat.Store, drafts ...chat.Draft) []chat.Stored {
	t.Helper()
	fates, err := s.Append(t.Context(), drafts)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	if len(fates) != len(drafts) {
		t.Fatalf("Append of %d returned %d fates", len(drafts), len(fates))
	}
	return fates
}

// history returns all messages of a room.
func history(t *testing.T, s chat.Store, room string) []chat.Message {
	t.Helper()
	messages, err := s.After(t.Context(), room, 0, 1_000_000)
	if err != nil {
		t.Fatalf("After: %v", err)
	}
	return messages
}

func seqs(messages []chat.Message) []int64 {
	all := make([]int64, len(messages))
	for i, m := range messages {
		all[i] = m.Seq
	}
	return all
}

// upTo returns from, from+1, … to.
func upTo(from, to int64) []int64 {
	all := []int64{}
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func wantSeqs(t *testing.T, what string, got []chat.Message, want []int64) {
	t.Helper()
	if !slices.Equal(seqs(got), want) {
		t.Errorf("%s: seqs %v, want %v", what, seqs(got), want)
	}
}

func lastSeq(t *testing.T, s chat.Store, room string) int64 {
	t.Helper()
	r, err := s.Room(t.Context(), room)
	if err != nil {
		t.Fatalf("Room: %v", err)
	}
	return r.LastSeq
}

func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
