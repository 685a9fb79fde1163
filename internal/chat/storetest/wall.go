package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rightnow/internal/chat"
)

// quoting is a draft that brings a post along.
func quoting(room, id, source, post, author string) chat.Draft {
	d := draft(room, id)
	d.Quote = &chat.Quote{
		Source: source, ID: post, AuthorID: author, Author: "Zoë \"Z\"", Handle: "zoe.example",
		Text: "a post,\nof two lines \u2028 <b>", URL: "https://social.example/1", At: 999, Native: "native " + post,
	}
	return d
}

func quoted(room string, seq int64, source, id string) chat.Quoted {
	return chat.Quoted{Room: room, Seq: seq, Source: source, ID: id}
}

func wantFeed(t *testing.T, s chat.Store, room, want string) {
	t.Helper()
	if got, err := s.Feed(t.Context(), room); err != nil || string(got) != want {
		t.Errorf("Feed(%q) = %q, %v, want %q", room, got, err, want)
	}
}

func setFeed(t *testing.T, s chat.Store, room, value string) {
	t.Helper()
	if err := s.SetFeed(t.Context(), room, []byte(value)); err != nil {
		t.Fatalf("SetFeed(%q): %v", room, err)
	}
}

func testFeed(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a", "b")
	wantFeed(t, s, "a", "")
	wantFeed(t, s, "nowhere", "")
	if err := s.SetFeed(t.Context(), "nowhere", []byte("{}")); !errors.Is(err, chat.ErrNoRoom) {
		t.Errorf("SetFeed of no room = %v, want ErrNoRoom", err)
	}
	value := []byte(`{"words":["x"]}`)
	if err := s.SetFeed(t.Context(), "a", value); err != nil {
		t.Fatal(err)
	}
	clear(value) // is not kept
	wantFeed(t, s, "a", `{"words":["x"]}`)
	wantFeed(t, s, "b", "")
	setFeed(t, s, "a", strings.Repeat("é", 10_000))
	wantFeed(t, s, "a", strings.Repeat("é", 10_000))
	remove(t, s, "a")
	wantFeed(t, s, "a", "")
	openRoom(t, s, "a")
	wantFeed(t, s, "a", "")
	if err := s.SetFeed(cancelled(t), "a", nil); err == nil {
		t.Error("SetFeed with an ended context gave no error")
	}
}

func testQuote(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "a")
	d := quoting("a", "2", "bluesky", "x", "did:1")
	bare := quoting("a", "3", "replay", "y", "")
	*bare.Quote = chat.Quote{Source: "replay", ID: "y"}
	bare.Text = ""
	want := []*chat.Quote{nil, new(*d.Quote), new(*bare.Quote)}
	appendAll(t, s, draft("a", "1"), d, bare)
	d.Quote.Text = "changed" // is not kept
	appendAll(t, s, d)       // a repeat changes nothing
	for range 2 {
		all := history(t, s, "a")
		before, err := s.Before(t.Context(), "a", 0, 10)
		if err != nil || !reflect.DeepEqual(before, all) {
			t.Errorf("Before = %+v, %v, After = %+v", before, err, all)
		}
		for i, m := range all {
			if !reflect.DeepEqual(m.Quote, want[i]) {
				t.Errorf("%d has the quote %+v, want %+v", m.Seq, m.Quote, want[i])
			}
		}
		all[1].Quote.Text = "the caller's"
	}
}

func wantQuotes(t *testing.T, s chat.Store, want ...chat.QuoteRef) {
	t.Helper()
	got, err := s.Quotes(t.Context())
	if err != nil || len(got) != len(want) {
		t.Errorf("Quotes = %v, %v, want %v", got, err, want)
		return
	}
	for _, r := range want {
		if !slices.Contains(got, r) {
			t.Errorf("Quotes = %v lack %v", got, r)
		}
	}
}

func wantRemoved(t *testing.T, s chat.Store, refs []chat.QuoteRef, want ...chat.Quoted) {
	t.Helper()
	if got, err := s.RemoveQuotes(t.Context(), refs); err != nil || !slices.Equal(got, want) {
		t.Errorf("RemoveQuotes(%v) = %v, %v, want %v", refs, got, err, want)
	}
}

func testRemoveQuotes(t *testing.T, h Harness) {
	s := h.New(t)
	openRoom(t, s, "b", "a")
	wantQuotes(t, s)
	appendAll(t, s, draft("b", "1"), quoting("b", "2", "bluesky", "x", "did:1"), quoting("a", "1", "bluesky", "x", "did:1"),
		quoting("a", "2", "mastodon", "x", "did:1"), quoting("a", "3", "bluesky", "y", "did:2"), quoting("a", "4", "bluesky", "z", "did:2"),
		quoting("a", "5", "rss", "x", ""))
	wantQuotes(t, s, chat.QuoteRef{Source: "bluesky", ID: "x", Native: "native x", AuthorID: "did:1"}, chat.QuoteRef{Source: "mastodon", ID: "x", Native: "native x", AuthorID: "did:1"},
		chat.QuoteRef{Source: "bluesky", ID: "y", Native: "native y", AuthorID: "did:2"}, chat.QuoteRef{Source: "bluesky", ID: "z", Native: "native z", AuthorID: "did:2"},
		chat.QuoteRef{Source: "rss", ID: "x", Native: "native x"})
	wantRemoved(t, s, nil)
	wantRemoved(t, s, []chat.QuoteRef{{Source: "x"}, {}, {Source: "bluesky", ID: "nothing"}, {ID: "x"}, {Source: "bluesky", Native: "x"}})
	if _, err := s.RemoveQuotes(cancelled(t), []chat.QuoteRef{{Source: "rss", ID: "x"}}); err == nil {
		t.Error("RemoveQuotes with an ended context gave no error")
	}
	wantRemoved(t, s, []chat.QuoteRef{{Source: "bluesky", Native: "native x"}, {Source: "bluesky", AuthorID: "did:2"}},
		quoted("a", 1, "bluesky", "x"), quoted("a", 3, "bluesky", "y"), quoted("a", 4, "bluesky", "z"), quoted("b", 2, "bluesky", "x"))
	wantRemoved(t, s, []chat.QuoteRef{{Source: "bluesky", ID: "x"}, {Source: "bluesky", AuthorID: "did:1"}}) // once
	wantQuotes(t, s, chat.QuoteRef{Source: "mastodon", ID: "x", Native: "native x", AuthorID: "did:1"}, chat.QuoteRef{Source: "rss", ID: "x", Native: "native x"})
	all := history(t, s, "a")
	if want := (chat.Quote{Source: "bluesky", ID: "x", Removed: true}); *all[0].Quote != want {
		t.Errorf("removed: %+v, want %+v", *all[0].Quote, want)
	}
	if all[1].Quote.Removed || all[0].Text != "text of 1" {
		t.Errorf("others were changed: %+v", all[:2])
	}
	if r, _ := s.Room(t.Context(), "a"); r.LastSeq != 5 {
		t.Errorf("the room's last is %d", r.LastSeq)
	}
	appendAll(t, s, quoting("b", "3", "x", "1", "a"), quoting("b", "4", "x", "2", ""))
	wantRemoved(t, s, []chat.QuoteRef{{Source: "x"}}, quoted("b", 3, "x", "1"), quoted("b", 4, "x", "2"))
	prune(t, s, 1, time.Time{})
	wantQuotes(t, s, chat.QuoteRef{Source: "rss", ID: "x", Native: "native x"})
}

// testQuotesConcurrent removes while others append: what RemoveQuotes told, and
// what is left, are all there were.
func testQuotesConcurrent(t *testing.T, h Harness) {
	const writers, each = 4, 20
	s := h.New(t)
	openRoom(t, s, "a")
	ref := []chat.QuoteRef{{Source: "bluesky", ID: "x"}}
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				if _, err := s.Append(t.Context(), []chat.Draft{quoting("a", fmt.Sprint(w, "/", i), "bluesky", "x", "did:1")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	removed := 0
	all.Go(func() {
		for range each {
			places, err := s.RemoveQuotes(t.Context(), ref)
			if err != nil {
				t.Error(err)
			}
			removed += len(places)
		}
	})
	all.Wait()
	rest, err := s.RemoveQuotes(t.Context(), ref)
	if err != nil || removed+len(rest) != writers*each {
		t.Errorf("%d and %d removed (%v), want %d together", removed, len(rest), err, writers*each)
	}
	for _, m := range history(t, s, "a") {
		if !m.Quote.Removed {
			t.Errorf("%d is left", m.Seq)
		}
	}
}

func testNotes(t *testing.T, h Harness) {
	s := h.New(t)
	want := func(name, value string) {
		t.Helper()
		if got, err := s.Note(t.Context(), name); err != nil || got != value {
			t.Errorf("Note(%q) = %q, %v, want %q", name, got, err, value)
		}
	}
	want("cursor/bluesky", "")
	for _, value := range []string{"1", "2", "", `{"é": "\n"}`} {
		if err := s.SetNote(t.Context(), "cursor/bluesky", value); err != nil {
			t.Fatal(err)
		}
		want("cursor/bluesky", value)
	}
	want("cursor/other", "")
	if err := s.SetNote(cancelled(t), "x", "y"); err == nil {
		t.Error("SetNote with an ended context gave no error")
	}
}

func testWallReopen(t *testing.T, h Harness) {
	if h.Reopen == nil {
		return // a store that keeps nothing promises nothing
	}
	s := h.New(t)
	openRoom(t, s, "a")
	setFeed(t, s, "a", "[1]")
	appendAll(t, s, quoting("a", "1", "bluesky", "x", "did:1"), quoting("a", "2", "bluesky", "y", "did:2"))
	wantRemoved(t, s, []chat.QuoteRef{{Source: "bluesky", ID: "x"}}, quoted("a", 1, "bluesky", "x"))
	if err := s.SetNote(t.Context(), "n", "v"); err != nil {
		t.Fatal(err)
	}
	want := history(t, s, "a")
	s = h.Reopen(t, s)
	wantFeed(t, s, "a", "[1]")
	wantQuotes(t, s, chat.QuoteRef{Source: "bluesky", ID: "y", Native: "native y", AuthorID: "did:2"})
	if got := history(t, s, "a"); !reflect.DeepEqual(got, want) {
		t.Errorf("the history is %+v, want %+v", got, want)
	}
	if v, err := s.Note(t.Context(), "n"); err != nil || v != "v" {
		t.Errorf("the note is %q, %v", v, err)
	}
}
