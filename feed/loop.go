package feed

import (
	"context"
	"time"
)

// loop is the goroutine that looks at posts and calls the Receiver. It ends with ctx.
func (r *Router) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var row breather
	for ctx.Err() == nil {
		next, more := r.step(time.Now())
		if more {
			row.next()
			continue
		}
		timer.Reset(time.Until(next))
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-timer.C:
		}
	}
}

// step does what is due and looks at one post. It returns when there is something
// to do next, and whether more posts may wait.
func (r *Router) step(now time.Time) (next time.Time, more bool) {
	r.mu.Lock()
	for _, ref := range r.inbox.retractions() {
		r.retract(ref)
	}
	r.due(now)
	post, more := r.inbox.pop(now)
	if more {
		r.take(post, now)
	}
	next = r.nextDue()
	r.mu.Unlock()
	r.deliver()
	return next, more
}

// deliver makes the calls that are to be made.
func (r *Router) deliver() {
	r.mu.Lock()
	calls := r.calls
	r.calls = r.spare
	r.mu.Unlock()
	for i, call := range calls {
		call(r.opts.Receiver)
		calls[i] = nil
	}
	r.mu.Lock()
	r.spare = calls[:0]
	r.mu.Unlock()
}

// finish tells of the last retractions, when loop and sources have ended.
func (r *Router) finish() {
	r.mu.Lock()
	for _, ref := range r.inbox.retractions() {
		r.retract(ref)
	}
	r.mu.Unlock()
	r.deliver()
}

// tell has the Receiver called after this step. r.mu must be held.
func (r *Router) tell(call func(Receiver)) { r.calls = append(r.calls, call) }

// due does what its time has come for.
func (r *Router) due(now time.Time) {
	r.releaseAll(now)
	r.lingered(now)
	r.reconcile(now)
	r.sweep(now)
	r.tellMeta(now)
	r.tellSources(now)
}

// nextDue returns when to call due again.
func (r *Router) nextDue() time.Time {
	next := r.metaAt
	earliest := func(at time.Time) {
		if !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	earliest(r.releases.next())
	earliest(r.lingerDue)
	earliest(r.changeDue)
	for _, f := range r.feeders {
		earliest(f.applyAt)
	}
	if !r.shelf.expiry.IsZero() {
		earliest(later(r.shelf.expiry, r.swept.Add(sweepEvery)))
	}
	if r.sourcesNew {
		earliest(r.sourcesAt)
	}
	return next
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// tellMeta ends a window of all owners.
func (r *Router) tellMeta(now time.Time) {
	if r.metaAt.After(now) {
		return
	}
	window, begins := now.Sub(r.windowFrom), r.windowFrom.IsZero()
	if r.windowFrom, r.metaAt = now, now.Add(r.opts.MetaEvery); begins {
		return
	}
	for name, o := range r.owners {
		seen := o.meter.seen(r.seen, o.active)
		if o.meter.roll(seen, r.busiest(o), window) && o.viewers > 0 {
			m := o.meter.totals(seen)
			r.tell(func(to Receiver) { to.Meta(name, m) })
		}
	}
	clear(r.hits)
	r.sample.forget(now)
	r.sourcesNew = r.sourcesNew || r.lagsDiffer()
}

// lagsDiffer tells whether a source's lag is another than was told.
func (r *Router) lagsDiffer() bool {
	r.inbox.mu.Lock()
	defer r.inbox.mu.Unlock()
	for _, f := range r.feeders {
		if differs(f.lag.typical(), f.lagTold) {
			return true
		}
	}
	return false
}

// busiest returns the owner's phrase with the most matches in the window.
func (r *Router) busiest(o *owner) (phrase string) {
	most := 0
	for _, p := range o.wish.phrases {
		if n := r.hits[p.String()]; n > most {
			phrase, most = p.String(), n
		}
	}
	return phrase
}

// noticer is a Receiver that wants to hear of everything that sources say about
// themselves.
type noticer interface{ notice(n notice) }

// tellSources tells how the sources do, if that has changed and not too soon.
func (r *Router) tellSources(now time.Time) {
	for _, n := range r.inbox.takeNotices() {
		r.sourcesNew = r.sourcesNew || !n.isLimit
		if to, ok := r.opts.Receiver.(noticer); ok {
			r.tell(func(Receiver) { to.notice(n) })
		}
	}
	if !r.sourcesNew || r.sourcesAt.After(now) {
		return
	}
	r.sourcesNew, r.sourcesAt = false, now.Add(time.Second)
	all := r.Sources()
	for i, f := range r.feeders {
		f.lagTold = all[i].Lag
	}
	r.tell(func(to Receiver) { to.Sources(all) })
}
