package socketio

import (
	"context"
	"sync"
	"sync/atomic"
)

// gauge counts what goes on. Unlike a sync.WaitGroup it may be waited for while it moves up
// and down, and with a context.
type gauge struct {
	n       atomic.Int64
	waiting atomic.Bool // somebody has waited, ever

	mu   sync.Mutex // guards following
	idle chan struct{}
}

func (g *gauge) add() { g.n.Add(1) }

func (g *gauge) done() {
	if g.n.Add(-1) > 0 || !g.waiting.Load() {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.idle != nil {
		close(g.idle)
		g.idle = nil
	}
}

// wait returns nil when nothing went on at some moment, or the cause of ctx's end.
func (g *gauge) wait(ctx context.Context) error {
	g.mu.Lock()
	if g.idle == nil {
		g.idle = make(chan struct{})
	}
	idle := g.idle
	g.mu.Unlock()
	g.waiting.Store(true)
	if g.n.Load() == 0 { // otherwise the last done sees waiting
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
