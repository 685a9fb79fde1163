package xposts

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

// golang is the rule for the word that is wanted.
const golang = "(golang) -is:retweet"

func TestRequest(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		all := r.fake.Requests()
		var made []string
		for _, q := range all {
			made = append(made, q.Method+" "+q.Path)
		}
		if got, want := strings.Join(made, ", "), "GET /2/tweets/search/stream/rules, POST /2/tweets/search/stream/rules, GET /2/tweets/search/stream"; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		q := all[2].Query
		if !strings.Contains(q.Get("tweet.fields"), "edit_history_tweet_ids") || q.Get("expansions") != "author_id,attachments.media_keys" || !strings.Contains(q.Get("media.fields"), "alt_text") {
			t.Errorf("query %v", q)
		}
		r.wantRules(golang)
		if tag := r.fake.Rules()[0].Tag; !strings.HasPrefix(tag, "rightnow:") {
			t.Errorf("tag %s", tag)
		}
		r.WantTexts("Hello #golang")
		r.wantPhases("connecting live")
		if got := r.source.Spent(); got.Posts != 1 || got.Dollars != 0.005 || !got.Renews.Equal(bubble.Add(24*time.Hour)) {
			t.Errorf("spent %+v", got)
		}
	}, steps{send(tweet(1, "Hello #golang", ""))})
}

func TestHeartbeatsAlone(t *testing.T) {
	var beats steps
	for range 30 {
		beats = append(beats, feedsim.Sleep(20*s), feedsim.Beat())
	}
	inBubble(t, func(r *rig) {
		r.RunFor(10 * time.Minute)
		r.WantPauses(0)
		r.wantPhases("connecting live")
	}, beats)
}

// TestSilence gives up after thirty seconds and tells what is missing.
func TestSilence(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(45 * s)
		r.WantPauses(0, 30*s)
		r.wantPhases("connecting live connecting live")
		if gaps := r.Sink.Got().Gaps; len(gaps) != 1 || gaps[0][1].Sub(gaps[0][0]) != 30*s {
			t.Errorf("gaps %v", gaps)
		}
	}, steps{send(tweet(1, "a", ""))})
}

func TestCut(t *testing.T) {
	whole := tweet(2, "cut", "") + "\r"
	for _, n := range []int{1, 20, len(whole) / 2, len(whole) - 2, len(whole) - 1} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantPauses(0, 0)
				r.WantTexts("a", "b")
				if skips := r.Sink.Got().Skips; len(skips) != 0 {
					t.Errorf("skips %v", skips)
				}
				r.wantPhases("connecting live")
			}, steps{send(tweet(1, "a", "")), feedsim.Raw(whole[:n]), feedsim.Cut()}, steps{send(tweet(3, "b", ""))})
		})
	}
}

func TestSplit(t *testing.T) {
	var bytewise steps
	text := tweet(1, "Grüße ☕️", "") + "\r\n\r\n" + tweet(2, "b", "") + "\r\n"
	for i := range len(text) {
		bytewise = append(bytewise, feedsim.Raw(text[i:i+1]))
	}
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.WantTexts("Grüße ☕️", "b")
	}, bytewise)
}

func TestEnds(t *testing.T) {
	for name, end := range map[string]feedsim.Step{
		"EOF": feedsim.End(), "cut": feedsim.Cut(),
		"operational": send(`{"errors":[{"title":"operational-disconnect","disconnect_type":"UpstreamOperationalDisconnect","detail":"x","type":"https://api.x.com/2/problems/operational-disconnect"}]}`),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantPauses(0, 0)
				r.wantPhases("connecting live")
			}, steps{send(tweet(1, "a", "")), end})
		})
	}
}

func TestRefused(t *testing.T) {
	refuse := feedsim.Refuse
	long := steps{send(tweet(1, "a", "")), feedsim.Sleep(20 * s), feedsim.Beat(), feedsim.Sleep(20 * s), feedsim.Cut()}
	for _, test := range []struct {
		name   string
		steps  []steps
		pauses []time.Duration
	}{
		{"503", []steps{{refuse(503, "")}, {refuse(503, "")}, {refuse(503, "")}, long, {refuse(503, "")}}, []time.Duration{0, 5 * s, 10 * s, 20 * s, 40 * s, 5 * s}},
		{"no rules", []steps{{refuse(409, "")}, {refuse(409, "")}}, []time.Duration{0, 5 * s, 10 * s}},
		{"429", []steps{{refuse(429, "", "X-Rate-Limit-Reset", "")}, {refuse(429, "", "X-Rate-Limit-Reset", "")}}, []time.Duration{0, time.Minute, 2 * time.Minute}},
		{"429 until", []steps{{refuse(429, "", "x-rate-limit-reset", strconv.FormatInt(bubble.Add(7*time.Minute).Unix(), 10))}}, []time.Duration{0, 7 * time.Minute}},
		{"network", []steps{{feedsim.Cut()}, {feedsim.Cut()}, {feedsim.Cut()}}, []time.Duration{0, 0, 250 * ms, 500 * ms}},
		{"another connection", []steps{{send(`{"title":"ConnectionException","connection_issue":"TooManyConnections","detail":"x"}`)}}, []time.Duration{0, time.Minute}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(0)
				for range 600 {
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

func TestRefusedForGood(t *testing.T) {
	for status, reason := range map[int]string{401: "The server does not accept the key (401).", 403: "The server refuses us (403)."} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(time.Hour)
				r.WantFatal(reason)
				r.WantPauses(0)
				r.wantRules() // none is left
			}, steps{feedsim.Refuse(status, "")})
		})
	}
	t.Run("wrong key", func(t *testing.T) {
		inBubble(t, func(r *rig) {
			r.fake.Token = "another"
			r.RunFor(time.Hour)
			r.WantFatal("The server does not accept the key (401).")
			if n := len(r.fake.Requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	})
}

// TestSecondConnection waits while another program has the stream.
func TestSecondConnection(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Store("(other)", "theirs")
		req, _ := http.NewRequest(http.MethodGet, "http://api.test"+feedsim.XStreamPath, nil)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := r.Mem.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		r.RunFor(30 * s)
		r.wantPhases("connecting waiting")
		resp.Body.Close()
		r.Wait(20 * time.Minute) // until the reset that the answer names
		if got := r.Sink.Got().Phases(); !strings.HasPrefix(got, "connecting waiting connecting live") {
			t.Errorf("phases %s", got)
		}
		if at := r.Streams()[2].At.Sub(r.Start); at < 15*time.Minute || at > 19*time.Minute {
			t.Errorf("tried again after %v", at)
		}
	}, steps{}, beats(time.Hour))
}

func TestOddMessages(t *testing.T) {
	with := func(more string) string { return tweet(1, "odd", more) }
	for _, test := range []struct {
		name, message string
		reason        feed.SkipReason
	}{
		{"bad", `{bad`, feed.SkipMalformed},
		{"half", `{"data":`, feed.SkipMalformed},
		{"list", `[]`, feed.SkipMalformed},
		{"null", `null`, feed.SkipUnknown},
		{"new key", `{"weather":{"rain":true}}`, feed.SkipUnknown},
		{"no text", `{"data":{"id":"1"},"matching_rules":[{"tag":"rightnow:"}]}`, feed.SkipMalformed},
		{"bad id", strings.Replace(tweet(1, "odd", ""), `"id":"1"`, `"id":"../1"`, 1), feed.SkipMalformed},
		{"bad author", with(`,"author_id":"x"`), feed.SkipMalformed},
		{"wrong type", with(`,"edit_history_tweet_ids":7`), feed.SkipMalformed},
		{"another's rule", strings.ReplaceAll(tweet(1, "odd", ""), "rightnow:", "theirs"), feed.SkipKind},
		{"too long", tweet(1, strings.Repeat("x", 3<<20), ""), feed.SkipMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantTexts("next")
				r.WantPauses(0)
				if got := r.Sink.Got().Skips; len(got) != 1 || got[test.reason] != 1 {
					t.Errorf("skips %v, want one %s", got, test.reason)
				}
			}, steps{send(test.message), send(tweet(2, "next", ""))})
		})
	}
}

// TestEdits have the id of the first revision. One that comes late is left out.
func TestEdits(t *testing.T) {
	edit := func(id int) string {
		return tweet(id, fmt.Sprint("edit ", id), `,"edit_history_tweet_ids":["1","2","3"]`)
	}
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		got := r.Sink.Got()
		if len(got.Posts) != 2 || got.Posts[1].ID != "1" || got.Posts[1].Rev != "3" || got.Skips[feed.SkipDuplicate] != 2 {
			t.Errorf("%+v, skips %v", got.Posts, got.Skips)
		}
	}, steps{send(tweet(1, "first", "")), send(edit(3)), send(edit(2)), send(tweet(1, "first", ""))})
}

// TestFlood counts all that is delivered.
func TestFlood(t *testing.T) {
	var flood steps
	for i := range 5000 {
		flood = append(flood, send(tweet(i+1, "a", "")))
	}
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		got := r.Sink.Got()
		if len(got.Posts) != 5000 || r.source.Spent().Posts != 5000 || got.Cursors[4999] != "2000-01-01 5000" {
			t.Errorf("%d posts, spent %+v", len(got.Posts), r.source.Spent())
		}
		if len(got.States) > 3 {
			t.Errorf("%d states", len(got.States))
		}
	}, flood)
}

func TestStops(t *testing.T) {
	for name, script := range map[string]steps{
		"dialling": {feedsim.Late(time.Hour)}, "waiting": {feedsim.Refuse(503, "", "Retry-After", "900")}, "reading": {feedsim.Beat()},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(10 * s)
				r.wantRules(golang)
				r.Stop()
				r.wantRules()
			}, script)
		})
	}
}
