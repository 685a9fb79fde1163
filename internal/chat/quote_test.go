package chat_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/chat/storetest"
)

// TestSayQuotes has messages that bring a post along, with a comment or without.
func TestSayQuotes(t *testing.T) {
	b := newBench(t, chat.Options{HistoryPage: 100})
	defer b.stop()
	b.enter("go", "ann", "1")
	say := func(id, text string, q *chat.Quote) error {
		_, err := b.Say(context.Background(), chat.Line{Room: "go", Conn: "1", ID: id, Text: text, Quote: q})
		return err
	}
	quote := &chat.Quote{Source: "replay", ID: "1", AuthorID: "a", Author: "Mira", Text: "about golang", At: 5}
	for id, text := range map[string]string{"a": "look", "b": " \n"} {
		if err := say(id, text, quote); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, "nothing", say("c", " ", nil), chat.CodeEmpty)
	wantCode(t, "too long", say("c", strings.Repeat("x", 2001), quote), chat.CodeTooLong)
	h, err := b.Older(context.Background(), "go", 0, 10)
	if err != nil || len(h.Messages) != 2 {
		t.Fatalf("%+v, %v", h, err)
	}
	for _, m := range h.Messages {
		if m.Quote == nil || *m.Quote != *quote || (m.Text == "") != (m.ID == "b") {
			t.Errorf("stored %+v", m)
		}
	}
	told := 0
	for _, e := range b.told.events {
		if m, ok := e.(chat.Message); ok && m.Quote != nil && *m.Quote == *quote {
			told++
		}
	}
	if told != 2 {
		t.Errorf("%d were told", told)
	}
}

// TestQuotesAreMeasured: long quotes count in what one answer carries.
func TestQuotesAreMeasured(t *testing.T) {
	b := newBench(t, chat.Options{SayEvery: -1})
	defer b.stop()
	b.enter("go", "ann", "1")
	long := &chat.Quote{Source: "replay", ID: "1", Text: strings.Repeat("x", 60<<10)}
	for _, id := range []string{"a", "b", "c"} {
		if _, err := b.Say(context.Background(), chat.Line{Room: "go", Conn: "1", ID: id, Quote: long}); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := b.Older(context.Background(), "go", 0, 10); err != nil || len(h.Messages) != 2 || !h.More {
		t.Errorf("%d messages in one answer, more %v, %v", len(h.Messages), h.More, err)
	}
}

func TestMeans(t *testing.T) {
	q := &chat.Quote{Source: "s", ID: "1", Native: "n", AuthorID: "a"}
	for r, want := range map[chat.QuoteRef]bool{
		{Source: "s", ID: "1"}:                true,
		{Source: "s", ID: "2"}:                false,
		{Source: "s", ID: "2", Native: "n"}:   true,
		{Source: "s", Native: "n"}:            true,
		{Source: "s", ID: "2", AuthorID: "a"}: false,
		{Source: "s", AuthorID: "a"}:          true,
		{Source: "s", AuthorID: "b"}:          false,
		{Source: "s"}:                         true,
		{Source: "t", ID: "1"}:                false,
		{}:                                    false,
	} {
		if got := r.Means(q); got != want {
			t.Errorf("%+v means it: %v", r, got)
		}
	}
	if r := (chat.QuoteRef{Source: "s", Native: "n"}); r.Means(&chat.Quote{Source: "s", ID: "1"}) {
		t.Error("a quote without a native id is meant by one")
	}
}

func TestPermit(t *testing.T) {
	b := newBench(t, chat.Options{})
	defer b.stop()
	ann := b.enter("go", "ann", "1").You
	b.enter("go", "bob", "2")
	b.enter(chat.Lobby, "bob", "2")
	if p, err := b.Permit("GO", "1", chat.VerbTrack); err != nil || p != ann {
		t.Errorf("the moderator: %+v, %v", p, err)
	}
	if p, err := b.Permit(chat.Lobby, "2", chat.VerbTrack); err != nil || p.Nick != "bob" {
		t.Errorf("in the lobby: %+v, %v", p, err)
	}
	if p, err := b.Permit("go", "3", chat.VerbWatch); err != nil || p != (chat.Person{}) {
		t.Errorf("a passer-by: %+v, %v", p, err)
	}
	for _, c := range [][2]string{{"go", "2"}, {"go", "3"}, {chat.Lobby, "1"}, {"nowhere", "1"}} {
		_, err := b.Permit(c[0], c[1], chat.VerbTrack)
		wantCode(t, c[1]+" in "+c[0], err, chat.CodeNotAllowed)
	}
	_, err := b.Permit("no room", "1", chat.VerbTrack)
	wantCode(t, "no room", err, chat.CodeBadRoom)
}

// TestRemovedIsTold before the room can be opened anew.
func TestRemovedIsTold(t *testing.T) {
	synctest.Test(t, testRemovedIsTold)
}

func testRemovedIsTold(t *testing.T) {
	var removed []string
	store := &storetest.Memory{}
	o := chat.Options{MaxRooms: 3, Removed: func(rooms []string) {
		for _, room := range rooms {
			if text, err := store.Feed(context.Background(), room); len(text) > 0 || err != nil {
				t.Errorf("%s is still there: %s, %v", room, text, err)
			}
		}
		removed = append(removed, rooms...)
	}}
	b := reopen(t, store, o)
	defer b.stop()
	b.enter("one", "ann", "1")
	if err := store.SetFeed(t.Context(), "one", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	b.enter("two", "ann", "1")
	b.Leave("one", "1")
	time.Sleep(2 * time.Minute)
	b.settle()
	b.enter("three", "ann", "1")
	if !slices.Equal(removed, []string{"one"}) {
		t.Errorf("removed %q", removed)
	}
}
