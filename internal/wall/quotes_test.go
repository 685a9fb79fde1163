package wall_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/chat"
	"rightnow/internal/wall"
)

func (b *bench) quote(room, source, id string) (*chat.Quote, func()) {
	b.t.Helper()
	q, done, err := b.Quote(room, source, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return q, done
}

// TestQuote brings a post into the chat, which is deleted later: once by its id,
// once by the source's own id, once with all of its author's.
func TestQuote(t *testing.T) {
	for name, ref := range map[string]feed.Ref{
		"id":     {Source: "bluesky", ID: "1"},
		"native": {Source: "bluesky", Native: "native 1"},
		"author": {Source: "bluesky", AuthorID: "author of 1"},
		"source": {Source: "bluesky"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, wall.Options{})
				b.enter("go", "ann")
				b.router.show("go", "bluesky", "1")
				b.router.show("go", "mastodon", "2")
				q, done := b.quote("go", "bluesky", "1")
				seq := b.say("go", "ann", "a", q)
				done()
				other, done := b.quote("go", "mastodon", "2")
				b.say("go", "ann", "b", other)
				done()
				want := chat.Quote{Source: "bluesky", ID: "1", Native: "native 1", AuthorID: "author of 1", Author: "Mira",
					Handle: "mira.example", Text: "about golang", URL: "https://social.example/1"}
				if got := b.quoteOf("go", seq); got != want {
					t.Errorf("stored %+v, want %+v", got, want)
				}
				b.stop()
				b = reopen(t, b.store, wall.Options{}) // what is quoted is known after a restart
				defer b.stop()
				b.Retract([]string{"go"}, ref)
				synctest.Wait()
				if got := b.quoteOf("go", seq); got != (chat.Quote{Source: "bluesky", ID: "1", Removed: true}) {
					t.Errorf("left %+v", got)
				}
				if got := b.quoteOf("go", seq+1); got.Removed {
					t.Errorf("another was removed: %+v", got)
				}
				heard := b.pages.take()
				if len(heard) != 2 || heard[1] != `chat/go post_gone {"source":"bluesky","id":"1"}` {
					t.Errorf("heard %q", heard)
				}
			})
		})
	}
}

func TestQuoteOfNothing(t *testing.T) {
	b := newBench(t, wall.Options{})
	defer b.stop()
	b.router.show("go", "bluesky", "1")
	for _, c := range [][3]string{{"go", "bluesky", "2"}, {"go", "x", "1"}, {"other", "bluesky", "1"}} {
		q, done, err := b.Quote(c[0], c[1], c[2])
		wantCode(t, fmt.Sprint(c), err, chat.CodePostGone)
		if q != nil || done != nil {
			t.Errorf("%v gave %v", c, q)
		}
	}
	// It is deleted between the first look and the second.
	b.router.finding = func() { b.router.shown["go"] = nil }
	_, _, err := b.Quote("go", "bluesky", "1")
	wantCode(t, "deleted at once", err, chat.CodePostGone)
}

// TestQuoteOfSensitive keeps what its author put before a post apart from it, so
// that the chat folds it as the wall does.
func TestQuoteOfSensitive(t *testing.T) {
	b := newBench(t, wall.Options{})
	defer b.stop()
	b.router.show("go", "bluesky", "1")
	b.router.shown["go"][0].Warning, b.router.shown["go"][0].Sensitive = "spiders", true
	q, done := b.quote("go", "bluesky", "1")
	defer done()
	if q.Warning != "spiders" || !q.Sensitive || q.Text != "about golang" {
		t.Errorf("quoted %+v", q)
	}
}

// TestQuoteOfExpiring keeps nothing of a post whose source forbids that but where it
// stands, and takes that back as any other quote.
func TestQuoteOfExpiring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, wall.Options{})
		defer b.stop()
		b.enter("go", "ann")
		b.router.show("go", "x", "1")
		p := &b.router.shown["go"][0]
		p.Expires, p.Warning = time.Now().Add(time.Hour), "spiders"
		q, done := b.quote("go", "x", "1")
		seq := b.say("go", "ann", "a", q)
		done()
		if got, want := b.quoteOf("go", seq), (chat.Quote{Source: "x", ID: "1", Native: "native 1", URL: "https://social.example/1"}); got != want {
			t.Errorf("stored %+v, want %+v", got, want)
		}
		b.Retract([]string{"go"}, feed.Ref{Source: "x", ID: "1"})
		synctest.Wait()
		if got := b.quoteOf("go", seq); got != (chat.Quote{Source: "x", ID: "1", Removed: true}) {
			t.Errorf("left %+v", got)
		}
	})
}

// TestDeletedOnTheWay has the deletion overtake the message that quotes.
func TestDeletedOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, wall.Options{})
		defer b.stop()
		b.enter("go", "ann")
		b.router.show("go", "bluesky", "1")
		q, done := b.quote("go", "bluesky", "1")
		b.Retract(nil, feed.Ref{Source: "bluesky", ID: "1"})
		synctest.Wait() // removed from a store that does not have it yet
		seq := b.say("go", "ann", "a", q)
		if b.quoteOf("go", seq).Removed {
			t.Error("removed before it was there")
		}
		done()
		synctest.Wait()
		if got := b.quoteOf("go", seq); !got.Removed {
			t.Errorf("left %+v", got)
		}
	})
}

// TestDeletionsAreNotLost has a store that fails for a while, in which more is
// deleted than one transaction takes.
func TestDeletionsAreNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, wall.Options{})
		defer b.stop()
		b.enter("go", "ann")
		const posts = 250
		for i := range posts {
			id := fmt.Sprint(i)
			b.router.show("go", "bluesky", id)
			q, done := b.quote("go", "bluesky", id)
			b.say("go", "ann", id, q)
			done()
		}
		b.store.Fail(errors.New("disk on fire"))
		for i := range posts {
			for range 2 {
				b.Retract(nil, feed.Ref{Source: "bluesky", ID: fmt.Sprint(i)})
			}
			b.Retract(nil, feed.Ref{Source: "bluesky", ID: fmt.Sprint("nobody's ", i)})
		}
		time.Sleep(time.Minute)
		b.pages.take()
		b.store.Fail(nil)
		time.Sleep(time.Second)
		synctest.Wait()
		if refs, err := b.store.Quotes(t.Context()); err != nil || len(refs) != 0 {
			t.Errorf("left %v, %v", refs, err)
		}
		if heard := b.pages.take(); len(heard) != posts {
			t.Errorf("told of %d", len(heard))
		}
		if n := strings.Count(b.log.String(), "not removed yet"); n < 50 || n > 70 {
			t.Errorf("%d tries in a minute", n)
		}
	})
}

// TestClose removes what waits, and says what it could not.
func TestClose(t *testing.T) {
	for _, broken := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, wall.Options{})
			b.enter("go", "ann")
			b.router.show("go", "bluesky", "1")
			q, done := b.quote("go", "bluesky", "1")
			seq := b.say("go", "ann", "a", q)
			b.Retract(nil, feed.Ref{Source: "bluesky", ID: "1"})
			if err := b.chat.Close(context.Background()); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if broken {
				b.store.Fail(errors.New("disk on fire"))
			}
			done()
			err := b.Close(context.Background())
			b.store.Fail(nil)
			if removed := b.quoteOf("go", seq).Removed; broken != (err != nil) || !removed {
				t.Errorf("broken %v: removed %v, %v", broken, removed, err)
			}
		})
	}
}

func TestNewFails(t *testing.T) {
	b := newBench(t, wall.Options{})
	defer b.stop()
	b.store.Fail(errors.New("disk on fire"))
	defer b.store.Fail(nil)
	_, err := wall.New(t.Context(), &wall.Options{Chat: b.chat, Store: b.store, Broadcaster: b.pages, NewRouter: newRouter(b.router)})
	if err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("%v", err)
	}
}
