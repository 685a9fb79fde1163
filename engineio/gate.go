package engineio

import "sync"

// gate counts what is under way, so that Shutdown can wait for it. The zero value is ready; methods may be called
// concurrently.
type gate struct {
	mu    sync.Mutex // guards following
	n     int
	empty chan struct{} // made by the first waiter, closed and dropped when n is 0
}

func (g *gate) enter() {
	g.mu.Lock()
	g.n++
	g.mu.Unlock()
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n--; g.n == 0 && g.empty != nil {
		close(g.empty)
		g.empty = nil
	}
}

// idle returns a channel that is closed as soon as nothing is under way.
func (g *gate) idle() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty != nil {
		return g.empty
	}
	c := make(chan struct{})
	if g.n == 0 {
		close(c)
		return c
	}
	g.empty = c
	return c
}
