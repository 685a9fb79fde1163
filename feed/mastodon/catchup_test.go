package mastodon

import (
	"fmt"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

// fresh is a post of this moment.
func fresh(id int, text string) string {
	return post(id, text, fmt.Sprintf(`,"created_at":%q`, time.Now().UTC().Format(time.RFC3339Nano)))
}

// TestGap asks after a cut for what was missed: once a timeline, since the last post.
func TestGap(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Statuses = func() []string {
			return []string{post(1, "a", ""), post(2, "missed", ""), post(3, "missed too", ""), post(4, "elsewhere", `,"tags":[]`)}
		}
		r.RunFor(s)
		r.WantTexts("a", "missed", "missed too")
		q := r.Asked(feedsim.MastodonTimelinesPath + "tag/golang")
		if len(q) != 1 || q[0].Query.Encode() != "limit=40&since_id=1" {
			t.Errorf("%+v", q)
		}
		if gaps := r.Sink.Got().Gaps; len(gaps) != 0 {
			t.Errorf("gaps %v", gaps)
		}
	}, steps{subscribed, send(update(1, "a")), feedsim.Cut()}, steps{subscribed})
}

// TestLongGap takes only what is news, and says that something is missing.
func TestLongGap(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Statuses = func() []string {
			return []string{post(1, "a", ""), post(2, "old", ""), fresh(3, "news"), post(4, "edited", `,"edited_at":"2000-01-01T00:09:00.000Z"`)}
		}
		r.RunFor(10 * time.Minute)
		r.WantTexts("a", "news", "edited")
		if got := r.Sink.Got(); len(got.Gaps) != 1 || got.Skips[feed.SkipGone] != 1 {
			t.Errorf("gaps %v, skips %v", got.Gaps, got.Skips)
		}
	}, steps{subscribed, send(update(1, "a")), feedsim.Cut()}, steps{feedsim.Refuse(503, "", "Retry-After", "300")}, steps{subscribed})
}

// TestFullPage says that there may be more than the forty that a page has.
func TestFullPage(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Statuses = func() (all []string) {
			for i := range 60 {
				all = append(all, post(i+10, fmt.Sprint(i), ""))
			}
			return all
		}
		r.RunFor(s)
		got := r.Sink.Got()
		if len(got.Posts) != 41 || got.Posts[1].Text != "20" || got.Posts[40].Text != "59" || len(got.Gaps) != 1 {
			t.Errorf("%d posts, gaps %v", len(got.Posts), got.Gaps)
		}
	}, steps{subscribed, send(update(1, "a")), feedsim.Cut()}, steps{subscribed})
}

// TestShownIsAskedForAgain retracts what was deleted during a cut, and has what was edited.
func TestShownIsAskedForAgain(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Statuses = func() []string {
			return []string{post(2, "two", ""), post(3, "three, edited", `,"edited_at":"2000-01-01T00:00:10.000Z"`)}
		}
		r.RunFor(s)
		r.source.Enrich(r.Sink.Got().Posts...)
		r.source.Enrich(r.Sink.Got().Posts...) // twice does no harm
		r.Wait(time.Minute)
		got := r.Sink.Got()
		if fmt.Sprint(got.Retracts) != fmt.Sprint([]feed.Ref{{Source: Name, ID: "https://far.example/users/ada/statuses/1", Native: "1"}}) {
			t.Errorf("retracts %+v", got.Retracts)
		}
		r.WantTexts("one", "two", "three", "three, edited")
		if q := r.Asked(feedsim.MastodonStatusesPath); len(q) != 1 || fmt.Sprint(q[0].Query["id[]"]) != "[1 2 3]" {
			t.Errorf("%+v", q)
		}
	}, steps{subscribed, send(update(1, "one")), send(update(2, "two")), send(update(3, "three")), feedsim.Sleep(30 * s), feedsim.Cut()}, steps{subscribed})
}

// TestTooManyRequests makes a gap of what can't be asked for, and does not ask on.
func TestTooManyRequests(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.source.shown.add([]feed.Post{{Source: Name, ID: "u", Native: "1"}})
		r.RunFor(s)
		for range 300 {
			resp, err := r.source.o.Client.Do(request(t, r.source))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
		r.Wait(time.Minute)
		if got := r.Sink.Got(); len(got.Gaps) != 1 || len(got.Retracts) != 0 {
			t.Errorf("gaps %v, retracts %v", got.Gaps, got.Retracts)
		}
		r.WantPauses(0, 30*s)
	}, steps{subscribed, send(update(1, "a")), feedsim.Sleep(30 * s), feedsim.Cut()}, steps{subscribed})
}
