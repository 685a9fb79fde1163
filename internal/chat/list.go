package chat

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// listing is when the list of rooms is told next. The Service's mu guards it.
type listing struct {
	deadline           // set when the list has changed and somebody follows it
	told     time.Time // when it was told last
	telling  bool      // a chore reads it from the store
	changed  bool      // while telling
}

// Rooms returns the list of rooms, those with people first, then by their
// newest message. Errors: CodeUnavailable.
func (s *Service) Rooms(ctx context.Context) (*RoomList, error) {
	if err := May(Actor{}, VerbList, Scene{}); err != nil {
		return nil, err
	}
	ctx, cancel := s.storeContext(ctx)
	defer cancel()
	rooms, err := s.opts.Store.Rooms(ctx, s.opts.ListedRooms)
	if err != nil {
		return nil, Unavailable(err)
	}
	return s.listRooms(rooms), nil
}

// listRooms adds who is where to what is stored. A room with people in it is
// listed also when the store named enough others.
func (s *Service) listRooms(rooms []Room) *RoomList {
	infos := make(map[string]RoomInfo, len(rooms))
	for _, r := range rooms {
		infos[r.Name] = RoomInfo{Name: r.Name, Title: r.Title, LastAt: r.LastAt}
	}
	s.mu.Lock()
	for name, p := range s.places {
		info, ok := infos[name]
		if !ok && p.listed > 0 {
			info = RoomInfo{Name: name, Title: p.room.Title, LastAt: p.room.LastAt}
		}
		if ok || p.listed > 0 {
			info.People = p.listed
			infos[name] = info
		}
	}
	s.mu.Unlock()
	list := make([]RoomInfo, 0, len(infos))
	for _, info := range infos {
		list = append(list, info)
	}
	slices.SortFunc(list, func(a, b RoomInfo) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(b.LastAt, a.LastAt), cmp.Compare(a.Name, b.Name))
	})
	return &RoomList{Rooms: list[:min(len(list), s.opts.ListedRooms)]}
}

// FollowRooms says whether conn wants EventRooms. Whoever follows says so again
// with false when the connection is gone.
func (s *Service) FollowRooms(conn string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.followers[conn] = struct{}{}
	} else {
		delete(s.followers, conn)
	}
}

// touchList says that the list of rooms is no longer as it was told.
func (s *Service) touchList() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touchListLocked()
}

func (s *Service) touchListLocked() {
	switch {
	case s.closed || len(s.followers) == 0 || s.list.place != 0:
	case s.list.telling:
		s.list.changed = true
	default:
		s.sched.set(&s.list.deadline, later(time.Now(), s.list.told.Add(s.opts.ListInterval)))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// tellListLocked starts a chore, since the store may let one wait. s.mu must be
// held.
func (s *Service) tellListLocked(now time.Time) {
	if s.closed {
		return
	}
	s.list.told, s.list.telling = now, true
	s.work.Go(s.tellList) // ends after one call to the store, or with running; one at a time
}

func (s *Service) tellList() {
	list, err := s.Rooms(s.running)
	s.mu.Lock()
	if err == nil {
		s.postLocked("", EventRooms, *list)
	}
	s.list.telling = false
	if s.list.changed {
		s.list.changed = false
		s.touchListLocked()
	}
	s.mu.Unlock()
	s.flush()
	if err != nil && s.running.Err() == nil {
		s.opts.Logger.Error("chat: list of rooms not told", "error", err)
	}
}
