package xposts

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
	ms = time.Millisecond
	s  = time.Second

	// token is looked for in all that is told and logged.
	token = "sEcReT-tOkEn"
)

var send = feedsim.Send

// rig is a source at a fake, in a bubble.
type rig struct {
	*feedtest.Rig
	fake   *feedsim.X
	source *Source
}

// inBubble runs a source against a fake that goes by scripts.
func inBubble(t *testing.T, test func(*rig), connections ...steps) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := feedsim.NewX(feedsim.Scripts(connections...))
		fake.Token = token
		r := &rig{Rig: feedtest.New(t, fake, "golang"), fake: fake}
		r.Path, r.Token = feedsim.XStreamPath, token
		r.source = New(&Options{URL: "http://api.test", Token: token, Budget: 10000, Client: r.Mem.Client(), Logger: r.Log.Logger()})
		r.Source = r.source
		defer r.End()
		test(r)
	})
}

func (r *rig) wantPhases(phases string) {
	r.Helper()
	var got string
	for _, s := range r.Sink.Got().States { // the spending changes within a phase
		if phase := string(s.Phase); !strings.HasSuffix(got, phase) {
			got = strings.TrimSpace(got + " " + phase)
		}
	}
	if got != phases {
		r.Errorf("phases %q, want %q", got, phases)
	}
}

// bubble is when time begins in bubbles.
var bubble = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// tweet is a line with a post, with more members of its data.
func tweet(id int, text, more string) string {
	return fmt.Sprintf(`{"data":{"id":"%d","edit_history_tweet_ids":["%d"],"text":%q,"author_id":"6","created_at":"2000-01-01T00:00:00.000Z","lang":"en"%s},`+
		`"includes":{"users":[{"id":"6","username":"ada","name":"Ada"}]},"matching_rules":[{"id":"1","tag":"rightnow:1"}]}`, id, id, text, more)
}

// rules are the values of the rules that there are.
func (r *rig) rules() (values []string) {
	for _, rule := range r.fake.Rules() {
		values = append(values, rule.Value)
	}
	return values
}

func (r *rig) wantRules(values ...string) {
	r.Helper()
	if got := fmt.Sprintf("%q", r.rules()); got != fmt.Sprintf("%q", values) {
		r.Errorf("rules %s, want %q", got, values)
	}
}
