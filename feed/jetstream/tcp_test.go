package jetstream

import (
	"context"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

// TestOverTCP has one post come over real sockets.
func TestOverTCP(t *testing.T) {
	fake := feedsim.NewJetstream(feedsim.Scripts(steps{send(create(1, "over TCP"))}))
	srv := httptest.NewServer(feedsim.Mux(fake))
	defer srv.Close()
	source := New(&Options{Hosts: []string{srv.URL}, API: srv.URL, Client: feed.NewClient((&net.Dialer{}).DialContext)})
	var want feed.Want
	want.Set(feed.Filter{Words: []string{"tcp"}})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var sink feedsim.Sink
	ended := make(chan error, 1)
	go func() { ended <- source.Run(ctx, &want, &sink) }()
	if err := sink.Await(ctx, func(g feedsim.Got) bool { return len(g.Posts) == 1 && g.Posts[0].Text == "over TCP" }); err != nil {
		t.Errorf("%v: %+v", err, sink.Got())
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
