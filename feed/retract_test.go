package feed

import (
	"fmt"
	"testing"
	"time"
)

func TestRetract(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.follow("b", "golang")
		n.offer("ann", "1 golang", "2 golang")
		n.offer("bob", "3 golang")
		n.wantTold("a: 1", "b: 1", "a: 2", "b: 2", "a: 3", "b: 3")
		n.up.sink.Retract(Ref{ID: "3"})
		n.up.sink.Retract(Ref{Native: "n2"})
		n.up.sink.Retract(Ref{Native: "never seen"})
		n.up.sink.Retract(Ref{Source: "another", ID: "1"}) // it's its own posts that a source speaks of
		n.up.sink.Retract(Ref{})
		n.wantTold("gone [a b] 3", "gone [a b] 2", "gone [] native never seen", "gone [a b] 1")
		n.wantRecent("a")
		n.offer("ann", "1#2 golang", "2#2 golang")
		n.wantTold()
		if s := n.status(); s.Skipped[SkipGone] != 2 || s.Skipped[SkipMalformed] != 1 {
			t.Errorf("status: %+v", s)
		}
		n.checkSums("a", "b")
	})
}

func TestRetractBeforePost(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.up.sink.Retract(Ref{ID: "1"})
		n.up.sink.Retract(Ref{Native: "n2"})
		n.later(23 * time.Hour)
		n.offer("ann", "1 golang", "2 golang", "3 golang")
		n.wantTold("gone [] 1", "gone [] native n2", "a: 3")
		n.later(2 * time.Hour)
		n.offer("ann", "1#b golang")
		n.wantTold("a: 1b")
	})
}

func TestAuthorGone(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.offer("ann", "1 golang", "2 golang")
		n.offer("bob", "3 golang")
		n.wantTold("a: 1", "a: 2", "a: 3")
		n.later(time.Minute)
		n.up.sink.Retract(Ref{AuthorID: "ann"})
		n.wantTold("gone [a] @ann")
		n.wantRecent("a", "3")
		old := time.Now().Add(-time.Second)
		n.later(time.Hour)
		n.up.sink.Offer(Post{ID: "4", Text: "golang", Author: Author{ID: "ann"}, CreatedAt: old})
		n.wantTold()
		n.offer("ann", "5 golang") // is back, and wrote this since
		n.wantTold("a: 5")
	})
}

// TestRetractHeld retracts what waits for its second and what waits in the queue.
func TestRetractHeld(t *testing.T) {
	open(t, func(o *Options) { o.Burst = 1 }, func(n *newsroom) {
		n.follow("a", "golang")
		n.offer("ann", "1 golang")
		n.offer("bob", "2 golang")
		n.wantTold("a: 1")
		n.up.sink.Retract(Ref{ID: "2"})
		n.wantTold("gone [] 2")
		n.later(2 * time.Second)
		n.wantTold()
		if m := n.Stats("a"); m.Matched != 2 || m.Shown != 1 || m.Skipped[SkipGone] != 1 {
			t.Errorf("numbers: %+v", m)
		}
	})
}

// TestRetractQueued has the Receiver hang while posts and a retraction of one come.
func TestRetractQueued(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.block = make(chan struct{})
		n.follow("a", "golang")
		n.offer("ann", "1 golang")
		n.later(time.Second)
		n.offer("ann", "2 golang", "3 golang")
		n.up.sink.Retract(Ref{ID: "2"})
		close(n.block)
		n.wantTold("a: 1", "gone [] 2", "a: 3")
	})
}

func TestRetractionsAreBounded(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.block = make(chan struct{})
		n.follow("a", "golang")
		n.offer("ann", "1 golang", "2 golang")
		n.later(time.Second)
		for i := range 3 * maxRetractions {
			n.up.sink.Retract(Ref{ID: fmt.Sprint("x", i)})
		}
		if waiting := len(n.inbox.pending); waiting != 1 {
			t.Errorf("%d retractions wait", waiting)
		}
		n.offer("ann", "x299999 golang", "3 golang") // 3 comes after all of them, in the same instant
		close(n.block)
		n.wantTold("a: 1", "gone [a] all of sim")
		n.later(time.Second)
		n.offer("ann", "4 golang", "x299998 golang")
		n.wantTold("a: 4")
	})
}

func TestExpiry(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.up.sink.Offer(Post{ID: "hour", Text: "golang", Expires: time.Now().Add(time.Hour)})
		n.up.sink.Offer(Post{ID: "day", Text: "golang"})
		n.up.sink.Offer(Post{ID: "late", Text: "golang", Expires: time.Now()})
		n.wantTold("a: hour", "a: day")
		n.later(time.Hour - time.Millisecond)
		n.wantTold()
		n.later(time.Millisecond)
		n.wantTold("gone [a] hour")
		n.wantRecent("a", "day")
		n.later(22 * time.Hour)
		n.wantTold()
		n.later(time.Hour)
		n.wantTold("hide [a] day")
		n.wantRecent("a")
		if s := n.status(); s.Skipped[SkipGone] != 1 {
			t.Errorf("status: %+v", s)
		}
	})
}

func TestEdits(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.follow("b", "tea")
		n.offer("ann", "1#1 golang", "2#1 coffee", "3#1 golang")
		n.wantTold("a: 11", "a: 31")
		n.offer("ann", "1#2 golang and tea", "2#2 tea", "3#2 coffee")
		n.wantTold("a: 12", "b: 12", "b: 22", "hide [a] 3")
		n.wantRecent("a", "12")
		n.wantRecent("b", "12", "22")
		n.offer("ann", "1#3 tea")
		n.wantTold("b: 13", "hide [a] 1")
		n.up.sink.Retract(Ref{ID: "3"})
		n.wantTold("gone [] 3")
		if m := n.Stats("a"); m.Matched != 2 || m.Shown != 2 {
			t.Errorf("revisions are not counted: %+v", m)
		}
		n.checkSums("a", "b")
	})
}

// TestManyEdits sees that revisions don't come faster than people can read, that
// the last one does come, and that what is asked for is always up to date.
func TestManyEdits(t *testing.T) {
	open(t, func(o *Options) { o.Burst = 2 }, func(n *newsroom) {
		n.follow("a", "golang")
		n.offer("ann", "1#0 golang", "2#0 golang")
		for i := 1; i <= 50; i++ {
			n.offer("ann", fmt.Sprintf("1#%d golang", i))
		}
		n.offer("ann", "2#1 golang", "2#2 golang")
		n.later(2 * rowPause)
		n.wantTold("a: 10", "a: 20", "a: 11", "a: 12")
		n.wantRecent("a", "150", "22")
		n.later(time.Second)
		n.wantTold("a: 150")
		n.later(time.Second)
		n.wantTold("a: 22")
		n.later(10 * time.Second)
		n.offer("ann", "1#x golang", "1#y golang", "1#z golang", "1#q no more")
		n.later(5 * time.Second)
		n.wantTold("a: 1x", "a: 1y", "hide [a] 1")
	})
}

func TestEditOfHeld(t *testing.T) {
	open(t, func(o *Options) { o.Burst = 1 }, func(n *newsroom) {
		n.follow("a", "golang")
		n.offer("ann", "1#1 golang", "2#1 golang", "2#2 golang")
		n.later(time.Second)
		n.wantTold("a: 11", "a: 22")
		n.offer("ann", "3#1 golang", "3#2 tea")
		n.later(2 * time.Second)
		n.wantTold()
		if m := n.Stats("a"); m.Matched != 3 || m.Shown != 2 || m.Skipped[SkipNoMatch] != 1 {
			t.Errorf("numbers: %+v", m)
		}
	})
}

func TestEnrich(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.follow("b", "golang")
		n.offer("ann", "1#1 golang", "2#1 tea", "1#2 golang", "3 golang")
		n.wantTold("a: 11", "b: 11", "a: 12", "b: 12", "a: 3", "b: 3")
		n.up.mu.Lock()
		defer n.up.mu.Unlock()
		if fmt.Sprint(n.up.rich) != "[1 3]" {
			t.Errorf("enriched %q, want each that is shown, once", n.up.rich)
		}
	})
}

// TestEditOfSkipped has a post edited that one room was shown and others were not.
func TestEditOfSkipped(t *testing.T) {
	open(t, func(o *Options) { o.Burst = 1 }, func(n *newsroom) {
		n.follow("full", "golang")
		n.offer("ann", "0 golang")
		n.wantTold("full: 0")
		n.follow("a", "golang")
		n.follow("b", "tea", "-crypto")
		n.track("follows", Tracking{Authors: []string{"sim:ada"}, Muted: []string{"sim:bob"}})
		n.Watch("follows", true)
		n.offer("ann", "1#1 golang crypto", "2#1 golang")
		n.wantTold("a: 11")
		n.offer("ann", "1#2 golang crypto and tea", "1#3 golang and tea")
		n.wantTold("a: 12", "b: 13")
		n.later(time.Second)
		n.wantTold("full: 21", "a: 13", "a: 21")
		for _, room := range []string{"full", "a", "b"} {
			want := map[string]uint64{"full": 3, "a": 2, "b": 1}[room]
			if m := n.Stats(room); m.Matched != want {
				t.Errorf("%s matched %d, want %d", room, m.Matched, want)
			}
		}
		n.checkSums("full", "a", "b")
	})
}
