package xposts

import (
	"context"
	"fmt"
	"sync"
	"time"

	"rightnow/feed"
)

// billEvery is how often the spending is told.
const billEvery = time.Minute

// run is one call of Run, and the sink of its runner: it tells states in its own
// words. What the runner sees of the filter is inner: nothing, when the budget is
// used up.
type run struct {
	feed.Sink
	*Source
	outer *feed.Want
	inner feed.Want
	wake  chan struct{} // holds one; the gate has to look
	look  chan struct{} // holds one; what is shown has to be asked for again

	keeper *keeper
	api    *api

	// The runner's goroutine's, or its reader's while there is a connection.
	decoder Decoder
	heard   time.Time // when the last message or heartbeat came; zero: none did

	mu     sync.Mutex // guards following
	idle   bool       // nothing was wanted since the last connection
	base   feed.State // what the runner says
	told   feed.State
	bill   string
	billed time.Time // when bill was made
}

// pass lets through what is wanted as far as the budget goes. It reports whether
// it is used up.
func (r *run) pass() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	filter, _ := r.outer.Load()
	over := r.budget.over(time.Now())
	if over {
		filter = feed.Filter{}
	}
	r.idle = r.idle || filter.Empty()
	r.inner.Set(filter)
	r.tellLocked()
	return over
}

// gate passes changes, and the days.
func (r *run) gate(ctx context.Context) {
	for {
		_, changed := r.outer.Load()
		wait := 24 * time.Hour
		if r.pass() {
			wait = time.Until(renewal(time.Now()))
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-r.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// bought counts a post, and reports whether another one can be afforded.
func (r *run) bought() bool {
	now := time.Now()
	r.budget.spend(now)
	r.Cursor(r.budget.cursor())
	over := r.budget.over(now)
	if over {
		r.pass() // at once: the runner has nothing to connect for
		nudge(r.wake)
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tellLocked()
	return true
}

// State implements [feed.Sink] for the runner.
func (r *run) State(s feed.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.base = s
	r.tellLocked()
}

// tellLocked tells the state when it is another. r.mu must be held.
func (r *run) tellLocked() {
	now := time.Now()
	if r.bill == "" || now.Sub(r.billed) >= billEvery {
		r.bill, r.billed = bill(r.budget.spending(now)), now
	}
	state := r.base
	wanted, _ := r.outer.Load()
	switch {
	case state.Phase == "", state.Phase == feed.PhaseIdle && !wanted.Empty() && !r.budget.over(now): // about to connect
		return
	case state.Phase == feed.PhaseIdle && !wanted.Empty() && r.budget.over(now):
		state = feed.State{Phase: feed.PhaseWaiting, Until: renewal(now),
			Reason: fmt.Sprintf("Today's budget of %d posts is used up. It renews at midnight UTC.", r.budget.limit)}
	case state.Phase == feed.PhaseLive:
		state.Reason = r.bill
	}
	if state != r.told {
		r.told = state
		r.Sink.State(state)
	}
}

// tidy has no rule stay when nothing is wanted.
func (r *run) tidy(ctx context.Context) {
	for {
		filter, changed := r.inner.Load()
		var again <-chan time.Time
		if filter.Empty() {
			if wait := r.keeper.clear(ctx, &r.inner); wait > 0 {
				again = time.After(wait)
			}
		}
		select {
		case <-changed:
		case <-again:
		case <-ctx.Done():
			return
		}
	}
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
