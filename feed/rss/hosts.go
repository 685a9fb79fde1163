package rss

import (
	"context"
	"strings"
	"sync"
)

// hosts lets one in at a time for each host. The zero hosts is ready; all methods
// may be called concurrently.
type hosts struct {
	mu    sync.Mutex
	doors map[string]*door // guarded by mu
}

// door is the queue at one host.
type door struct {
	lock  chan struct{} // has an element while somebody is in
	users int           // in it or waiting; guarded by hosts.mu
}

// enter waits for its turn. It fails when ctx ends first.
func (h *hosts) enter(ctx context.Context, host string) (leave func(), err error) {
	host = strings.ToLower(host)
	h.mu.Lock()
	if h.doors == nil {
		h.doors = map[string]*door{}
	}
	d := h.doors[host]
	if d == nil {
		d = &door{lock: make(chan struct{}, 1)}
		h.doors[host] = d
	}
	d.users++
	h.mu.Unlock()
	select {
	case d.lock <- struct{}{}:
		return func() { <-d.lock; h.drop(host, d) }, nil
	case <-ctx.Done():
		h.drop(host, d)
		return nil, ctx.Err()
	}
}

func (h *hosts) drop(host string, d *door) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d.users--; d.users == 0 {
		delete(h.doors, host)
	}
}
