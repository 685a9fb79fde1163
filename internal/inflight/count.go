// Package inflight counts what goes on, so that a shutdown can wait for its end.
package inflight

import (
	"context"
	"sync"
	"sync/atomic"
)

// Count is how much goes on. Unlike a sync.WaitGroup it may be waited for while it moves up and
// down, and with a context. The zero value is ready; all methods may be called concurrently.
type Count struct {
	n       atomic.Int64
	waiting atomic.Bool // somebody has waited, ever

	mu   sync.Mutex // guards following
	idle chan struct{}
}

// Add says that something begins; each Add is followed by one Done.
func (c *Count) Add() { c.n.Add(1) }

// Done says that something has ended.
func (c *Count) Done() {
	if c.n.Add(-1) > 0 || !c.waiting.Load() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

// Wait returns nil when nothing went on at some moment, also when ctx has ended by then, or the
// cause of ctx's end.
func (c *Count) Wait(ctx context.Context) error {
	c.mu.Lock()
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	c.waiting.Store(true)
	if c.n.Load() == 0 { // otherwise the last Done sees waiting
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
