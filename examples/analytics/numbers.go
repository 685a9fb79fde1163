package main

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"rightnow/socketio"
)

// shown is how many seconds the chart shows.
const shown = 120

// totals are what is counted, since the start.
type totals struct {
	Views   int `json:"views"`
	Clicks  int `json:"clicks"`
	Signups int `json:"signups"`
}

// of is the number of one kind; nil for a kind that is not counted, so that nobody can make up more of them.
func (t *totals) of(kind string) *int {
	switch kind {
	case "view":
		return &t.Views
	case "click":
		return &t.Clicks
	case "signup":
		return &t.Signups
	}
	return nil
}

// sample is one second.
type sample struct {
	At     int64 `json:"at"`     // its end, in seconds since 1970
	Events int   `json:"events"` // what was counted in it
	Online int   `json:"online"` // who looked at its end
}

// numbers are all that is known. All methods may be called concurrently.
//
// However much is counted, a page is told of it once a second: what an event costs does not depend on how many look, nor what a
// look costs on how much happens.
type numbers struct {
	io *socketio.Server

	// mu is held while something is emitted, which only queues it: so nobody gets a second twice, or misses one.
	mu      sync.Mutex // guards following
	totals  totals
	events  int      // counted since the last sample
	history []sample // the oldest first, at most shown
}

// analytics has everybody who connects to io look on and count.
func analytics(io *socketio.Server) *numbers {
	n := &numbers{io: io, history: []sample{}}
	io.OnConnect(func(s *socketio.Socket) {
		s.On("track", n.track)
		n.greet(s)
	})
	return n
}

// greet shows somebody new what there is.
func (n *numbers) greet(s *socketio.Socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s.Emit("history", n.history, n.totals)
}

// track counts, and returns the number of that kind.
func (n *numbers) track(kind string) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	number := n.totals.of(kind)
	if number == nil {
		return 0, socketio.Error("that is not counted")
	}
	*number++
	n.events++
	return *number, nil
}

// post is track for programs without a socket.
func (n *numbers) post(w http.ResponseWriter, r *http.Request) {
	if _, err := n.track(r.URL.Query().Get("kind")); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// everySecond takes samples until ctx ends.
func (n *numbers) everySecond(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case at := <-ticker.C:
			n.sample(at)
		case <-ctx.Done():
			return
		}
	}
}

// sample ends a second and tells everybody.
func (n *numbers) sample(at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := sample{At: at.Unix(), Events: n.events, Online: n.io.SocketsCount()}
	n.events = 0
	n.history = append(n.history, s)
	n.history = slices.Delete(n.history, 0, max(0, len(n.history)-shown))
	n.io.Emit("second", s, n.totals)
}
