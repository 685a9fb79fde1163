package jetstream

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
	"rightnow/internal/feedsim/feedtest"
)

type steps = []feedsim.Step

var (
	send = feedsim.Send
)

const (
	ms = time.Millisecond
	s  = time.Second
)

func TestRequest(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		q := r.Streams()[0]
		got := q.Query.Encode()
		if want := "collections=app.bsky.feed.post&kinds=commit&kinds=account&maxMessageSizeBytes=65536"; got != want {
			t.Errorf("query %q, want %q", got, want)
		}
		if agent := q.Header.Get("User-Agent"); !strings.HasPrefix(agent, "RightNow/") {
			t.Errorf("User-Agent %q", agent)
		}
		r.WantPhases("connecting live")
	})
}

// TestSilence wants a connection given up on which nothing but pings comes, and
// the next to go on where it was.
func TestSilence(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(50 * s)
		r.WantPauses(0, 30*s)
		if got := r.Streams()[1].Query.Get("cursor"); got != "7" {
			t.Errorf("cursor %q", got)
		}
		r.WantTexts("a", "b")
		got := r.Sink.Got()
		if got.Skips[feed.SkipDuplicate] != 1 {
			t.Errorf("skips %v", got.Skips)
		}
		r.WantPhases("connecting live connecting live")
	}, steps{send(create(7, "a"))}, steps{send(create(7, "a")), send(create(8, "b")), feedsim.Sleep(29 * s), send(create(9, "c"))}[:3:3])
}

// TestAuthorsAlone follows authors by name: their silence is none, for pings come.
func TestAuthorsAlone(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.Want.Set(feed.Filter{Authors: []string{"bluesky:" + did, "mastodon:x"}})
		r.RunFor(10 * time.Minute)
		r.WantPauses(0)
		if got := r.Streams()[0].Query["dids"]; len(got) != 1 || got[0] != did {
			t.Errorf("dids %q", got)
		}
		r.WantPhases("connecting live")
		r.Want.Set(feed.Filter{Authors: []string{"bluesky:" + did}, Words: []string{"go"}})
		r.Wait(s)
		if asked := r.Streams(); len(asked) != 2 || asked[1].Query.Has("dids") {
			t.Errorf("%d requests", len(asked))
		}
	})
}

// TestCut cuts a frame everywhere: nothing of it counts.
func TestCut(t *testing.T) {
	whole := textFrame(create(2, "cut"))
	for _, n := range []int{1, 2, 4, 5, len(whole) / 2, len(whole) - 1} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantPauses(0, 0)
				r.WantTexts("a", "b")
				if len(r.Sink.Got().Skips) != 0 {
					t.Errorf("skips %v", r.Sink.Got().Skips)
				}
				r.WantPhases("connecting live")
			}, steps{send(create(1, "a")), feedsim.Raw(whole[:n]), feedsim.Cut()}, steps{send(create(3, "b"))})
		})
	}
}

// TestFragments sends a frame in pieces of every size.
func TestFragments(t *testing.T) {
	message := create(1, "Grüße ☕️")
	for _, size := range []int{1, 2, 3, 7, 100, 1000} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantTexts("Grüße ☕️")
			}, steps{feedsim.Raw(feedtest.Frames(message, size))})
		})
	}
}

// textFrame is a message as a server frames it.
func textFrame(message string) string { return feedtest.Frames(message, len(message)) }

// TestEnds has healthy connections end in all ways: each is tried again at once.
func TestEnds(t *testing.T) {
	for name, end := range map[string]feedsim.Step{
		"1000": feedsim.End(), "1001": feedsim.Close(1001, "server shutting down"), "cut": feedsim.Cut(),
		"too slow": send(`{"$type":"error","error":"ConsumerTooSlow","message":"reconnect with cursor=2"}`),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantPauses(0, 0)
				if got := r.Streams()[1].Query.Get("cursor"); got != "1" {
					t.Errorf("cursor %q", got)
				}
				r.WantPhases("connecting live")
			}, steps{send(create(1, "a")), end})
		})
	}
}

func TestRefused(t *testing.T) {
	refuse := feedsim.Refuse
	for _, test := range []struct {
		name   string
		steps  []steps
		pauses []time.Duration
		hosts  string
	}{
		{"503", []steps{{refuse(503, "")}, {refuse(503, "")}, {refuse(503, "")}, {send(create(1, "a")), feedsim.Sleep(time.Minute / 2), feedsim.Close(1011, "")}, {refuse(503, "")}},
			[]time.Duration{0, 250 * ms, 500 * ms, s, 30 * s, 250 * ms}, "east east east west west west"},
		{"429", []steps{{refuse(429, "", "Retry-After", "420")}}, []time.Duration{0, 420 * s}, "east east"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(0)
				for range 60 * 9 {
					if len(r.Streams()) == len(test.pauses) {
						break
					}
					r.Wait(s)
				}
				r.WantPauses(test.pauses...)
			}, test.steps...)
		})
	}
}

// TestForbidden stops for good, with one request and a plain reason.
func TestForbidden(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(time.Hour)
		r.WantFatal("The server refuses us (403).")
		r.WantPauses(0)
	}, steps{feedsim.Refuse(403, "")})
}

// TestOddMessages sends what nobody should: each is counted, and the next shown.
func TestOddMessages(t *testing.T) {
	payload := func(text string) string { return `{"$type":"message","payload":` + text + `}` }
	for _, test := range []struct {
		name, message string
		reason        feed.SkipReason
	}{
		{"no JSON", `{bad`, feed.SkipMalformed},
		{"empty", ``, feed.SkipMalformed},
		{"list", `[]`, feed.SkipMalformed},
		{"number", `7`, feed.SkipMalformed},
		{"null", `null`, feed.SkipUnknown},
		{"unknown frame", `{"$type":"greeting"}`, feed.SkipUnknown},
		{"v1", `{"did":"did:plc:x","time_us":1,"kind":"commit"}`, feed.SkipUnknown},
		{"no payload", `{"$type":"message"}`, feed.SkipMalformed},
		{"unknown kind", payload(`{"$type":"network.bsky.jetstream.subscribeEvents#poem","seq":1}`), feed.SkipUnknown},
		{"foreign type", payload(`{"$type":"com.example.x#commit","seq":1}`), feed.SkipUnknown},
		{"identity", payload(`{"$type":"network.bsky.jetstream.subscribeEvents#identity","seq":1}`), feed.SkipKind},
		{"account without account", payload(`{"$type":"network.bsky.jetstream.subscribeEvents#account","seq":1,"did":"did:plc:x"}`), feed.SkipMalformed},
		{"other collection", strings.Replace(create(1, "x"), "app.bsky.feed.post", "app.bsky.feed.like", 1), feed.SkipKind},
		{"bad did", strings.Replace(create(1, "x"), did, "javascript:alert(1)//", 1), feed.SkipMalformed},
		{"bad key", strings.Replace(create(1, "x"), `"r1"`, `"../../x"`, 1), feed.SkipMalformed},
		{"no record", commit(1, "create", "x", ""), feed.SkipMalformed},
		{"no text", commit(1, "create", "x", `,"record":{}`), feed.SkipMalformed},
		{"text is a list", commit(1, "create", "x", `,"record":{"text":[]}`), feed.SkipMalformed},
		{"unknown operation", commit(1, "sing", "x", ""), feed.SkipUnknown},
		{"too long", create(1, strings.Repeat("x", 3<<20)), feed.SkipMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantTexts("next")
				r.WantPauses(0)
				if got := r.Sink.Got().Skips; len(got) != 1 || got[test.reason] != 1 {
					t.Errorf("skips %v, want one %s", got, test.reason)
				}
			}, steps{send(test.message), send(create(2, "next"))})
		})
	}
}

func TestDeletes(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		want := fmt.Sprint([]feed.Ref{{Source: "bluesky", ID: "at://" + did + "/app.bsky.feed.post/ra"}, {Source: "bluesky", AuthorID: did}})
		if got := fmt.Sprint(r.Sink.Got().Retracts); got != want {
			t.Errorf("retracts %v, want %v", got, want)
		}
	}, steps{send(commit(1, "delete", "ra", "")), send(account(2, true)), send(account(3, false))})
}

func TestCursorTooOld(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Floor = 100
		r.source.Resume(position{host: "ws://east.test", seq: 7, time: r.Start.Add(-time.Minute)}.String())
		r.RunFor(s)
		asked := r.Streams()
		if len(asked) != 2 || asked[0].Query.Get("cursor") != "7" || asked[1].Query.Has("cursor") {
			t.Errorf("requests %+v", asked)
		}
		gaps := r.Sink.Got().Gaps
		if len(gaps) != 1 || gaps[0][1].Sub(gaps[0][0]) != time.Minute {
			t.Errorf("gaps %v", gaps)
		}
		r.WantPhases("connecting live")
	})
}

// TestLongGap doesn't ask a host for what nobody wants to read any more.
func TestLongGap(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.source.Resume(position{host: "ws://east.test", seq: 7, time: r.Start.Add(-2 * time.Hour)}.String())
		r.RunFor(s)
		if r.Streams()[0].Query.Has("cursor") || len(r.Sink.Got().Gaps) != 1 {
			t.Errorf("query %v, gaps %v", r.Streams()[0].Query, r.Sink.Got().Gaps)
		}
	})
}

// TestOutdatedCursor is told of a hole in the stream itself.
func TestOutdatedCursor(t *testing.T) {
	info := `{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#info","name":"OutdatedCursor","message":"x"}}`
	inBubble(t, func(r *rig) {
		r.source.Resume(position{host: "ws://other.test", seq: 7, time: r.Start.Add(-time.Minute)}.String())
		r.RunFor(s)
		if got, want := r.Streams()[0].Query.Get("cursor"), fmt.Sprint(r.Start.Add(-65*s).UnixMicro()); got != want {
			t.Errorf("cursor %s, want %s", got, want)
		}
		if gaps := r.Sink.Got().Gaps; len(gaps) != 1 {
			t.Errorf("gaps %v", gaps)
		}
	}, steps{send(info), send(create(9, "a"))})
}

// TestLate shows none of the posts that come long after they were written, and
// heeds all deletions.
func TestLate(t *testing.T) {
	inBubble(t, func(r *rig) {
		old := func(message string) string {
			return strings.Replace(message, time.Now().UTC().Format(time.RFC3339Nano), time.Now().Add(-3*time.Minute).UTC().Format(time.RFC3339Nano), 1)
		}
		d, sink := Decoder{}, &r.Sink
		for _, message := range []string{old(create(1, "a")), old(commit(2, "delete", "rb", "")), create(3, "c")} {
			if _, err := d.Decode([]byte(message), sink); err != nil {
				t.Error(err)
			}
		}
		r.WantTexts("c")
		if got := sink.Got(); len(got.Retracts) != 1 || got.Skips[feed.SkipGone] != 1 {
			t.Errorf("%+v", got)
		}
	})
}

// TestFilterChanges changes the words fifty times: the connection stays.
func TestFilterChanges(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		for i := range 50 {
			r.Want.Set(feed.Filter{Words: []string{fmt.Sprint(i)}})
			r.Wait(20 * ms)
		}
		r.WantPauses(0)
		r.Want.Set(feed.Filter{})
		r.Wait(s)
		if n := r.fake.Open(); n != 0 {
			t.Errorf("%d connections with nothing wanted", n)
		}
		r.WantPhases("connecting live idle")
	})
}

// TestFlood sends more than is read at a time; nothing is lost before the sink.
func TestFlood(t *testing.T) {
	flood := make(steps, 0, 20000)
	for i := range cap(flood) {
		flood = append(flood, send(create(i+1, fmt.Sprint(i))))
	}
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		if n := len(r.Sink.Got().Posts); n != len(flood) {
			t.Errorf("%d posts, want %d", n, len(flood))
		}
		if cursors := r.Sink.Got().Cursors; len(cursors) > 2 {
			t.Errorf("%d cursors in a second", len(cursors))
		}
	}, flood)
}
