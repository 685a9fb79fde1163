package chatio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
)

// stub is a Wall that remembers who follows what.
type stub struct {
	mu       sync.Mutex // guards all
	follows  map[string]bool
	change   chatio.FeedChange
	reading  func()
	fail     error
	flying   int
	quotable *chat.Quote
}

var _ chatio.Wall = (*stub)(nil)

func newStub() *stub { return &stub{follows: map[string]bool{}} }

func (s *stub) Follow(_ context.Context, room, conn string) (any, error) {
	if s.reading != nil {
		s.reading()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return nil, s.fail
	}
	s.follows[conn+" "+room] = true
	return map[string]any{"room": room, "on": true}, nil
}

func (s *stub) Unfollow(room, conn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.follows, conn+" "+room)
}

func (s *stub) Set(_ context.Context, room, _ string, change chatio.FeedChange) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change = change
	return map[string]any{"room": room}, s.fail
}

func (s *stub) Try(_, word string) (float64, error) { return float64(len(word)), s.fail }

func (s *stub) Quote(room, source, id string) (*chat.Quote, func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quotable == nil || s.quotable.ID != id || s.quotable.Source != source {
		return nil, nil, &chat.Error{Code: chat.CodePostGone, Message: "gone"}
	}
	s.flying++
	return s.quotable, func() { s.mu.Lock(); s.flying--; s.mu.Unlock() }, nil
}

func (s *stub) following() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []string{}
	for follow := range s.follows {
		all = append(all, follow)
	}
	slices.Sort(all)
	return all
}

// TestFollows has what a connection hears and what it counts for be the same.
func TestFollows(t *testing.T) {
	wall := newStub()
	b := newBench(t, chat.Options{}, chatio.Options{MaxRooms: 2, Wall: wall})
	defer b.stop()
	ann := b.hub.caller("a", nil)
	wants := func(what string, follows []string, hears ...string) {
		t.Helper()
		if got := wall.following(); !slices.Equal(got, follows) {
			t.Errorf("%s: follows %q, want %q", what, got, follows)
		}
		if got := ann.hears(); !slices.Equal(got, hears) {
			t.Errorf("%s: hears %q, want %q", what, got, hears)
		}
	}
	b.must(ann, "feed", `{"room": "GO"}`)
	b.must(ann, "feed", `{"room": "go", "follow": true}`)
	wants("one", []string{"a go"}, "feed/", "feed/go")
	b.must(ann, "watch", `{"room": "go"}`)
	b.must(ann, "feed", `{"room": "tea"}`)
	_, err := b.do(ann, "feed", `{"room": "third"}`)
	wantCode(t, "the third of two", err, chat.CodeTooManyRooms)
	b.must(ann, "leave", `{"room": "go"}`)
	wants("two", []string{"a go", "a tea"}, "feed/", "feed/go", "feed/tea")
	b.must(ann, "feed", `{"room": "go", "follow": false}`)
	wants("one left", []string{"a tea"}, "feed/", "feed/tea")
	wall.fail = chat.Unavailable(errors.New("disk on fire"))
	_, err = b.do(ann, "feed", `{"room": "go"}`)
	wantCode(t, "no store", err, chat.CodeUnavailable)
	_, err = b.do(ann, "feed", `{"room": "tea"}`)
	wantCode(t, "no store", err, chat.CodeUnavailable)
	wants("as before", []string{"a tea"}, "feed/", "feed/tea")
	wall.fail = nil
	b.must(ann, "feed", `{"room": "never", "follow": false}`)
	b.must(ann, "feed", `{"room": "tea", "follow": false}`)
	wants("none", []string{})
	b.must(ann, "feed", `{"room": "tea"}`)
	ann.end()
	b.Gone(ann)
	wants("gone", []string{})
	_, err = b.do(ann, "feed", `{"room": "tea"}`)
	wantCode(t, "after the end", err, chat.CodeUnavailable)
	wants("after the end", []string{})
}

// TestGoneWhileFollowing ends a connection while feed reads.
func TestGoneWhileFollowing(t *testing.T) {
	wall := newStub()
	b := newBench(t, chat.Options{}, chatio.Options{Wall: wall})
	defer b.stop()
	ann := b.hub.caller("a", nil)
	wall.reading = func() {
		ann.end()
		b.Gone(ann)
	}
	_, err := b.do(ann, "feed", `{"room": "go"}`)
	wantCode(t, "gone", err, chat.CodeUnavailable)
	if follows := wall.following(); len(follows) > 0 {
		t.Errorf("a ghost follows: %q", follows)
	}
}

func TestFeedSet(t *testing.T) {
	wall := newStub()
	b := newBench(t, chat.Options{}, chatio.Options{Wall: wall})
	defer b.stop()
	ann := b.hub.caller("a", nil)
	b.must(ann, "feed_set", `{"room": "go", "words": ["a"], "rate": 0.5}`)
	if c := wall.change; c.Words == nil || (*c.Words)[0] != "a" || c.Langs != nil || c.Muted != nil || c.Rate == nil || *c.Rate != 0.5 {
		t.Errorf("%+v", c)
	}
	b.must(ann, "feed_set", `{"room": "go", "words": null, "langs": [], "muted": ["x:y"]}`)
	if c := wall.change; c.Words != nil || c.Langs == nil || len(*c.Langs) != 0 || (*c.Muted)[0] != "x:y" || c.Rate != nil {
		t.Errorf("%+v", c)
	}
	if got := b.must(ann, "feed_try", `{"room": "go", "word": "golang"}`); got != (chatio.Measured{PerSecond: 6}) {
		t.Errorf("try: %+v", got)
	}
	for arg, want := range map[string]string{
		`{"room": "go", "words": "a"}`:  "the type of words is wrong",
		`{"room": "go", "words": [1]}`:  "the type of words is wrong",
		`{"room": "go", "rate": "1"}`:   "the type of rate is wrong",
		`{"room": "go", "rate": 1e999}`: "the type of rate is wrong",
	} {
		_, err := b.do(ann, "feed_set", arg)
		if e, ok := errors.AsType[*chat.Error](err); !ok || e.Code != chat.CodeBadRequest || e.Message != "The server does not understand the request: "+want+"." {
			t.Errorf("%s: %v, want %s", arg, err, want)
		}
	}
}

// TestQuoteEnds: whatever becomes of the message, the wall hears that its quote is
// no longer on the way.
func TestQuoteEnds(t *testing.T) {
	wall := newStub()
	wall.quotable = &chat.Quote{Source: "replay", ID: "1", Text: "x"}
	b := newBench(t, chat.Options{}, chatio.Options{Wall: wall})
	defer b.stop()
	ann := b.hub.caller("a", nil)
	b.must(ann, "enter", asAnn)
	const line = `{"room": "go", "id": "%s", "text": "", "quote": {"source": "replay", "id": "%s"}}`
	b.must(ann, "say", fmt.Sprintf(line, "1", "1"))
	_, err := b.do(ann, "say", fmt.Sprintf(line, "2", "2"))
	wantCode(t, "another post", err, chat.CodePostGone)
	_, err = b.do(ann, "say", fmt.Sprintf(line, "", "1"))
	wantCode(t, "no id", err, chat.CodeBadID)
	b.store.Fail(errors.New("disk on fire"))
	_, err = b.do(ann, "say", fmt.Sprintf(line, "3", "1"))
	wantCode(t, "no store", err, chat.CodeUnavailable)
	b.store.Fail(nil)
	_, err = b.do(ann, "say", `{"room": "go", "id": "4", "text": "x", "quote": "1"}`)
	wantCode(t, "no quote", err, chat.CodeBadRequest)
	if wall.flying != 0 {
		t.Errorf("%d quotes are on the way for ever", wall.flying)
	}
	if h, err := b.chat.Since(t.Context(), "go", 0); err != nil || len(h.Messages) != 1 || h.Messages[0].Quote.ID != "1" {
		t.Errorf("stored %+v, %v", h, err)
	}
}

func TestWithoutLivePosts(t *testing.T) {
	b := newBench(t, chat.Options{}, chatio.Options{})
	defer b.stop()
	ann := b.hub.caller("a", nil)
	b.must(ann, "enter", asAnn)
	if text, err := json.Marshal(b.must(ann, "feed", `{"room": "go"}`)); err != nil || string(text) != `{"room":"go","on":false}` {
		t.Errorf("%s, %v", text, err)
	}
	b.must(ann, "feed", `{"room": "go", "follow": false}`)
	for event, want := range map[string]chat.Code{"feed_set": chat.CodeNotAllowed, "feed_try": chat.CodeNotAllowed, "say": chat.CodePostGone} {
		_, err := b.do(ann, event, `{"room": "go", "id": "1", "text": "x", "words": [], "quote": {"source": "replay", "id": "1"}}`)
		wantCode(t, event, err, want)
	}
	if got := ann.hears(); !slices.Equal(got, []string{"chat/go"}) {
		t.Errorf("hears %q", got)
	}
	ann.end()
	b.Gone(ann)
}
