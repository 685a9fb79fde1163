package xposts

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"rightnow/feed"
)

// maxLine bounds a message in bytes.
const maxLine = 512 << 10

// errSpent ends a connection when nothing more can be afforded.
var errSpent = errors.New("feed: today's budget is used up")

// dial is feed.Runner.Dial. Without rules X would refuse.
func (r *run) dial(ctx context.Context, f feed.Filter) (feed.Stream, error) {
	n, err := r.keeper.set(ctx, f)
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, &feed.StatusError{Status: http.StatusUnprocessableEntity, Reason: "X takes none of the phrases that are tracked."}
	}
	body, err := r.api.stream(ctx)
	if err != nil {
		return nil, err
	}
	r.connected()
	s := &stream{run: r, body: body, lines: feed.NewLines(body, maxLine)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// connected tells of what was missed since the last connection, and has what is
// shown asked for again.
func (r *run) connected() {
	r.mu.Lock()
	idle := r.idle
	r.idle = false
	r.mu.Unlock()
	if !idle && !r.heard.IsZero() {
		r.Gap(r.heard, time.Now())
		nudge(r.look)
	}
}

// stream is one connection.
type stream struct {
	run    *run
	body   io.ReadCloser
	lines  *feed.Lines
	ctx    context.Context // of Apply; ends with Close
	cancel context.CancelFunc
}

// Next implements [feed.Stream].
func (s *stream) Next() (event bool, err error) {
	r := s.run
	line, err := s.lines.Next()
	if err != nil && err != feed.ErrTooLong {
		return false, err
	}
	r.heard = time.Now()
	if err != nil {
		r.Skip(feed.SkipMalformed)
		if !r.bought() { // it was delivered, whatever it was
			err = errSpent
		} else {
			err = nil
		}
		return false, err
	}
	bought := r.decoder.delivered
	event, err = r.decoder.Decode(line, r)
	if r.decoder.delivered > bought && !r.bought() && err == nil {
		err = errSpent
	}
	return event, err
}

// Apply implements [feed.Stream]. What X does not take now is tried again when it
// may be, with the rules there are until then.
func (s *stream) Apply(f feed.Filter) bool {
	wait := feed.Backoff{First: 5 * time.Second, Max: 320 * time.Second}
	for n := 0; ; n++ {
		rules, err := s.run.keeper.set(s.ctx, f)
		var fatal *feed.Fatal
		if err == nil || errors.As(err, &fatal) || s.ctx.Err() != nil {
			return err == nil && rules > 0
		}
		after := wait.After(n)
		if status, ok := errors.AsType[*feed.StatusError](err); ok {
			after = max(after, time.Until(status.After))
		}
		timer := time.NewTimer(feed.Jitter(after))
		select {
		case <-timer.C:
		case <-s.ctx.Done():
			timer.Stop()
			return false
		}
	}
}

// Close implements [feed.Stream].
func (s *stream) Close() error {
	s.cancel()
	return s.body.Close()
}
