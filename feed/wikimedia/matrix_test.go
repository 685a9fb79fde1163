package wikimedia

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

func TestRequest(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		q := r.fake.Requests()[0]
		if q.Path != path || q.Header.Get("Accept") != "text/event-stream" || q.Header.Get("Accept-Encoding") != "" {
			t.Errorf("%s %v", q.Path, q.Header)
		}
		if agent := q.Header.Get("User-Agent"); !strings.HasPrefix(agent, "RightNow/1 (admin@example.com) Go/1.") {
			t.Errorf("User-Agent %q", agent)
		}
		r.WantPhases("connecting live")
	})
}

// TestNoContact doesn't even ask.
func TestNoContact(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.source.o.Contact = ""
		r.RunFor(s)
		r.WantFatal("Wikimedia wants to know whom to write to: set a contact, a mail or web address.")
		r.WantPauses()
	})
}

func TestForbidden(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(time.Hour)
		r.WantFatal("The server refuses us (403).")
		r.WantPauses(0)
	}, steps{feedsim.Refuse(403, "Please set a user-agent")})
}

// TestSilence gives a connection up and goes on where it was, a second earlier.
func TestSilence(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(45 * s)
		r.WantPauses(0, 30*s)
		want := fmt.Sprintf(`[{"topic":"codfw.mediawiki.recentchange","partition":0,"offset":-1},{"topic":"eqiad.mediawiki.recentchange","partition":0,"timestamp":%d}]`,
			bubble.UnixMilli()+1-1000)
		if got := r.fake.Requests()[1].Header.Get("Last-Event-ID"); got != want {
			t.Errorf("Last-Event-ID %s, want %s", got, want)
		}
		r.WantPhases("connecting live connecting live")
	}, steps{send(edit("1", "a", ""))})
}

// TestCutByDesign lives through two of the cuts that come every fifteen minutes.
func TestCutByDesign(t *testing.T) {
	quarter := steps{}
	for range 60 {
		quarter = append(quarter, send(edit("1", "a", "")), feedsim.Sleep(15*s))
	}
	quarter = append(quarter, feedsim.End())
	inBubble(t, func(r *rig) {
		r.RunFor(30*time.Minute + 20*s)
		r.WantPauses(0, 15*time.Minute, 15*time.Minute)
		r.WantPhases("connecting live")
	}, quarter, quarter)
}

// TestCut cuts an event everywhere: nothing of it counts, nor does its id.
func TestCut(t *testing.T) {
	whole := "event: message\nid: [{\"topic\":\"x\",\"partition\":0,\"timestamp\":99}]\ndata: " + strings.ReplaceAll(edit("2", "cut", ""), "\n", "\ndata: ") + "\n"
	for _, n := range []int{1, 20, 60, 90, len(whole) / 2, len(whole) - 1, len(whole)} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantPauses(0, 0)
				r.WantTexts("edited a: a comment", "edited b: a comment")
				if got := r.fake.Requests()[1].Header.Get("Last-Event-ID"); strings.Contains(got, "99}") {
					t.Errorf("Last-Event-ID %s", got)
				}
				if skips := r.Sink.Got().Skips; len(skips) != 0 {
					t.Errorf("skips %v", skips)
				}
				r.WantPhases("connecting live")
			}, steps{send(edit("1", "a", "")), feedsim.Raw(whole[:n]), feedsim.Cut()}, steps{send(edit("3", "b", ""))})
		})
	}
}

// TestSplit sends an event byte by byte.
func TestSplit(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.WantTexts("edited Grüße ☕️: a comment")
	}, bytewise("event: message\r\ndata: "+strings.ReplaceAll(edit("2", "Grüße ☕️", ""), "\n", "\r\ndata: ")+"\r\n\r\n"))
}

func bytewise(text string) (all steps) {
	for i := range len(text) {
		all = append(all, feedsim.Raw(text[i:i+1]))
	}
	return all
}

func TestRefused(t *testing.T) {
	refuse := feedsim.Refuse
	for _, test := range []struct {
		name   string
		steps  []steps
		pauses []time.Duration
	}{
		{"503", []steps{{refuse(503, "")}, {refuse(503, "")}, {refuse(503, "")}, {send(edit("1", "a", "")), feedsim.Cut()}, {refuse(503, "")}},
			[]time.Duration{0, 5 * s, 10 * s, 20 * s, 0, 5 * s}},
		{"503 and a moment", []steps{{refuse(503, "", "Retry-After", "90")}}, []time.Duration{0, 90 * s}},
		{"too many", []steps{{refuse(429, "Too Many Concurrent Connections From Your Client IP")}, {refuse(429, "")}}, []time.Duration{0, 60 * s, 120 * s}},
		{"too many, until", []steps{{refuse(429, "", "Retry-After", "Sat, 01 Jan 2000 00:07:00 GMT")}}, []time.Duration{0, 7 * time.Minute}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(0)
				for range 600 {
					if len(r.fake.Requests()) == len(test.pauses) {
						break
					}
					r.Wait(s)
				}
				r.WantPauses(test.pauses...)
			}, test.steps...)
		})
	}
}

// TestOddEvents sends what is not for us: each is counted, and the next shown.
func TestOddEvents(t *testing.T) {
	for _, test := range []struct {
		name   string
		step   feedsim.Step
		reason feed.SkipReason
	}{
		{"cut JSON", send(`{`), feed.SkipMalformed},
		{"no meta", send(`{}`), feed.SkipMalformed},
		{"wrong type", send(strings.Replace(edit("1", "a", ""), `"Anna"`, `["Anna"]`, 1)), feed.SkipMalformed},
		{"canary", send(strings.Replace(edit("1", "a", ""), `"domain":"en.wikipedia.org"`, `"domain":"canary"`, 1)), feed.SkipKind},
		{"bot", send(edit("1", "a", `,"bot":true`)), feed.SkipKind},
		{"talk", send(edit("1", "a", `,"namespace":1`)), feed.SkipKind},
		{"other wiki", send(strings.ReplaceAll(edit("1", "a", ""), "en.wikipedia.org", "de.wikipedia.org")), feed.SkipKind},
		{"categorize", send(edit("1", "a", `,"type":"categorize"`)), feed.SkipKind},
		{"log", send(edit("1", "a", `,"type":"log"`)), feed.SkipKind},
		{"unknown type", send(edit("1", "a", `,"type":"poem"`)), feed.SkipUnknown},
		{"unknown stream", send(strings.Replace(edit("1", "a", ""), "mediawiki.recentchange", "eventlogging", 1)), feed.SkipUnknown},
		{"unknown event", feedsim.Raw("event: poem\ndata: x\n\n"), feed.SkipUnknown},
		{"foreign server", send(edit("1", "a", `,"server_url":"https://evil.example"`)), feed.SkipMalformed},
		{"no title", send(edit("1", "", "")), feed.SkipMalformed},
		{"old", send(strings.Replace(edit("1", "a", ""), "2000-01-01T00", "1999-12-31T23", 1)), feed.SkipGone},
		{"too long", feedsim.Raw("data: " + strings.Repeat("x", 3<<20) + "\n\n"), feed.SkipMalformed},
		{"too many lines", feedsim.Raw(strings.Repeat("data: x\n", 1<<18) + "\n"), feed.SkipMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				r.WantTexts("edited next: a comment")
				r.WantPauses(0)
				if got := r.Sink.Got().Skips; len(got) != 1 || got[test.reason] != 1 {
					t.Errorf("skips %v, want one %s", got, test.reason)
				}
			}, steps{test.step, send(edit("2", "next", ""))})
		})
	}
}

// TestErrorEvent takes an error for the end of the connection.
func TestErrorEvent(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.WantPauses(0, 0)
	}, steps{send(edit("1", "a", "")), feedsim.Raw("event: error\ndata: {\"message\":\"broker gone\"}\n\n")})
}

func TestDeletes(t *testing.T) {
	ref := func(id string) feed.Ref { return feed.Ref{Source: "wikimedia", ID: id} }
	for _, test := range []struct {
		name, message string
		want          []feed.Ref
	}{
		{"page", deleted("New_York"), []feed.Ref{ref("1"), ref("2")}},
		{"other page", deleted("Boston"), nil},
		{"by the log", edit("9", "New York", `,"type":"log","namespace":0,"log_type":"delete","log_action":"delete"`), []feed.Ref{ref("1"), ref("2")}},
		{"revision", hidden(12, false), []feed.Ref{ref("2")}},
		{"revision shown again", hidden(12, true), nil},
		{"other revision", hidden(13, false), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(s)
				if got := r.Sink.Got().Retracts; fmt.Sprint(got) != fmt.Sprint(test.want) {
					t.Errorf("retracts %v, want %v", got, test.want)
				}
			}, steps{send(edit("1", "New York", "")), send(edit("2", "New York", `,"revision":{"new":12}`)), send(test.message)})
		})
	}
}

// TestLongGap is kind to the service: what is long past isn't asked for.
func TestLongGap(t *testing.T) {
	for name, id := range map[string]string{"old": `[{"topic":"x","partition":0,"timestamp":1}]`, "none": "nonsense"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.source.Resume(id)
				r.RunFor(s)
				if got := r.fake.Requests()[0].Header.Get("Last-Event-ID"); got != "" {
					t.Errorf("Last-Event-ID %s", got)
				}
				if gaps := r.Sink.Got().Gaps; len(gaps) == 1 != (name == "old") {
					t.Errorf("gaps %v", gaps)
				}
			})
		})
	}
}

// TestPositionRefused begins anew when the service doesn't take the position.
func TestPositionRefused(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.source.Resume(fmt.Sprintf(`[{"topic":"x","partition":0,"timestamp":%d}]`, bubble.Add(-time.Minute).UnixMilli()))
		r.RunFor(s)
		r.WantPauses(0, 0)
		if q := r.fake.Requests(); q[0].Header.Get("Last-Event-ID") == "" || q[1].Header.Get("Last-Event-ID") != "" {
			t.Errorf("%v", q)
		}
		if gaps := r.Sink.Got().Gaps; len(gaps) != 1 {
			t.Errorf("gaps %v", gaps)
		}
		r.WantPhases("connecting live")
	}, steps{feedsim.Refuse(400, "")})
}

// TestFilterChanges changes the words fifty times: the connection stays until
// nothing is wanted.
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

func TestFlood(t *testing.T) {
	flood := make(steps, 0, 5000)
	for i := range cap(flood) {
		flood = append(flood, send(edit(fmt.Sprint(i), "a", "")))
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
