package xposts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

// TestBudget stops at the last post that can be paid, tells until when, deletes
// the rules, and goes on the next day.
func TestBudget(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.source.budget.limit = 3
		r.RunFor(time.Minute)
		r.WantTexts("1", "2", "3")
		states := r.Sink.Got().States
		last := states[len(states)-1]
		if last.Phase != feed.PhaseWaiting || !last.Until.Equal(bubble.Add(24*time.Hour)) || last.Reason != "Today's budget of 3 posts is used up. It renews at midnight UTC." {
			t.Errorf("state %+v", last)
		}
		r.wantRules()
		if n := r.fake.Open(); n != 0 {
			t.Errorf("%d connections", n)
		}
		r.Want.Set(feed.Filter{Words: []string{"rust"}}) // no reason to spend more
		r.Wait(23*time.Hour + 58*time.Minute)
		r.WantPauses(0)
		r.Wait(time.Minute + s)
		r.WantTexts("1", "2", "3", "9")
		r.wantRules("(rust) -is:retweet")
		if got := r.source.Spent(); got.Posts != 1 {
			t.Errorf("spent %+v", got)
		}
		r.wantPhases("connecting live waiting connecting live")
	}, steps{send(tweet(1, "1", "")), send(tweet(2, "2", "")), send(tweet(3, "3", "")), send(tweet(4, "4", ""))}, steps{send(tweet(9, "9", ""))})
}

func TestNoBudget(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.source.budget.limit = 0
		r.RunFor(time.Hour)
		r.WantPauses()
		r.wantPhases("waiting")
		r.Want.Set(feed.Filter{})
		r.Wait(s)
		r.wantPhases("waiting idle")
	})
}

// TestSpendingIsKept goes on with what an earlier process has spent today.
func TestSpendingIsKept(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.source.budget.limit = 10
		for _, cursor := range []string{"", "x", "1999-12-31 7", "2000-01-01 8", "2000-01-01 -3", "2000-01-01 2"} {
			r.source.Resume(cursor)
		}
		if got := r.source.Spent(); got.Posts != 8 {
			t.Errorf("spent %+v", got)
		}
		r.RunFor(s)
		r.WantTexts("1", "2")
	}, steps{send(tweet(1, "1", "")), send(tweet(2, "2", "")), send(tweet(3, "3", ""))})
}

// TestBillIsTold once a minute, in words.
func TestBillIsTold(t *testing.T) {
	var script steps
	for i := range 120 {
		script = append(script, feedsim.Sleep(s), send(tweet(i+1, "a", "")))
	}
	inBubble(t, func(r *rig) {
		r.RunFor(2*time.Minute + s)
		states := r.Sink.Got().States
		if len(states) < 3 || len(states) > 5 || !strings.HasSuffix(states[len(states)-1].Reason, " of today's 10000 posts are bought, for about $0.60.") {
			t.Errorf("states %+v", states)
		}
	}, script)
}

// TestRecheck retracts what was deleted, of the posts that are shown.
func TestRecheck(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Gone = func(id string) bool { return id == "2" }
		r.RunFor(s)
		r.source.Enrich(r.Sink.Got().Posts...)
		r.source.Enrich(r.Sink.Got().Posts...)
		r.Wait(25 * time.Minute)
		if got := fmt.Sprint(r.Sink.Got().Retracts); got != fmt.Sprint([]feed.Ref{{Source: Name, ID: "2", Native: "2"}}) {
			t.Errorf("retracts %v", got)
		}
		asked := r.Asked(feedsim.XTweetsPath)
		if len(asked) != 2 || asked[0].Query.Get("ids") != "1,2,3" || asked[1].Query.Get("ids") != "1,3" {
			t.Errorf("asked %+v", asked)
		}
		r.Wait(time.Hour) // nothing is shown so long
		if n := len(r.Asked(feedsim.XTweetsPath)); n != 5 {
			t.Errorf("asked %d times", n)
		}
	}, append(steps{send(tweet(1, "1", "")), send(tweet(2, "2", "")), send(tweet(3, "3", ""))}, beats(2*time.Hour)...))
}

// TestRecheckAfterCut asks soon, but not at each of many cuts.
func TestRecheckAfterCut(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.source.Enrich(r.Sink.Got().Posts...)
		r.Wait(3 * time.Minute)
		if n := len(r.Asked(feedsim.XTweetsPath)); n != 1 {
			t.Errorf("asked %d times", n)
		}
	}, steps{send(tweet(1, "1", "")), feedsim.Sleep(10 * s), feedsim.Cut()}, append(steps{feedsim.Beat()}, beats(time.Hour)...))
}
