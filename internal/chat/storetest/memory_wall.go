package storetest

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"rightnow/internal/chat"
)

func copied(q *chat.Quote) *chat.Quote {
	if q == nil {
		return nil
	}
	other := *q
	return &other
}

// Feed implements [chat.Store].
func (s *Memory) Feed(ctx context.Context, room string) ([]byte, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	if r := s.rooms[room]; r != nil {
		return bytes.Clone(r.feed), nil
	}
	return nil, nil
}

// SetFeed implements [chat.Store].
func (s *Memory) SetFeed(ctx context.Context, room string, value []byte) error {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return err
	}
	r := s.rooms[room]
	if r == nil {
		return chat.ErrNoRoom
	}
	r.feed = bytes.Clone(value)
	return nil
}

// Quotes implements [chat.Store].
func (s *Memory) Quotes(ctx context.Context) ([]chat.QuoteRef, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	refs := []chat.QuoteRef{}
	s.eachQuote(func(_ *memoryRoom, m *chat.Message) {
		if r := m.Quote.Ref(); !slices.Contains(refs, r) {
			refs = append(refs, r)
		}
	})
	return refs, nil
}

// eachQuote visits those that are not removed. s.mu must be held.
func (s *Memory) eachQuote(visit func(*memoryRoom, *chat.Message)) {
	for _, r := range s.rooms {
		for i := range r.messages {
			if m := &r.messages[i]; m.Quote != nil && !m.Quote.Removed {
				visit(r, m)
			}
		}
	}
}

// RemoveQuotes implements [chat.Store].
func (s *Memory) RemoveQuotes(ctx context.Context, refs []chat.QuoteRef) ([]chat.Quoted, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	var places []chat.Quoted
	s.eachQuote(func(r *memoryRoom, m *chat.Message) {
		if slices.ContainsFunc(refs, func(ref chat.QuoteRef) bool { return ref.Means(m.Quote) }) {
			m.Quote = m.Quote.Gone()
			places = append(places, chat.Quoted{Room: r.Name, Seq: m.Seq, Source: m.Quote.Source, ID: m.Quote.ID})
		}
	})
	slices.SortFunc(places, func(a, b chat.Quoted) int {
		return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.Seq, b.Seq))
	})
	return places, nil
}

// Note implements [chat.Store].
func (s *Memory) Note(ctx context.Context, name string) (string, error) {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return "", err
	}
	return s.notes[name], nil
}

// SetNote implements [chat.Store].
func (s *Memory) SetNote(ctx context.Context, name, value string) error {
	defer s.mu.Unlock()
	if err := s.begin(ctx); err != nil {
		return err
	}
	if s.notes == nil {
		s.notes = make(map[string]string)
	}
	s.notes[name] = value
	return nil
}
