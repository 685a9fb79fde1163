package feedsim

import (
	"slices"
	"strings"
	"sync"
	"time"

	"rightnow/feed"
)

// Sink is a [feed.Sink] that remembers all it is given. The zero Sink is ready;
// all methods may be called concurrently.
type Sink struct {
	mu  sync.Mutex // guards following
	got Got
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

func (s *Sink) Offer(p feed.Post) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got.Posts = append(s.got.Posts, p)
	return true
}

func (s *Sink) Retract(r feed.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got.Retracts = append(s.got.Retracts, r)
}

func (s *Sink) Gap(from, to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got.Gaps = append(s.got.Gaps, [2]time.Time{from, to})
}

func (s *Sink) Limit(undelivered uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got.Limits = append(s.got.Limits, undelivered)
}

func (s *Sink) Skip(reason feed.SkipReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.got.Skips == nil {
		s.got.Skips = map[feed.SkipReason]int{}
	}
	s.got.Skips[reason]++
}

func (s *Sink) State(state feed.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got.States = append(s.got.States, state)
}

func (s *Sink) Cursor(c string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got.Cursors = append(s.got.Cursors, c)
}
