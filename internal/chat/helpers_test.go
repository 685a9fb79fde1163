package chat_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/chat/storetest"
)

// bench is a service over a store in memory, and all it has told.
type bench struct {
	*chat.Service
	t     *testing.T
	store *storetest.Memory
	told  *recorder
}

// newBench starts a service that the test's end closes. Inside a synctest
// bubble call stop before the bubble's function returns.
func newBench(t *testing.T, o chat.Options) *bench {
	t.Helper()
	return reopen(t, &storetest.Memory{}, o)
}

func reopen(t *testing.T, store *storetest.Memory, o chat.Options) *bench {
	t.Helper()
	b := &bench{t: t, store: store, told: &recorder{start: time.Now()}}
	o.Broadcaster = b.told
	if o.Store == nil { // else one around this store
		o.Store = store
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	var err error
	if b.Service, err = chat.New(t.Context(), &o); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) stop() {
	b.t.Helper()
	if err := b.Close(context.Background()); err != nil {
		b.t.Errorf("Close: %v", err)
	}
}

// inBubble runs a test in virtual time.
func inBubble(t *testing.T, o chat.Options, test func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, o)
		defer b.stop()
		test(t, b)
	})
}

// secret makes one for a name: the same name, the same person.
func secret(of string) string { return "the secret of " + of + strings.Repeat(".", 16) }

// enter brings a tab of somebody into a room under their own name.
func (b *bench) enter(room, who, conn string) *chat.Entered {
	b.t.Helper()
	return b.enterAs(room, who, who, conn)
}

func (b *bench) enterAs(room, who, nick, conn string) *chat.Entered {
	b.t.Helper()
	e, err := b.tryEnter(room, who, nick, conn)
	if err != nil {
		b.t.Fatalf("%s as %s into %s: %v", who, nick, room, err)
	}
	return e
}

func (b *bench) tryEnter(room, who, nick, conn string) (*chat.Entered, error) {
	return b.Enter(context.Background(), chat.Entry{Room: room, Nick: nick, Secret: secret(who), Conn: conn})
}

func (b *bench) say(room, conn, id, text string) chat.Receipt {
	b.t.Helper()
	r, err := b.trySay(room, conn, id, text)
	if err != nil {
		b.t.Fatalf("say %q: %v", text, err)
	}
	return r
}

func (b *bench) trySay(room, conn, id, text string) (chat.Receipt, error) {
	return b.Say(context.Background(), chat.Line{Room: room, Conn: conn, ID: id, Text: text})
}

func (b *bench) nicks(room string) []string {
	b.t.Helper()
	s, err := b.Watch(context.Background(), room)
	if err != nil {
		b.t.Fatal(err)
	}
	return nicks(s.People)
}

func nicks(people []chat.Person) []string {
	all := []string{}
	for _, p := range people {
		all = append(all, p.Nick)
	}
	return all
}

func wantCode(t *testing.T, what string, err error, want chat.Code) {
	t.Helper()
	if got := chat.CodeOf(err); got != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func wantEqual[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// recorder is a Broadcaster that remembers.
type recorder struct {
	start time.Time

	mu     sync.Mutex // guards lines and events
	lines  []string
	events []any
}

// Emit implements [chat.Broadcaster].
func (r *recorder) Emit(room, event string, payload any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, r.line(room, event, payload))
	r.events = append(r.events, payload)
}

// line is an event as the tests spell it.
func (r *recorder) line(room, event string, payload any) string {
	line := fmt.Sprintf("%gs %s %s", time.Since(r.start).Seconds(), room, event)
	switch p := payload.(type) {
	case chat.Presence:
		return fmt.Sprintf("%s %s (%d)", line, p.Person.Nick, p.Count)
	case chat.Crowd:
		return fmt.Sprintf("%s %v", line, nicks(p.People))
	case chat.Typing:
		return fmt.Sprintf("%s %s %v", line, p.Person.Nick, p.On)
	case chat.Message:
		return fmt.Sprintf("%s %d %s: %s", line, p.Seq, p.Nick, p.Text)
	case chat.RoomList:
		for _, room := range p.Rooms {
			line += fmt.Sprintf(" %s(%d)", room.Name, room.People)
		}
		return line
	}
	return fmt.Sprintf("%s %#v", line, payload)
}

// take returns what was told since the last take.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := r.lines
	r.lines = nil
	return lines
}

// wantTold waits until nothing moves in the bubble and compares what was told.
func (b *bench) wantTold(what string, want ...string) {
	b.t.Helper()
	synctest.Wait()
	wantEqual(b.t, what, b.told.take(), want)
}

// settle waits until nothing moves in the bubble and forgets what was told.
func (b *bench) settle() {
	synctest.Wait()
	b.told.take()
}
