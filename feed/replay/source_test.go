package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/feed/replay"
	"rightnow/internal/feedsim"
)

// simple reads {"id", "by", "text", "gone", "end"}.
type simple struct{}

func (simple) Decode(msg []byte, out feed.Sink) (bool, error) {
	var m struct{ ID, By, Text, Gone, End, URL string }
	switch {
	case json.Unmarshal(msg, &m) != nil:
		out.Skip(feed.SkipMalformed)
	case m.End != "":
		return false, errors.New(m.End)
	case m.Gone != "":
		out.Retract(feed.Ref{Source: "simple", ID: m.Gone})
	default:
		out.State(feed.State{Phase: feed.PhaseFailed})
		out.Cursor("c")
		out.Offer(feed.Post{Source: "simple", ID: m.ID, Native: m.ID, Author: feed.Author{ID: m.By, URL: m.URL}, Text: m.Text, URL: m.URL})
	}
	return true, nil
}

// rig plays lines in a bubble.
type rig struct {
	*testing.T
	want   feed.Want
	sink   feedsim.Sink
	start  time.Time
	cancel context.CancelFunc
	ended  chan error
}

func inBubble(t *testing.T, file string, speed float64, test func(*rig)) {
	t.Helper()
	f := mustRead(t, file)
	synctest.Test(t, func(t *testing.T) {
		s, err := replay.New(&replay.Options{File: f, Speed: speed, Decoders: map[string]feed.Decoder{"simple": simple{}, "other": simple{}, "none": nil}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		r := &rig{T: t, start: time.Now(), cancel: cancel, ended: make(chan error, 1)}
		r.want.Set(feed.Filter{Words: []string{"go"}})
		go func() { r.ended <- s.Run(ctx, &r.want, &r.sink) }()
		test(r)
		cancel()
		before := time.Now()
		if err := <-r.ended; err != nil || time.Since(before) > time.Second {
			t.Errorf("Run: %v after %v", err, time.Since(before))
		}
	})
}

func (r *rig) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *rig) wantTexts(texts string) {
	r.Helper()
	if got := strings.Join(r.sink.Got().Texts(), " "); got != texts {
		r.Errorf("posts %q, want %q", got, texts)
	}
}

func (r *rig) wantStates(states ...string) {
	r.Helper()
	var got []string
	for _, s := range r.sink.Got().States {
		text := string(s.Phase)
		if s.Reason != "" {
			text += " " + s.Reason
		}
		if !s.Until.IsZero() {
			text += " " + s.Until.Sub(r.start).String()
		}
		got = append(got, text)
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", states) {
		r.Errorf("states %q, want %q", got, states)
	}
}

// said is a line by which somebody says something.
func said(at int, src, text string) string {
	return fmt.Sprintf(`{"t":%d,"src":%q,"wire":{"id":"%s{{loop}}","by":"ada","text":"%s","url":"https://real.site/"}}`+"\n", at, src, text, text)
}

func does(at int, src, do string, ms int) string {
	return fmt.Sprintf(`{"t":%d,"src":%q,"do":%q,"for":%d}`+"\n", at, src, do, ms)
}

func TestPlaysRoundAfterRound(t *testing.T) {
	inBubble(t, header+said(0, "simple", "a")+said(5000, "simple", "b")+said(5000, "none", "x"), 1, func(r *rig) {
		r.wait(26 * time.Second)
		r.wantTexts("a b a b a b")
		posts := r.sink.Got().Posts
		if posts[0].ID != "simple/a" || posts[2].ID != "simple/a1" || posts[4].ID != "simple/a2" {
			t.Errorf("%+v", posts)
		}
		r.wantStates("live")
	})
}

func TestPostsAreTheReplays(t *testing.T) {
	inBubble(t, header+said(0, "simple", "a")+`{"t":1,"src":"other","wire":{"id":"b","by":"bo","text":"b","url":"https://a.Example/x"}}`+"\n"+
		`{"t":2,"src":"simple","wire":{"gone":"a"}}`+"\n", 1, func(r *rig) {
		r.wait(time.Second)
		got := r.sink.Got()
		a, b := got.Posts[0], got.Posts[1]
		if a.Source != "replay" || a.ID != "simple/a" || a.Native != "simple/a" || a.Author.ID != "simple/ada" || a.URL != "" || a.Author.URL != "" {
			t.Errorf("%+v", a)
		}
		if b.ID != "other/b" || b.URL != "https://a.Example/x" || b.Author.URL != b.URL {
			t.Errorf("%+v", b)
		}
		if len(got.Retracts) != 1 || got.Retracts[0] != (feed.Ref{Source: "replay", ID: "simple/a"}) {
			t.Errorf("%+v", got.Retracts)
		}
		if len(got.Cursors) != 0 {
			t.Errorf("%q", got.Cursors)
		}
		r.wantStates("live")
	})
}

func TestOutagesShowAsStates(t *testing.T) {
	inBubble(t, header+
		said(0, "simple", "a")+does(1000, "simple", "cut", 2000)+said(2000, "simple", "lost")+said(2000, "other", "b")+said(4000, "simple", "c")+
		does(5000, "other", "429", 3000)+said(6000, "other", "lost")+said(8500, "other", "d")+
		does(9000, "simple", "quiet", 500)+said(9100, "simple", "lost")+said(9600, "simple", "e"), 1, func(r *rig) {
		r.wait(9900 * time.Millisecond)
		r.wantTexts("a b c d e")
		r.wantStates("live", "waiting The demo plays a cut connection (simple). 3s", "live",
			"waiting The demo plays a server that asks for patience (other). 8s", "live",
			"live The demo plays a quiet time (simple).", "live")
		if gaps := r.sink.Got().Gaps; len(gaps) != 2 || gaps[0][1].Sub(gaps[0][0]) != 2*time.Second || gaps[1][0].Sub(r.start) != 5*time.Second {
			t.Errorf("%v", gaps)
		}
	})
}

func TestDecoderEndsTheConnection(t *testing.T) {
	inBubble(t, header+`{"t":0,"src":"simple","wire":{"end":"too slow"}}`+"\n"+said(500, "simple", "lost")+said(1500, "simple", "a"), 1, func(r *rig) {
		r.wait(2 * time.Second)
		r.wantTexts("a")
		r.wantStates("live", "waiting The demo plays a cut connection (simple). 1s", "live")
	})
}

func TestGoesOnWhereItWas(t *testing.T) {
	inBubble(t, header+said(1000, "simple", "a")+does(2000, "simple", "cut", 3000)+said(6000, "simple", "b"), 1, func(r *rig) {
		r.wait(3 * time.Second)
		r.want.Set(feed.Filter{})
		r.wait(time.Hour)
		r.wantTexts("a")
		r.want.Set(feed.Filter{Words: []string{"other"}})
		r.wait(2500 * time.Millisecond)
		r.wantTexts("a")
		r.want.Set(feed.Filter{Words: []string{"more"}})
		r.wait(time.Second)
		r.wantTexts("a b")
		again := (time.Hour + 5*time.Second).String()
		r.wantStates("live", "waiting The demo plays a cut connection (simple). 5s", "idle",
			"waiting The demo plays a cut connection (simple). "+again, "live")
	})
}

func TestEndsWithoutLoop(t *testing.T) {
	inBubble(t, strings.Replace(header, `"loop":true`, `"loop":false`, 1)+said(1000, "simple", "a"), 1, func(r *rig) {
		r.wait(10 * time.Hour)
		r.wantTexts("a")
		r.wantStates("live", "idle The replay is over.")
	})
}

func TestSpeed(t *testing.T) {
	inBubble(t, header+said(1000, "simple", "a")+does(2000, "simple", "cut", 2000)+said(5000, "simple", "b"), 10, func(r *rig) {
		r.wait(550 * time.Millisecond)
		r.wantTexts("a b")
		r.wantStates("live", "waiting The demo plays a cut connection (simple). 400ms", "live")
	})
}

func TestNewWantsADecoder(t *testing.T) {
	_, err := replay.New(&replay.Options{File: mustRead(t, header+said(0, "simple", "a")), Decoders: map[string]feed.Decoder{"x": simple{}}})
	if err == nil {
		t.Error("a file that nobody can read is taken")
	}
}
