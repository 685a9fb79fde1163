package chatio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/limit"
)

// Caller is one connection of any door, as the chat needs to see it: a
// Socket.IO socket, later a gateway's session, through an adapter in app. Its
// methods may be called concurrently, none of them waits, and after the
// connection's end Join does nothing.
type Caller interface {
	// ID is unique in the process.
	ID() string
	// Address is the IP address of the client, as far as proxies that are trusted
	// tell it. The rooms that are opened from one are limited.
	Address() string
	// Join and Leave change which rooms of the hub the connection hears.
	Join(rooms ...string)
	Leave(rooms ...string)
	// Data and SetData keep one value of this package's with the connection.
	Data() any
	SetData(v any)
}

// Options configure a [Handler]. Service is required; a zero in any other field
// means the default beside it.
type Options struct {
	Service *chat.Service
	Logger  *slog.Logger // slog.Default()
	Wall    Wall         // nil: there are no live posts

	MaxRooms int           // 16 rooms that one connection may hear at once
	Burst    int           // 100 events of one connection at once; to enter or feed_set counts as 5, to feed or feed_try as 2
	Every    time.Duration // 50 ms for each further one; < 0: no limit
}

// Handler answers the events of all callers. All methods may be called
// concurrently, also for one caller.
type Handler struct {
	// Fixed at New.
	chat     *chat.Service
	wall     Wall // nil: there are no live posts
	log      *slog.Logger
	maxRooms int
	rate     limit.Rate
	events   map[string]event

	mu sync.Mutex // held while a caller gets its Data
}

// event is how one event is answered.
type event struct {
	cost int // tokens of the connection's bucket
	do   func(ctx context.Context, c Caller, s *session, args []json.RawMessage) (any, error)
}

// New returns a handler.
func New(opts *Options) *Handler {
	h := &Handler{
		chat:     opts.Service,
		wall:     opts.Wall,
		log:      cmp.Or(opts.Logger, slog.Default()),
		maxRooms: cmp.Or(opts.MaxRooms, 16),
		rate:     limit.Rate{Burst: cmp.Or(opts.Burst, 100), Every: cmp.Or(opts.Every, 50*time.Millisecond)},
	}
	h.events = map[string]event{
		"watch":  {1, h.watch},
		"enter":  {5, h.enter},
		"say":    {1, h.say},
		"older":  {1, h.older},
		"since":  {1, h.since},
		"typing": {1, h.typing},
		"leave":  {1, h.leave},
		"rooms":  {1, h.rooms},

		"feed":     {2, h.feed},
		"feed_set": {5, h.feedSet},
		"feed_try": {2, h.feedTry},
	}
	return h
}

// Events returns the names of the events that [Handler.Handle] knows.
func Events() []string { return slices.Sorted(maps.Keys(New(&Options{}).events)) }

// Handle does what an event asks for and returns what its ack says. It may
// wait for the store; ctx is the connection's. args stay the caller's.
//
// Whatever args hold, a refusal is a [*chat.Error]; any other error is a defect
// or the end of ctx.
func (h *Handler) Handle(ctx context.Context, c Caller, name string, args []json.RawMessage) (any, error) {
	e, ok := h.events[name]
	if !ok {
		return nil, &chat.Error{Code: chat.CodeUnknownEvent, Message: "The server does not know this event."}
	}
	s := h.session(c)
	if wait := s.spend(time.Now(), e.cost, h.rate); wait > 0 {
		return nil, chat.SlowDown(wait)
	}
	return e.do(ctx, c, s, args)
}

// Answer is Handle with the error made into what the ack says, an [ErrorReply].
// It logs what a user is not told: defects, and the cause behind "unavailable".
func (h *Handler) Answer(ctx context.Context, c Caller, name string, args []json.RawMessage) any {
	result, err := h.Handle(ctx, c, name, args)
	if err == nil {
		return result
	}
	if hidden := errors.Unwrap(err); ctx.Err() == nil && (hidden != nil || chat.CodeOf(err) == chat.CodeInternal) {
		h.log.Error("chat: an event failed", "event", name, "error", err)
	}
	return reply(err)
}

// Gone says that a connection has ended. It must be called once for each caller
// that was ever given to Handle; a Handle that runs still, or comes later,
// leaves nothing behind.
func (h *Handler) Gone(c Caller) {
	rooms, feeds := h.session(c).end()
	for _, room := range rooms {
		h.chat.Leave(room, c.ID())
	}
	for _, room := range feeds {
		h.wall.Unfollow(room, c.ID())
	}
	h.chat.FollowRooms(c.ID(), false)
}

// ErrorReply is the ack of an event that was refused.
type ErrorReply struct {
	Error ErrorBody `json:"error"`
}

// ErrorBody tells a refusal.
type ErrorBody struct {
	Code       chat.Code `json:"code"`
	Message    string    `json:"message"`
	Suggestion string    `json:"suggestion,omitempty"`
	RetryMS    int64     `json:"retry_ms,omitempty"`
}

func reply(err error) ErrorReply {
	e, ok := errors.AsType[*chat.Error](err)
	if !ok {
		return ErrorReply{ErrorBody{Code: chat.CodeInternal, Message: "Something went wrong on the server."}}
	}
	return ErrorReply{ErrorBody{
		Code:       e.Code,
		Message:    e.Message,
		Suggestion: e.Suggestion,
		RetryMS:    int64((e.Retry + time.Millisecond - 1) / time.Millisecond), // never too soon
	}}
}
