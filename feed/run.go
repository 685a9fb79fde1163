package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// dialTimeout is the default of Runner.DialTimeout.
const dialTimeout = 30 * time.Second

// errAgain ends a connection because of what is wanted, not because of a failure.
var errAgain = errors.New("feed: something else is wanted")

// run is one call of Runner.Run. It belongs to that call's goroutine.
type run struct {
	*Runner
	want *Want
	out  Sink
	log  *slog.Logger

	fails     failures
	notBefore time.Time // no connection is tried before
	reason    string    // of the last failure, for people
	quiet     bool      // the next connection takes the place of a good one: nothing to tell
	told      State
}

// Run does what [Source.Run] promises. It returns an error only for a [Fatal].
func (r *Runner) Run(ctx context.Context, want *Want, out Sink) error {
	s := run{Runner: r, want: want, out: out, log: r.Logger}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for ctx.Err() == nil {
		filter, changed := want.Load()
		if filter.Empty() {
			s.idle(ctx, changed)
			continue
		}
		if !s.pause(ctx) {
			continue
		}
		e := s.connect(ctx)
		if ctx.Err() != nil {
			break
		}
		if err := s.settle(e); err != nil {
			return err
		}
	}
	return nil
}

// idle waits until something is wanted. What forbids a try before some moment
// still holds after it.
func (s *run) idle(ctx context.Context, changed <-chan struct{}) {
	s.quiet = false
	s.tell(State{Phase: PhaseIdle})
	select {
	case <-ctx.Done():
	case <-changed:
	}
}

// pause waits for the moment of the next try. It reports false when there is
// none to wait for: Run ends, or nothing is wanted any more.
func (s *run) pause(ctx context.Context) bool {
	left := time.Until(s.notBefore)
	if left <= 0 {
		return true
	}
	s.tell(State{Phase: PhaseWaiting, Reason: s.reason, Until: s.notBefore})
	timer := time.NewTimer(left)
	defer timer.Stop()
	for {
		filter, changed := s.want.Load()
		if filter.Empty() {
			return false
		}
		select {
		case <-timer.C:
			return true
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}

// connect makes one connection and returns when it has ended.
func (s *run) connect(ctx context.Context) ended {
	if !s.quiet {
		s.tell(State{Phase: PhaseConnecting, Reason: s.reason})
	}
	stream, filter, err := s.dial(ctx)
	if err != nil {
		return ended{err: err}
	}
	if s.fails.network+s.fails.http+s.fails.rateLimit == 0 {
		s.live() // else it has to prove itself by a message
	}
	c := newConnection(stream, filter)
	go c.read() // ends with the connection; watch waits for it
	return s.watch(ctx, c)
}

// settle sets the moment of the next try by how a connection ended.
func (s *run) settle(e ended) error {
	if errors.Is(e.err, errAgain) {
		s.quiet = e.healthy
		return nil
	}
	s.log.Debug("feed connection ended", "error", e.err, "healthy", e.healthy, "lived", e.lived)
	var fatal *Fatal
	if errors.As(e.err, &fatal) {
		s.tell(State{Phase: PhaseFailed, Reason: fatal.Reason})
		return fatal
	}
	now := time.Now()
	wait := s.fails.next(s.Waits.withDefaults(), e, now)
	s.notBefore = now.Add(wait)
	s.reason = reasonOf(e.err)
	s.quiet = e.healthy && wait == 0 && !errors.Is(e.err, errStall)
	return nil
}

// live tells that posts come.
func (s *run) live() {
	s.reason = ""
	s.tell(State{Phase: PhaseLive})
}

// tell passes a state on when it says something new.
func (s *run) tell(state State) {
	if state != s.told {
		s.told = state
		s.out.State(state)
	}
}

// dialed is what Dial returned.
type dialed struct {
	stream Stream
	err    error
}

// dial connects by the filter that is wanted now, and gives up when nothing is.
func (s *run) dial(ctx context.Context) (Stream, Filter, error) {
	limit := s.DialTimeout
	if limit <= 0 {
		limit = dialTimeout
	}
	dialing, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	filter, changed := s.want.Load()
	if filter.Empty() {
		return nil, filter, errAgain
	}
	done := make(chan dialed, 1)
	go func() { done <- s.tryDial(dialing, filter) }() // ends with Dial; waited for below
	for gone := false; ; {
		select {
		case d := <-done:
			if gone && d.stream != nil {
				closeStream(d.stream)
			}
			if gone {
				return nil, filter, errAgain
			}
			return d.stream, filter, d.err
		case <-changed:
			var now Filter
			if now, changed = s.want.Load(); now.Empty() {
				gone = true
				cancel()
			}
		}
	}
}

// tryDial is Dial with its panics and its nothings made errors.
func (s *run) tryDial(ctx context.Context, f Filter) (d dialed) {
	defer func() {
		if p := recover(); p != nil {
			d = dialed{err: panicked(p)}
		}
	}()
	d.stream, d.err = s.Dial(ctx, f)
	if d.err == nil && d.stream == nil {
		d.err = errors.New("feed: there is no connection")
	}
	if d.err != nil {
		d.stream = nil
	}
	return d
}

// panicError is a panic of a source. Its text has the stack: it goes to the log
// and not to people.
type panicError struct {
	value any
	stack []byte
}

func panicked(value any) error { return &panicError{value, debug.Stack()} }

func (e *panicError) Error() string { return fmt.Sprintf("feed: panic: %v\n%s", e.value, e.stack) }
