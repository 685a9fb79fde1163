package feed

import (
	"slices"
	"time"
)

// owner is what the router knows of one. It is guarded by the router's lock.
type owner struct {
	name    string
	tracked bool // Track was called
	wish    wish
	viewers int
	left    time.Time // when the last viewer went
	active  bool      // its phrases are in the index

	posts bucket     // limits what is new
	edits bucket     // limits revisions of what is shown
	held  *candidate // waits until posts allows it
	stale []*exhibit // wait until edits allows it, the longest first
	// There is a release for held, for stale.
	postDue, editDue bool
	last             postKey // author of the newest post that was shown

	shown []slot // the newest findable, oldest first
	past  []slot // before these; matched is not kept

	meter meter

	touched bool     // by the post that is looked at: that matches for this owner
	hits    []string // its phrases that that post has
}

// slot is an exhibit with what is the owner's own.
type slot struct {
	*exhibit
	matched []string
}

// candidate is a post that is shown next unless a newer one comes.
type candidate struct {
	post    *Post
	from    *feeder
	matched []string
}

// lingers reports whether the owner's words are wanted, when they are for that
// long after the last viewer.
func (o *owner) lingers(linger time.Duration, now time.Time) bool {
	return o.tracked && (o.viewers > 0 || !o.left.IsZero() && now.Before(o.left.Add(linger)))
}

// verdict returns why a post that matches is not shown, or "".
func (o *owner) verdict(p *Post) SkipReason {
	if !MeetsLangs(p.Langs, o.wish.Langs) {
		return SkipLang
	}
	if len(o.wish.muted) > 0 {
		if _, muted := o.wish.muted[AuthorKey(p.Source, p.Author.ID)]; muted {
			return SkipMuted
		}
	}
	if p.Sensitive && !o.wish.Sensitive {
		return SkipSensitive
	}
	return ""
}

// isLast reports whether the post is by the author of the one that was shown last.
func (o *owner) isLast(p *Post) bool {
	return p.Author.ID != "" && o.last == postKey{p.Source, p.Author.ID}
}

// keep has the owner remember that it was shown an exhibit. It returns the
// exhibit that it does not know any more because of that, or nil.
func (o *owner) keep(e *exhibit, matched []string) (forgotten *exhibit) {
	e.owners = append(e.owners, o)
	e.full++
	o.shown = append(o.shown, slot{e, matched})
	if len(o.shown) <= findable {
		return nil
	}
	oldest := o.shown[0].exhibit
	o.shown = slices.Delete(o.shown, 0, 1)
	o.unfill(oldest)
	o.past = append(o.past, slot{exhibit: oldest})
	if len(o.past) <= remembered-findable {
		return nil
	}
	forgotten = o.past[0].exhibit
	o.past = slices.Delete(o.past, 0, 1)
	return forgotten
}

// unfill says that an exhibit is not among the findable any more.
func (o *owner) unfill(e *exhibit) {
	if i := slices.Index(o.stale, e); i >= 0 {
		o.stale = slices.Delete(o.stale, i, i+1)
	}
	if e.full--; e.full == 0 {
		e.post = nil
	}
}

// find returns the slot of an exhibit among the findable, or nil.
func (o *owner) find(e *exhibit) *slot {
	for i := len(o.shown) - 1; i >= 0; i-- {
		if o.shown[i].exhibit == e {
			return &o.shown[i]
		}
	}
	return nil
}

// forget has the owner not know of an exhibit, which it does.
func (o *owner) forget(e *exhibit) {
	is := func(s slot) bool { return s.exhibit == e }
	if i := slices.IndexFunc(o.shown, is); i >= 0 {
		o.shown = slices.Delete(o.shown, i, i+1)
		o.unfill(e)
	} else if i := slices.IndexFunc(o.past, is); i >= 0 {
		o.past = slices.Delete(o.past, i, i+1)
	}
	if i := slices.Index(e.owners, o); i >= 0 {
		e.owners = slices.Delete(e.owners, i, i+1)
	}
}
