package feed

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestShow(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang", "#tea")
		n.follow("b", "Go  chat", "golang")
		n.track("unwatched", Tracking{Words: []string{"golang"}})
		n.offer("ann", "1 golang and #tea", "2 nothing", "3 a chat in go", "4 tea")
		n.wantTold("a: 1", "b: 1", "b: 3")
		n.wantRecent("a", "1")
		n.wantRecent("b", "1", "3")
		n.wantRecent("unwatched")
		if got := n.shown["a"][0].Matched; !slices.Equal(got, []string{"#tea", "golang"}) && !slices.Equal(got, []string{"golang", "#tea"}) {
			t.Errorf("matched %q", got)
		}
		if s, ok := n.Find("b", Ref{Source: "sim", ID: "3"}); !ok || s.Matched[0] != "chat go" {
			t.Errorf("Find: %v %v", s, ok)
		}
		if _, ok := n.Find("a", Ref{Source: "sim", ID: "3"}); ok {
			t.Error("a was never shown 3")
		}
		n.checkSums("a", "b")
		if s := n.status(); s.Received != 4 || s.Handed != 4 || s.Matched != 2 {
			t.Errorf("status: %+v", s)
		}
	})
}

func TestCanonicalTracking(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		got, err := n.Track("a", Tracking{
			Words: []string{"chat Go", " go chat", `-"hot take"`, "-Crypto", "Café"},
			Langs: []string{"en-GB", "EN", "x"}, Muted: []string{"sim:x", "sim:x"}, Rate: -3,
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"chat go", `-"hot take"`, "-crypto", "café"}; !slices.Equal(got.Words, want) {
			t.Errorf("words %q, want %q", got.Words, want)
		}
		if !slices.Equal(got.Langs, []string{"en"}) || len(got.Muted) != 1 || got.Rate != 0 {
			t.Errorf("canonical: %+v", got)
		}
	})
}

func TestRefusedTracking(t *testing.T) {
	fill := func(o *Options) {
		o.MaxPhrases, o.MaxServerPhrases = 3, 5
		o.Sources = []Source{&upstream{name: "sim", caps: Caps{MaxWords: 4}}}
	}
	open(t, fill, func(n *newsroom) {
		n.track("a", Tracking{Words: []string{"one1", "two2", "three3"}})
		for _, c := range []struct {
			words []string
			want  string
		}{
			{[]string{"alpha", "the"}, "too many posts"},
			{[]string{strings.Repeat("x", 61)}, "at most 60 bytes"},
			{[]string{"-a -b"}, "only says what is not wanted"},
			{[]string{"-the"}, "only says what is not wanted"},
			{[]string{"w1", "w2", "w3", "w4"}, "At most 3 phrases can be tracked."},
			{[]string{"one1", "w2", "w3"}, "SIM takes at most 4 phrases"},
		} {
			_, err := n.Track("b", Tracking{Words: c.words})
			var phrase *PhraseError
			var limit *LimitError
			if !errors.As(err, &phrase) && !errors.As(err, &limit) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q: %v, want %q", c.words, err, c.want)
			}
		}
		n.track("b", Tracking{Words: []string{"one1", "two2", "w4"}})
		n.track("a", Tracking{Words: []string{"one1"}})
		n.Drop("b")
		n.track("c", Tracking{Words: []string{"x1", "x2", "x3"}})
		if n := len(n.tracked); n != 4 {
			t.Errorf("%d phrases are tracked", n)
		}
	})
}

func TestTooMany(t *testing.T) {
	many := make([]string, MaxMutedAuthors+1)
	for i := range many {
		many[i] = fmt.Sprint("sim:", i)
	}
	open(t, nil, func(n *newsroom) {
		for _, tracking := range []Tracking{{Authors: many}, {Muted: many}} {
			var limit *LimitError
			if _, err := n.Track("a", tracking); !errors.As(err, &limit) {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestVerdicts(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.Watch("a", true)
		n.track("a", Tracking{Words: []string{"golang", "-crypto"}, Authors: []string{"sim:ada"}, Langs: []string{"en"}, Muted: []string{"sim:eve"}})
		n.up.sink.Offer(Post{ID: "de", Text: "golang", Langs: []string{"de"}})
		n.up.sink.Offer(Post{ID: "en", Text: "golang", Langs: []string{"de", "en-US"}})
		n.up.sink.Offer(Post{ID: "sensitive", Text: "golang", Sensitive: true})
		n.offer("eve", "muted golang")
		n.offer("ada", "followed something", "followed2 crypto")
		n.offer("bob", "excluded golang and crypto", "unknown golang")
		n.wantTold("a: en", "a: followed", "a: unknown")
		m := n.Stats("a")
		if m.Matched != 6 || m.Skipped[SkipLang] != 1 || m.Skipped[SkipSensitive] != 1 || m.Skipped[SkipMuted] != 1 {
			t.Errorf("numbers: %+v", m)
		}
		if got := n.shown["a"][1].Matched; got == nil || len(got) != 0 {
			t.Errorf("a followed author's post matched %#v", got)
		}
		n.checkSums("a")
		n.track("a", Tracking{Words: []string{"golang"}, Sensitive: true})
		n.later(time.Minute)
		n.up.sink.Offer(Post{ID: "sensitive2", Text: "golang", Sensitive: true})
		n.offer("ada", "unfollowed something")
		n.wantTold("a: sensitive2")
	})
}

func TestMute(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.follow("b", "golang")
		n.offer("eve", "1 golang", "2 golang")
		n.offer("ada", "3 golang")
		n.wantTold("a: 1", "b: 1", "a: 2", "b: 2", "a: 3", "b: 3")
		n.track("a", Tracking{Words: []string{"golang"}, Muted: []string{"sim:eve"}})
		n.wantTold("hide [a] 1", "hide [a] 2")
		n.wantRecent("a", "3")
		n.wantRecent("b", "1", "2", "3")
	})
}

func TestDuplicates(t *testing.T) {
	fill := func(o *Options) { o.Dedupe = 3 }
	open(t, fill, func(n *newsroom) {
		n.follow("a", "golang")
		n.offer("ann", "1 golang", "1 golang", "2 tea", "2 tea")
		n.wantTold("a: 1")
		if s := n.status(); s.Skipped[SkipDuplicate] != 2 {
			t.Errorf("status: %+v", s)
		}
		n.offer("ann", "3 tea", "4 tea", "1 golang now") // only three are remembered; 1 is shown still
		n.wantTold("a: 1")
		n.wantRecent("a", "1")
		n.later(16 * time.Minute)
		n.offer("ann", "4 golang")
		n.wantTold("a: 4")
		n.checkSums("a")
	})
}

func TestInject(t *testing.T) {
	open(t, func(o *Options) { o.Sources = nil }, func(n *newsroom) {
		n.follow("a", "golang")
		if !n.Inject(Post{Source: "own", ID: "1", Text: "golang"}) || n.Inject(Post{Source: "own", Text: "golang"}) {
			t.Error("a post with an ID is taken, one without is not")
		}
		n.wantTold("a: 1")
		n.Router.Retract(Ref{Source: "own", ID: "1"})
		n.Router.Retract(Ref{Source: "own"})
		n.wantTold("gone [a] 1", "gone [] all of own")
	})
}

// TestInjectTooMuch has what is injected not push out what waits.
func TestInjectTooMuch(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.block = make(chan struct{})
		n.follow("a", "golang")
		n.offer("ann", "first golang")
		synctest.Wait() // the Receiver has it, and hangs
		n.offer("ann", "second golang")
		for i := range 511 {
			if !n.Inject(Post{Source: "own", ID: fmt.Sprint(i), Text: "nothing"}) {
				t.Fatalf("number %d is refused", i)
			}
		}
		if n.Inject(Post{Source: "own", ID: "more", Text: "nothing"}) {
			t.Error("the queue is full, and it is taken")
		}
		close(n.block)
		n.later(time.Second)
		n.wantTold("a: first", "a: second")
		if s := n.status(); s.Skipped[SkipQueue] != 0 {
			t.Errorf("status: %+v", s)
		}
	})
}

func TestHistoryIsBounded(t *testing.T) {
	fill := func(o *Options) { o.Rate, o.Burst = 1000, 5000 }
	open(t, fill, func(n *newsroom) {
		n.follow("a", "golang")
		for i := range 1500 {
			n.offer("ann", fmt.Sprint(i, " golang"))
			n.later(time.Millisecond)
		}
		if len(n.shelf.byID) != remembered || len(n.shelf.byNative) != remembered || len(n.shelf.byAuthor) != 1 {
			t.Errorf("%d exhibits", len(n.shelf.byID))
		}
		full := 0
		for _, e := range n.shelf.byID {
			if e.post != nil {
				full++
			}
		}
		if full != findable {
			t.Errorf("%d posts are known with their text", full)
		}
		n.told = nil
		for _, id := range []string{"1499", "1300", "1299", "500", "499"} {
			_, found := n.Find("a", Ref{Source: "sim", ID: id})
			if want := id == "1499" || id == "1300"; found != want {
				t.Errorf("%s is found: %v", id, found)
			}
			n.up.sink.Retract(Ref{ID: id})
		}
		n.wantTold("gone [a] 1499", "gone [a] 1300", "gone [a] 1299", "gone [a] 500", "gone [] 499")
		n.Drop("a")
		if len(n.shelf.byID)+len(n.shelf.byNative)+len(n.shelf.byAuthor)+len(n.owners)+len(n.holding)+n.index.Len() != 0 {
			t.Error("something is left of a dropped owner")
		}
	})
}
