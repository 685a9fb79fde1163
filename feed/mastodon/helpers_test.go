package mastodon

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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

var (
	send = feedsim.Send
	// subscribed has the fake wait until the client has said what it wants.
	subscribed = feedsim.Expect(`{"type":"subscribe","stream":"hashtag","tag":"golang"}`)
)

// rig is a source at a fake, in a bubble.
type rig struct {
	*testing.T
	fake   *feedsim.Mastodon
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
		r := &rig{T: t, fake: feedsim.NewMastodon(feedsim.Scripts(connections...)), start: time.Now(), ended: make(chan error, 1)}
		r.fake.Token = token
		r.mem = feedsim.Listen(r.fake)
		defer r.mem.Close()
		r.source = New(&Options{URL: "http://social.test", Token: token, Client: r.mem.Client(),
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

func (r *rig) streams() []feedsim.Request { return r.asked(feedsim.MastodonPath) }

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

// wantFrames compares what the client said on its connections, in any order
// between those of one.
func (r *rig) wantFrames(connections ...[]string) {
	r.Helper()
	asked := r.streams()
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

// frame is a message as a server frames it, in pieces of a size.
func frame(message string, size int) string {
	var b strings.Builder
	for op := byte(1); ; op = 0 {
		piece := message[:min(size, len(message))]
		message = message[len(piece):]
		if message == "" {
			op |= 0x80
		}
		header := []byte{op, byte(len(piece))}
		if len(piece) > 125 {
			header = binary.BigEndian.AppendUint16([]byte{op, 126}, uint16(len(piece)))
		}
		b.Write(header)
		b.WriteString(piece)
		if message == "" {
			return b.String()
		}
	}
}
