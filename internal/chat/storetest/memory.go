package storetest

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"rightnow/internal/chat"
)

// Memory is a [chat.Store] that forgets everything. All methods may be called
// concurrently. The zero Memory is empty and ready.
type Memory struct {
	mu    sync.Mutex // guards all below
	key   []byte
	rooms map[string]*memoryRoom
	fail  error
	lose  bool
	gate  chan struct{}
	notes map[string]string
	calls int
}

type memoryRoom struct {
	chat.Room
	messages []chat.Message
	feed     []byte
	ids      map[memoryID]chat.Stored
}

type memoryID struct{ person, id string }

var _ chat.Store = (*Memory)(nil)

// Fail makes all calls fail from now on, nil: none.
func (s *Memory) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail, s.lose = err, false
}

// Lose makes the next call of Append store everything and then fail, as when
// a database is lost between its commit and its answer.
func (s *Memory) Lose(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail, s.lose = err, true
}

// Hold makes calls of Append wait, until release is called or their context
// ends.
func (s *Memory) Hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	return sync.OnceFunc(func() { close(gate) })
}

// Appends returns how often Append was called.
func (s *Memory) Appends() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// begin locks; the caller unlocks.
func (s *Memory) begin(ctx context.Context) error {
	s.mu.Lock()
	if s.fail != nil && !s.lose {
		return s.fail
	}
	return ctx.Err()
}

// Key implements [chat.Store].
func (s *Memory) Key(ctx context.Context) ([]byte, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	if s.key == nil {
		s.key = make([]byte, 32)
		rand.Read(s.key) // never fails
	}
	return slices.Clone(s.key), nil
}

// Room implements [chat.Store].
func (s *Memory) Room(ctx context.Context, name string) (chat.Room, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return chat.Room{}, err
	}
	r := s.rooms[name]
	if r == nil {
		return chat.Room{}, chat.ErrNoRoom
	}
	return r.copied(), nil
}

// OpenRoom implements [chat.Store].
func (s *Memory) OpenRoom(ctx context.Context, room chat.Room, limit int) (chat.Room, bool, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return chat.Room{}, false, err
	}
	if r := s.rooms[room.Name]; r != nil {
		return r.copied(), false, nil
	}
	if len(s.rooms) >= limit {
		return chat.Room{}, false, chat.ErrTooManyRooms
	}
	if s.rooms == nil {
		s.rooms = make(map[string]*memoryRoom)
	}
	room.LastSeq, room.LastAt = 0, 0
	r := &memoryRoom{Room: room, ids: make(map[memoryID]chat.Stored)}
	r.Moderator = slices.Clone(room.Moderator)
	s.rooms[room.Name] = r
	return r.copied(), true, nil
}

func (r *memoryRoom) copied() chat.Room {
	room := r.Room
	room.Moderator = slices.Clone(room.Moderator)
	return room
}

// EmptyRooms implements [chat.Store].
func (s *Memory) EmptyRooms(ctx context.Context, opened time.Time, limit int) ([]string, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	var empty []*memoryRoom
	for _, r := range s.rooms {
		if r.LastSeq == 0 && (opened.IsZero() || r.CreatedAt <= opened.UnixMilli()) {
			empty = append(empty, r)
		}
	}
	slices.SortFunc(empty, func(a, b *memoryRoom) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.Name, b.Name))
	})
	names := make([]string, 0, min(limit, len(empty)))
	for _, r := range empty[:min(limit, len(empty))] {
		names = append(names, r.Name)
	}
	return names, nil
}

// RemoveRooms implements [chat.Store].
func (s *Memory) RemoveRooms(ctx context.Context, names []string) (removed int, err error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	for _, name := range names {
		if r := s.rooms[name]; r != nil && r.LastSeq == 0 {
			delete(s.rooms, name)
			removed++
		}
	}
	return removed, nil
}

// Rooms implements [chat.Store].
func (s *Memory) Rooms(ctx context.Context, limit int) ([]chat.Room, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	rooms := make([]chat.Room, 0, len(s.rooms))
	for _, r := range s.rooms {
		rooms = append(rooms, r.copied())
	}
	slices.SortFunc(rooms, func(a, b chat.Room) int {
		return cmp.Or(cmp.Compare(b.LastAt, a.LastAt), cmp.Compare(a.Name, b.Name))
	})
	return rooms[:min(limit, len(rooms))], nil
}

// Append implements [chat.Store].
func (s *Memory) Append(ctx context.Context, drafts []chat.Draft) ([]chat.Stored, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	fates := make([]chat.Stored, len(drafts))
	for i, d := range drafts {
		fates[i] = s.add(d)
	}
	if s.lose {
		err := s.fail
		s.fail, s.lose = nil, false
		return nil, err
	}
	return fates, nil
}

func (s *Memory) wait(ctx context.Context) error {
	s.mu.Lock()
	s.calls++
	gate := s.gate
	s.mu.Unlock()
	if gate == nil {
		return nil
	}
	select {
	case <-gate:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Memory) add(d chat.Draft) chat.Stored {
	r := s.rooms[d.Room]
	if r == nil {
		return chat.Stored{Err: chat.ErrNoRoom}
	}
	id := memoryID{d.Person, d.ID}
	if fate, ok := r.ids[id]; ok {
		fate.Repeat = true
		return fate
	}
	r.LastSeq, r.LastAt = r.LastSeq+1, d.At
	fate := chat.Stored{Seq: r.LastSeq, At: d.At}
	r.ids[id] = fate
	r.messages = append(r.messages, chat.Message{
		Room: d.Room, Seq: fate.Seq, ID: d.ID, Person: d.Person, Nick: d.Nick, Text: d.Text, At: d.At, Quote: copied(d.Quote),
	})
	return fate
}

// Before implements [chat.Store].
func (s *Memory) Before(ctx context.Context, room string, before int64, limit int) ([]chat.Message, error) {
	older, err := s.between(ctx, room, func(seq int64) bool { return before <= 0 || seq < before })
	return older[len(older)-min(limit, len(older)):], err
}

// After implements [chat.Store].
func (s *Memory) After(ctx context.Context, room string, after int64, limit int) ([]chat.Message, error) {
	newer, err := s.between(ctx, room, func(seq int64) bool { return seq > after })
	return newer[:min(limit, len(newer))], err
}

func (s *Memory) between(ctx context.Context, room string, wanted func(seq int64) bool) ([]chat.Message, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	found := []chat.Message{}
	if r := s.rooms[room]; r != nil {
		for _, m := range r.messages {
			if wanted(m.Seq) {
				m.Quote = copied(m.Quote)
				found = append(found, m)
			}
		}
	}
	return found, nil
}

// Prune implements [chat.Store].
func (s *Memory) Prune(ctx context.Context, keep int, older time.Time) (forgotten int64, err error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	for _, r := range s.rooms {
		forgotten += r.prune(keep, older)
	}
	return forgotten, nil
}

func (r *memoryRoom) prune(keep int, older time.Time) int64 {
	young := func(m chat.Message) bool { return older.IsZero() || m.At >= older.UnixMilli() }
	cut := slices.IndexFunc(r.messages, young)
	if cut < 0 {
		cut = len(r.messages)
	}
	if keep > 0 {
		cut = max(cut, len(r.messages)-keep)
	}
	for _, m := range r.messages[:cut] {
		delete(r.ids, memoryID{m.Person, m.ID})
	}
	r.messages = slices.Clone(r.messages[cut:])
	return int64(cut)
}
