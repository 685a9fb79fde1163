package mastodon

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
	"rightnow/internal/feedsim/feedtest"
)

func TestRequest(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Streaming = "ws://streaming.social.test" // another host
		r.RunFor(s)
		all := r.fake.Requests()
		if len(all) != 2 || all[0].Path != feedsim.MastodonInstancePath || all[1].Path != feedsim.MastodonPath {
			t.Fatalf("%v", all)
		}
		q := all[1]
		if len(q.Query) != 0 || q.Header.Get("Sec-WebSocket-Protocol") != "" || !strings.HasPrefix(q.Header.Get("User-Agent"), "RightNow/") {
			t.Errorf("%v %v", q.Query, q.Header)
		}
		r.wantFrames([]string{`{"type":"subscribe","stream":"hashtag","tag":"golang"}`})
		r.WantTexts("Hello #golang")
		r.WantPhases("connecting live")
	}, steps{subscribed, send(update(1, "Hello #golang"))})
}

// TestHeartbeatsAlone stays connected, and says after ten minutes that it is quiet.
func TestHeartbeatsAlone(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(9*time.Minute + 50*s)
		r.WantPhases("connecting live")
		r.Wait(time.Hour - 9*time.Minute)
		r.WantPauses(0)
		got := r.Sink.Got()
		if got.Phases() != "connecting live live live" || !strings.HasPrefix(got.States[2].Reason, "No post has come for ten minutes") || got.States[3].Reason != "" {
			t.Errorf("states %+v", got.States)
		}
		r.WantTexts("at last")
	}, steps{feedsim.Sleep(59 * time.Minute), send(update(1, "at last"))})
}

// TestSilence gives a connection up that is dead: one more, and it goes on.
func TestSilence(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.Want.Set(feed.Filter{Words: []string{"golang", "rust"}}) // a frame that nobody reads
		r.Wait(3 * time.Minute)
		if n := len(r.Streams()); n != 2 {
			t.Fatalf("%d connections", n)
		}
		if at := r.Streams()[1].At.Sub(r.Start); at > 80*s {
			t.Errorf("given up after %v", at)
		}
		r.WantTexts("a", "b")
	}, steps{subscribed, send(update(1, "a")), feedsim.StopReading()}, steps{send(update(2, "b"))})
}

// TestCut cuts a frame everywhere: nothing of it counts, above all no part of an id.
func TestCut(t *testing.T) {
	for name, message := range map[string]string{"update": update(2, "cut"), "delete": event("delete", "108914398911648589")} {
		whole := feedtest.Frames(message, len(message))
		for _, n := range []int{1, 2, 4, len(whole) / 2, len(whole) - 5, len(whole) - 1} {
			t.Run(name+strconv.Itoa(n), func(t *testing.T) {
				inBubble(t, func(r *rig) {
					r.RunFor(s)
					r.WantPauses(0, 0)
					r.WantTexts("a", "b")
					if got := r.Sink.Got(); len(got.Skips) != 0 || len(got.Retracts) != 0 {
						t.Errorf("skips %v, retracts %v", got.Skips, got.Retracts)
					}
					r.WantPhases("connecting live")
				}, steps{subscribed, send(update(1, "a")), feedsim.Raw(whole[:n]), feedsim.Cut()}, steps{subscribed, send(update(3, "b"))})
			})
		}
	}
}

func TestFragments(t *testing.T) {
	message := update(1, "Grüße ☕️")
	for _, size := range []int{1, 2, 7, 100, 1000} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantTexts("Grüße ☕️")
			}, steps{subscribed, feedsim.Raw(feedtest.Frames(message, size))})
		})
	}
}

func TestEnds(t *testing.T) {
	for name, end := range map[string]feedsim.Step{"1000": feedsim.End(), "1001": feedsim.Close(1001, "bye"), "cut": feedsim.Cut()} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantPauses(0, 0)
				r.WantPhases("connecting live")
				if n := len(r.Asked(feedsim.MastodonInstancePath)); n != 1 {
					t.Errorf("the instance was asked %d times", n)
				}
			}, steps{subscribed, send(update(1, "a")), end})
		})
	}
}

// TestTokenGone stops when the account takes the token back, and the server hangs up.
func TestTokenGone(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(time.Hour)
		r.WantFatal("The server does not accept the key (401).")
		r.WantPauses(0, 0)
	}, steps{subscribed, send(update(1, "a")), feedsim.Close(1000, "")}, steps{feedsim.Refuse(401, `{"error":"Invalid access token"}`)})
}

func TestRefusedForGood(t *testing.T) {
	for status, reason := range map[int]string{
		401: "The server does not accept the key (401).", 403: "The server refuses us (403).", 404: "There is no such stream at this address (404).",
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(time.Hour)
				r.WantFatal(reason)
				r.WantPauses(0)
			}, steps{feedsim.Refuse(status, "")})
		})
	}
	t.Run("app token", func(t *testing.T) {
		inBubble(t, func(r *rig) {
			r.fake.Token = "app-" + token
			r.RunFor(time.Hour)
			r.WantFatal("The server does not accept the key (401).")
			r.WantPauses(0)
		})
	})
}

func TestRefused(t *testing.T) {
	refuse := feedsim.Refuse
	for _, test := range []struct {
		name   string
		steps  []steps
		pauses []time.Duration
	}{
		{"503", []steps{{refuse(503, "")}, {refuse(503, "")}, {refuse(503, "")}, {subscribed, send(update(1, "a")), feedsim.Sleep(time.Minute), feedsim.Cut()}, {refuse(503, "")}},
			[]time.Duration{0, s, 2 * s, 4 * s, time.Minute, s}},
		{"429", []steps{{refuse(429, "", "X-RateLimit-Reset", "2000-01-01T00:07:00.000000Z")}}, []time.Duration{0, 7 * time.Minute}},
		{"429 Unix", []steps{{refuse(429, "", "X-RateLimit-Reset", strconv.FormatInt(bubble.Add(7*time.Minute).Unix(), 10))}}, []time.Duration{0, 7 * time.Minute}},
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

// TestNoServer tries an address at which nobody is, less and less often.
func TestNoServer(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.Mem.Close()
		r.RunFor(time.Hour)
		states := r.Sink.Got().States
		if n := len(states); n < 100 || n > 150 { // connecting and waiting, once a minute
			t.Errorf("%d states", n)
		}
	})
}

// TestOddMessages sends what nobody should: each is counted, and the next shown.
func TestOddMessages(t *testing.T) {
	with := func(more string) string { return event("update", post(1, "odd", more)) }
	for _, test := range []struct {
		name, message string
		reason        feed.SkipReason
	}{
		{"no JSON", `{bad`, feed.SkipMalformed},
		{"empty", ``, feed.SkipMalformed},
		{"list", `[]`, feed.SkipMalformed},
		{"null", `null`, feed.SkipUnknown},
		{"no event", `{"stream":["public"]}`, feed.SkipUnknown},
		{"new event", `{"stream":["public"],"event":"poem","payload":"x"}`, feed.SkipUnknown},
		{"notification", event("notification", "{}"), feed.SkipKind},
		{"update without payload", `{"stream":["public"],"event":"update"}`, feed.SkipMalformed},
		{"payload null", `{"stream":["public"],"event":"update","payload":null}`, feed.SkipMalformed},
		{"payload object", `{"stream":["public"],"event":"update","payload":{"id":"1"}}`, feed.SkipMalformed},
		{"payload number", `{"stream":["public"],"event":"update","payload":7}`, feed.SkipMalformed},
		{"bad payload", event("update", "{bad"), feed.SkipMalformed},
		{"payload list", event("update", "[]"), feed.SkipMalformed},
		{"delete without payload", `{"stream":["public"],"event":"delete"}`, feed.SkipMalformed},
		{"delete by number", `{"stream":["public"],"event":"delete","payload":108914398911648589}`, feed.SkipMalformed},
		{"delete of nonsense", event("delete", "../1"), feed.SkipMalformed},
		{"no uri", with(`,"uri":""`), feed.SkipMalformed},
		{"bad id", with(`,"id":"<1>"`), feed.SkipMalformed},
		{"no content", with(`,"content":null`), feed.SkipMalformed},
		{"no account", with(`,"account":null`), feed.SkipMalformed},
		{"bot", with(`,"account":{"acct":"bot@far.example","bot":true}`), feed.SkipKind},
		{"for followers", with(`,"visibility":"private"`), feed.SkipKind},
		{"direct", with(`,"visibility":"direct"`), feed.SkipKind},
		{"visibility unknown", with(`,"visibility":"moon"`), feed.SkipKind},
		{"boost", with(`,"reblog":{"id":"7"}`), feed.SkipKind},
		{"too long", update(1, strings.Repeat("x", 3<<20)), feed.SkipMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantTexts("next")
				r.WantPauses(0)
				if got := r.Sink.Got(); len(got.Skips) != 1 || got.Skips[test.reason] != 1 || len(got.Retracts) != 0 {
					t.Errorf("skips %v, want one %s; retracts %v", got.Skips, test.reason, got.Retracts)
				}
			}, steps{subscribed, feedsim.Raw(raw(test.message)), send(update(2, "next"))})
		})
	}
}

// raw frames messages of any length.
func raw(message string) string { return feedtest.Frames(message, max(1, min(len(message), 60000))) }

// TestFiltersChanged takes the one event that has no payload.
func TestFiltersChanged(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.WantTexts("next")
		if got := r.Sink.Got().Skips; len(got) != 0 {
			t.Errorf("skips %v", got)
		}
	}, steps{subscribed, send(`{"stream":["user"],"event":"filters_changed"}`), send(update(2, "next"))})
}

// TestDeletes names posts by both of their names; before the post there is but one.
func TestDeletes(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		want := fmt.Sprint([]feed.Ref{{Source: "mastodon", ID: "https://far.example/users/ada/statuses/1", Native: "1"}, {Source: "mastodon", Native: "108914398911648589"}})
		if got := fmt.Sprint(r.Sink.Got().Retracts); got != want {
			t.Errorf("retracts %v, want %v", got, want)
		}
	}, steps{subscribed, send(update(1, "a")), send(event("delete", "1")), send(event("delete", "108914398911648589"))})
}

// TestEdit is the same post in another revision.
func TestEdit(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		got := r.Sink.Got().Posts
		if len(got) != 2 || got[0].ID != got[1].ID || got[0].Rev != "" || got[1].Rev != "2000-01-01T00:00:01.000Z" || got[1].Text != "better" {
			t.Errorf("%+v", got)
		}
	}, steps{subscribed, send(update(1, "good")), send(event("status.update", post(1, "better", `,"edited_at":"2000-01-01T00:00:01.000Z"`)))})
}

// TestAnswers takes errors on the connection: the token is beyond hope, all else is
// shown as quiet is.
func TestAnswers(t *testing.T) {
	t.Run("401", func(t *testing.T) {
		inBubble(t, func(r *rig) {
			r.RunFor(time.Minute)
			r.WantFatal("The server does not accept the key (401).")
			r.WantPauses(0)
		}, steps{subscribed, send(`{"error":"Access token does not cover required scopes","status":401}`)})
	})
	t.Run("403", func(t *testing.T) {
		inBubble(t, func(r *rig) {
			r.RunFor(10 * time.Minute)
			r.WantPauses(0)
			states := r.Sink.Got().States
			if last := states[len(states)-1]; last.Phase != feed.PhaseLive || last.Reason != "The server does not give us one of its streams (403)." || len(states) != 3 {
				t.Errorf("states %+v", states)
			}
		}, steps{subscribed, send(`{"error":"This method requires an authenticated user","status":403}`)})
	})
}

// TestFilter changes words on one connection, with exactly the frames it needs.
func TestFilter(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.Want.Set(feed.Filter{Words: []string{"golang", "café", "#rust"}})
		r.Wait(s)
		r.Want.Set(feed.Filter{Words: []string{"café", "go chat"}})
		r.Wait(s)
		r.Want.Set(feed.Filter{Words: []string{"café"}, Authors: []string{"ada@far.example"}})
		r.Wait(s)
		r.Want.Set(feed.Filter{Words: []string{"café"}})
		r.Wait(s)
		r.wantFrames([]string{
			`{"type":"subscribe","stream":"hashtag","tag":"cafe"}`,
			`{"type":"subscribe","stream":"hashtag","tag":"golang"}`,
			`{"type":"subscribe","stream":"hashtag","tag":"rust"}`,
			`{"type":"subscribe","stream":"public"}`,
			`{"type":"unsubscribe","stream":"hashtag","tag":"golang"}`,
			`{"type":"unsubscribe","stream":"hashtag","tag":"rust"}`,
			`{"type":"unsubscribe","stream":"public"}`,
		})
		r.Want.Set(feed.Filter{})
		r.Wait(s)
		if n := r.fake.Open(); n != 0 {
			t.Errorf("%d connections with nothing wanted", n)
		}
		r.WantPhases("connecting live idle")
	})
}

// TestFiftyChanges keeps the connection and ends with what is wanted.
func TestFiftyChanges(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		for i := range 50 {
			r.Want.Set(feed.Filter{Words: []string{fmt.Sprint("tag", i)}})
			r.Wait(20 * ms)
		}
		frames := r.Streams()[0].Frames
		if len(frames) != 101 || frames[99] != `{"type":"subscribe","stream":"hashtag","tag":"tag49"}` {
			t.Errorf("%d frames, %q", len(frames), frames[len(frames)-2:])
		}
	})
}

func TestFlood(t *testing.T) {
	flood := steps{subscribed}
	for i := range 5000 {
		flood = append(flood, send(update(i+1, "a")))
	}
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		if n := len(r.Sink.Got().Posts); n != 5000 {
			t.Errorf("%d posts", n)
		}
	}, flood)
}

// TestStops ends within a second whatever it is doing.
func TestStops(t *testing.T) {
	for name, script := range map[string]steps{
		"dialling": {feedsim.Late(time.Hour)}, "waiting": {feedsim.Refuse(503, "", "Retry-After", "900")}, "reading": {subscribed},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) { r.RunFor(10 * s) }, script)
		})
	}
}

// TestInsecure does not send the token where others can read it.
func TestInsecure(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := api{o: &Options{URL: "http://social.test", Token: token, Client: r.Mem.Client()}}
		if _, err := a.instance(context.Background()); err != nil {
			t.Error(err)
		}
		a.o.URL = "https://social.test"
		client := *r.Mem.Client()
		client.Transport = plain{client.Transport}
		a.o.Client = &client
		if _, err := a.instance(context.Background()); err == nil || !strings.Contains(err.Error(), "not secure") {
			t.Errorf("%v", err)
		}
	})
}

// plain asks by HTTP what is to be asked by HTTPS.
type plain struct{ http.RoundTripper }

func (p plain) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme = "http"
	return p.RoundTripper.RoundTrip(req)
}
