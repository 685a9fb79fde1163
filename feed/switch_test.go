package feed

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestSwitch(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.follow("a", "golang")
		n.offer("ann", "1 golang", "2 golang")
		n.Router.Inject(Post{Source: "api", ID: "3", Text: "golang"})
		n.wantTold("a: 1", "a: 2", "a: 3")
		if n.Router.Switch("none", false) || !n.Router.Switch("sim", true) {
			t.Error("another source was switched")
		}
		old := n.up.sink
		n.Router.Switch("sim", false)
		n.Router.Switch("sim", false) // again
		n.wantTold("hide [a] all of sim")
		n.wantRecent("a", "3")
		if s := n.status(); s.State.Phase != PhaseOff || s.State.Reason != "Switched off by the server's operator." {
			t.Errorf("state %+v", s.State)
		}
		old.Offer(Post{ID: "4", Text: "golang"})                       // it ends a moment later than it is told to
		n.Router.Inject(Post{Source: "sim", ID: "4a", Text: "golang"}) // another node has it on
		n.later(time.Second)
		n.wantTold()
		if s := n.status(); s.Skipped[SkipOff] != 1 || n.up.runs != 1 {
			t.Errorf("%d runs, %+v", n.up.runs, s)
		}
		n.Router.Switch("sim", true)
		n.later(time.Second)
		n.offer("ann", "5 golang")
		n.wantTold("a: 5")
		if n.up.runs != 2 || n.status().State.Phase == PhaseOff {
			t.Errorf("%d runs, %+v", n.up.runs, n.status().State)
		}
		n.checkSums("a")
	})
}

// TestSwitchBeforeRun has a source be off from the start, and one that has failed be
// tried anew.
func TestSwitchBeforeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := "wrong"
		up := &upstream{name: "sim", ends: func(ctx context.Context) error {
			if key == "wrong" {
				return &Fatal{Reason: "The key was refused."}
			}
			<-ctx.Done()
			return nil
		}}
		r := NewRouter(&Options{Sources: []Source{up}, Receiver: &newsroom{T: t}})
		r.Switch("sim", false)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		wantPhase := func(want Phase, runs int) {
			t.Helper()
			if synctest.Wait(); r.Sources()[0].State.Phase != want || up.runs != runs {
				t.Errorf("%+v after %d runs, want %s after %d", r.Sources()[0].State, up.runs, want, runs)
			}
		}
		wantPhase(PhaseOff, 0)
		r.Switch("sim", true)
		wantPhase(PhaseFailed, 1)
		key = "right"
		r.Switch("sim", false)
		wantPhase(PhaseOff, 1)
		r.Switch("sim", true)
		wantPhase(PhaseIdle, 2)
		cancel()
		<-ended
	})
}
