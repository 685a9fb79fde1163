package chat

import (
	"context"
	"errors"
)

// maxStretch is how many bytes of text one answer carries. JSON makes at most
// six of one, and the answer has to fit well into a connection's queue.
const maxStretch = 128 << 10

// Watch returns a room as it is now, for a look before a nickname is chosen.
// A room that nobody opened yet is an empty one. Errors: CodeBadRoom,
// CodeUnavailable.
func (s *Service) Watch(ctx context.Context, room string) (*Snapshot, error) {
	name, title, err := ParseRoom(room)
	if err != nil {
		return nil, err
	}
	if err := May(Actor{}, VerbWatch, s.scene(name, 0)); err != nil {
		return nil, err
	}
	r, err := s.room(ctx, name)
	switch {
	case errors.Is(err, ErrNoRoom):
		r = newRoom(name, title, nil)
	case err != nil:
		return nil, err
	}
	snapshot, err := s.recent(ctx, r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	snapshot.Rev = s.rev
	if p := s.places[name]; p != nil {
		snapshot.People = p.crowd()
	}
	return snapshot, nil
}

// room returns what is stored of a room, ErrNoRoom, or CodeUnavailable.
func (s *Service) room(ctx context.Context, name string) (Room, error) {
	ctx, cancel := s.storeContext(ctx)
	defer cancel()
	r, err := s.opts.Store.Room(ctx, name)
	if err != nil && !errors.Is(err, ErrNoRoom) {
		return r, Unavailable(err)
	}
	return r, err
}

// recent returns a snapshot without its people.
func (s *Service) recent(ctx context.Context, r Room) (*Snapshot, error) {
	h, err := s.before(ctx, r, 0, s.opts.HistoryPage)
	if err != nil {
		return nil, err
	}
	return &Snapshot{
		Room:     r.Name,
		Title:    r.Title,
		People:   []Person{},
		Messages: h.Messages,
		Last:     h.Last,
		More:     h.More,
		Limits:   s.opts.limits(),
	}, nil
}

// Older returns the newest messages before a sequence number, from the end of
// the room when before is 0. A limit of 0 means a page. Errors: CodeBadRoom,
// CodeUnavailable.
func (s *Service) Older(ctx context.Context, room string, before int64, limit int) (*History, error) {
	r, err := s.readable(ctx, room)
	if err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = s.opts.HistoryPage
	}
	return s.before(ctx, r, max(before, 0), min(limit, s.opts.SinceLimit))
}

// Since returns the oldest messages after a sequence number, for filling a gap.
// Errors: CodeBadRoom, CodeUnavailable.
func (s *Service) Since(ctx context.Context, room string, after int64) (*History, error) {
	r, err := s.readable(ctx, room)
	if err != nil {
		return nil, err
	}
	after = max(after, 0)
	ctx, cancel := s.storeContext(ctx)
	defer cancel()
	messages, err := s.opts.Store.After(ctx, r.Name, after, s.opts.SinceLimit+1)
	if err != nil {
		return nil, Unavailable(err)
	}
	h := &History{Last: r.LastSeq}
	if len(messages) > 0 {
		h.Last = max(h.Last, messages[len(messages)-1].Seq)
		h.Missing = messages[0].Seq - after - 1
	} else {
		h.Missing = max(0, h.Last-after)
	}
	fit := fitting(messages, s.opts.SinceLimit, func(i int) int { return i })
	h.Messages, h.More = messages[:fit:fit], fit < len(messages)
	return h, nil
}

// readable returns a room whose history may be read, an empty one when nobody
// opened it yet.
func (s *Service) readable(ctx context.Context, room string) (Room, error) {
	name, title, err := ParseRoom(room)
	if err != nil {
		return Room{}, err
	}
	if err := May(Actor{}, VerbRead, s.scene(name, 0)); err != nil {
		return Room{}, err
	}
	r, err := s.room(ctx, name)
	if errors.Is(err, ErrNoRoom) {
		return newRoom(name, title, nil), nil
	}
	return r, err
}

// before asks for one message more than wanted to know whether there are more.
func (s *Service) before(ctx context.Context, r Room, before int64, limit int) (*History, error) {
	ctx, cancel := s.storeContext(ctx)
	defer cancel()
	messages, err := s.opts.Store.Before(ctx, r.Name, before, limit+1)
	if err != nil {
		return nil, Unavailable(err)
	}
	h := &History{Last: r.LastSeq}
	if n := len(messages); n > 0 && before == 0 {
		h.Last = max(h.Last, messages[n-1].Seq)
	}
	fit := fitting(messages, limit, func(i int) int { return len(messages) - 1 - i })
	h.Messages, h.More = messages[len(messages)-fit:], fit < len(messages)
	return h, nil
}

// fitting returns how many of the messages, taken in an order, fit into one
// answer: at least one.
func fitting(messages []Message, limit int, order func(i int) int) int {
	size := 0
	for i := range min(limit, len(messages)) {
		m := &messages[order(i)]
		size += len(m.Text) + m.Quote.size()
		if size > maxStretch && i > 0 {
			return i
		}
	}
	return min(limit, len(messages))
}
