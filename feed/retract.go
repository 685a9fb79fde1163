package feed

import (
	"slices"
	"time"
)

// sweepEvery is the least time between two looks for what has expired.
const sweepEvery = time.Second

// retract takes back what was shown or is held. r.mu must be held.
func (r *Router) retract(ref Ref) {
	for o := range r.holding {
		if ref.Means(o.held.post) {
			r.unhold(o)
			o.meter.skip(SkipGone)
		}
	}
	found := r.shelf.meant(ref)
	if ref.ID == "" && ref.Native == "" || len(found) == 0 {
		owners := r.discard(found)
		r.tell(func(to Receiver) { to.Retract(owners, ref) })
		return
	}
	for _, e := range found { // of a post all names are told
		r.retractOne(e)
	}
}

func (r *Router) retractOne(e *exhibit) {
	owners := r.discard([]*exhibit{e})
	r.tell(func(to Receiver) { to.Retract(owners, e.ref) })
}

// discard forgets exhibits and returns the names of those who were shown them.
func (r *Router) discard(all []*exhibit) []string {
	names := []string{}
	for _, e := range all {
		for _, o := range slices.Clone(e.owners) {
			o.forget(e)
			names = append(names, o.name)
		}
		r.shelf.remove(e)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// sweep takes back what has expired. What is only too old is hidden.
func (r *Router) sweep(now time.Time) {
	if r.shelf.expiry.IsZero() || r.shelf.expiry.After(now) || now.Before(r.swept.Add(sweepEvery)) {
		return
	}
	r.swept = now
	for _, e := range r.shelf.due(now) {
		if e.deadly {
			r.retractOne(e)
		} else {
			r.tellHidden(r.discard([]*exhibit{e}), e.ref)
		}
	}
}

// hideMuted takes from an owner what its newly muted authors have written.
func (r *Router) hideMuted(o *owner) {
	if len(o.wish.muted) == 0 {
		return
	}
	if o.held != nil && o.verdict(o.held.post) == SkipMuted {
		r.unhold(o)
		o.meter.skip(SkipMuted)
	}
	for _, s := range slices.Concat(o.past, o.shown) {
		if _, muted := o.wish.muted[AuthorKey(s.ref.Source, s.author)]; !muted {
			continue
		}
		o.forget(s.exhibit)
		r.tellHidden([]string{o.name}, s.ref)
		if len(s.owners) == 0 {
			r.shelf.remove(s.exhibit)
		}
	}
}

// forgetAll has an owner know nothing of what it was shown.
func (r *Router) forgetAll(o *owner) {
	if o.held != nil {
		r.unhold(o)
		o.meter.skip(SkipGone)
	}
	for _, s := range slices.Concat(o.past, o.shown) {
		o.forget(s.exhibit)
		if len(s.owners) == 0 {
			r.shelf.remove(s.exhibit)
		}
	}
	o.shown, o.past, o.stale = nil, nil, nil
}
