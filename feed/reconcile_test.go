package feed

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestDebounce(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.later(249 * time.Millisecond)
		n.up.wantFilters(t)
		n.later(time.Millisecond)
		n.up.wantFilters(t, "250ms golang||")
		for i := range 50 { // 50 changes in a second
			n.track("a", Tracking{Words: []string{fmt.Sprint("word", i)}})
			n.later(20 * time.Millisecond)
		}
		n.later(time.Minute)
		n.up.wantFilters(t, "250ms golang||", "1.48s word49||")
		n.track("b", Tracking{Words: []string{"unwatched"}})
		n.Watch("a", true)
		n.later(time.Minute)
		n.up.wantFilters(t, "250ms golang||", "1.48s word49||")
	})
}

// TestDebounceMax has changes never rest.
func TestDebounceMax(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.Watch("a", true)
		for i := range 30 {
			n.track("a", Tracking{Words: []string{fmt.Sprint("word", i)}})
			n.later(100 * time.Millisecond)
		}
		n.later(time.Second)
		n.up.wantFilters(t, "2s word19||", "3.15s word29||")
	})
}

func TestMinApply(t *testing.T) {
	slow := &upstream{name: "slow", caps: Caps{MinApply: 10 * time.Second}}
	fast := &upstream{name: "fast"}
	open(t, func(o *Options) { o.Sources = []Source{slow, fast} }, func(n *newsroom) {
		n.follow("a", "one1")
		n.later(time.Second)
		n.track("a", Tracking{Words: []string{"two2"}})
		n.later(time.Second)
		n.track("a", Tracking{Words: []string{"three3"}})
		n.later(time.Minute)
		fast.wantFilters(t, "250ms one1||", "1.25s two2||", "2.25s three3||")
		slow.wantFilters(t, "250ms one1||", "10.25s three3||")
	})
}

func TestUnion(t *testing.T) {
	sim, other := &upstream{name: "sim"}, &upstream{name: "other"}
	open(t, func(o *Options) { o.Sources = []Source{sim, other} }, func(n *newsroom) {
		n.track("a", Tracking{Words: []string{"tea", "go chat", "-crypto"}, Langs: []string{"en"}})
		n.track("b", Tracking{Words: []string{"chat go", "arch"}, Authors: []string{"sim:did:plc:x", "other:7"}, Langs: []string{"de", "en"}})
		n.track("nothing", Tracking{Words: []string{"-crypto"}})
		for _, room := range []string{"a", "b", "nothing"} {
			n.Watch(room, true)
		}
		n.later(time.Second)
		n.track("c", Tracking{Authors: []string{"other:8"}})
		n.Watch("c", true)
		n.later(time.Second)
		sim.wantFilters(t, "250ms arch,chat go,tea|did:plc:x|de,en", "1.25s arch,chat go,tea|did:plc:x|")
		other.wantFilters(t, "250ms arch,chat go,tea|7|de,en", "1.25s arch,chat go,tea|7,8|")
	})
}

func TestLinger(t *testing.T) {
	billed := &upstream{name: "billed", caps: Caps{Linger: 10 * time.Second}}
	sim := &upstream{name: "sim"}
	open(t, func(o *Options) { o.Sources = []Source{sim, billed} }, func(n *newsroom) {
		n.Watch("a", false) // was never there
		n.follow("a", "golang")
		n.Watch("a", true)
		n.Watch("a", false)
		n.later(time.Hour)
		n.offer("ann", "1 golang")
		n.wantTold("a: 1")
		n.Watch("a", false)
		n.later(30 * time.Second)
		n.offer("ann", "2 golang")
		n.wantTold("a: 2")
		n.Watch("a", true)
		n.later(time.Hour)
		n.wantRecent("a", "1", "2")
		n.Watch("a", false)
		n.later(2 * time.Minute)
		sim.wantFilters(t, "250ms golang||", "2h1m30.25s ||")
		billed.wantFilters(t, "250ms golang||", "1h0m10.25s ||", "1h0m30.25s golang||", "2h0m40.25s ||")
		n.wantRecent("a")
		n.offer("ann", "3 golang")
		n.wantTold()
		n.Watch("a", true)
		n.later(time.Second)
		n.offer("ann", "4 golang")
		n.wantTold("a: 4")
		if m := n.Stats("a"); m.Seen != 3 || m.Matched != 3 {
			t.Errorf("numbers: %+v", m)
		}
		n.Drop("a")
		n.later(time.Second)
		n.Watch("a", false) // somebody who was there before
		if len(n.owners) != 0 {
			t.Error("an owner is left")
		}
	})
}

func TestApplyNow(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.applyNow()
		synctest.Wait()
		n.up.wantFilters(t, "0s golang||")
	})
}
