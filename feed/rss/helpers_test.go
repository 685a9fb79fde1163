package rss

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

type steps = []feedsim.Step

const (
	ms   = time.Millisecond
	sec  = time.Second
	mn   = time.Minute
	blog = "http://blog.test/feeds/blog.xml"
)

var send, refuse = feedsim.Send, feedsim.Refuse

// rig is a source at a fake, in a bubble.
type rig struct {
	*testing.T
	fake   *feedsim.RSS
	mem    *feedsim.Memory
	source *Source
	want   feed.Want
	sink   feedsim.Sink
	start  time.Time
	cancel context.CancelFunc
	ended  chan error
}

// inBubble runs a source of one feed against a fake that goes by scripts.
func inBubble(t *testing.T, test func(*rig), requests ...steps) {
	t.Helper()
	inBubbleWith(t, Options{Feeds: []string{blog}}, test, requests...)
}

func inBubbleWith(t *testing.T, o Options, test func(*rig), requests ...steps) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, fake: feedsim.NewRSS(feedsim.Scripts(requests...)), start: time.Now(), ended: make(chan error, 1)}
		r.mem = feedsim.Listen(r.fake)
		defer r.mem.Close()
		o.Dial, o.Contact = r.mem.Dial, "admin@example.com"
		source, err := New(&o)
		if err != nil {
			t.Fatal(err)
		}
		r.source = source
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

// wantPauses compares the pauses before the first requests, of which up to a
// quarter is chance.
func (r *rig) wantPauses(pauses ...time.Duration) {
	r.Helper()
	asked := r.fake.Requests()
	if len(asked) < len(pauses) {
		r.Fatalf("%d requests, want %d", len(asked), len(pauses))
	}
	last := r.start
	for i, q := range asked[:len(pauses)] {
		if got := q.At.Sub(last); got < pauses[i] || got > pauses[i]+pauses[i]/4 {
			r.Errorf("request %d came after %v, want %v", i, got, pauses[i])
		}
		last = q.At
	}
}

func (r *rig) wantTexts(texts ...string) {
	r.Helper()
	if got := fmt.Sprintf("%q", r.sink.Got().Texts()); got != fmt.Sprintf("%q", texts) {
		r.Errorf("posts %s, want %q", got, texts)
	}
}

func (r *rig) wantPhases(phases string) {
	r.Helper()
	if got := r.sink.Got().Phases(); got != phases {
		r.Errorf("phases %q, want %q", got, phases)
	}
}

// atom is a feed with entries, each "id text"; "-id" is one that was deleted.
func atom(entries ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>The Blog</title><link href="https://blog.example/"/>`)
	for _, e := range entries {
		id, text, _ := strings.Cut(e, " ")
		if gone, ok := strings.CutPrefix(id, "-"); ok {
			fmt.Fprintf(&b, `<at:deleted-entry ref="tag:%s" when="2026-01-01T00:00:00Z"/>`, gone)
			continue
		}
		fmt.Fprintf(&b, `<entry><id>tag:%s</id><title>%s</title></entry>`, id, text)
	}
	return b.String() + `</feed>`
}
