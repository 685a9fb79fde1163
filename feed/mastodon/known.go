package mastodon

import (
	"container/list"
	"sync"

	"rightnow/feed"
)

const (
	// maxKnown bounds what is remembered of the posts that were offered.
	maxKnown = 20000
	// maxShown bounds what is asked for again after a cut.
	maxShown = 200
)

// known finds the global name of a post by its local one. What was named longest
// ago is forgotten first. The zero value is empty.
type known struct {
	byID  map[string]*list.Element
	order list.List // of name, the newest at the front
}

type name struct{ id, uri string }

func (k *known) add(id, uri string) {
	if k.byID == nil {
		k.byID = map[string]*list.Element{}
	}
	if e := k.byID[id]; e != nil {
		e.Value = name{id, uri}
		k.order.MoveToFront(e)
		return
	}
	k.byID[id] = k.order.PushFront(name{id, uri})
	if len(k.byID) > maxKnown {
		oldest := k.order.Remove(k.order.Back()).(name)
		delete(k.byID, oldest.id)
	}
}

// uri returns "" for what is not known.
func (k *known) uri(id string) string {
	e := k.byID[id]
	if e == nil {
		return ""
	}
	k.order.MoveToFront(e)
	return e.Value.(name).uri
}

// shown are the posts that somebody was shown last. All methods may be called
// concurrently.
type shown struct {
	mu    sync.Mutex // guards following
	posts []name     // oldest first
}

func (s *shown) add(posts []feed.Post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range posts {
		if p.Source == Name && p.Native != "" {
			s.posts = append(s.posts, name{p.Native, p.ID})
		}
	}
	s.posts = s.posts[max(0, len(s.posts)-maxShown):]
}

// all returns them once each.
func (s *shown) all() (posts []name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]bool{}
	for _, n := range s.posts {
		if !seen[n.id] {
			seen[n.id] = true
			posts = append(posts, n)
		}
	}
	return posts
}
