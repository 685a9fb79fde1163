package feed_test

import (
	"context"
	"fmt"
	"time"

	"rightnow/feed"
)

// shortwave is a source that says two things and is then silent.
type shortwave struct{}

func (shortwave) Name() string    { return "shortwave" }
func (shortwave) Title() string   { return "Shortwave" }
func (shortwave) Caps() feed.Caps { return feed.Caps{} }

func (shortwave) Run(ctx context.Context, want *feed.Want, out feed.Sink) error {
	for { // no connection while nothing is wanted
		filter, changed := want.Load()
		if !filter.Empty() {
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
	out.State(feed.State{Phase: feed.PhaseLive})
	for i, text := range []string{"We have moved to Socket.IO today.", "Rain again."} {
		out.Offer(feed.Post{ID: fmt.Sprint(i), Author: feed.Author{ID: "7", Handle: "ada.example"}, Text: text, CreatedAt: time.Now()})
	}
	<-ctx.Done()
	return nil
}

// The lesson's lines
//
//	var t = new Twitter({...});
//	t.track('socket.io');
//	t.on('tweet', function (tweet) { console.log(tweet.text); });
//
// are these.
func ExampleTracker() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	t := feed.NewTracker(&feed.TrackerOptions{Sources: []feed.Source{shortwave{}}})
	if err := t.Track("socket.io"); err != nil {
		fmt.Println(err)
	}
	t.OnTweet(func(tweet feed.Shown) {
		fmt.Println(tweet.Author.Handle+":", tweet.Text)
		cancel()
	})
	if err := t.Run(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: ada.example: We have moved to Socket.IO today.
}
