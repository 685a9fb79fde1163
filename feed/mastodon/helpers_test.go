package mastodon

import (
	"encoding/json"
	"fmt"
	"slices"
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

	// token is looked for in all that is told and logged.
	token = "sEcReT-tOkEn"
)

var (
	send = feedsim.Send
	// subscribed has the fake wait until the client has said what it wants.
	subscribed = feedsim.Expect(`{"type":"subscribe","stream":"hashtag","tag":"golang"}`)
)

// rig is a source at a fake, in a bubble.
type rig struct {
	*feedtest.Rig
	fake   *feedsim.Mastodon
	source *Source
}

// inBubble runs a source against a fake that goes by scripts.
func inBubble(t *testing.T, test func(*rig), connections ...steps) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := feedsim.NewMastodon(feedsim.Scripts(connections...))
		fake.Token = token
		r := &rig{Rig: feedtest.New(t, fake, "golang"), fake: fake}
		r.Path, r.Token = feedsim.MastodonPath, token
		r.source = New(&Options{URL: "http://social.test", Token: token, Client: r.Mem.Client(), Logger: r.Log.Logger()})
		r.Source = r.source
		defer r.End()
		test(r)
	})
}

// wantFrames compares what the client said on its connections, in any order
// between those of one.
func (r *rig) wantFrames(connections ...[]string) {
	r.Helper()
	asked := r.Streams()
	if len(asked) != len(connections) {
		r.Fatalf("%d connections, want %d", len(asked), len(connections))
	}
	for i, q := range asked {
		slices.Sort(q.Frames)
		if want := connections[i]; !slices.Equal(q.Frames, want) {
			r.Errorf("connection %d said %q, want %q", i, q.Frames, want)
		}
	}
}

// bubble is when time begins in bubbles.
var bubble = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// post is a status, with more members after those that all have.
func post(id int, text, more string) string {
	return fmt.Sprintf(`{"id":"%d","uri":"https://far.example/users/ada/statuses/%d","url":"https://far.example/@ada/%d","created_at":%q,"edited_at":null,"visibility":"public","language":"en",
"spoiler_text":"","sensitive":false,"content":%q,"reblog":null,"account":{"id":"5","acct":"Ada@far.example","display_name":"Ada","avatar_static":"https://far.example/a.png","url":"https://far.example/@ada","bot":false},
"media_attachments":[],"tags":[{"name":"golang","url":"x"}]%s}`, id, id, id, bubble.Format("2006-01-02T15:04:05.000Z"), "<p>"+text+"</p>", more)
}

func event(name, payload string) string {
	text, _ := json.Marshal(payload)
	return fmt.Sprintf(`{"stream":["hashtag","golang"],"event":%q,"payload":%s}`, name, text)
}

func update(id int, text string) string { return event("update", post(id, text, "")) }
