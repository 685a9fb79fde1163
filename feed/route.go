package feed

import (
	"slices"
	"time"
)

// take looks at one post for all owners. r.mu must be held.
func (r *Router) take(next parcel, now time.Time) {
	r.seen++
	r.sample.add(next.post, now)
	r.match(next)
	r.reviseHeld(next)
	if e := r.shelf.of(next.post); e != nil {
		was := e.post
		r.revise(e, next.post, now)
		r.passOver(was)
	}
	for _, o := range r.touched {
		if o.touched {
			r.offer(o, next, now)
		}
		o.touched, o.hits = false, o.hits[:0]
	}
	clear(r.touched)
	r.touched = r.touched[:0]
}

// match finds the owners that the post is for, and marks them as touched.
func (r *Router) match(next parcel) {
	r.doc.Read(next.post)
	r.lastHit = ""
	r.index.Match(&r.doc, r.visit)
	if len(r.follows) > 0 {
		for o := range r.follows[AuthorKey(next.post.Source, next.post.Author.ID)] {
			r.touch(o)
		}
	}
	matched := false
	for _, o := range r.touched {
		o.touched = !o.wish.excludes(&r.doc)
		matched = matched || o.touched
	}
	if matched {
		next.from.countMatched()
	}
}

// hit is what the index calls for each pair of owner and phrase, all owners of
// a phrase in a row.
func (r *Router) hit(name, phrase string) {
	if phrase != r.lastHit {
		r.lastHit = phrase
		r.hits[phrase]++
	}
	o := r.owners[name]
	r.touch(o)
	o.hits = append(o.hits, phrase)
}

func (r *Router) touch(o *owner) {
	if !o.touched {
		o.touched = true
		r.touched = append(r.touched, o)
	}
}

// offer has an owner be shown a post that matches and is new to it, unless that
// is too much.
func (r *Router) offer(o *owner, next parcel, now time.Time) {
	o.meter.matched++
	if reason := o.verdict(next.post); reason != "" {
		o.meter.skip(reason)
		return
	}
	if o.held == nil && o.posts.take(now) {
		r.show(o, next.post, next.from, slices.Clone(o.hits))
		return
	}
	r.hold(o, next)
}

// hold keeps a post back until the owner may be shown another one. The newest
// takes the place of one that is held already; but an author who was shown last
// doesn't take it from another one.
func (r *Router) hold(o *owner, next parcel) {
	switch {
	case o.held == nil:
		o.held = &candidate{}
		r.holding[o] = struct{}{}
		r.schedule(o, false)
	case o.isLast(next.post) && !o.isLast(o.held.post):
		o.meter.skip(SkipRate)
		return
	default:
		o.meter.skip(SkipRate)
	}
	o.held.post, o.held.from = next.post, next.from
	o.held.matched = append(o.held.matched[:0], o.hits...)
}

// unhold takes what is held.
func (r *Router) unhold(o *owner) *candidate {
	held := o.held
	o.held = nil
	delete(r.holding, o)
	return held
}

// schedule has release or releaseEdit called at the right moment.
func (r *Router) schedule(o *owner, edit bool) {
	due, limit := &o.postDue, &o.posts
	if edit {
		due, limit = &o.editDue, &o.edits
	}
	if !*due {
		*due = true
		r.releases.add(release{at: limit.next(), owner: o, edit: edit})
	}
}

// releaseAll shows what waited for a moment that has come.
func (r *Router) releaseAll(now time.Time) {
	for {
		next, ok := r.releases.take(now)
		switch {
		case !ok:
			return
		case next.edit:
			next.owner.editDue = false
			r.releaseEdit(next.owner, now)
		default:
			next.owner.postDue = false
			r.release(next.owner, now)
		}
	}
}

// release shows what is held, if it may be.
func (r *Router) release(o *owner, now time.Time) {
	if o.held == nil {
		return // it is gone
	}
	if now.Before(o.posts.next()) { // it is another one, or the rate was changed
		r.schedule(o, false)
		return
	}
	held := r.unhold(o)
	if expired(held.post, now) {
		o.meter.skip(SkipGone)
		return
	}
	o.posts.take(now)
	r.show(o, held.post, held.from, slices.Clone(held.matched))
}

// show shows an owner a post that it does not have.
func (r *Router) show(o *owner, p *Post, from *feeder, matched []string) {
	e := r.shelf.of(p)
	if e == nil {
		e = r.shelf.put(p, r.opts.KeepFor)
		r.enrich(from, p)
	} else if e.post == nil {
		e.post = p
	}
	if forgotten := o.keep(e, matched); forgotten != nil {
		r.disown(forgotten, o)
	}
	o.last = postKey{p.Source, p.Author.ID}
	o.meter.shown++
	r.tellPost(o, e.post, matched)
}

// enrich tells a source that one of its posts is shown, if it wants to know.
func (r *Router) enrich(from *feeder, p *Post) {
	if enricher, ok := from.source.(Enricher); ok {
		r.tell(func(Receiver) { enricher.Enrich(*p) })
	}
}

func (r *Router) tellPost(o *owner, p *Post, matched []string) {
	name, shown := o.name, newShown(p, matched)
	r.tell(func(to Receiver) { to.Post(name, &shown) })
}

func newShown(p *Post, matched []string) Shown {
	if matched == nil {
		matched = []string{}
	}
	return Shown{Post: *p, Matched: matched}
}

// disown takes an owner from an exhibit that the owner has forgotten.
func (r *Router) disown(e *exhibit, o *owner) {
	if i := slices.Index(e.owners, o); i >= 0 {
		e.owners = slices.Delete(e.owners, i, i+1)
	}
	if len(e.owners) == 0 {
		r.shelf.remove(e)
	}
}

// reviseHeld has a revision take the place of what is held of the post.
func (r *Router) reviseHeld(next parcel) {
	for o := range r.holding {
		held := o.held
		if held.post.ID != next.post.ID || held.post.Source != next.post.Source {
			continue
		}
		reason := SkipNoMatch
		if o.touched {
			reason = o.verdict(next.post)
		}
		if reason != "" {
			r.unhold(o)
			o.meter.skip(reason)
		} else {
			held.post = next.post
			held.matched = append(held.matched[:0], o.hits...)
		}
		o.touched = false
	}
}

// revise has a revision take the place of what was shown of the post. Those for
// whom it does not match any more lose it.
func (r *Router) revise(e *exhibit, p *Post, now time.Time) {
	if e.full > 0 {
		e.post = p
	}
	r.shelf.shorten(e, p)
	var hidden []string
	for _, o := range slices.Clone(e.owners) {
		if !o.touched || o.verdict(p) != "" {
			o.forget(e)
			hidden = append(hidden, o.name)
		} else {
			r.reviseFor(o, e, p, now)
		}
		o.touched = false
	}
	r.tellHidden(hidden, e.ref)
	if len(e.owners) == 0 {
		r.shelf.remove(e)
	}
}

// passOver takes the mark from owners for whom the revision before, was, matched as
// well: they were not shown it, and that stays so. It may be unknown, nil.
func (r *Router) passOver(was *Post) {
	if was == nil || !slices.ContainsFunc(r.touched, func(o *owner) bool { return o.touched }) {
		return
	}
	r.doc.Read(was)
	met := func(phrase string) bool { return r.doc.Meets(r.index.phrases[phrase].phrase) }
	for _, o := range r.touched {
		followed := len(o.hits) == 0
		if o.touched && !o.wish.excludes(&r.doc) && (followed || slices.ContainsFunc(o.hits, met)) {
			o.touched = false
		}
	}
}

// reviseFor tells an owner of a revision, now or when that is not too much. What
// is no longer findable is only revised now.
func (r *Router) reviseFor(o *owner, e *exhibit, p *Post, now time.Time) {
	matched := slices.Clone(o.hits)
	s := o.find(e)
	if s != nil {
		s.matched = matched
		if slices.Contains(o.stale, e) {
			return
		}
	}
	if len(o.stale) == 0 && o.edits.take(now) {
		r.tellPost(o, p, matched)
	} else if s != nil {
		o.stale = append(o.stale, e)
		r.schedule(o, true)
	}
}

// releaseEdit tells of the revision that has waited longest.
func (r *Router) releaseEdit(o *owner, now time.Time) {
	for len(o.stale) > 0 && o.edits.take(now) {
		e := o.stale[0]
		o.stale = slices.Delete(o.stale, 0, 1)
		r.tellPost(o, e.post, o.find(e).matched)
	}
	if len(o.stale) > 0 {
		r.schedule(o, true)
	}
}

func (r *Router) tellHidden(owners []string, ref Ref) {
	if len(owners) > 0 {
		slices.Sort(owners)
		r.tell(func(to Receiver) { to.Hide(owners, ref) })
	}
}
