package feed

import (
	"maps"
	"time"
)

// feeder is one source in the router, and the [Sink] that it is given. What it
// says is its own is: it cannot speak of another source's posts.
type feeder struct {
	// Fixed at creation.
	source Source // nil for what is injected
	name   string // "" for what is injected: any
	title  string
	caps   Caps
	inbox  *inbox
	want   Want

	// Guarded by the router's lock.
	appliedAt time.Time // when want last changed
	applyAt   time.Time // when it is to be set; zero: not
	lagTold   time.Duration

	// Guarded by inbox.mu.
	seen             *memory // revisions
	state            State
	lastPost         time.Time
	received, handed uint64
	matched          uint64
	waiting          int
	skipped          map[SkipReason]uint64
	withheld         uint64
	gapFrom, gapTo   time.Time
	cursor, saved    string
	lag              lag
	turned           chan struct{} // closed and replaced when it is switched off or on
}

var _ Sink = (*feeder)(nil)

func newFeeder(s Source, in *inbox, opts *Options) *feeder {
	f := &feeder{
		source:  s,
		inbox:   in,
		seen:    newMemory(opts.Dedupe, opts.DedupeFor),
		skipped: map[SkipReason]uint64{},
		state:   State{Phase: PhaseIdle},
		turned:  make(chan struct{}),
	}
	if s != nil {
		f.name, f.title, f.caps = s.Name(), s.Title(), s.Caps()
	}
	return f
}

// linger is how long the source is wanted after the last viewer.
func (f *feeder) linger(opts *Options) time.Duration {
	if f.caps.Linger > 0 {
		return f.caps.Linger
	}
	return opts.Linger
}

// Offer implements [Sink].
func (f *feeder) Offer(p Post) bool {
	now := time.Now()
	if f.name != "" {
		p.Source = f.name
	}
	if err := Clean(&p, now); err != nil {
		f.skip(SkipMalformed)
		return false
	}
	return f.inbox.push(&p, f, now)
}

// Retract implements [Sink].
func (f *feeder) Retract(r Ref) {
	if f.name != "" {
		r.Source = f.name
		if r.ID == "" && r.Native == "" && r.AuthorID == "" {
			f.skip(SkipMalformed) // rather than all that the source has
			return
		}
	}
	f.inbox.retract(r, time.Now())
}

// Gap implements [Sink].
func (f *feeder) Gap(from, to time.Time) {
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	f.gapFrom, f.gapTo = from, to
}

// Limit implements [Sink].
func (f *feeder) Limit(undelivered uint64) {
	defer f.inbox.wake()
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	f.withheld = undelivered
	f.inbox.noteLocked(notice{source: f.name, withheld: undelivered, isLimit: true})
}

// Skip implements [Sink].
func (f *feeder) Skip(reason SkipReason) { f.skip(reason) }

func (f *feeder) skip(reason SkipReason) {
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	f.received++
	f.skipLocked(reason)
}

// skipLocked counts what was received already. inbox.mu must be held.
func (f *feeder) skipLocked(reason SkipReason) { f.skipped[reason]++ }

// State implements [Sink].
func (f *feeder) State(s State) {
	f.inbox.mu.Lock()
	changed := s != f.state
	if changed {
		f.state = s
		f.inbox.noteLocked(notice{source: f.name, state: s})
	}
	f.inbox.mu.Unlock()
	if changed {
		f.inbox.wake()
	}
}

// Cursor implements [Sink].
func (f *feeder) Cursor(c string) {
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	f.cursor = c
}

// countMatched counts a post that somebody tracks.
func (f *feeder) countMatched() {
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	f.matched++
}

// statusLocked returns the numbers. inbox.mu must be held.
func (f *feeder) statusLocked() SourceStatus {
	var spent *Spending
	if spender, ok := f.source.(Spender); ok {
		now := spender.Spent()
		spent = &now
	}
	return SourceStatus{
		Spent:    spent,
		Name:     f.name,
		Title:    f.title,
		State:    f.state,
		Billed:   f.caps.Billed,
		LastPost: f.lastPost,
		Received: f.received,
		Waiting:  f.waiting,
		Handed:   f.handed,
		Matched:  f.matched,
		Skipped:  maps.Clone(f.skipped),
		Withheld: f.withheld,
		GapFrom:  f.gapFrom,
		GapTo:    f.gapTo,
		Lag:      f.lag.typical(),
	}
}
