package feed

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

// errStall ends a connection on which nothing came for too long.
var errStall = errors.New("feed: nothing came for too long")

// connection is a Stream and the goroutine that reads it.
type connection struct {
	stream Stream
	filter Filter // by which it goes; belongs to watch
	start  time.Time

	last atomic.Int64 // when Next last returned, after start

	done  chan struct{} // closed when the reader has ended
	alive chan struct{} // closed by the reader at the first message
	first chan struct{} // closed by the reader at the first event
	// Written by the reader before it closes done.
	err     error
	healthy bool
}

func newConnection(stream Stream, filter Filter) *connection {
	return &connection{stream: stream, filter: filter, start: time.Now(),
		done: make(chan struct{}), alive: make(chan struct{}), first: make(chan struct{})}
}

// read reads until the stream fails, which Close has it do.
func (c *connection) read() {
	defer close(c.done)
	defer func() {
		if p := recover(); p != nil {
			c.err = panicked(p)
		}
	}()
	var row breather
	for heard := false; ; heard = true {
		event, err := c.stream.Next()
		if event && !c.healthy {
			c.healthy = true
			close(c.first)
		}
		if err != nil {
			c.err = err
			return
		}
		c.last.Store(int64(time.Since(c.start)))
		if !heard {
			close(c.alive)
		}
		row.next()
	}
}

// silent is how long nothing has come.
func (c *connection) silent() time.Duration {
	return time.Since(c.start) - time.Duration(c.last.Load())
}

// watch keeps a connection going by what is wanted until it ends or has to.
func (s *run) watch(ctx context.Context, c *connection) ended {
	stall := time.NewTimer(s.Stall)
	defer stall.Stop()
	alive, first := c.alive, c.first
	var applied chan bool // nil: Apply isn't running
	for {
		filter, changed := s.want.Load()
		if filter.Empty() {
			return c.end(applied, errAgain)
		}
		if applied == nil && !filter.Equal(c.filter) {
			c.filter = filter
			applied = c.apply(filter, s.log)
		}
		select {
		case <-ctx.Done():
			return c.end(applied, ctx.Err())
		case <-c.done:
			if c.healthy {
				s.fails.reset()
			}
			return c.end(applied, c.err)
		case <-alive:
			alive = nil
			s.live()
		case <-first:
			first = nil
			s.fails.reset()
		case <-changed:
		case ok := <-applied:
			if applied = nil; !ok {
				return c.end(nil, errAgain)
			}
		case <-stall.C:
			left := s.Stall - c.silent()
			if left <= 0 {
				return c.end(applied, errStall)
			}
			stall.Reset(left)
		}
	}
}

// apply runs Stream.Apply beside the watch. Close ends it; end waits for it.
func (c *connection) apply(f Filter, log *slog.Logger) chan bool {
	applied := make(chan bool, 1)
	go func() {
		ok := false
		defer func() {
			if p := recover(); p != nil { // a stream that panics gets a new connection
				log.Error("feed filter not applied", "error", panicked(p))
			}
			applied <- ok
		}()
		ok = c.stream.Apply(f)
	}()
	return applied
}

// end closes the connection, waits until nothing uses it any more, and says how
// it ended.
func (c *connection) end(applied <-chan bool, cause error) ended {
	closeStream(c.stream)
	<-c.done
	if applied != nil {
		<-applied
	}
	return ended{err: cause, healthy: c.healthy, lived: time.Since(c.start)}
}

func closeStream(s Stream) {
	defer func() { recover() }() // the connection is given up either way
	s.Close()
}
