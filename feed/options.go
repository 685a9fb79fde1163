package feed

import (
	"log/slog"
	"time"
)

// Options configure a [Router]. Only Receiver is required; the zero of any other
// field means the default that is named beside it.
type Options struct {
	// Sources run while the Router does.
	Sources []Source
	// Receiver gets what is shown.
	Receiver Receiver
	// Logger hears of sources that fail; default [slog.Default].
	Logger *slog.Logger

	// MaxPhrases is how many phrases an owner may track: 50. Authors and mutes
	// have limits of their own.
	MaxPhrases int
	// MaxServerPhrases is how many different phrases all owners may track: 5,000.
	// A source's Caps.MaxWords may allow less.
	MaxServerPhrases int

	// Recent is how many posts Router.Recent returns: 10, at most 50.
	Recent int
	// Rate and Burst limit what an owner is shown: 1 post a second, and 5 at once.
	// Above it, the newest of what came in the meantime is shown next, and the
	// others are counted as SkipRate.
	Rate  float64
	Burst int
	// KeepFor is how long a post stays after it came, unless its Expires is
	// earlier: 24 hours.
	KeepFor time.Duration

	// Linger is how long words are wanted after the last viewer of their owner went
	// away: a minute. A source's Caps.Linger overrides it for that source.
	Linger time.Duration
	// Debounce is how long the union of all that is tracked has to rest before the
	// sources hear of it: 250 ms. DebounceMax bounds the wait when it doesn't rest:
	// 2 s. A source's Caps.MinApply may make it longer.
	Debounce, DebounceMax time.Duration

	// Queue is how many posts may wait to be matched: 512. When it is full, the
	// oldest is dropped for the newest and counted as SkipQueue.
	Queue int
	// Dedupe is how many posts of each source are remembered, so that none is taken
	// twice: 20,000, each for DedupeFor: 15 minutes.
	Dedupe    int
	DedupeFor time.Duration
	// Tombstones is how long a retraction is remembered for a post that comes after
	// it: 24 hours, and the last 100,000 in number.
	Tombstones time.Duration

	// Cursors keep from where sources go on after a restart; nil: nobody does.
	Cursors Cursors
	// Lease says whether this process runs the sources; nil: it does.
	Lease Lease
	// MetaEvery is how often Receiver.Meta is called for an owner whose numbers
	// changed: every 5 seconds.
	MetaEvery time.Duration
}

// Cursors keep from where sources may go on. Load is called for each source that is
// a [Resumer] before it runs; Save with what has changed every 5 seconds, and once more
// when it has ended. They may take their time; Save is never called twice at once.
type Cursors interface {
	Load(source string) string // "" when there is none
	Save(source, cursor string)
}

// Lease says which of several processes runs the sources. Those that don't hold it
// deliver what they are given by [Router.Inject].
type Lease interface {
	// Held tells whether this process holds the lease, and returns a channel that is
	// closed when that changes. It may be called concurrently and does not block.
	Held() (bool, <-chan struct{})
}

func (o *Options) withDefaults() Options {
	if o == nil {
		return Options{}
	}
	return *o
}
