package feed

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// following runs a test in virtual time with a tracker of one upstream, and notes
// what its functions were called with.
type following struct {
	*Tracker
	t      *testing.T
	up     *upstream
	cancel context.CancelFunc
	ended  chan error

	guard sync.Mutex // guards following
	heard []string
}

func track(t *testing.T, opts TrackerOptions, test func(f *following)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &following{t: t, up: &upstream{name: "sim"}, ended: make(chan error, 1)}
		if opts.Sources == nil {
			opts.Sources = []Source{f.up}
		}
		opts.Logger = slog.New(slog.DiscardHandler)
		f.Tracker = NewTracker(&opts)
		f.listen()
		var ctx context.Context
		ctx, f.cancel = context.WithCancel(t.Context())
		go func() { f.ended <- f.Run(ctx) }() // ends with cancel, or by itself
		synctest.Wait()
		test(f)
		f.cancel()
		<-f.ended
	})
}

func (f *following) listen() {
	f.OnTweet(func(s Shown) { f.hear("tweet %s%s", s.ID, s.Rev) })
	f.OnDelete(func(r Ref) { f.hear("delete %s", refName(r)) })
	f.OnLimit(func(l Limit) { f.hear("limit %s%d", l.Source, l.Undelivered) })
	f.OnConnect(func(source string) { f.hear("connect %s", source) })
	f.OnReconnect(func(r Reconnect) { f.hear("reconnect %s: %s", r.Source, r.State.Reason) })
	f.OnError(func(e SourceError) { f.hear("%v", e) })
}

func (f *following) hear(format string, args ...any) {
	f.guard.Lock()
	defer f.guard.Unlock()
	f.heard = append(f.heard, fmt.Sprintf(format, args...))
}

func (f *following) want(want ...string) {
	f.t.Helper()
	synctest.Wait()
	f.guard.Lock()
	defer f.guard.Unlock()
	if !slices.Equal(f.heard, want) {
		f.t.Errorf("heard\n%q\nwant\n%q", f.heard, want)
	}
	f.heard = nil
}

func (f *following) offer(posts ...string) {
	for _, p := range posts {
		id, text, _ := strings.Cut(p, " ")
		f.up.sink.Offer(Post{ID: id, Text: text, Author: Author{ID: "ann"}})
	}
}

func TestTracker(t *testing.T) {
	track(t, TrackerOptions{}, func(f *following) {
		if f.HasFilters() {
			t.Error("there are no filters yet")
		}
		f.must(f.Track("socket.io", "JavaScript", "socket.io"))
		f.must(f.Track("javascript"), f.Follow("sim:ada"), f.Language("en-GB", "de"))
		f.Untrack("never tracked", "")
		f.wantFilters([]string{"socket.io", "javascript"}, []string{"sim:ada"}, []string{"en", "de"})
		f.offer("1 Socket.IO!", "2 tea", "3 #javascript")
		f.up.sink.Offer(Post{ID: "fr", Text: "javascript", Langs: []string{"fr"}})
		f.up.sink.Offer(Post{ID: "ada", Text: "tea", Author: Author{ID: "ada"}})
		f.want("tweet 1", "tweet 3", "tweet ada")
		f.up.sink.Retract(Ref{ID: "1"})
		f.want("delete 1")

		f.Untrack("JAVASCRIPT") // it was tracked twice: words are a set
		f.Unfollow("sim:ada ")
		f.Unlanguage("EN")
		f.wantFilters([]string{"socket.io"}, []string{}, []string{"de"})
		f.UntrackAll()
		if f.HasFilters() {
			t.Error("a language alone is no filter")
		}
		f.offer("4 socket.io")
		f.want()
	})
}

func (f *following) must(errs ...error) {
	f.t.Helper()
	for _, err := range errs {
		if err != nil {
			f.t.Error(err)
		}
	}
}

func (f *following) wantFilters(words, authors, langs []string) {
	f.t.Helper()
	if got := [][]string{f.Tracking(), f.Following(), f.Languages()}; fmt.Sprint(got) != fmt.Sprint([][]string{words, authors, langs}) {
		f.t.Errorf("filters %q", got)
	}
	if !f.HasFilters() {
		f.t.Error("there are filters")
	}
}

func TestTrackerRefuses(t *testing.T) {
	track(t, TrackerOptions{MaxPhrases: 2}, func(f *following) {
		f.must(f.Track("one1"))
		for _, err := range []error{f.Track("two2", "the"), f.Track("two2", "three3"), f.Language("klingon!")} {
			if err == nil {
				t.Error("what can't be tracked is refused")
			}
		}
		f.wantFilters([]string{"one1"}, []string{}, []string{})
	})
}

// TestTrackerConnections has each change of the words once cost a connection.
func TestTrackerConnections(t *testing.T) {
	track(t, TrackerOptions{}, func(f *following) {
		f.must(f.Track("one1"), f.Track("two2"), f.Track("three3"))
		f.Reconnect()
		f.up.wantFilters(t, "0s one1,three3,two2||")
		f.UntrackAll()
		time.Sleep(time.Second)
		f.up.wantFilters(t, "0s one1,three3,two2||", "250ms ||")
	})
}

func TestTrackerEvents(t *testing.T) {
	track(t, TrackerOptions{Rate: 1}, func(f *following) {
		f.must(f.Track("golang"))
		for _, s := range []State{
			{Phase: PhaseConnecting}, {Phase: PhaseLive}, {Phase: PhaseConnecting, Reason: "silence"}, {Phase: PhaseLive},
			{Phase: PhaseWaiting, Reason: "too many requests"}, {Phase: PhaseConnecting, Reason: "too many requests"}, {Phase: PhaseLive},
		} {
			f.up.sink.State(s)
		}
		f.want("connect sim", "reconnect sim: silence", "connect sim", "reconnect sim: too many requests", "connect sim")
		f.up.sink.Limit(7)
		f.offer("1 golang", "2 golang", "3 golang", "4 golang")
		f.want("limit sim7", "tweet 1")
		time.Sleep(5 * time.Second)
		f.want("tweet 4", "limit 2")
	})
}

func TestTrackerFails(t *testing.T) {
	refused := func(context.Context) error { return &Fatal{Reason: "The key was refused."} }
	waits := func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Minute):
			return &Fatal{Reason: "It is gone."}
		}
	}
	two := []Source{&upstream{name: "x", ends: refused}, &upstream{name: "rss", ends: waits}}
	track(t, TrackerOptions{Sources: two}, func(f *following) {
		f.want("feed: X: The key was refused.")
		time.Sleep(time.Minute)
		f.want("feed: RSS: It is gone.")
		err := <-f.ended
		if err == nil || err.Error() != "feed: X: The key was refused.\nfeed: RSS: It is gone." {
			t.Errorf("Run: %v", err)
		}
		f.ended <- nil
	})
	for _, c := range []struct {
		sources []Source
		want    string
	}{
		{nil, "TrackerOptions.Sources is empty"},
		{[]Source{two[0], nil}, "TrackerOptions.Sources[1] is nil"},
	} {
		err := NewTracker(&TrackerOptions{Sources: c.sources}).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Run: %v, want %q", err, c.want)
		}
	}
}

// TestTrackerChangesItself has a function change what is tracked.
func TestTrackerChangesItself(t *testing.T) {
	track(t, TrackerOptions{}, func(f *following) {
		f.OnTweet(func(s Shown) {
			f.must(f.Track("coffee"))
			f.OnDelete(func(Ref) {})
		})
		f.must(f.Track("golang"))
		f.offer("1 golang")
		f.want("tweet 1")
		f.wantFilters([]string{"golang", "coffee"}, []string{}, []string{})
	})
}
