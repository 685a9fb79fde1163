package feed

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestBucket(t *testing.T) {
	now := time.Unix(1e9, 0)
	b := newBucket(3, 2) // an interval that is no whole number of nanoseconds
	for i, want := range []bool{true, true, false} {
		if got := b.take(now); got != want {
			t.Errorf("event %d of a burst of two: %v", i, got)
		}
	}
	for range 100 {
		if next := b.next(); b.take(next.Add(-1)) || !b.take(next) {
			t.Fatal("next is not the first moment at which an event is allowed")
		}
	}
	at := b.next()
	b.setRate(1, at.Add(-b.every/2))
	if wait := b.next().Sub(at); wait < 300*time.Millisecond || wait > 700*time.Millisecond {
		t.Errorf("half an interval of the new rate is left: %v", wait)
	}
}

func TestRate(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		for i := range 10 {
			n.offer("ann", fmt.Sprint(i, " golang"))
		}
		n.wantTold("a: 0", "a: 1", "a: 2", "a: 3", "a: 4")
		n.checkSums("a")
		n.later(999 * time.Millisecond)
		n.wantTold()
		n.later(time.Millisecond)
		n.wantTold("a: 9")
		for i := 10; i < 40; i++ { // ten a second: the newest of each second
			n.later(100 * time.Millisecond)
			n.offer("ann", fmt.Sprint(i, " golang"))
		}
		n.later(time.Second)
		n.wantTold("a: 18", "a: 28", "a: 38", "a: 39")
		if m := n.Stats("a"); m.Matched != 40 || m.Shown != 10 || m.Skipped[SkipRate] != 30 {
			t.Errorf("numbers: %+v", m)
		}
	})
}

// TestFairness has one author write a hundred times as much as another.
func TestFairness(t *testing.T) {
	open(t, func(o *Options) { o.Burst = 1 }, func(n *newsroom) {
		n.follow("a", "golang")
		for i := range 10 {
			n.offer("quiet", fmt.Sprintf("quiet%d golang", i))
			for j := range 100 {
				n.offer("loud", fmt.Sprintf("loud%d-%d golang", i, j))
			}
			n.later(2 * time.Second)
		}
		byAuthor := map[string]int{}
		for _, s := range n.shown["a"] {
			byAuthor[s.Author.ID]++
		}
		if byAuthor["quiet"] < 9 {
			t.Errorf("shown: %v", byAuthor)
		}
		n.checkSums("a")
	})
}

func TestRateChange(t *testing.T) {
	open(t, func(o *Options) { o.Burst = 1 }, func(n *newsroom) {
		n.track("a", Tracking{Words: []string{"golang"}, Rate: 0.01})
		n.Watch("a", true)
		n.offer("ann", "1 golang", "2 golang")
		n.wantTold("a: 1")
		n.track("a", Tracking{Words: []string{"golang"}, Rate: 10})
		n.later(100 * time.Millisecond)
		n.wantTold("a: 2")
		for i := range 100 {
			n.offer("ann", fmt.Sprintf("x%d golang", i))
			n.up.sink.Retract(Ref{ID: fmt.Sprintf("x%d", i)})
			synctest.Wait()
		}
		if len(n.releases.list) > 2 {
			t.Errorf("%d releases wait for one owner", len(n.releases.list))
		}
	})
}

func TestMeta(t *testing.T) {
	open(t, func(o *Options) { o.Burst = 1 }, func(n *newsroom) {
		n.follow("a", "golang", "tea")
		n.track("unwatched", Tracking{Words: []string{"tea"}})
		for i := range 10 {
			n.offer("ann", fmt.Sprintf("t%d tea", i), fmt.Sprintf("c%d coffee", i))
		}
		n.offer("ann", "g golang")
		n.later(5 * time.Second)
		metas := n.allMetas()
		if len(metas) != 1 {
			t.Fatalf("%d metas", len(metas))
		}
		m := metas[0]
		if m.Seen != 21 || m.Matched != 11 || m.Shown != 2 || m.Skipped[SkipRate] != 9 ||
			m.PerSecond != (Rates{4.2, 2.2, 0.4}) || m.Window != 5*time.Second || m.Busiest != "tea" {
			t.Errorf("meta: %+v", m)
		}
		n.later(30 * time.Second)
		if metas = n.allMetas(); len(metas) != 2 || metas[1].PerSecond != (Rates{}) || metas[1].Matched != 11 || metas[1].Busiest != "" {
			t.Errorf("when it is quiet that is told once: %+v", metas[1:])
		}
		n.checkSums("a")
	})
}

func TestSample(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		if r := n.Sample([]string{"tea"}); r != 0 {
			t.Errorf("nothing is known, but the rate is %v", r)
		}
		n.follow("a", "golang")
		for i := range 600 { // 20 a second, half of them with tea
			n.offer("ann", fmt.Sprintf("t%d tea time", i), fmt.Sprintf("c%d coffee", i))
			n.later(100 * time.Millisecond)
		}
		if r := n.Sample([]string{"tea"}); r < 7 || r > 13 {
			t.Errorf("rate of tea %v", r)
		}
		if r := n.Sample([]string{"coffee", "tea"}); r < 19 || r > 21 {
			t.Errorf("rate of both %v", r)
		}
		if r := n.Sample([]string{"golang", "the"}); r != 0 {
			t.Errorf("rate of golang %v", r)
		}
		n.later(2 * time.Minute)
		if r := n.Sample([]string{"tea"}); r != 0 {
			t.Errorf("rate after two minutes of silence %v", r)
		}
	})
}
