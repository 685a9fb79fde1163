package rss

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/feedsim"
	"rightnow/internal/feedsim/feedtest"
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
	*feedtest.Rig
	fake   *feedsim.RSS
	source *Source
}

// inBubble runs a source of one feed against a fake that goes by scripts.
func inBubble(t *testing.T, test func(*rig), requests ...steps) {
	t.Helper()
	inBubbleWith(t, Options{Feeds: []string{blog}}, test, requests...)
}

func inBubbleWith(t *testing.T, o Options, test func(*rig), requests ...steps) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := feedsim.NewRSS(feedsim.Scripts(requests...))
		r := &rig{Rig: feedtest.New(t, fake, "go"), fake: fake}
		r.Beside = true
		defer r.End()
		o.Dial, o.Contact = r.Mem.Dial, "admin@example.com"
		source, err := New(&o)
		if err != nil {
			t.Fatal(err)
		}
		r.source, r.Source = source, source
		test(r)
	})
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
