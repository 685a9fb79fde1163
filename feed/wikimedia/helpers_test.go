package wikimedia

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

type steps = []feedsim.Step

const (
	ms = time.Millisecond
	s  = time.Second
)

var send = feedsim.Send

// rig is a source at a fake, in a bubble.
type rig struct {
	*testing.T
	fake   *feedsim.Wikimedia
	mem    *feedsim.Memory
	source *Source
	want   feed.Want
	sink   feedsim.Sink
	start  time.Time
	cancel context.CancelFunc
	ended  chan error
}

// inBubble runs a source against a fake that goes by scripts.
func inBubble(t *testing.T, test func(*rig), connections ...steps) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, fake: feedsim.NewWikimedia(feedsim.Scripts(connections...)), start: time.Now(), ended: make(chan error, 1)}
		r.mem = feedsim.Listen(r.fake)
		defer r.mem.Close()
		r.source = New(&Options{URL: "http://stream.test", Contact: "admin@example.com", Client: r.mem.Client()})
		r.want.Set(feed.Filter{Words: []string{"go"}})
		defer r.end()
		test(r)
	})
}

// end stops Run if it still runs, and looks for what the fake complains of.
func (r *rig) end() {
	if r.cancel != nil {
		r.stop()
	}
	for _, fault := range r.fake.Faults() {
		r.Error(fault)
	}
	if n := r.fake.MostOpen(); n > 1 {
		r.Errorf("%d connections at once", n)
	}
}

func (r *rig) run(d time.Duration) {
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	go func() { r.ended <- r.source.Run(ctx, &r.want, &r.sink) }()
	r.wait(d)
}

// wait lets the time of the bubble go by.
func (r *rig) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// stop ends Run and wants it to end within a second.
func (r *rig) stop() {
	r.Helper()
	r.cancel()
	r.cancel = nil
	before := time.Now()
	if err := <-r.ended; err != nil {
		r.Errorf("Run: %v", err)
	}
	if took := time.Since(before); took > time.Second {
		r.Errorf("Run ended after %v", took)
	}
}

// wantPauses compares the pauses before each request, of which up to a quarter is
// chance.
func (r *rig) wantPauses(pauses ...time.Duration) {
	r.Helper()
	asked := r.fake.Requests()
	if len(asked) != len(pauses) {
		r.Fatalf("%d requests, want %d", len(asked), len(pauses))
	}
	last := r.start
	for i, q := range asked {
		if got := q.At.Sub(last); got < pauses[i] || got > pauses[i]+pauses[i]/4 {
			r.Errorf("request %d came after %v, want %v", i, got, pauses[i])
		}
		last = q.At
	}
}

func (r *rig) wantTexts(texts ...string) {
	r.Helper()
	if got := fmt.Sprint(r.sink.Got().Texts()); got != fmt.Sprint(texts) {
		r.Errorf("posts %v, want %v", got, texts)
	}
}

func (r *rig) wantPhases(phases string) {
	r.Helper()
	if got := r.sink.Got().Phases(); got != phases {
		r.Errorf("phases %q, want %q", got, phases)
	}
}

// bubble is when time begins in bubbles, and a moment before the events below.
var bubble = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// edit is an event of recentchange.
func edit(id, title, more string) string {
	return fmt.Sprintf(`{"$schema":"/mediawiki/recentchange/1.0.0","meta":{"uri":"https://en.wikipedia.org/wiki/X","id":%q,"dt":%q,"domain":"en.wikipedia.org","stream":"mediawiki.recentchange"},
"id":7,"type":"edit","namespace":0,"title":%q,"comment":"a comment","user":"Anna","bot":false,"minor":true,"server_name":"en.wikipedia.org","server_url":"https://en.wikipedia.org","server_script_path":"/w","wiki":"enwiki","revision":{"old":10,"new":11}%s}`,
		id, bubble.Format(time.RFC3339), title, more)
}

// deleted is an event of mediawiki.page-delete.
func deleted(title string) string {
	return fmt.Sprintf(`{"meta":{"id":"d","dt":%q,"domain":"en.wikipedia.org","stream":"mediawiki.page-delete"},"page_title":%q,"page_namespace":0}`, bubble.Format(time.RFC3339), title)
}

// hidden is an event of mediawiki.revision-visibility-change.
func hidden(revision int, text bool) string {
	return fmt.Sprintf(`{"meta":{"id":"v","dt":%q,"domain":"en.wikipedia.org","stream":"mediawiki.revision-visibility-change"},"rev_id":%d,"visibility":{"text":%v,"user":true,"comment":true}}`,
		bubble.Format(time.RFC3339), revision, text)
}
