package feed

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

const saveEvery = 5 * time.Second

// supervise runs a source while this process holds the lease and the source is not
// switched off. It ends with ctx.
func (r *Router) supervise(ctx context.Context, f *feeder) {
	for ctx.Err() == nil {
		held, changed := r.held()
		off, turned := f.isOff()
		switch {
		case off:
			f.State(State{Phase: PhaseOff, Reason: "Switched off by the server's operator."})
		case held:
			r.runLeased(ctx, f, changed, turned)
		default:
			f.State(State{Phase: PhaseIdle, Reason: "Another server reads this source."})
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-turned:
		}
	}
}

// held asks the lease. Without one it is held for ever.
func (r *Router) held() (bool, <-chan struct{}) {
	if r.opts.Lease == nil {
		return true, nil
	}
	return r.opts.Lease.Held()
}

// runLeased runs a source until it ends, ctx does, the lease changes, or it is
// switched off.
func (r *Router) runLeased(ctx context.Context, f *feeder, changed, turned <-chan struct{}) {
	running, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { // ends with running
		select {
		case <-changed:
			stop()
		case <-turned:
			stop()
		case <-running.Done():
		}
	})
	f.State(State{Phase: PhaseIdle})
	err := r.runSource(running, f)
	lost := running.Err() != nil
	stop()
	watch.Wait()
	switch {
	case lost: // what it says now says nothing
	case err != nil:
		r.log.Error("feed: a source has failed for good", "source", f.name, "error", err)
		f.State(State{Phase: PhaseFailed, Reason: plainReason(err)})
	default:
		f.State(State{Phase: PhaseIdle, Reason: "It has ended."})
	}
}

// runSource runs a source once. A panic of it is an error.
func (r *Router) runSource(ctx context.Context, f *feeder) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("feed: panic: %v\n%s", p, debug.Stack())
		}
	}()
	if resumer, ok := f.source.(Resumer); ok {
		resumer.Resume(r.loadCursor(f))
	}
	return f.source.Run(ctx, &f.want, f)
}

// plainReason is what people may read of an error that ended a source.
func plainReason(err error) string {
	var fatal *Fatal
	var status *StatusError
	switch {
	case errors.As(err, &fatal):
		return fatal.Reason
	case errors.As(err, &status):
		return status.Reason
	default:
		return "It has stopped because of an error. The server's log says which."
	}
}

// loadCursor returns from where a source goes on.
func (r *Router) loadCursor(f *feeder) string {
	if r.opts.Cursors != nil {
		if c := r.opts.Cursors.Load(f.name); c != "" {
			return c // another process may have been further
		}
	}
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	return f.cursor
}

// saveCursors saves cursors as they change, until ctx ends.
func (r *Router) saveCursors(ctx context.Context) {
	ticker := time.NewTicker(saveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r.saveChanged()
		}
	}
}

func (r *Router) saveChanged() {
	for _, f := range r.feeders {
		f.inbox.mu.Lock()
		cursor, changed := f.cursor, f.cursor != f.saved
		f.saved = cursor
		f.inbox.mu.Unlock()
		if changed {
			r.opts.Cursors.Save(f.name, cursor)
		}
	}
}
