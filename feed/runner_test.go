package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// beat and event are what a fake stream's Next returns without an error.
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
	s.rig.applied = append(s.rig.applied, f)
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
	open    atomic.Int32

	// Belongs to one goroutine at a time.
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
	r.dials = append(r.dials, time.Since(r.start))
	r.filters = append(r.filters, f)
	if r.open.Load() != 0 {
		r.Error("a second connection")
	}
	if len(r.scripts) == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	s := r.scripts[0]
	r.scripts = r.scripts[1:]
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

// wantDials compares when connections were tried, a quarter of each pause being
// left to chance.
func (r *rig) wantPauses(pauses ...time.Duration) {
	r.Helper()
	if len(r.dials) != len(pauses) {
		r.Fatalf("dials at %v, want %d", r.dials, len(pauses))
	}
	last := time.Duration(0)
	for i, at := range r.dials {
		if got := at - last; got < pauses[i] || got > pauses[i]+pauses[i]/4 {
			r.Errorf("pause %d: %v, want %v (dials at %v)", i, got, pauses[i], r.dials)
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

func (r *rig) wantPhases(want string) {
	r.Helper()
	if got := r.out.phases(); got != want+" " {
		r.Errorf("states %q, want %q", got, want)
	}
}

var (
	event   = step{event: true}
	errTest = errors.New("cut")
)

func fails(err error, n int) (s []script) {
	for range n {
		s = append(s, script{err: err})
	}
	return s
}

func TestBackoff(t *testing.T) {
	ms, s := time.Millisecond, time.Second
	for _, test := range []struct {
		name string
		err  error
		want []time.Duration // the first dial's among them
	}{
		{"network", errTest, []time.Duration{0, 0, 250 * ms, 500 * ms, 750 * ms}},
		{"http", &StatusError{Status: 503}, []time.Duration{0, 5 * s, 10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 320 * s, 320 * s}},
		{"rate limit", &StatusError{Status: 429}, []time.Duration{0, 60 * s, 120 * s, 240 * s}},
		{"wrapped", fmt.Errorf("dial: %w", &StatusError{Status: 420}), []time.Duration{0, 60 * s}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, fails(test.err, len(test.want)-1)...)
				r.runner.DialTimeout = 24 * time.Hour
				r.run()
				time.Sleep(time.Hour)
				synctest.Wait()
				r.wantPauses(test.want...)
				r.stop()
			})
		})
	}
}
