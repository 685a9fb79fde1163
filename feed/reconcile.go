package feed

import (
	"maps"
	"slices"
	"time"
)

// changed says that the union of what is tracked may be another one. The sources
// hear of it when it has rested. r.mu must be held.
func (r *Router) changed(now time.Time) {
	if r.changedFirst.IsZero() {
		r.changedFirst = now
	}
	r.changeDue = now.Add(r.opts.Debounce)
	if latest := r.changedFirst.Add(r.opts.DebounceMax); latest.Before(r.changeDue) {
		r.changeDue = latest
	}
}

// applyNow has a change not rest.
func (r *Router) applyNow() {
	defer r.wakeUp()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.changeDue.IsZero() {
		r.changeDue = time.Now()
	}
}

// reconcile tells the sources what is wanted, those for whom it is time.
func (r *Router) reconcile(now time.Time) {
	if !r.changeDue.IsZero() && !r.changeDue.After(now) {
		r.changedFirst, r.changeDue = time.Time{}, time.Time{}
		for _, f := range r.feeders {
			f.applyAt = now
			if earliest := f.appliedAt.Add(f.caps.MinApply); !f.appliedAt.IsZero() && earliest.After(now) {
				f.applyAt = earliest
			}
		}
	}
	for _, f := range r.feeders {
		if f.applyAt.IsZero() || f.applyAt.After(now) {
			continue
		}
		f.applyAt = time.Time{}
		filter := r.union(f, now)
		if was, _ := f.want.Load(); !was.Equal(filter) {
			f.want.Set(filter)
			f.appliedAt = now
		}
	}
}

// union is what all owners together want of a source.
func (r *Router) union(f *feeder, now time.Time) Filter {
	words, authors, langs := map[string]struct{}{}, map[string]struct{}{}, map[string]struct{}{}
	linger, all := f.linger(&r.opts), false
	for _, o := range r.owners {
		if !o.lingers(linger, now) {
			continue
		}
		for _, p := range o.wish.phrases {
			words[p.String()] = struct{}{}
		}
		for _, key := range o.wish.Authors {
			if source, id := splitAuthorKey(key); source == f.name {
				authors[id] = struct{}{}
			}
		}
		for _, lang := range o.wish.Langs {
			langs[lang] = struct{}{}
		}
		all = all || o.wish.wants() && len(o.wish.Langs) == 0
	}
	if all {
		clear(langs)
	}
	return Filter{Words: sorted(words), Authors: sorted(authors), Langs: sorted(langs)}
}

func sorted(set map[string]struct{}) []string { return slices.Sorted(maps.Keys(set)) }

// refresh has an owner be matched or not, as somebody watches. r.mu must be held.
func (r *Router) refresh(o *owner, now time.Time) {
	longest := slices.Max(r.lingers)
	switch wanted := o.lingers(longest, now); {
	case wanted && !o.active:
		r.activate(o)
	case !wanted && o.active:
		r.deactivate(o)
	}
}

func (r *Router) activate(o *owner) {
	o.active = true
	o.meter.seenFrom = r.seen
	r.rematch(o)
}

// rematch has posts match for an owner by what it wants.
func (r *Router) rematch(o *owner) {
	for _, p := range o.wish.phrases {
		r.index.Add(o.name, p)
	}
	for _, key := range o.wish.Authors {
		if r.follows[key] == nil {
			r.follows[key] = map[*owner]struct{}{}
		}
		r.follows[key][o] = struct{}{}
	}
}

// deactivate has an owner be shown nothing more, and forget what it was shown.
func (r *Router) deactivate(o *owner) {
	r.unmatch(o)
	o.meter.seenBefore = o.meter.seen(r.seen, true)
	o.active = false
	r.forgetAll(o)
}

// unmatch has nothing match for an owner.
func (r *Router) unmatch(o *owner) {
	r.index.Drop(o.name)
	for _, key := range o.wish.Authors {
		if delete(r.follows[key], o); len(r.follows[key]) == 0 {
			delete(r.follows, key)
		}
	}
}

// lingered looks for owners whose last viewer has been gone for long enough.
func (r *Router) lingered(now time.Time) {
	if r.lingerDue.IsZero() || r.lingerDue.After(now) {
		return
	}
	r.lingerDue = time.Time{}
	for _, o := range r.owners {
		if o.viewers == 0 && o.active {
			r.refresh(o, now)
			r.awaitLinger(o, now)
		}
	}
	r.changed(now)
}

// awaitLinger sets the time to look at an owner that nobody watches.
func (r *Router) awaitLinger(o *owner, now time.Time) {
	for _, linger := range r.lingers {
		at := o.left.Add(linger)
		if at.After(now) && (r.lingerDue.IsZero() || at.Before(r.lingerDue)) {
			r.lingerDue = at
		}
	}
}
