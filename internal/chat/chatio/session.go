package chatio

import (
	"maps"
	"slices"
	"sync"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/limit"
)

// session is what is kept with a connection. All methods may be called
// concurrently.
type session struct {
	// moving is held while the connection goes into a room or out of one, also
	// while the store is waited for: so these happen one after the other, also
	// behind a door that handles a connection's events at once. Gone does not
	// take it.
	moving sync.Mutex

	mu     sync.Mutex // guards all below
	gone   bool
	rooms  map[string]struct{} // heard, or about to be; at most Options.MaxRooms
	feeds  map[string]struct{} // whose live posts are followed; at most Options.MaxRooms
	bucket limit.Bucket
}

// session returns what is kept with c, making it at the first time.
func (h *Handler) session(c Caller) *session {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, ok := c.Data().(*session)
	if !ok {
		s = &session{rooms: make(map[string]struct{}), feeds: make(map[string]struct{})}
		c.SetData(s)
	}
	return s
}

func (s *session) spend(now time.Time, cost int, r limit.Rate) (wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bucket.Take(now, cost, r)
}

// add takes down that a room will be heard; fresh when it was not. s.moving
// must be held.
func (s *session) add(room string, limit int) (fresh bool, err error) {
	return s.addTo(s.rooms, room, limit)
}

// addFeed is add for a room's live posts.
func (s *session) addFeed(room string, limit int) (fresh bool, err error) {
	return s.addTo(s.feeds, room, limit)
}

func (s *session) addTo(rooms map[string]struct{}, room string, limit int) (fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, heard := rooms[room]
	switch {
	case s.gone:
		return false, disconnected()
	case heard:
		return false, nil
	case len(rooms) >= limit:
		return false, &chat.Error{Code: chat.CodeTooManyRooms, Message: "You are in too many rooms at once. Please leave one first."}
	}
	rooms[room] = struct{}{}
	return true, nil
}

func (s *session) drop(room string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.rooms, room)
}

// dropFeed takes down that a room's live posts are no longer followed. They were
// unless the connection has ended, or never did; left is how many others are.
func (s *session) dropFeed(room string) (followed bool, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, followed = s.feeds[room]
	delete(s.feeds, room)
	return followed, len(s.feeds)
}

func (s *session) isGone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

// end returns the rooms that the connection was in, and those whose live posts it
// followed. From now on add refuses,
// and whoever is between add and the end of what it does sees isGone.
func (s *session) end() (rooms, feeds []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
	rooms, feeds = slices.Collect(maps.Keys(s.rooms)), slices.Collect(maps.Keys(s.feeds))
	clear(s.rooms)
	clear(s.feeds)
	return rooms, feeds
}

// disconnected answers nobody: its connection has ended.
func disconnected() *chat.Error {
	return &chat.Error{Code: chat.CodeUnavailable, Message: "The connection has ended."}
}
