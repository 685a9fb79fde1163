package jetstream

import (
	"fmt"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

// apiAsked are the requests for authors: the last part of the path, and how many
// were asked for.
func (r *rig) apiAsked() (all []string) {
	for _, q := range r.fake.Requests() {
		if q.Path != feedsim.JetstreamPath {
			all = append(all, fmt.Sprint(q.Path[len("/xrpc/app.bsky."):], " ", len(q.Query["uris"])+len(q.Query["actors"]), " at ", q.At.Sub(r.Start)))
		}
	}
	return all
}

func (r *rig) wantAPI(want ...string) {
	r.Helper()
	if got := fmt.Sprint(r.apiAsked()); got != fmt.Sprint(want) {
		r.Errorf("asked %v, want %v", got, want)
	}
}

func known(p feedsim.Profile) func(string) (feedsim.Profile, bool) {
	return func(string) (feedsim.Profile, bool) { return p, true }
}

// TestEnrich shows a post, and wants it again with its author; those of the next
// posts are known at once.
func TestEnrich(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Profile = known(feedsim.Profile{Handle: "anna.test", Name: "Anna", Avatar: "https://cdn.test/a.jpg"})
		r.RunFor(s)
		first := r.Sink.Got().Posts[0]
		r.source.Enrich(first)
		r.source.Enrich(first) // twice is once
		r.Wait(s)
		r.wantAPI("feed.getPosts 1 at 1.5s")
		posts := r.Sink.Got().Posts
		if len(posts) != 2 {
			t.Fatalf("posts %+v", posts)
		}
		want := first
		want.Rev += "+author"
		want.Author = feed.Author{ID: did, Handle: "anna.test", Name: "Anna", Avatar: "https://cdn.test/a.jpg", URL: "https://bsky.app/profile/" + did}
		if fmt.Sprint(posts[1]) != fmt.Sprint(want) {
			t.Errorf("got  %+v\nwant %+v", posts[1], want)
		}
		r.source.Enrich(posts[1])
		r.Wait(10 * s)
		if p := r.Sink.Got().Posts; len(p) != 3 || p[2].Author.Handle != "anna.test" || p[2].Rev != "bafy2" {
			t.Errorf("posts %+v", p)
		}
		r.wantAPI("feed.getPosts 1 at 1.5s")
	}, steps{send(create(1, "a")), feedsim.Sleep(5 * s), send(create(2, "b"))})
}

// TestEnrichLater asks twice for a post that the API does not know yet, and then
// for the author alone.
func TestEnrichLater(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Profile = known(feedsim.Profile{Handle: "anna.test"})
		r.fake.Known = func(string) bool { return false }
		r.RunFor(s)
		r.source.Enrich(r.Sink.Got().Posts...)
		r.Wait(20 * s)
		r.wantAPI("feed.getPosts 1 at 1.5s", "feed.getPosts 1 at 3.5s", "actor.getProfiles 1 at 3.5s")
		if p := r.Sink.Got().Posts; len(p) != 2 || p[1].Author.Handle != "anna.test" {
			t.Errorf("posts %+v", p)
		}
	}, steps{send(create(1, "a"))})
}

func TestEnrichInBatches(t *testing.T) {
	many := make(steps, 60)
	for i := range many {
		many[i] = send(create(i+1, "x"))
	}
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.source.Enrich(r.Sink.Got().Posts...)
		r.Wait(20 * s) // nobody is known
		r.wantAPI("feed.getPosts 25 at 1.5s", "feed.getPosts 25 at 1.5s", "feed.getPosts 10 at 1.5s",
			"feed.getPosts 25 at 3.5s", "actor.getProfiles 1 at 3.5s", "feed.getPosts 25 at 3.5s", "actor.getProfiles 1 at 3.5s",
			"feed.getPosts 10 at 3.5s", "actor.getProfiles 1 at 3.5s")
		if n := len(r.source.names.pending); n != 0 {
			t.Errorf("%d are left", n)
		}
	}, many)
}

// TestHidden retracts what must not be shown to guests, and does not offer more of it.
func TestHidden(t *testing.T) {
	for name, p := range map[string]feedsim.Profile{
		"author": {Handle: "anna.test", Labels: []string{"!no-unauthenticated"}},
		"post":   {Handle: "anna.test", PostLabels: []string{"!takedown"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.fake.Profile = known(p)
				r.RunFor(s)
				r.source.Enrich(r.Sink.Got().Posts...)
				r.Wait(10 * s)
				got := r.Sink.Got()
				if len(got.Retracts) != 1 || got.Retracts[0].ID != got.Posts[0].ID {
					t.Errorf("retracts %v", got.Retracts)
				}
				if hidden := name == "author"; hidden != (len(got.Posts) == 1) {
					t.Errorf("posts %+v", got.Posts)
				}
			}, steps{send(create(1, "a")), feedsim.Sleep(5 * s), send(create(2, "b"))})
		})
	}
}

// TestChangedMeanwhile changes or deletes posts whose authors are being looked
// up: the old text does not come back.
func TestChangedMeanwhile(t *testing.T) {
	for name, message := range map[string]string{
		"delete":  commit(2, "delete", "r1", ""),
		"account": account(2, false),
		"update":  commit(2, "update", "r1", `,"cid":"new","record":{"text":"new"}`),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.fake.Profile = known(feedsim.Profile{Handle: "anna.test"})
				r.RunFor(s)
				r.source.Enrich(r.Sink.Got().Posts...)
				r.Wait(10 * s)
				for _, p := range r.Sink.Got().Posts[1:] {
					if p.Text == "a" {
						t.Errorf("the old text again: %+v", p)
					}
				}
			}, steps{send(create(1, "a")), feedsim.Sleep(1200 * ms), send(message)})
		})
	}
}

// TestNoAPI does without authors when nobody tells them, and leaves the API alone.
func TestNoAPI(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.source.names.api.base += "/wrong" // 404
		r.RunFor(s)
		r.source.Enrich(r.Sink.Got().Posts...)
		r.Wait(5 * time.Minute)
		if n := len(r.fake.Requests()) - len(r.Streams()); n != 1 {
			t.Errorf("%d questions", n)
		}
		r.WantPhases("connecting live")
	}, append(steps{send(create(1, "a"))}, alive()...))
}

// alive keeps a stream from stalling for ten minutes.
func alive() (more steps) {
	for i := range 40 {
		more = append(more, feedsim.Sleep(15*s), send(commit(i+100, "delete", "r", "")))
	}
	return more
}
