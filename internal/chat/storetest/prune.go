package storetest

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"rightnow/internal/chat"
)

func prune(t *testing.T, s chat.Store, keep int, older time.Time) int64 {
	t.Helper()
	n, err := s.Prune(t.Context(), keep, older)
	if err != nil {
		t.Fatalf("Prune: %v", err)
	}
	return n
}

func testPruneKeep(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a", "b", "empty")
	appendAll(t, s, append(drafts("a", 10), drafts("b", 3)...)...)
	if n := prune(t, s, 4, time.Time{}); n != 6 {
		t.Errorf("%d forgotten, want 6", n)
	}
	wantSeqs(t, "a", history(t, s, "a"), upTo(7, 10))
	wantSeqs(t, "b", history(t, s, "b"), upTo(1, 3))
	if n := prune(t, s, 4, time.Time{}); n != 0 {
		t.Errorf("%d forgotten the second time", n)
	}
	if last := lastSeq(t, s, "a"); last != 10 {
		t.Errorf("LastSeq is %d, want 10", last)
	}
	if fates := appendAll(t, s, draft("a", "next")); fates[0].Seq != 11 {
		t.Errorf("the sequence goes on with %d, want 11", fates[0].Seq)
	}
}

func testPruneOlder(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a", "b")
	times := []int64{100, 200, 900, 300, 800} // the clock was set back once
	for i, d := range drafts("a", len(times)) {
		d.At = times[i]
		appendAll(t, s, d)
	}
	old := draft("b", "1")
	old.At = 1
	appendAll(t, s, old)
	if n := prune(t, s, 0, time.UnixMilli(500)); n != 3 {
		t.Errorf("%d forgotten, want 3", n)
	}
	wantSeqs(t, "a has no hole", history(t, s, "a"), upTo(3, 5))
	wantSeqs(t, "b", history(t, s, "b"), upTo(1, 0))
	if last := lastSeq(t, s, "b"); last != 1 {
		t.Errorf("LastSeq of the emptied room is %d, want 1", last)
	}
	if fates := appendAll(t, s, draft("b", "2")); fates[0].Seq != 2 {
		t.Errorf("the emptied room goes on with %d, want 2", fates[0].Seq)
	}
}

func testPruneBoth(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a")
	appendAll(t, s, drafts("a", 10)...) // at 1000 … 1009
	prune(t, s, 8, time.UnixMilli(1004))
	wantSeqs(t, "the time cuts more", history(t, s, "a"), upTo(5, 10))
	prune(t, s, 2, time.UnixMilli(1004))
	wantSeqs(t, "the number cuts more", history(t, s, "a"), upTo(9, 10))
}

func testPruneNothing(t *testing.T, h Harness) {
	s := h.New(t)
	if n := prune(t, s, 1, time.UnixMilli(1)); n != 0 {
		t.Errorf("%d forgotten of an empty store", n)
	}
	openRoom(t, s, "a")
	appendAll(t, s, drafts("a", 3)...)
	if n := prune(t, s, 0, time.Time{}); n != 0 {
		t.Errorf("%d forgotten without a limit", n)
	}
	if _, err := s.Prune(cancelled(t), 1, time.Time{}); err == nil {
		t.Error("Prune with an ended context gave no error")
	}
}

func testPruneMany(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a")
	appendAll(t, s, drafts("a", 1700)...)
	if n := prune(t, s, 10, time.Time{}); n != 1690 {
		t.Errorf("%d forgotten, want 1690", n)
	}
	wantSeqs(t, "a", history(t, s, "a"), upTo(1691, 1700))
}

func testReopen(t *testing.T, h Harness) {
	if h.Reopen == nil {
		return // a store that keeps nothing promises nothing
	}
	s := h.New(t)
	openRoom(t, s, "a", "b")
	appendAll(t, s, append(drafts("a", 10), drafts("b", 3)...)...)
	prune(t, s, 4, time.Time{})
	wantKey, want := key(t, s), history(t, s, "a")
	s = h.Reopen(t, s)
	if !bytes.Equal(key(t, s), wantKey) {
		t.Error("the key is another one")
	}
	if got := history(t, s, "a"); !reflect.DeepEqual(got, want) {
		t.Errorf("the history is %+v, want %+v", got, want)
	}
	if fates := appendAll(t, s, draft("a", "10"), draft("a", "11")); !fates[0].Repeat || fates[1].Seq != 11 {
		t.Errorf("after reopening: %+v", fates)
	}
}
