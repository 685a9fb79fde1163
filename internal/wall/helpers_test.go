package wall_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"rightnow/feed"
	"rightnow/internal/chat"
	"rightnow/internal/chat/storetest"
	"rightnow/internal/wall"
)

// router is a Router that remembers what it is told and shows what it is given.
type router struct {
	mu      sync.Mutex // guards all
	calls   []string
	tracked map[string]feed.Tracking
	shown   map[string][]feed.Shown
	total   int // words that all owners may have; 0: any number
	finding func()
}

var _ wall.Router = (*router)(nil)

func (r *router) told(format string, args ...any) {
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

// take returns what was told since the last take.
func (r *router) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

func (r *router) Track(owner string, t feed.Tracking) (feed.Tracking, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	others := 0
	for name, held := range r.tracked {
		if name != owner {
			others += len(held.Words)
		}
	}
	words := []string{}
	for _, w := range t.Words {
		w = strings.ToLower(w)
		if len(w) < 2 {
			return t, &feed.PhraseError{Phrase: w, Reason: "it is too broad"}
		}
		if !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if r.total > 0 && others+len(words) > r.total {
		return t, &feed.LimitError{What: "phrases", Max: r.total, Server: true}
	}
	t.Words = words
	r.tracked[owner] = t
	r.told("track %s %q %q %q %g", owner, t.Words, t.Langs, t.Muted, t.Rate)
	return t, nil
}

func (r *router) Drop(owner string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.tracked, owner)
	r.told("drop %s", owner)
}

func (r *router) Watch(owner string, on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told("watch %s %v", owner, on)
}

func (r *router) Recent(owner string) []feed.Shown {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.shown[owner])
}

func (r *router) Find(owner string, ref feed.Ref) (feed.Shown, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.shown[owner], func(s feed.Shown) bool { return s.Source == ref.Source && s.ID == ref.ID })
	if f := r.finding; f != nil {
		r.finding = nil
		defer f()
	}
	if i < 0 {
		return feed.Shown{}, false
	}
	return r.shown[owner][i], true
}

func (r *router) Sources() []feed.SourceStatus {
	return []feed.SourceStatus{{Name: "replay", Title: "Replay", State: feed.State{Phase: feed.PhaseLive}}}
}

func (r *router) Stats(string) (m feed.Meta) {
	m.Seen = 7
	return m
}

func (r *router) Sample(words []string) float64 { return float64(len(words[0])) }

// show puts a post where Recent and Find look.
func (r *router) show(owner, source, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := feed.Shown{Matched: []string{"golang"}}
	p.Source, p.ID, p.Native = source, id, "native "+id
	p.Author = feed.Author{ID: "author of " + id, Name: "Mira", Handle: "mira.example"}
	p.Text, p.URL = "about golang", "https://social.example/"+id
	r.shown[owner] = append(r.shown[owner], p)
}

// pages is a Broadcaster that remembers; the chat's as well.
type pages struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (p *pages) Followers(room, event string, payload any) { p.hear("feed/"+room, event, payload) }
func (p *pages) Members(room, event string, payload any)   { p.hear("chat/"+room, event, payload) }

func (p *pages) Emit(room, event string, payload any) {
	if event == chat.EventMessage {
		p.hear("chat/"+room, event, payload.(chat.Message).Seq)
	}
}

func (p *pages) hear(room, event string, payload any) {
	text, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, fmt.Sprintf("%s %s %s", room, event, text))
}

func (p *pages) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := p.lines
	p.lines = nil
	return lines
}

// bench is a wall with all that it needs.
type bench struct {
	*wall.Service
	t      *testing.T
	store  *storetest.Memory
	chat   *chat.Service
	router *router
	pages  *pages
	log    *strings.Builder
}

func newBench(t *testing.T, o wall.Options) *bench {
	t.Helper()
	return reopen(t, &storetest.Memory{}, o)
}

func reopen(t *testing.T, store *storetest.Memory, o wall.Options) *bench {
	t.Helper()
	b := &bench{
		t: t, store: store, pages: &pages{}, log: &strings.Builder{},
		router: &router{tracked: map[string]feed.Tracking{}, shown: map[string][]feed.Shown{}},
	}
	var err error
	b.chat, err = chat.New(context.Background(), &chat.Options{
		Store: store, Broadcaster: b.pages, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), SayEvery: -1,
		Removed: func(rooms []string) { b.Removed(rooms) },
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Chat, o.Store, o.Broadcaster = b.chat, store, b.pages
	o.Logger = slog.New(slog.NewTextHandler(b.log, nil))
	if o.NewRouter == nil {
		o.NewRouter = func(feed.Receiver, feed.Cursors) wall.Router { return b.router }
	}
	if b.Service, err = wall.New(context.Background(), &o); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) stop() {
	b.t.Helper()
	if err := b.chat.Close(context.Background()); err != nil {
		b.t.Errorf("Close: %v", err)
	}
	if err := b.Close(context.Background()); err != nil {
		b.t.Errorf("Close: %v", err)
	}
}

// enter brings somebody into a room; the first one is its moderator.
func (b *bench) enter(room, who string) {
	b.t.Helper()
	_, err := b.chat.Enter(context.Background(), chat.Entry{Room: room, Nick: who, Secret: "the secret of " + who, Conn: who})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) follow(room, conn string) *wall.View {
	b.t.Helper()
	v, err := b.Follow(context.Background(), room, conn)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (b *bench) set(room, conn string, words ...string) (*wall.View, error) {
	return b.Set(context.Background(), room, conn, wall.Change{Words: &words})
}

func (b *bench) mustSet(room, conn string, words ...string) *wall.View {
	b.t.Helper()
	v, err := b.set(room, conn, words...)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// say brings a post into the chat.
func (b *bench) say(room, conn, id string, quote *chat.Quote) int64 {
	b.t.Helper()
	r, err := b.chat.Say(context.Background(), chat.Line{Room: room, Conn: conn, ID: id, Quote: quote, Text: "look"})
	if err != nil {
		b.t.Fatal(err)
	}
	return r.Seq
}

func (b *bench) quoteOf(room string, seq int64) chat.Quote {
	b.t.Helper()
	messages, err := b.store.After(context.Background(), room, seq-1, 1)
	if err != nil || len(messages) != 1 || messages[0].Quote == nil {
		b.t.Fatalf("message %d of %s: %+v, %v", seq, room, messages, err)
	}
	return *messages[0].Quote
}

func (b *bench) wantTracked(what string, want ...string) {
	b.t.Helper()
	if got := b.router.take(); !slices.Equal(got, want) {
		b.t.Errorf("%s: the router was told %q, want %q", what, got, want)
	}
}

func (b *bench) wantHeard(what string, want ...string) {
	b.t.Helper()
	if got := b.pages.take(); !slices.Equal(got, want) {
		b.t.Errorf("%s: pages heard\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func wantCode(t *testing.T, what string, err error, want chat.Code) {
	t.Helper()
	if got := chat.CodeOf(err); got != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}
