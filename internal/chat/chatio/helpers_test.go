package chatio_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
	"rightnow/internal/chat/storetest"
)

// hub is an Emitter over callers in memory.
type hub struct {
	mu      sync.Mutex // guards all, and all of the callers
	callers []*caller  // in the order in which they came
}

// caller is a connection that remembers what it hears.
type caller struct {
	hub   *hub
	id    string
	from  string // its address; fixed before it is used
	rooms map[string]bool
	data  any
	gone  bool
	heard func(c *caller, event string, payload any)
}

var (
	_ chatio.Emitter = (*hub)(nil)
	_ chatio.Caller  = (*caller)(nil)
)

func (h *hub) caller(id string, heard func(c *caller, event string, payload any)) *caller {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := &caller{hub: h, id: id, rooms: map[string]bool{}, heard: heard}
	h.callers = append(h.callers, c)
	return c
}

// EmitRoom implements [chatio.Emitter].
func (h *hub) EmitRoom(room, event string, payload any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.callers {
		if c.rooms[room] && c.heard != nil {
			c.heard(c, event, payload)
		}
	}
}

func (c *caller) ID() string      { return c.id }
func (c *caller) Address() string { return c.from }

func (c *caller) Join(rooms ...string) {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	for _, room := range rooms {
		if !c.gone {
			c.rooms[room] = true
		}
	}
}

func (c *caller) Leave(rooms ...string) {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	for _, room := range rooms {
		delete(c.rooms, room)
	}
}

func (c *caller) Data() any {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	return c.data
}

func (c *caller) SetData(v any) {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	c.data = v
}

// end is what a door does before it says Gone.
func (c *caller) end() {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	c.gone = true
	clear(c.rooms)
}

func (c *caller) hears() []string {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	rooms := []string{}
	for room := range c.rooms {
		rooms = append(rooms, room)
	}
	slices.Sort(rooms)
	return rooms
}

// bench is a handler with all that it needs.
type bench struct {
	*chatio.Handler
	t     testing.TB
	hub   *hub
	store *storetest.Memory
	chat  *chat.Service
}

func newBench(t testing.TB, co chat.Options, o chatio.Options) *bench {
	t.Helper()
	b := &bench{t: t, hub: &hub{}, store: &storetest.Memory{}}
	co.Store, co.Broadcaster = b.store, chatio.NewBroadcaster(b.hub)
	co.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	var err error
	if b.chat, err = chat.New(context.Background(), &co); err != nil {
		t.Fatal(err)
	}
	o.Service = b.chat
	if o.Logger == nil {
		o.Logger = co.Logger
	}
	b.Handler = chatio.New(&o)
	return b
}

func (b *bench) stop() {
	b.t.Helper()
	if err := b.chat.Close(context.Background()); err != nil {
		b.t.Error(err)
	}
}

// do sends an event with one argument.
func (b *bench) do(c *caller, event, arg string) (any, error) {
	return b.Handle(context.Background(), c, event, []json.RawMessage{json.RawMessage(arg)})
}

func (b *bench) must(c *caller, event, arg string) any {
	b.t.Helper()
	result, err := b.do(c, event, arg)
	if err != nil {
		b.t.Fatalf("%s %s: %v", event, arg, err)
	}
	return result
}

func (b *bench) people(room string) int {
	b.t.Helper()
	s, err := b.chat.Watch(context.Background(), room)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(s.People)
}

func wantCode(t testing.TB, what string, err error, want chat.Code) {
	t.Helper()
	if got := chat.CodeOf(err); got != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func (h *hub) forget(c *caller) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.callers = slices.DeleteFunc(h.callers, func(other *caller) bool { return other == c })
}
