package wikimedia

import (
	"context"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

// TestOverTCP has one post come over real sockets.
func TestOverTCP(t *testing.T) {
	fake := feedsim.NewWikimedia(feedsim.Scripts(steps{send(strings.Replace(edit("1", "Go", ""), bubble.Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339), 1))}))
	srv := httptest.NewServer(feedsim.Mux(fake))
	defer srv.Close()
	source := New(&Options{URL: srv.URL, Contact: "admin@example.com", Client: feed.NewClient((&net.Dialer{}).DialContext)})
	var want feed.Want
	want.Set(feed.Filter{Words: []string{"tcp"}})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var sink feedsim.Sink
	ended := make(chan error, 1)
	go func() { ended <- source.Run(ctx, &want, &sink) }()
	if err := sink.Await(ctx, func(g feedsim.Got) bool { return len(g.Posts) == 1 && g.Posts[0].Text == "edited Go: a comment" }); err != nil {
		t.Errorf("%v: %+v", err, sink.Got())
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
