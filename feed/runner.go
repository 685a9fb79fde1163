package feed

import (
	"context"
	"log/slog"
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
	// Apply has the connection go by another filter, which is never empty. It
	// reports false when only a new connection can. It is called beside Next, and
	// again only when it has returned.
	Apply(f Filter) bool
	// Close ends Next and Apply at once.
	Close() error
}

// Runner connects, reads and reconnects on behalf of a source: the whole of
// [Source.Run] for those that hold a connection. It never holds two. A panic in
// Dial or in a Stream's method counts as a failure of the network.
type Runner struct {
	// Dial connects. f is not empty. Its errors are classified as those of
	// Stream.Next. ctx ends when Run has to, when nothing is wanted any more, and
	// after DialTimeout; the Stream must not depend on it.
	Dial func(ctx context.Context, f Filter) (Stream, error)
	// Stall is how long a connection may say nothing. Required.
	Stall time.Duration
	// DialTimeout bounds Dial; 0 means 30 seconds.
	DialTimeout time.Duration
	// Waits are the pauses before another try.
	Waits Waits
	// Logger hears of each connection that ended; nil: nobody does.
	Logger *slog.Logger
}
