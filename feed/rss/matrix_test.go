package rss

import (
	"strings"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

func TestFirstPollMarksAllAsSeen(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(13 * mn)
		r.WantTexts("three")
		r.WantPhases("connecting live")
		r.WantFirstPauses(0, 10*mn)
	}, steps{send(atom("2 two", "1 one"))}, steps{send(atom("3 three", "2 two", "1 one"))})
}

func TestNewestAreShown(t *testing.T) {
	inBubbleWith(t, Options{Feeds: []string{blog}, Newest: 2}, func(r *rig) {
		r.RunFor(sec)
		r.WantTexts("two", "three")
	}, steps{send(atom("3 three", "2 two", "1 one"))})
}

func TestRequestIsConditional(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Header = []string{"Last-Modified", "Tue, 01 Sep 2026 10:00:00 GMT"}
		r.RunFor(29 * mn)
		asked := r.fake.Requests()
		if len(asked) != 3 {
			t.Fatalf("%d requests", len(asked))
		}
		for i, q := range asked {
			if !strings.Contains(q.Header.Get("User-Agent"), "(admin@example.com)") || !strings.Contains(q.Header.Get("Accept"), "atom") {
				t.Errorf("request %d: %v", i, q.Header)
			}
			has := q.Header.Get("If-None-Match") != "" && q.Header.Get("If-Modified-Since") == "Tue, 01 Sep 2026 10:00:00 GMT"
			if has != (i > 0) {
				t.Errorf("request %d: %v", i, q.Header)
			}
		}
		if asked[0].Status != 200 || asked[1].Status != 304 || asked[2].Status != 304 {
			t.Errorf("answers %d %d %d", asked[0].Status, asked[1].Status, asked[2].Status)
		}
		r.WantPhases("connecting live") // nothing new is no news
	}, steps{send(atom("1 one"))})
}

func TestIntervals(t *testing.T) {
	ttl := `<rss version="2.0"><channel><title>T</title><ttl>90</ttl></channel></rss>`
	for name, test := range map[string]struct {
		header []string
		doc    string
		pause  time.Duration
	}{
		"least":            {nil, atom("1 one"), 10 * mn},
		"max-age":          {[]string{"Cache-Control", "public, max-age=1800"}, atom("1 one"), 30 * mn},
		"short max-age":    {[]string{"Cache-Control", "max-age=60"}, atom("1 one"), 10 * mn},
		"ttl":              {nil, ttl, 90 * mn},
		"the longer":       {[]string{"Cache-Control", "max-age=1800"}, ttl, 90 * mn},
		"at most a day":    {[]string{"Cache-Control", "max-age=2000000000"}, atom("1 one"), 24 * time.Hour},
		"no number at all": {[]string{"Cache-Control", "max-age=soon"}, atom("1 one"), 10 * mn},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.fake.Header = test.header
				r.RunFor(test.pause * 2)
				r.WantFirstPauses(0, test.pause)
				if r.fake.Requests()[1].Status != 304 {
					t.Error("not asked conditionally")
				}
			}, steps{send(test.doc)})
		})
	}
}

func TestFailuresDouble(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(0)
		r.WantPhases("connecting waiting")
		if s := r.Sink.Got().States[1]; s.Reason != "blog.test: The server is overloaded or being repaired (503)." || s.Until.Before(r.Start.Add(10*mn)) {
			t.Errorf("%+v", s)
		}
		r.Wait(200 * time.Hour)
		at := r.fake.Requests()
		pauses := []time.Duration{0, 10 * mn, 20 * mn, 40 * mn, 80 * mn, 160 * mn, 320 * mn, 640 * mn, 1280 * mn, 24 * time.Hour, 24 * time.Hour}
		for i := 1; i < len(pauses); i++ {
			if got := at[i].At.Sub(at[i-1].At); got < pauses[i] || got > pauses[i]+pauses[i]/4 {
				t.Errorf("request %d came after %v, want %v", i, got, pauses[i])
			}
		}
	}, always(503, 20)...)
}

func always(status, n int) []steps {
	var all []steps
	for range n {
		all = append(all, steps{refuse(status, "")})
	}
	return all
}

func TestSuccessResetsTheDoubling(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(55 * mn)
		r.WantFirstPauses(0, 10*mn, 20*mn, 10*mn)
		r.WantPhases("connecting waiting waiting live")
	}, steps{refuse(500, "")}, steps{refuse(500, "")}, steps{send(atom("1 one"))})
}

func TestRetryAfter(t *testing.T) {
	for name, value := range map[string]string{"seconds": "5400", "date": "Sat, 01 Jan 2000 01:30:00 GMT"} {
		for _, status := range []int{429, 503} {
			t.Run(name, func(t *testing.T) {
				inBubble(t, func(r *rig) {
					r.RunFor(115 * mn)
					r.WantFirstPauses(0, 90*mn)
				}, steps{refuse(status, "", "Retry-After", value)}, steps{send(atom("1 one"))})
			})
		}
	}
}

func TestGoneStops(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(100 * time.Hour)
		r.WantFatal("blog.test: The feed is gone for good (410).")
		if n := len(r.fake.Requests()); n != 1 {
			t.Errorf("%d requests", n)
		}
		r.WantPhases("connecting failed")
	}, steps{refuse(410, "")})
}

func TestOneOfTwoIsGone(t *testing.T) {
	o := Options{Feeds: []string{blog, "http://other.test/feeds/other.xml"}}
	inBubbleWith(t, o, func(r *rig) {
		r.RunFor(25 * mn)
		states := r.Sink.Got().States
		last := states[len(states)-1]
		if last.Phase != feed.PhaseLive || !strings.HasPrefix(last.Reason, "1 of 2 feeds cannot be read, such as ") {
			t.Errorf("%+v", last)
		}
		if n := len(r.fake.Requests()); n != 4 && n != 3 {
			t.Errorf("%d requests", n)
		}
	}, steps{refuse(410, "")}, steps{send(atom("1 one"))})
}

func TestMoved(t *testing.T) {
	for _, test := range []struct {
		status int
		kept   bool
	}{{301, true}, {308, true}, {302, false}, {303, false}, {307, false}} {
		inBubble(t, func(r *rig) {
			r.RunFor(12*mn + 30*sec)
			asked := r.fake.Requests()
			if len(asked) < 3 {
				t.Fatalf("%d: %d requests", test.status, len(asked))
			}
			want := "/feeds/blog.xml"
			if test.kept {
				want = "/feeds/new.xml"
			}
			if asked[1].Path != "/feeds/new.xml" || asked[2].Path != want {
				t.Errorf("%d: %s, then %s", test.status, asked[1].Path, asked[2].Path)
			}
			r.WantPhases("connecting live")
		}, steps{refuse(test.status, "", "Location", "/feeds/new.xml")}, steps{send(atom("1 one"))},
			steps{send(atom("1 one"))}, steps{send(atom("1 one"))})
	}
}

// A moved feed is the same feed: nothing in it is new.
func TestMovedKeepsWhatIsKnown(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(13 * mn)
		r.WantTexts("two")
		id := hash(blog) + "/tag:2"
		if got := r.Sink.Got().Posts[0].ID; got != id {
			t.Errorf("id %q, want %q", got, id)
		}
	}, steps{send(atom("1 one"))},
		steps{refuse(301, "", "Location", "http://elsewhere.test/feeds/blog.xml")}, steps{send(atom("2 two", "1 one"))})
}

func TestRedirectsEnd(t *testing.T) {
	for name, test := range map[string]struct {
		location, reason string
		requests         int
	}{
		"for ever": {"/feeds/blog.xml", "The server sends us from one address to another.", 4},
		"file":     {"file:///etc/passwd", "The server sends us to an address that is none of the web.", 1},
		"gopher":   {"gopher://blog.test/", "The server sends us to an address that is none of the web.", 1},
		"password": {"http://a:b@blog.test/", "The server sends us to an address that is none of the web.", 1},
		"nowhere":  {"", "The server sends us to an address that cannot be read.", 1},
	} {
		t.Run(name, func(t *testing.T) {
			hop := steps{refuse(301, "", "Location", test.location)}
			inBubble(t, func(r *rig) {
				r.RunFor(sec)
				if n := len(r.fake.Requests()); n != test.requests {
					t.Errorf("%d requests", n)
				}
				if s := r.Sink.Got().States[1]; s.Reason != "blog.test: "+test.reason || s.Phase != feed.PhaseWaiting {
					t.Errorf("%+v", s)
				}
			}, hop, hop, hop, hop, hop)
		})
	}
}

func TestCutAndBroken(t *testing.T) {
	whole := atom("2 two", "1 one")
	for name, second := range map[string]steps{
		"cut":                  {feedsim.Raw(whole[:len(whole)-30]), feedsim.Cut()},
		"half, and a good end": {send(whole[:len(whole)-30])},
		"no XML":               {send("<html><body>Not found, but 200</body></html>")},
		"empty":                {refuse(200, "")},
		"zeros":                {send(strings.Repeat("\x00", 5000))},
		"too large":            {send(strings.Replace(whole, "two", strings.Repeat("x", maxBytes), 1))},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.RunFor(50 * mn)
				r.WantTexts("two")
				r.WantPhases("connecting live waiting live")
				r.WantFirstPauses(0, 10*mn, 10*mn, 10*mn, 10*mn)
			}, steps{send(atom("1 one"))}, second, steps{send(whole)})
		})
	}
}

func TestSlowServer(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(16 * sec)
		if s := r.Sink.Got().States[1]; s.Reason != "blog.test: The server does not answer within 15 seconds." {
			t.Errorf("%+v", s)
		}
	}, steps{feedsim.Late(20 * sec), send(atom("1 one"))})
}

func TestEditAndDelete(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(75 * mn)
		r.WantTexts("two", "two, better")
		got := r.Sink.Got()
		if got.Posts[0].ID != got.Posts[1].ID || got.Posts[0].Rev == got.Posts[1].Rev {
			t.Errorf("%+v", got.Posts)
		}
		// That 2 fell out of the feed says nothing; that 3 was deleted before it
		// came does.
		want := []feed.Ref{{Source: Name, ID: hash(blog) + "/tag:3"}, {Source: Name, ID: hash(blog) + "/tag:2"}}
		if len(got.Retracts) != 2 || got.Retracts[0] != want[0] || got.Retracts[1] != want[1] {
			t.Errorf("retracted %+v", got.Retracts)
		}
	},
		steps{send(atom("1 one"))},
		steps{send(atom("2 two", "1 one, changed"))},
		steps{send(atom("-3", "2 two, better"))},
		steps{send(atom("-3", "3 three"))},
		steps{send(atom("-2"))},
		steps{send(atom("-2", "2 two, again"))})
}

func TestNothingWantedNothingAsked(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.Want.Set(feed.Filter{})
		r.RunFor(time.Hour)
		if n := len(r.fake.Requests()); n != 0 {
			t.Fatalf("%d requests", n)
		}
		r.Want.Set(feed.Filter{Authors: []string{"x"}})
		r.Wait(sec)
		r.Want.Set(feed.Filter{})
		r.Wait(5 * time.Hour)
		r.Want.Set(feed.Filter{Words: []string{"a"}})
		r.Wait(sec)
		for i := range 50 {
			r.Want.Set(feed.Filter{Words: []string{"a", string(rune('b' + i))}})
			r.Wait(20 * ms)
		}
		if n := len(r.fake.Requests()); n != 2 {
			t.Errorf("%d requests", n)
		}
		r.WantPhases("idle connecting live idle live")
	}, steps{send(atom("1 one"))})
}

func TestRunEndsWhileItWaits(t *testing.T) {
	for name, first := range map[string]steps{"for an answer": {feedsim.Late(10 * sec)}, "for the next time": {send(atom("1 one"))}, "after a failure": {refuse(500, "")}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) { r.RunFor(sec); r.Stop() }, first)
		})
	}
}

// The fake complains of a second request at the same host.
func TestOneRequestAtAHost(t *testing.T) {
	var o Options
	var requests []steps
	for i := range 20 {
		o.Feeds = append(o.Feeds, "http://blog.test/feeds/"+string(rune('a'+i)))
		requests = append(requests, steps{feedsim.Late(sec), send(atom("1 one"))})
	}
	inBubbleWith(t, o, func(r *rig) {
		r.RunFor(21 * sec)
		if n := len(r.fake.Requests()); n != 20 {
			t.Errorf("%d requests", n)
		}
		r.WantPhases("connecting live")
	}, requests...)
}

func TestSeveralHostsAtOnce(t *testing.T) {
	o := Options{Feeds: []string{"http://a.test/feeds/1", "http://b.test/feeds/1", "http://c.test/feeds/1"}}
	late := steps{feedsim.Late(10 * sec), send(atom("1 one"))}
	inBubbleWith(t, o, func(r *rig) {
		r.RunFor(11 * sec)
		r.WantPhases("connecting live")
		if n := r.fake.MostOpen(); n != 3 {
			t.Errorf("%d at once", n)
		}
	}, late, late, late)
}

func TestNew(t *testing.T) {
	for _, feeds := range [][]string{nil, {""}, {"blog.example/feed"}, {"ftp://blog.example/feed"}, {"https://me:secret@blog.example/"}, {"https://"}, {"https://blog.example/\x7f"}} {
		_, err := New(&Options{Feeds: feeds})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("New(%q): %v", feeds, err)
		}
	}
	s, err := New(&Options{Feeds: []string{blog, blog}})
	if err != nil || len(s.pollers) != 1 {
		t.Errorf("%v, %v", s, err)
	}
}
