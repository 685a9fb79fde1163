package feed

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// upstream is a Source for which the test speaks, by its sink.
type upstream struct {
	name string
	caps Caps
	ends func(ctx context.Context) error // what Run does after it was given its sink; nil: it waits

	mu      sync.Mutex // guards following
	sink    Sink
	start   time.Time
	filters []string // "250ms go chat | authors | langs"
	runs    int
	resumed []string
	rich    []string // posts given to Enrich
}

func (u *upstream) Name() string  { return u.name }
func (u *upstream) Title() string { return strings.ToUpper(u.name) }
func (u *upstream) Caps() Caps    { return u.caps }

func (u *upstream) Resume(cursor string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.resumed = append(u.resumed, cursor)
}

func (u *upstream) Enrich(posts ...Post) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, p := range posts {
		u.rich = append(u.rich, p.ID)
	}
}

func (u *upstream) Run(ctx context.Context, want *Want, out Sink) error {
	u.mu.Lock()
	u.sink = out
	if u.runs++; u.start.IsZero() {
		u.start = time.Now()
	}
	u.mu.Unlock()
	if u.ends != nil {
		return u.ends(ctx)
	}
	was := Filter{}
	for {
		filter, changed := want.Load()
		if !filter.Equal(was) {
			was = filter
			u.note(filter)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

func (u *upstream) note(f Filter) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.filters = append(u.filters, fmt.Sprintf("%v %s|%s|%s", time.Since(u.start),
		strings.Join(f.Words, ","), strings.Join(f.Authors, ","), strings.Join(f.Langs, ",")))
}

// wantFilters compares what was wanted of it since the start.
func (u *upstream) wantFilters(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	u.mu.Lock()
	defer u.mu.Unlock()
	if !slices.Equal(u.filters, want) {
		t.Errorf("filters of %s:\n%q\nwant\n%q", u.name, u.filters, want)
	}
}

// newsroom is a router with one upstream, and all that its Receiver was told.
type newsroom struct {
	*testing.T
	*Router
	up     *upstream
	cancel context.CancelFunc
	ended  chan error

	mu     sync.Mutex // guards following
	told   []string
	shown  map[string][]Shown
	metas  []Meta
	states [][]SourceStatus
	block  chan struct{} // Post waits for it; nil: it doesn't
}

// open runs a test in virtual time with a router, of which opts are made by fill.
func open(t *testing.T, fill func(*Options), test func(n *newsroom)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := &newsroom{T: t, up: &upstream{name: "sim"}, ended: make(chan error, 1), shown: map[string][]Shown{}}
		opts := Options{Receiver: n, Sources: []Source{n.up}, Logger: slog.New(slog.DiscardHandler)}
		if fill != nil {
			fill(&opts)
		}
		if len(opts.Sources) > 0 {
			n.up = opts.Sources[0].(*upstream)
		}
		n.Router = NewRouter(&opts)
		var ctx context.Context
		ctx, n.cancel = context.WithCancel(t.Context())
		go func() { n.ended <- n.Router.Run(ctx) }() // ends with cancel
		synctest.Wait()
		test(n)
		n.stop()
	})
}

// stop ends Run and wants it to end within a second.
func (n *newsroom) stop() {
	n.Helper()
	before := time.Now()
	n.cancel()
	if err := <-n.ended; err != nil {
		n.Errorf("Run: %v", err)
	}
	if took := time.Since(before); took > time.Second {
		n.Errorf("Run ended %v after its context", took)
	}
	n.ended <- nil
}

func (n *newsroom) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told = append(n.told, fmt.Sprintf(format, args...))
}

func (n *newsroom) Post(owner string, s *Shown) {
	if n.block != nil {
		<-n.block
	}
	n.note("%s: %s%s", owner, s.ID, s.Rev)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.shown[owner] = append(n.shown[owner], *s)
}

func (n *newsroom) Retract(owners []string, r Ref) { n.note("gone %v %s", owners, refName(r)) }
func (n *newsroom) Hide(owners []string, r Ref)    { n.note("hide %v %s", owners, refName(r)) }

func refName(r Ref) string {
	switch {
	case r.ID != "":
		return r.ID
	case r.Native != "":
		return "native " + r.Native
	case r.AuthorID != "":
		return "@" + r.AuthorID
	}
	return "all of " + r.Source
}

func (n *newsroom) Meta(_ string, m Meta) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.metas = append(n.metas, m)
}

func (n *newsroom) allMetas() []Meta {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.metas)
}

func (n *newsroom) Sources(all []SourceStatus) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.states = append(n.states, all)
}

// status is how the upstream does.
func (n *newsroom) status() SourceStatus { return n.Router.Sources()[0] }

// follow has a room track words, with a viewer.
func (n *newsroom) follow(room string, words ...string) {
	n.Helper()
	n.track(room, Tracking{Words: words})
	n.Watch(room, true)
}

func (n *newsroom) track(room string, t Tracking) {
	n.Helper()
	if _, err := n.Track(room, t); err != nil {
		n.Fatal(err)
	}
}

// offer has the upstream bring posts of an author: "id text".
func (n *newsroom) offer(author string, posts ...string) {
	for _, p := range posts {
		id, text, _ := strings.Cut(p, " ")
		id, rev, _ := strings.Cut(id, "#")
		n.up.sink.Offer(Post{ID: id, Rev: rev, Native: "n" + id, Author: Author{ID: author}, Text: text})
	}
}

// wantTold compares what the Receiver was told since the last time.
func (n *newsroom) wantTold(want ...string) {
	n.Helper()
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Equal(n.told, want) {
		n.Errorf("the receiver was told\n%q\nwant\n%q", n.told, want)
	}
	n.told = nil
}

func (n *newsroom) wantRecent(room string, want ...string) {
	n.Helper()
	synctest.Wait()
	var ids []string
	for _, s := range n.Recent(room) {
		ids = append(ids, s.ID+s.Rev)
	}
	if !slices.Equal(ids, want) {
		n.Errorf("recent posts of %s: %q, want %q", room, ids, want)
	}
}

// checkSums sees that the numbers add up.
func (n *newsroom) checkSums(rooms ...string) {
	n.Helper()
	synctest.Wait()
	s := n.status()
	sum := uint64(s.Waiting) + s.Handed
	for _, skipped := range s.Skipped {
		sum += skipped
	}
	if sum != s.Received {
		n.Errorf("received %d, but %d add up: %+v", s.Received, sum, s)
	}
	for _, room := range rooms {
		m := n.Stats(room)
		sum := m.Shown
		for _, skipped := range m.Skipped {
			sum += skipped
		}
		if m.Matched < sum || m.Matched > sum+1 {
			n.Errorf("%s matched %d, but %d add up: %+v", room, m.Matched, sum, m)
		}
	}
}

// later lets virtual time pass.
func (n *newsroom) later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
