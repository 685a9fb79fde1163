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
}

var _ Sink = (*feeder)(nil)

func newFeeder(s Source, in *inbox, opts *Options) *feeder {
	f := &feeder{
		source:  s,
		inbox:   in,
		seen:    newMemory(opts.Dedupe, opts.DedupeFor),
		skipped: map[SkipReason]uint64{},
		state:   State{Phase: PhaseIdle},
	}
	if s != nil {
		f.name, f.title, f.caps = s.Name(), s.Title(), s.Caps()
	}
	return f
}

// linger is how long the source is wanted after the last viewer.
func (fd *feeder) linger(opts *Options) time.Duration {
	if fd.caps.Linger > 0 {
		return fd.caps.Linger
	}
	return opts.Linger
}

// Offer implements [Sink].
func (fd *feeder) Offer(p Post) bool {
	now := time.Now()
	if fd.name != "" {
		p.Source = fd.name
	}
	if err := Clean(&p, now); err != nil {
		fd.Skip(SkipMalformed)
		return false
	}
	fd.inbox.push(&p, fd, now)
	return true
}

// Retract implements [Sink].
func (fd *feeder) Retract(r Ref) {
	if fd.name != "" {
		r.Source = fd.name
		if r.ID == "" && r.Native == "" && r.AuthorID == "" {
			fd.Skip(SkipMalformed) // rather than all that the source has
			return
		}
	}
	fd.inbox.retract(r, time.Now())
}

// Gap implements [Sink].
func (fd *feeder) Gap(from, to time.Time) {
	fd.inbox.mu.Lock()
	defer fd.inbox.mu.Unlock()
	fd.gapFrom, fd.gapTo = from, to
}

// Limit implements [Sink].
func (fd *feeder) Limit(undelivered uint64) {
	defer fd.inbox.wake()
	fd.inbox.mu.Lock()
	defer fd.inbox.mu.Unlock()
	fd.withheld = undelivered
	fd.inbox.noteLocked(notice{source: fd.name, withheld: undelivered, isLimit: true})
}

// Skip implements [Sink].
func (fd *feeder) Skip(reason SkipReason) {
	fd.inbox.mu.Lock()
	defer fd.inbox.mu.Unlock()
	fd.received++
	fd.skipLocked(reason)
}

// skipLocked counts what was received already. inbox.mu must be held.
func (fd *feeder) skipLocked(reason SkipReason) { fd.skipped[reason]++ }

// State implements [Sink].
func (fd *feeder) State(s State) {
	fd.inbox.mu.Lock()
	changed := s != fd.state
	if changed {
		fd.state = s
		fd.inbox.noteLocked(notice{source: fd.name, state: s})
	}
	fd.inbox.mu.Unlock()
	if changed {
		fd.inbox.wake()
	}
}

// Cursor implements [Sink].
func (fd *feeder) Cursor(c string) {
	fd.inbox.mu.Lock()
	defer fd.inbox.mu.Unlock()
	fd.cursor = c
}

// countMatched counts a post that somebody tracks.
func (fd *feeder) countMatched() {
	fd.inbox.mu.Lock()
	defer fd.inbox.mu.Unlock()
	fd.matched++
}

// statusLocked returns the numbers. inbox.mu must be held.
func (fd *feeder) statusLocked() SourceStatus {
	return SourceStatus{
		Name:     fd.name,
		Title:    fd.title,
		State:    fd.state,
		Billed:   fd.caps.Billed,
		LastPost: fd.lastPost,
		Received: fd.received,
		Waiting:  fd.waiting,
		Handed:   fd.handed,
		Matched:  fd.matched,
		Skipped:  maps.Clone(fd.skipped),
		Withheld: fd.withheld,
		GapFrom:  fd.gapFrom,
		GapTo:    fd.gapTo,
	}
}
