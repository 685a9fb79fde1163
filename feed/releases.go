package feed

import (
	"container/heap"
	"time"
)

// release is a moment at which an owner may be shown what waits: a new post, or
// a revision. One for which nothing waits any more does no harm.
type release struct {
	at    time.Time
	owner *owner
	edit  bool
}

// releases are in the order of their moments.
type releases struct{ list releaseHeap }

func (r *releases) add(next release) { heap.Push(&r.list, next) }

// next returns the moment of the earliest, zero when there is none.
func (r *releases) next() time.Time {
	if len(r.list) == 0 {
		return time.Time{}
	}
	return r.list[0].at
}

// take returns one whose moment has come.
func (r *releases) take(now time.Time) (release, bool) {
	if len(r.list) == 0 || r.list[0].at.After(now) {
		return release{}, false
	}
	return heap.Pop(&r.list).(release), true
}

type releaseHeap []release

func (h releaseHeap) Len() int           { return len(h) }
func (h releaseHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h releaseHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *releaseHeap) Push(x any)        { *h = append(*h, x.(release)) }

func (h *releaseHeap) Pop() any {
	last := len(*h) - 1
	next := (*h)[last]
	(*h)[last] = release{}
	*h = (*h)[:last]
	return next
}
