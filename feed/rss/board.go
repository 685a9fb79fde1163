package rss

import (
	"fmt"
	"sync"
	"time"

	"rightnow/feed"
)

// board knows how all feeds do and tells it as the state of the source. All
// methods may be called concurrently.
type board struct {
	out feed.Sink

	mu    sync.Mutex // guards following
	feeds map[*poller]*health
	order []*poller
	told  feed.State
}

// health is how a feed does.
type health struct {
	asked  bool
	gone   bool
	reason string // why it could not be read; empty: it could
	next   time.Time
}

func newBoard(pollers []*poller, out feed.Sink) *board {
	b := &board{out: out, feeds: map[*poller]*health{}, order: pollers}
	for _, p := range pollers {
		b.feeds[p] = &health{gone: p.gone, asked: p.gone}
	}
	return b
}

// idle tells that nothing is wanted.
func (b *board) idle() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stateLocked(feed.State{Phase: feed.PhaseIdle})
}

// awake tells how the feeds do, as far as it is known.
func (b *board) awake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stateLocked(b.nowLocked())
}

// tell takes the result of a request.
func (b *board) tell(p *poller, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.feeds[p]
	*h = health{asked: true, gone: p.gone, next: p.next}
	if err != nil {
		h.reason = hostOf(p.address) + ": " + reasonOf(err)
	}
	b.stateLocked(b.nowLocked())
}

// failed tells that all feeds are gone, and returns it.
func (b *board) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stateLocked(b.nowLocked())
	return &feed.Fatal{Reason: b.told.Reason}
}

// nowLocked is the state of the source. b.mu must be held.
func (b *board) nowLocked() feed.State {
	var good, gone, bad, unknown int
	var reason string
	var until time.Time
	for _, p := range b.order {
		h := b.feeds[p]
		switch {
		case h.gone:
			gone++
		case h.reason != "":
			bad++
			if until.IsZero() || h.next.Before(until) {
				until = h.next
			}
		case h.asked:
			good++
		default:
			unknown++
		}
		if reason == "" {
			reason = h.reason
		}
	}
	if n := gone + bad; n > 0 && len(b.order) > 1 {
		reason = fmt.Sprintf("%d of %d feeds cannot be read, such as %s", n, len(b.order), reason)
	}
	switch {
	case gone == len(b.order):
		return feed.State{Phase: feed.PhaseFailed, Reason: reason}
	case good > 0:
		return feed.State{Phase: feed.PhaseLive, Reason: reason}
	case unknown > 0:
		return feed.State{Phase: feed.PhaseConnecting, Reason: reason}
	}
	return feed.State{Phase: feed.PhaseWaiting, Reason: reason, Until: until}
}

// stateLocked passes a state on when it says something new. b.mu must be held;
// the sink doesn't block.
func (b *board) stateLocked(s feed.State) {
	if s != b.told {
		b.told = s
		b.out.State(s)
	}
}
