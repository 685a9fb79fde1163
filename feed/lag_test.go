package feed

import (
	"fmt"
	"testing"
	"time"
)

func TestLag(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		post := func(i int, age time.Duration) {
			n.up.sink.Offer(Post{ID: fmt.Sprint(i), Author: Author{ID: "ann"}, Text: "golang", CreatedAt: time.Now().Add(-age)})
			n.later(10 * time.Millisecond)
		}
		if got := n.status().Lag; got != 0 {
			t.Errorf("of no post: %v", got)
		}
		post(1, -time.Hour) // in the future, which is clamped
		n.up.sink.Offer(Post{ID: "2", Author: Author{ID: "ann"}, Text: "golang"})
		if got := n.status().Lag; got != 0 {
			t.Errorf("of posts that say nothing: %v", got)
		}
		for i, age := range []time.Duration{2 * time.Second, 3 * time.Second, 24 * time.Hour, time.Second, 2 * time.Second} {
			post(10+i, age)
		}
		if got := n.status().Lag; got != 2*time.Second {
			t.Errorf("the median is %v", got)
		}
		for i := range lagOf {
			post(100+i, time.Minute)
		}
		if got := n.status().Lag; got != time.Minute {
			t.Errorf("of the last ones: %v", got)
		}
	})
}

// TestLagIsTold tells a lag that has changed, with the next numbers.
func TestLagIsTold(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		last := func() time.Duration {
			n.mu.Lock()
			defer n.mu.Unlock()
			return n.states[len(n.states)-1][0].Lag
		}
		n.later(10 * time.Second)
		for i := range 40 {
			n.up.sink.Offer(Post{ID: fmt.Sprint(i), Author: Author{ID: "ann"}, Text: "golang", CreatedAt: time.Now().Add(-8 * time.Second)})
			n.later(100 * time.Millisecond)
		}
		n.later(6 * time.Second)
		if got := last(); got != 8*time.Second {
			t.Errorf("told %v", got)
		}
	})
}
