package xposts

import (
	"context"
	"slices"
	"sync"
	"time"

	"rightnow/feed"
)

const (
	// recheckEvery is how often what is shown is asked for again.
	recheckEvery = 10 * time.Minute
	// recheckLeast is the least time between two times, after cuts.
	recheckLeast = time.Minute
	// maxShown is how many posts can be asked for at once.
	maxShown = 100
	// askTimeout bounds the request.
	askTimeout = 15 * time.Second
)

// shown are the posts that somebody was shown last. All methods may be called
// concurrently.
type shown struct {
	mu    sync.Mutex // guards following
	posts []exhibit  // oldest first
}

type exhibit struct {
	id, native string
	at         time.Time
}

func (s *shown) add(posts []feed.Post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range posts {
		if p.Source != Name || p.Native == "" {
			continue
		}
		s.posts = slices.DeleteFunc(s.posts, func(e exhibit) bool { return e.id == p.ID })
		s.posts = append(s.posts, exhibit{p.ID, p.Native, p.ReceivedAt})
	}
	s.posts = s.posts[max(0, len(s.posts)-maxShown):]
}

// current are those that may still be seen. Those of yesterday would cost again.
func (s *shown) current(now time.Time) []exhibit {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = slices.DeleteFunc(s.posts, func(e exhibit) bool { return now.Sub(e.at) >= keepFor || dayOf(e.at) != dayOf(now) })
	return slices.Clone(s.posts)
}

func (s *shown) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = slices.DeleteFunc(s.posts, func(e exhibit) bool { return e.id == id })
}

// recheck retracts what was deleted: the stream does not tell. It ends with ctx.
func (r *run) recheck(ctx context.Context) {
	last := time.Now()
	for {
		timer := time.NewTimer(recheckEvery)
		select {
		case <-timer.C:
		case <-r.look:
			timer.Reset(max(0, recheckLeast-time.Since(last)))
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
		last = time.Now()
		r.recheckOnce(ctx)
	}
}

func (r *run) recheckOnce(ctx context.Context) {
	all := r.shown.current(time.Now())
	if len(all) == 0 {
		return
	}
	var ids []string
	for _, e := range all {
		ids = append(ids, e.native)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	gone, err := r.api.gone(ctx, ids)
	if err != nil {
		r.o.Logger.Debug("x does not tell what was deleted", "error", err)
		return
	}
	for _, e := range all {
		if slices.Contains(gone, e.native) {
			r.shown.remove(e.id)
			r.Retract(feed.Ref{Source: Name, ID: e.id, Native: e.native})
		}
	}
}
