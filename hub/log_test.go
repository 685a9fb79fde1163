package hub_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/hub"
	"rightnow/hub/hubtest"
)

func TestLog(t *testing.T) {
	hubtest.TestJournal(t, func(*testing.T) hub.Journal { return hub.NewLog(nil) })
}

// kept counts what is behind an offset, -1 when that is not kept.
func kept(t *testing.T, l *hub.Log, offset string) int {
	t.Helper()
	missed, err := l.After(context.Background(), offset)
	if errors.Is(err, hub.ErrNotKept) {
		return -1
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(missed)
}

func TestLogIsBoundedInNumberAndBytes(t *testing.T) {
	l := hub.NewLog(&hub.LogOptions{MaxMessages: 3, MaxBytes: 100})
	start := l.Head()
	var offsets []string
	for range 5 {
		offsets = append(offsets, l.Append(&hub.Message{Event: "e", Args: []byte("[]")}))
	}
	for i, want := range []int{-1, 3, 2, 1, 0} {
		if got := kept(t, l, offsets[i]); got != want {
			t.Errorf("behind message %d are %d, not %d", i, got, want)
		}
	}
	if kept(t, l, start) != -1 {
		t.Error("what is behind the start is said to be kept")
	}
	big := l.Append(&hub.Message{Event: "e", Args: []byte(strings.Repeat("x", 98))})
	if got := kept(t, l, offsets[4]); got != 1 {
		t.Errorf("behind the last small message are %d, not the big one", got)
	}
	if got := kept(t, l, offsets[3]); got != -1 {
		t.Errorf("more than MaxBytes is kept: %d", got)
	}
	tooBig := l.Append(&hub.Message{Event: "e", Blobs: [][]byte{make([]byte, 101)}})
	if kept(t, l, big) != -1 || kept(t, l, tooBig) != 0 || l.Head() != tooBig {
		t.Error("a message over MaxBytes is kept, or its offset is not the head")
	}
}

func TestLogForgetsByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := hub.NewLog(&hub.LogOptions{MaxAge: time.Minute})
		first := l.Append(&hub.Message{Event: "a"})
		time.Sleep(40 * time.Second)
		second := l.Append(&hub.Message{Event: "b"})
		if got := kept(t, l, first); got != 1 {
			t.Errorf("behind the first are %d", got)
		}
		time.Sleep(20 * time.Second)
		if got := kept(t, l, second); got != 0 {
			t.Errorf("behind the second are %d", got)
		}
		// The second is behind the first, and still there.
		if got := kept(t, l, first); got != 1 {
			t.Errorf("behind the first, which is gone, are %d", got)
		}
		time.Sleep(40 * time.Second)
		synctest.Wait()
		if got := kept(t, l, first); got != -1 {
			t.Errorf("behind the first are %d after its time", got)
		}
		time.Sleep(time.Hour) // and the timer has ended, or the bubble would not
	})
}

func TestEnrollStandsBetweenTwoMessages(t *testing.T) {
	l := hub.NewLog(nil)
	h := hub.New(&hub.Options{Journal: l})
	publish := func(event string) {
		t.Helper()
		if _, err := h.Publish(&hub.Message{Event: event, Args: []byte("[]"), Rooms: []string{"tea"}}); err != nil {
			t.Fatal(err)
		}
	}
	publish("before")
	m := hubtest.NewMember("m")
	head, ok := h.Enroll(m, "tea")
	if !ok || head != l.Head() {
		t.Fatalf("enrolled: %v, head %q, not %q", ok, head, l.Head())
	}
	publish("behind")
	missed, err := l.After(context.Background(), head)
	if err != nil || len(missed) != 1 || missed[0].Event != "behind" {
		t.Fatalf("behind the head: %d, %v", len(missed), err)
	}
	if _, ok := h.Enroll(m); ok {
		t.Error("an id was taken twice")
	}
}
