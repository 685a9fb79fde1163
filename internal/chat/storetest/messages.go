package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"rightnow/internal/chat"
)

func testAppend(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a")
	fates := appendAll(t, s, drafts("a", 3)...)
	want := []chat.Stored{{Seq: 1, At: 1000}, {Seq: 2, At: 1001}, {Seq: 3, At: 1002}}
	if !reflect.DeepEqual(fates, want) {
		t.Errorf("fates %+v, want %+v", fates, want)
	}
	if fates := appendAll(t, s, draft("a", "x")); fates[0].Seq != 4 {
		t.Errorf("the next call began at %d, want 4", fates[0].Seq)
	}
	all := history(t, s, "a")
	wantSeqs(t, "history", all, upTo(1, 4))
	first := chat.Message{Room: "a", Seq: 1, ID: "1", Person: "p1", Nick: "ann", Text: "text of 1", At: 1000}
	if all[0] != first {
		t.Errorf("stored %+v, want %+v", all[0], first)
	}
	r, err := s.Room(t.Context(), "a")
	if err != nil || r.LastSeq != 4 || r.LastAt != 1000 {
		t.Errorf("the room says last %d at %d (%v), want 4 at 1000", r.LastSeq, r.LastAt, err)
	}
}

func testAppendRooms(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a", "b")
	fates := appendAll(t, s, draft("a", "1"), draft("b", "1"), draft("a", "2"), draft("b", "2"), draft("b", "3"))
	got := []int64{}
	for _, f := range fates {
		got = append(got, f.Seq)
	}
	if want := []int64{1, 1, 2, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("sequences %v, want %v", got, want)
	}
	if all := history(t, s, "b"); len(all) != 3 || all[2].Room != "b" || all[2].ID != "3" {
		t.Errorf("history of b: %+v", all)
	}
}

func testAppendRepeat(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a", "b")
	appendAll(t, s, draft("a", "1"))
	retry := draft("a", "1")
	retry.At, retry.Text, retry.Nick = 5000, "other", "anna"
	twice := draft("a", "2")
	elsewhere := draft("b", "1")
	another := draft("a", "1")
	another.Person = "p2"
	fates := appendAll(t, s, retry, twice, twice, elsewhere, another)
	want := []chat.Stored{{Seq: 1, At: 1000, Repeat: true}, {Seq: 2, At: 1000}, {Seq: 2, At: 1000, Repeat: true}, {Seq: 1, At: 1000}, {Seq: 3, At: 1000}}
	if !reflect.DeepEqual(fates, want) {
		t.Errorf("fates\n%+v, want\n%+v", fates, want)
	}
	all := history(t, s, "a")
	wantSeqs(t, "history", all, upTo(1, 3))
	if all[0].Text != "text of 1" || all[0].Nick != "ann" {
		t.Errorf("the retry changed the message: %+v", all[0])
	}
	appendAll(t, s, retry)
	if r, _ := s.Room(t.Context(), "a"); r.LastSeq != 3 || r.LastAt != 1000 {
		t.Errorf("a retry moved the end of the room: %+v", r)
	}
}

func testAppendNoRoom(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a")
	fates := appendAll(t, s, draft("a", "1"), draft("nowhere", "1"), draft("a", "2"))
	if fates[0].Err != nil || fates[2].Err != nil || fates[2].Seq != 2 {
		t.Errorf("the others: %+v", fates)
	}
	if !errors.Is(fates[1].Err, chat.ErrNoRoom) {
		t.Errorf("in no room: %+v, want ErrNoRoom", fates[1])
	}
}

func testAppendNothing(t *testing.T, h Harness) {
	if fates, err := h.New(t).Append(t.Context(), nil); err != nil || len(fates) != 0 {
		t.Errorf("Append of nothing = %v, %v", fates, err)
	}
}

func testAppendCancelled(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a")
	if _, err := s.Append(cancelled(t), drafts("a", 2)); err == nil {
		t.Error("Append with an ended context gave no error")
	}
	if fates := appendAll(t, s, draft("a", "9")); fates[0].Seq != 1 {
		t.Errorf("the failed call left %d messages", fates[0].Seq-1)
	}
}

func testAppendKeepsNothing(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a")
	given := drafts("a", 2)
	appendAll(t, s, given...)
	given[0].Text = "changed afterwards"
	history(t, s, "a")[1].Text = "changed by a reader"
	for _, m := range history(t, s, "a") {
		if m.Text != "text of "+m.ID {
			t.Errorf("message %s says %q", m.ID, m.Text)
		}
	}
}

func testAppendConcurrent(t *testing.T, h Harness) {
	const writers, rounds, each = 6, 10, 3
	s := h.New(t)
	openRoom(t, s, "a", "b")
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for r := range rounds {
				batch := make([]chat.Draft, each)
				for i := range batch {
					batch[i] = draft([]string{"a", "b"}[i%2], fmt.Sprint(w, r, i))
				}
				if _, err := s.Append(t.Context(), batch); err != nil {
					t.Errorf("Append: %v", err)
				}
			}
		})
	}
	all.Wait()
	wantSeqs(t, "a", history(t, s, "a"), upTo(1, writers*rounds*2))
	wantSeqs(t, "b", history(t, s, "b"), upTo(1, writers*rounds))
}

// testWhole reads while batches of five are written: a reader sees all of a
// transaction or nothing.
func testWhole(t *testing.T, h Harness) {
	const batches, size = 30, 5
	s := h.New(t)
	openRoom(t, s, "a")
	var writing sync.WaitGroup
	writing.Go(func() {
		for b := range batches {
			batch := make([]chat.Draft, size)
			for i := range batch {
				batch[i] = draft("a", fmt.Sprint(b, i))
			}
			if _, err := s.Append(t.Context(), batch); err != nil {
				t.Errorf("Append: %v", err)
			}
		}
	})
	for seen := 0; seen < batches*size && !t.Failed(); {
		all := history(t, s, "a")
		if len(all)%size != 0 {
			t.Errorf("a reader saw %d messages of batches of %d", len(all), size)
		}
		seen = len(all)
		wantSeqs(t, "while writing", all, upTo(1, int64(seen)))
	}
	writing.Wait()
}

func testTexts(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a")
	texts := []string{"'; DROP TABLE messages; --", "two\nlines\tand a tab", "👩‍👩‍👧‍👦 🇩🇪 e\u0301", "\U0010ffff\ufffd", "%s ? :a $1", "0", "1e3", "NULL"}
	for i, text := range texts {
		d := draft("a", fmt.Sprint(i))
		d.Text, d.Nick, d.ID = text, text, text
		appendAll(t, s, d)
	}
	all := history(t, s, "a")
	if len(all) != len(texts) {
		t.Fatalf("%d messages, want %d", len(all), len(texts))
	}
	for i, m := range all {
		if m.Text != texts[i] || m.Nick != texts[i] || m.ID != texts[i] {
			t.Errorf("stored %q as %q, %q, %q", texts[i], m.Text, m.Nick, m.ID)
		}
	}
}

func testBefore(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a", "b")
	appendAll(t, s, append(drafts("a", 10), drafts("b", 3)...)...)
	for _, c := range []struct {
		before int64
		limit  int
		want   []int64
	}{
		{0, 3, upTo(8, 10)}, {-5, 100, upTo(1, 10)}, {8, 3, upTo(5, 7)}, {3, 10, upTo(1, 2)},
		{1, 10, upTo(1, 0)}, {100, 2, upTo(9, 10)}, {5, 0, upTo(1, 0)},
	} {
		got, err := s.Before(t.Context(), "a", c.before, c.limit)
		if err != nil || got == nil {
			t.Errorf("Before(%d, %d) = %v, %v", c.before, c.limit, got, err)
		}
		wantSeqs(t, fmt.Sprintf("Before(%d, %d)", c.before, c.limit), got, c.want)
	}
	if _, err := s.Before(cancelled(t), "a", 0, 1); err == nil {
		t.Error("Before with an ended context gave no error")
	}
}

func testAfter(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a", "b")
	appendAll(t, s, append(drafts("a", 10), drafts("b", 3)...)...)
	for _, c := range []struct {
		after int64
		limit int
		want  []int64
	}{
		{0, 3, upTo(1, 3)}, {-5, 100, upTo(1, 10)}, {8, 3, upTo(9, 10)}, {4, 2, upTo(5, 6)},
		{10, 10, upTo(1, 0)}, {100, 2, upTo(1, 0)}, {5, 0, upTo(1, 0)},
	} {
		got, err := s.After(t.Context(), "a", c.after, c.limit)
		if err != nil || got == nil {
			t.Errorf("After(%d, %d) = %v, %v", c.after, c.limit, got, err)
		}
		wantSeqs(t, fmt.Sprintf("After(%d, %d)", c.after, c.limit), got, c.want)
	}
	if _, err := s.After(cancelled(t), "a", 0, 1); err == nil {
		t.Error("After with an ended context gave no error")
	}
}
