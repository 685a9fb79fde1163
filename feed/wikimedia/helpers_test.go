package wikimedia

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/feedsim"
	"rightnow/internal/feedsim/feedtest"
)

type steps = []feedsim.Step

const (
	ms = time.Millisecond
	s  = time.Second
)

var send = feedsim.Send

// rig is a source at a fake, in a bubble.
type rig struct {
	*feedtest.Rig
	fake   *feedsim.Wikimedia
	source *Source
}

// inBubble runs a source against a fake that goes by scripts.
func inBubble(t *testing.T, test func(*rig), connections ...steps) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := feedsim.NewWikimedia(feedsim.Scripts(connections...))
		r := &rig{Rig: feedtest.New(t, fake, "go"), fake: fake}
		r.source = New(&Options{URL: "http://stream.test", Contact: "admin@example.com", Client: r.Mem.Client()})
		r.Source = r.source
		defer r.End()
		test(r)
	})
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
