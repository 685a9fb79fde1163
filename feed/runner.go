package feed

import (
	"context"
	"time"
)

// Stream is one connection of a source. Next is called by one goroutine; Close
// may be called at any time, by others too, and unblocks Next.
type Stream interface {
	// Next waits for one message, a heartbeat is one, and hands what is in it to
	// the sink. Each return resets the stall timer. event says that it was more
	// than a heartbeat, so that the connection counts as healthy. An error ends
	// the connection: [Fatal], [*StatusError], or else it is the network's.
	Next() (event bool, err error)
	// Apply has the connection go by another filter. It reports false when only a
	// new connection can.
	Apply(f Filter) bool
	Close() error
}

// Runner connects, reads and reconnects on behalf of a source: the whole of
// [Source.Run] for those that hold a connection.
type Runner struct {
	// Dial connects. f is not empty. Its errors are classified as those of
	// Stream.Next. ctx ends when Run has to; the Stream must not depend on it.
	Dial func(ctx context.Context, f Filter) (Stream, error)
	// Stall is how long a connection may say nothing. Required.
	Stall time.Duration
	// Waits are the pauses before another try.
	Waits Waits
}

// Waits are the pauses after each kind of failure. The pause is the longer one of
// the rule and what the upstream asks for, and up to a quarter longer at random. A
// connection that has brought an event and then ends is tried again at once; the
// counts begin anew with the first event, not with the connection.
type Waits struct {
	Network, HTTP, RateLimit Backoff
}

// Backoff is a growing pause: First, then with each further failure Step longer
// or, when Step is 0, twice as long, and at most Max.
type Backoff struct {
	First, Step, Max time.Duration
}
