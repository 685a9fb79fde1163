package feedsim

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"rightnow/feed"
)

// Sink is a [feed.Sink] that remembers all it is given. The zero Sink is ready;
// all methods may be called concurrently.
type Sink struct {
	mu      sync.Mutex // guards following
	got     Got
	changed chan struct{} // closed at the next change; nil: nobody waits
}

var _ feed.Sink = (*Sink)(nil)

// Got is what a source has told.
type Got struct {
	Posts    []feed.Post
	Retracts []feed.Ref
	Gaps     [][2]time.Time
	Limits   []uint64
	Skips    map[feed.SkipReason]int
	States   []feed.State
	Cursors  []string
}

// Got returns a copy of what was told until now.
func (s *Sink) Got() Got {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.got
	g.Posts, g.Retracts, g.Gaps = slices.Clone(g.Posts), slices.Clone(g.Retracts), slices.Clone(g.Gaps)
	g.Limits, g.States, g.Cursors = slices.Clone(g.Limits), slices.Clone(g.States), slices.Clone(g.Cursors)
	g.Skips = map[feed.SkipReason]int{}
	for reason, n := range s.got.Skips {
		g.Skips[reason] = n
	}
	return g
}

// Await waits until what was told is enough, or ctx ends.
func (s *Sink) Await(ctx context.Context, enough func(Got) bool) error {
	for {
		s.mu.Lock()
		if s.changed == nil {
			s.changed = make(chan struct{})
		}
		changed := s.changed
		s.mu.Unlock()
		if enough(s.Got()) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// change changes what was told, and wakes who waits for it.
func (s *Sink) change(f func(*Got)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.got)
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// Texts are the texts of the posts.
func (g Got) Texts() []string {
	var texts []string
	for _, p := range g.Posts {
		texts = append(texts, p.Text)
	}
	return texts
}

// Phases are the phases of the states, with a space between two.
func (g Got) Phases() string {
	var phases []string
	for _, s := range g.States {
		phases = append(phases, string(s.Phase))
	}
	return strings.Join(phases, " ")
}

// Offer implements [feed.Sink].
func (s *Sink) Offer(p feed.Post) bool {
	s.change(func(g *Got) { g.Posts = append(g.Posts, p) })
	return true
}

// Retract implements [feed.Sink].
func (s *Sink) Retract(r feed.Ref) {
	s.change(func(g *Got) { g.Retracts = append(g.Retracts, r) })
}

// Gap implements [feed.Sink].
func (s *Sink) Gap(from, to time.Time) {
	s.change(func(g *Got) { g.Gaps = append(g.Gaps, [2]time.Time{from, to}) })
}

// Limit implements [feed.Sink].
func (s *Sink) Limit(undelivered uint64) {
	s.change(func(g *Got) { g.Limits = append(g.Limits, undelivered) })
}

// Skip implements [feed.Sink].
func (s *Sink) Skip(reason feed.SkipReason) {
	s.change(func(g *Got) {
		if g.Skips == nil {
			g.Skips = map[feed.SkipReason]int{}
		}
		g.Skips[reason]++
	})
}

// State implements [feed.Sink].
func (s *Sink) State(state feed.State) {
	s.change(func(g *Got) { g.States = append(g.States, state) })
}

// Cursor implements [feed.Sink].
func (s *Sink) Cursor(c string) {
	s.change(func(g *Got) { g.Cursors = append(g.Cursors, c) })
}
