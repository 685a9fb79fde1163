package wall_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/wall"
)

// TestRetractionReachesAll deletes a post that was shown and quoted: screens, the
// ring for newcomers and the store know it without any wait besides the work itself.
func TestRetractionReachesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var router *feed.Router
		b := newBench(t, wall.Options{NewRouter: func(to feed.Receiver, kept feed.Cursors) wall.Router {
			router = feed.NewRouter(&feed.Options{Receiver: to, Cursors: kept, Logger: slog.New(slog.DiscardHandler)})
			return router
		}})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- router.Run(ctx) }()
		defer func() { // the router ends before the wall
			cancel()
			<-ended
			b.stop()
		}()
		b.enter("go", "ann")
		b.follow("go", "ann")
		b.mustSet("go", "ann", "golang")
		router.Inject(feed.Post{Source: "bluesky", ID: "1", Author: feed.Author{ID: "a", Name: "Mira"}, Text: "about golang"})
		synctest.Wait()
		q, done := b.quote("go", "bluesky", "1")
		seq := b.say("go", "ann", "a", q)
		done()
		time.Sleep(10 * time.Second) // all is quiet
		b.pages.take()

		begin := time.Now()
		router.Retract(feed.Ref{Source: "bluesky", ID: "1"})
		synctest.Wait() // for the work: no time passes in it
		if waited := time.Since(begin); waited > 0 {
			t.Errorf("%v have passed", waited)
		}
		if shown := router.Recent("go"); len(shown) > 0 || len(b.follow("go", "ben").Posts) > 0 {
			t.Errorf("newcomers are shown %+v", shown)
		}
		if got := b.quoteOf("go", seq); !got.Removed || got.Text != "" {
			t.Errorf("stored is %+v", got)
		}
		heard := b.pages.take()
		for _, want := range []string{`feed/go post_gone {"source":"bluesky","id":"1"}`, `chat/go post_gone {"source":"bluesky","id":"1"}`} {
			if !slices.Contains(heard, want) {
				t.Errorf("pages heard %q, not %q", heard, want)
			}
		}
	})
}
