package sioadmin

import (
	"sync"
	"time"

	"rightnow/engineio"
	"rightnow/socketio"
)

const (
	statsEvery = 2 // seconds
	// pause is how long what happens is gathered before it is told: whatever goes on, admins are
	// told twenty times a second at most.
	pause = 50 * time.Millisecond
	// watchLimit bounds what waits to be told.
	watchLimit = 4096
	// maxBehind is how many bytes may wait for an admin before it is told nothing more.
	maxBehind = 128 << 10
)

// reporter tells the admins what happens. It is there while there is at least one.
type reporter struct {
	a    *Admin
	quit chan struct{} // closed by stop
	wake chan struct{} // room for one: somebody has come

	mu    sync.Mutex // guards following
	comes []*socketio.Socket

	// Owned by run.
	guests []*guest
	watch  *socketio.Watch // nil in Production
	view   *view
	meter  *engineio.Meter
	counts counts
	ticks  int

	left  int  // events that may still be told in this second
	lost  int  // events that were not told since the last server_stats
	stale bool // something is missing in view
}

// guest is an admin as the reporter sees it.
type guest struct {
	*socketio.Socket
	stale bool // it was behind, and what it knows is not right any more
}

// startReporter starts a reporter, which ends by stop. a.mu must be held.
func (a *Admin) startReporter() *reporter {
	r := &reporter{a: a, quit: make(chan struct{}), wake: make(chan struct{}, 1)}
	a.running.Go(r.run)
	return r
}

// come has the reporter tell one more admin.
func (r *reporter) come(s *socketio.Socket) {
	r.mu.Lock()
	r.comes = append(r.comes, s)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// stop ends the reporter. It may be called once and does not wait.
func (r *reporter) stop() { close(r.quit) }

func (r *reporter) run() {
	r.begin()
	defer r.end()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	rest := time.NewTimer(0)
	defer rest.Stop()
	var more <-chan struct{} // nil while it rests, and in Production
	for {
		select {
		case <-r.quit:
			return
		case <-r.wake:
			r.welcome()
		case <-more:
			r.together(r.follow)
			more = nil
			rest.Reset(pause)
		case <-rest.C:
			if r.watch != nil {
				more = r.watch.More()
			}
		case now := <-second.C:
			r.together(func() { r.tick(now) })
		}
	}
}

func (r *reporter) begin() {
	r.meter = r.a.io.Engine().Meter()
	r.counts.begin(r.a.io.Engine())
	r.left = r.a.opts.MaxEvents
	if r.a.opts.Mode != Development {
		return
	}
	r.watch = r.a.io.Watch(&socketio.WatchOptions{Limit: watchLimit, NoEventsOf: []string{r.a.opts.Namespace}})
	r.view = newView(&r.a.opts, r.a.io)
}

func (r *reporter) end() {
	r.meter.Stop()
	if r.watch != nil {
		r.watch.Stop()
	}
}

// together has what f emits leave in as few writes as can be.
func (r *reporter) together(f func()) { r.a.nsp.Hub().Batch(f) }

// welcome tells those who have come all that there is.
func (r *reporter) welcome() {
	r.mu.Lock()
	comes := r.comes
	r.comes = nil
	r.mu.Unlock()
	r.together(func() {
		for _, s := range comes {
			g := &guest{Socket: s}
			r.guests = append(r.guests, g)
			r.tellAll(g)
			r.a.tell(s, "server_stats", r.stats(nil))
		}
	})
}

// tellAll tells an admin of all sockets.
func (r *reporter) tellAll(g *guest) {
	g.stale = false
	if r.view != nil {
		r.a.tell(g.Socket, "all_sockets", r.view.all())
	}
}

// follow tells what has happened since it was called last.
func (r *reporter) follow() {
	activities, lost := r.watch.Take()
	r.lost += lost.Events
	r.stale = r.stale || lost.Changes > 0
	changed := make(map[*socketio.Socket]bool) // data, of which only the last counts
	for i := range activities {
		a := &activities[i]
		switch a.Kind {
		case socketio.ActivityReceive:
			r.event("event_received", a)
		case socketio.ActivitySend:
			r.event("event_sent", a)
		case socketio.ActivityData:
			changed[a.Socket] = true
		default:
			r.view.apply(a, r.change)
		}
	}
	for s := range changed {
		r.view.dataChanged(s, r.change)
	}
}

// change tells all admins of a change. One that is behind is told everything later.
func (r *reporter) change(event string, args ...any) {
	for _, g := range r.guests {
		if g.stale || g.Session().Buffered() > maxBehind {
			g.stale = true
			continue
		}
		r.a.tell(g.Socket, event, args...)
	}
}

// event tells all admins of an event, as long as there were not too many.
func (r *reporter) event(name string, a *socketio.Activity) {
	if r.left == 0 {
		r.lost++
		return
	}
	r.left--
	args := r.a.opts.arguments(a.Event)
	for _, g := range r.guests {
		if g.Session().Buffered() <= maxBehind {
			r.a.tell(g.Socket, name, a.Socket.Namespace().Name(), a.Socket.ID(), args, a.Time)
		}
	}
}

// tick is called each second.
func (r *reporter) tick(now time.Time) {
	r.left = r.a.opts.MaxEvents
	r.forgetGone()
	r.counts.sample(now, r.a.io.Engine(), r.meter.Traffic())
	if r.ticks++; r.ticks%statsEvery == 0 {
		stats := r.stats(r.counts.take())
		r.lost = 0
		for _, g := range r.guests {
			r.a.tell(g.Socket, "server_stats", stats)
		}
	}
	if r.view == nil {
		return
	}
	r.view.transports(r.change)
	if r.stale || r.ticks%statsEvery == 0 && r.view.roomy() {
		r.stale = false
		r.view = newView(&r.a.opts, r.a.io)
		for _, g := range r.guests {
			g.stale = true
		}
	}
	for _, g := range r.guests {
		if g.stale && g.Session().Buffered() <= maxBehind {
			r.tellAll(g)
		}
	}
}

// forgetGone forgets the admins that have left.
func (r *reporter) forgetGone() {
	there := r.guests[:0]
	for _, g := range r.guests {
		if g.Connected() {
			there = append(there, g)
		}
	}
	clear(r.guests[len(there):])
	r.guests = there
}
