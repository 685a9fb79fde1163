package feed

import "time"

// Shown is a post as an owner is shown it.
type Shown struct {
	Post
	// Matched are the owner's phrases that the post has, in their canonical form;
	// empty when it matched by its author. Never nil.
	Matched []string `json:"matched"`
}

// Receiver gets what owners are shown. Its methods are called one at a time, by one
// goroutine of [Router.Run], in the order in which things happened. They must not
// block: sources go on meanwhile, but posts are dropped. They may call the Router.
type Receiver interface {
	// Post hands over a post that is new to the owner, or a revision that takes the
	// place of the one with the same Source and ID. s may be kept; what its slices
	// have is read-only.
	Post(owner string, s *Shown)
	// Retract says that a post, or all of an author's, has to go everywhere, copies
	// and quotations too, because it was deleted or has expired. owners are those
	// who were shown it. It is also called when there are none, or they are not
	// known any more; then a Ref may have nothing but its Native, which is not in its
	// JSON. A Ref with nothing but a Source means all posts of that source.
	// [Ref.Means] tells what is meant.
	Retract(owners []string, r Ref)
	// Hide says that these owners are shown a post no longer: it was edited and
	// does not match any more, its author was muted, it is too old, or its source was
	// switched off, which a Ref with nothing but a Source means. Copies may stay.
	Hide(owners []string, r Ref)
	// Meta tells the numbers of an owner that somebody watches.
	Meta(owner string, m Meta)
	// Sources tells how all sources do when one has changed its phase, or its lag, at
	// most once a second.
	Sources(all []SourceStatus)
}

// Meta are the numbers of an owner. For each: Matched = Shown + all of Skipped, and
// at most one that is held back for a moment. Revisions of what an owner was shown
// are not counted.
type Meta struct {
	Seen    uint64 `json:"seen"`    // posts that were looked at while it was wanted
	Matched uint64 `json:"matched"` // that had one of its phrases, or an author it follows
	Shown   uint64 `json:"shown"`
	// Skipped matched and were not shown.
	Skipped map[SkipReason]uint64 `json:"skipped"`
	// Window is over what PerSecond and Busiest are.
	Window    time.Duration `json:"window"` // in JSON nanoseconds
	PerSecond Rates         `json:"per_second"`
	Busiest   string        `json:"busiest,omitempty"` // the phrase with the most matches
}

// Rates are numbers a second.
type Rates struct {
	Seen    float64 `json:"seen"`
	Matched float64 `json:"matched"`
	Shown   float64 `json:"shown"`
}

// SourceStatus is how a source does. At every moment Received = Waiting + Handed +
// all of Skipped.
type SourceStatus struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	State  State  `json:"state"`
	Billed bool   `json:"billed,omitempty"`
	// Spent is set for those that are a [Spender].
	Spent *Spending `json:"spent,omitempty"`
	// LastPost is when it last brought a post.
	LastPost time.Time `json:"last_post,omitzero"`

	Received uint64                `json:"received"` // messages that were, or might have been, posts
	Waiting  int                   `json:"waiting"`  // to be looked at
	Handed   uint64                `json:"handed"`   // were looked at for what is tracked
	Matched  uint64                `json:"matched"`  // of these had something that is
	Skipped  map[SkipReason]uint64 `json:"skipped"`
	// Withheld is what the source says that it did not deliver since it connected.
	Withheld uint64 `json:"withheld,omitempty"`
	// GapFrom and GapTo are the last span of which posts may be missing.
	GapFrom time.Time `json:"gap_from,omitzero"`
	GapTo   time.Time `json:"gap_to,omitzero"`
	// Lag is how old its posts are when they come: the median of the last ones that
	// say a time before their coming; 0: there was none.
	Lag time.Duration `json:"lag,omitempty"` // in JSON nanoseconds
}
