// Package worker runs short tasks on goroutines that are kept for the next
// task. A new goroutine has the smallest stack, which decoding and reflection
// outgrow two or three times: copying it costs more than most tasks do. A
// kept one has grown already.
package worker

import (
	"sync"
	"time"
)

const (
	// maxIdle bounds the goroutines kept; those beyond end with their task.
	maxIdle = 256
	// keep is how long a goroutine that nobody needs is kept, at least; twice
	// that at most.
	keep = time.Second
)

// Task is what a worker does. Run may take any time, and may end its goroutine
// with runtime.Goexit.
type Task interface{ Run() }

// Pool runs tasks. The zero value is ready. It has no goroutine but those that
// run a task or have lately done so.
type Pool struct {
	mu    sync.Mutex // guards following
	idle  []*worker  // the one used last stands last, its stack is the warmest
	spare int        // fewest idle since the last sweep: that many are not needed
	timer *time.Timer
	swept bool // the timer does not run
	over  bool // closed
}

// worker is one goroutine.
type worker struct {
	next chan Task // of capacity 1: whoever took the worker from idle never waits
}

// Go runs t on another goroutine. It does not wait, and the number of tasks
// that run at once has no bound: who calls it often must have one.
func (p *Pool) Go(t Task) {
	p.mu.Lock()
	n := len(p.idle) - 1
	if n < 0 {
		p.mu.Unlock()
		w := &worker{next: make(chan Task, 1)}
		go w.run(p, t) // ends when it is not needed any more, see sweep
		return
	}
	w := p.idle[n]
	p.idle[n] = nil
	p.idle = p.idle[:n]
	p.spare = min(p.spare, n)
	p.mu.Unlock()
	w.next <- t
}

func (w *worker) run(p *Pool, t Task) {
	for t != nil {
		t.Run()
		if !p.park(w) {
			return
		}
		t = <-w.next
	}
}

// park keeps w for another task. It reports false when there are enough.
func (p *Pool) park(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || len(p.idle) == maxIdle {
		return false
	}
	p.idle = append(p.idle, w)
	switch {
	case p.timer == nil:
		p.timer = time.AfterFunc(keep, p.sweep)
	case p.swept:
		p.timer.Reset(keep)
	}
	p.swept = false
	return true
}

// Close keeps no goroutine any more. Tasks go on, and new ones are still run. It
// need not be called where goroutines that stay for a second do no harm.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over, p.spare = true, len(p.idle)
	if p.timer != nil {
		p.timer.Stop()
	}
	p.endSpareLocked()
}

// sweep ends the goroutines that were idle all the time since the last sweep.
func (p *Pool) sweep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endSpareLocked()
	if len(p.idle) == 0 {
		p.swept = true
		return
	}
	p.timer.Reset(keep)
}

// endSpareLocked ends the first p.spare idle goroutines. p.mu must be held.
func (p *Pool) endSpareLocked() {
	for _, w := range p.idle[:p.spare] {
		close(w.next)
	}
	n := copy(p.idle, p.idle[p.spare:])
	clear(p.idle[n:])
	if p.idle, p.spare = p.idle[:n], n; n == 0 {
		p.idle = nil
	}
}
