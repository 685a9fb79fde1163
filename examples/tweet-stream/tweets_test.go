package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"rightnow/feed"
	"rightnow/socketio"
)

// wire is a source that brings what the test says.
type wire struct{ out chan feed.Sink }

func (wire) Name() string    { return "wire" }
func (wire) Title() string   { return "Wire" }
func (wire) Caps() feed.Caps { return feed.Caps{} }

func (w wire) Run(ctx context.Context, _ *feed.Want, out feed.Sink) error {
	w.out <- out
	<-ctx.Done()
	return nil
}

func TestBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := wire{make(chan feed.Sink, 1)}
		tracker := feed.NewTracker(&feed.TrackerOptions{Sources: []feed.Source{w}})
		if err := tracker.Track("golang"); err != nil {
			t.Fatal(err)
		}
		all := &tweets{io: socketio.New(nil)}
		tracker.OnTweet(all.add)
		tracker.OnDelete(all.remove)
		ended := make(chan error, 1)
		go func() { ended <- tracker.Run(ctx) }() // ends with cancel
		out := <-w.out
		want := func(ids ...string) {
			t.Helper()
			synctest.Wait()
			all.mu.Lock()
			defer all.mu.Unlock()
			var got []string
			for _, tweet := range all.newest() {
				got = append(got, tweet.ID+tweet.Rev)
			}
			if !slices.Equal(got, ids) {
				t.Errorf("buffer %q, want %q", got, ids)
			}
		}
		for i := range 12 {
			out.Offer(feed.Post{ID: fmt.Sprint("p", i), Author: feed.Author{ID: fmt.Sprint("a", i%2)}, Text: "golang"})
		}
		want("p11", "p10", "p9", "p8", "p7", "p6", "p5", "p4", "p3", "p2")
		out.Retract(feed.Ref{ID: "p10"})
		out.Retract(feed.Ref{Native: "of a post that never came"})
		out.Offer(feed.Post{ID: "p9", Rev: "b", Author: feed.Author{ID: "a1"}, Text: "golang, edited"})
		want("p11", "p9b", "p8", "p7", "p6", "p5", "p4", "p3", "p2", "p1")
		out.Offer(feed.Post{ID: "p8", Rev: "b", Author: feed.Author{ID: "a0"}, Text: "not any more"})
		out.Retract(feed.Ref{AuthorID: "a1"})
		want("p6", "p4", "p2", "p0")
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestStart sees that what is missing at the start is named.
func TestStart(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.jsonl")
	if err := os.WriteFile(broken, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file string
		word string
		want string
	}{
		{"no such file", "golang", "no such file"},
		{broken, "golang", "broken.jsonl"},
		{"", "the", `phrase "the"`},
	} {
		if _, err := track(c.file, false, []string{c.word}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q, %q: %v, want %q", c.file, c.word, err, c.want)
		}
	}
	tracker, err := track("", true, []string{"golang"})
	if err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), "0", tracker, fstest.MapFS{}, fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "make page") {
		t.Errorf("without its libraries: %v", err)
	}
}
