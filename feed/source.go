package feed

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Source is one upstream. All methods may be called concurrently; Run runs once
// at a time.
type Source interface {
	// Name is short, in small letters, and unique among the sources of a process:
	// "bluesky".
	Name() string
	// Title is what people call it: "Bluesky".
	Title() string
	Caps() Caps
	// Run connects and reconnects by itself until ctx ends, and then returns nil
	// within a second, whatever it was doing. It holds no connection while the
	// filter is empty. It returns an error only for what no retry can mend.
	Run(ctx context.Context, want *Want, out Sink) error
}

// Caps is what a source can do.
type Caps struct {
	Words, Authors, Langs bool          // filtered by the source; otherwise by the Router
	LiveFilter            bool          // a change of the filter needs no new connection
	Resume                bool          // goes on where it was cut, by a cursor
	Deletes               bool          // tells of posts that were deleted
	MinApply              time.Duration // least time between two changes of the filter
	MaxWords              int           // most phrases the source takes; 0: any number
	Linger                time.Duration // how long to go on without viewers; 0: the Router's
	Billed                bool          // each post costs money
}

// Filter is what is wanted of a source, all of it at once. It is read-only.
type Filter struct {
	Words   []string // phrases in their canonical form, see [Phrase]
	Authors []string
	Langs   []string // primary subtags; empty: all
}

// Empty reports that nothing is wanted.
func (f Filter) Empty() bool { return len(f.Words) == 0 && len(f.Authors) == 0 }

// Equal reports whether two filters ask for the same, in the same order.
func (f Filter) Equal(g Filter) bool {
	return slices.Equal(f.Words, g.Words) && slices.Equal(f.Authors, g.Authors) && slices.Equal(f.Langs, g.Langs)
}

// Want is the filter that is wanted at this moment. The zero Want wants nothing.
type Want struct {
	mu      sync.Mutex // guards following
	filter  Filter
	changed chan struct{} // closed and replaced by Set
}

// Load returns the filter, and a channel that is closed when there is another.
func (w *Want) Load() (Filter, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.changed == nil {
		w.changed = make(chan struct{})
	}
	return w.filter, w.changed
}

// Set replaces the filter, which is read-only from now on. An equal one changes nothing.
func (w *Want) Set(f Filter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.Equal(w.filter) {
		return
	}
	w.filter = f
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// Sink is where a source puts what it reads. No method blocks, and all may be
// called concurrently.
type Sink interface {
	// Offer hands over a post, new or a revision of one that was offered. It
	// reports false when it was dropped, which is counted.
	Offer(p Post) bool
	// Retract says that a post, or all of an author's, must go. It is never dropped.
	Retract(r Ref)
	// Gap says that posts of that span may be missing.
	Gap(from, to time.Time)
	// Limit tells how many posts the source itself has withheld since it connected.
	Limit(undelivered uint64)
	// Skip counts what the source read and did not offer.
	Skip(reason SkipReason)
	// State tells how the source does.
	State(s State)
	// Cursor is from where a later Run may go on.
	Cursor(c string)
}

// SkipReason says why a post was not shown.
type SkipReason string

// The reasons.
const (
	SkipMalformed SkipReason = "malformed" // could not be read
	SkipUnknown   SkipReason = "unknown"   // a kind of message that is not known
	SkipKind      SkipReason = "kind"      // known, and not for people: a bot's, a test's, another wiki's
	SkipQueue     SkipReason = "queue"     // came faster than it could be looked at
	SkipDuplicate SkipReason = "dup"
	SkipGone      SkipReason = "gone" // was deleted before it came, or is too old
	SkipOff       SkipReason = "off"  // came from a source that is switched off
	SkipNoMatch   SkipReason = "nomatch"
	SkipLang      SkipReason = "lang"
	SkipSensitive SkipReason = "sensitive"
	SkipMuted     SkipReason = "muted" // by a moderator
	SkipRate      SkipReason = "rate"  // more matched than are shown in a second
)

// Phase is what a source is doing.
type Phase string

// The phases.
const (
	PhaseIdle       Phase = "idle"       // nothing is wanted
	PhaseConnecting Phase = "connecting" // …
	PhaseLive       Phase = "live"       // posts come
	PhaseWaiting    Phase = "waiting"    // until State.Until, for State.Reason
	PhaseFailed     Phase = "failed"     // for good, for State.Reason
	PhaseOff        Phase = "off"        // by Router.Switch
)

// State is how a source does.
type State struct {
	Phase  Phase     `json:"phase"`
	Reason string    `json:"reason,omitempty"` // a plain sentence for people, without secrets
	Until  time.Time `json:"until,omitzero"`
}
