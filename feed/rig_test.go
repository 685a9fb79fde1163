package feed

import (
	"context"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// step is one return of a fake stream's Next.
type step struct {
	after time.Duration // before it
	event bool
	err   error
	panic any
}

// fakeStream plays steps and is then silent until it is closed.
type fakeStream struct {
	rig    *rig
	filter Filter
	steps  []step
	apply  func(Filter) bool

	once   sync.Once
	closed chan struct{}
}

func (s *fakeStream) Next() (bool, error) {
	if len(s.steps) == 0 {
		<-s.closed
		return false, io.ErrClosedPipe
	}
	next := s.steps[0]
	s.steps = s.steps[1:]
	select {
	case <-time.After(next.after):
	case <-s.closed:
		return false, io.ErrClosedPipe
	}
	if next.panic != nil {
		panic(next.panic)
	}
	return next.event, next.err
}

func (s *fakeStream) Apply(f Filter) bool {
	s.rig.mu.Lock()
	s.rig.applied = append(s.rig.applied, f)
	s.rig.mu.Unlock()
	return s.apply != nil && s.apply(f)
}

func (s *fakeStream) Close() error {
	s.once.Do(func() { close(s.closed); s.rig.open.Add(-1) })
	return nil
}

// script is one dial: an error, or the steps of a stream.
type script struct {
	takes time.Duration
	err   error
	panic any
	steps []step
	apply func(Filter) bool
}

// rig runs a Runner over scripts; after the last one dials hang until their end.
type rig struct {
	*testing.T
	runner  Runner
	want    Want
	out     recorder
	scripts []script
	start   time.Time
	open    atomic.Int32 // streams

	mu      sync.Mutex      // guards following
	dials   []time.Duration // when, after start
	filters []Filter
	applied []Filter

	cancel context.CancelFunc
	ended  chan error
}

func newRig(t *testing.T, scripts ...script) *rig {
	r := &rig{T: t, scripts: scripts, start: time.Now(), ended: make(chan error, 1)}
	r.runner = Runner{Dial: r.dial, Stall: 30 * time.Second}
	r.want.Set(Filter{Words: []string{"go"}})
	return r
}

func (r *rig) run() {
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	go func() { r.ended <- r.runner.Run(ctx, &r.want, &r.out) }()
	synctest.Wait()
}

// stop ends Run and wants it to end at once.
func (r *rig) stop() {
	r.Helper()
	before := time.Now()
	r.cancel()
	if err := <-r.ended; err != nil {
		r.Errorf("Run: %v", err)
	}
	if took := time.Since(before); took > time.Second {
		r.Errorf("Run ended %v after its context", took)
	}
	if n := r.open.Load(); n != 0 {
		r.Errorf("%d connections are left", n)
	}
}

func (r *rig) dial(ctx context.Context, f Filter) (Stream, error) {
	if r.open.Load() != 0 {
		r.Error("a second connection")
	}
	s, ok := r.next(f)
	if !ok {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.panic != nil {
		panic(s.panic)
	}
	if s.err != nil {
		return nil, s.err
	}
	r.open.Add(1)
	return &fakeStream{rig: r, filter: f, steps: s.steps, apply: s.apply, closed: make(chan struct{})}, nil
}

// next takes the next script.
func (r *rig) next(f Filter) (s script, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dials = append(r.dials, time.Since(r.start))
	r.filters = append(r.filters, f)
	if len(r.scripts) == 0 {
		return script{}, false
	}
	s = r.scripts[0]
	r.scripts = r.scripts[1:]
	return s, true
}

// seen returns copies of what was dialed and applied.
func (r *rig) seen() (dials []time.Duration, filters, applied []Filter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.dials), slices.Clone(r.filters), slices.Clone(r.applied)
}

// wantPauses compares when connections were tried, a quarter of each pause being
// left to chance.
func (r *rig) wantPauses(pauses ...time.Duration) {
	r.Helper()
	dials, _, _ := r.seen()
	if len(dials) != len(pauses) {
		r.Fatalf("dials at %v, want %d", dials, len(pauses))
	}
	last := time.Duration(0)
	for i, at := range dials {
		if got := at - last; got < pauses[i] || got > pauses[i]+pauses[i]/4 {
			r.Errorf("pause %d: %v, want %v (dials at %v)", i, got, pauses[i], dials)
		}
		last = at
	}
}

// recorder is a Sink that remembers.
type recorder struct {
	mu     sync.Mutex
	states []State
}

func (o *recorder) Offer(Post) bool          { return true }
func (o *recorder) Retract(Ref)              {}
func (o *recorder) Gap(time.Time, time.Time) {}
func (o *recorder) Limit(uint64)             {}
func (o *recorder) Skip(SkipReason)          {}
func (o *recorder) Cursor(string)            {}
func (o *recorder) State(s State) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.states = append(o.states, s)
}

func (o *recorder) phases() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := ""
	for _, s := range o.states {
		text += string(s.Phase) + " "
	}
	return text
}

// all returns what states were told.
func (o *recorder) all() []State {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.states)
}

func (r *rig) wantPhases(want string) {
	r.Helper()
	if got := r.out.phases(); got != want+" " {
		r.Errorf("states %q, want %q", got, want)
	}
}
