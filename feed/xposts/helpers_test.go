package xposts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
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

	// token is looked for in all that is told and logged.
	token = "sEcReT-tOkEn"
)

var send = feedsim.Send

// rig is a source at a fake, in a bubble.
type rig struct {
	*testing.T
	fake   *feedsim.X
	mem    *feedsim.Memory
	source *Source
	want   feed.Want
	sink   feedsim.Sink
	log    locked
	start  time.Time
	cancel context.CancelFunc
	ended  chan error
}

// locked is a log.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// inBubble runs a source against a fake that goes by scripts.
func inBubble(t *testing.T, test func(*rig), connections ...steps) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, fake: feedsim.NewX(feedsim.Scripts(connections...)), start: time.Now(), ended: make(chan error, 1)}
		r.fake.Token = token
		r.mem = feedsim.Listen(r.fake)
		defer r.mem.Close()
		r.source = New(&Options{URL: "http://api.test", Token: token, Budget: 10000, Client: r.mem.Client(),
			Logger: slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		r.want.Set(feed.Filter{Words: []string{"golang"}})
		defer r.end()
		test(r)
	})
}

// end stops Run if it still runs, and looks for what the fake complains of, and
// for the token where it must not be.
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
	told := fmt.Sprintf("%s %+v", r.log.b.String(), r.sink.Got())
	for _, q := range r.fake.Requests() {
		told += fmt.Sprint(q.Path, q.Query, q.Body, q.Frames)
		if got := q.Header.Get("Authorization"); got != "Bearer "+token {
			r.Errorf("%s with %q", q.Path, got)
		}
		q.Header.Del("Authorization")
		told += fmt.Sprint(q.Header)
	}
	if strings.Contains(told, token) {
		r.Errorf("the token stands in %s", told)
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

// asked are the requests for a path.
func (r *rig) asked(path string) (all []feedsim.Request) {
	for _, q := range r.fake.Requests() {
		if q.Path == path {
			all = append(all, q)
		}
	}
	return all
}

func (r *rig) streams() []feedsim.Request { return r.asked(feedsim.XStreamPath) }

// wantPauses compares the pauses before each request for the stream, of which up
// to a quarter is chance.
func (r *rig) wantPauses(pauses ...time.Duration) {
	r.Helper()
	asked := r.streams()
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
	var got string
	for _, s := range r.sink.Got().States { // the spending changes within a phase
		if phase := string(s.Phase); !strings.HasSuffix(got, phase) {
			got = strings.TrimSpace(got + " " + phase)
		}
	}
	if got != phases {
		r.Errorf("phases %q, want %q", got, phases)
	}
}

func (r *rig) wantFatal(reason string) {
	r.Helper()
	var fatal *feed.Fatal
	if err := <-r.ended; !errors.As(err, &fatal) || fatal.Reason != reason {
		r.Errorf("Run: %v", err)
	}
	r.cancel()
	r.cancel = nil
	states := r.sink.Got().States
	if last := states[len(states)-1]; last.Phase != feed.PhaseFailed || last.Reason != reason {
		r.Errorf("state %+v", last)
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
