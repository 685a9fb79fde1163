package chatio

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"rightnow/internal/chat"
)

// Caller is one connection of any door, as the chat needs to see it: a
// Socket.IO socket, later a gateway's session, through an adapter in app.
type Caller interface {
	// ID is unique in the process.
	ID() string
	// Join and Leave change which rooms of the hub the connection hears.
	Join(rooms ...string)
	Leave(rooms ...string)
	// Data and SetData keep one value of this package's with the connection.
	Data() any
	SetData(v any)
}

// Emitter is the hub as the chat needs to see it; app implements it. EmitRoom
// sends to all members of a hub room, in the order of the calls; it must not
// block. The payload is the only argument of the event and is encoded as JSON.
// The events "typing" and "rooms" may be volatile.
type Emitter interface {
	EmitRoom(room, event string, payload any)
}

// NewBroadcaster returns what [chat.Options] wants, over the hub's rooms.
func NewBroadcaster(e Emitter) chat.Broadcaster { return broadcaster{e} }

type broadcaster struct{ to Emitter }

func (b broadcaster) Emit(room, event string, payload any) {
	b.to.EmitRoom(HubRoom(room), event, payload)
}

// HubRoom returns the name of the hub's room whose members hear a chat room;
// of "" the one that hears the list of rooms.
func HubRoom(room string) string { return "chat/" + room }

// Options configure a [Handler]. Service is required; a zero in any other field
// means the default beside it.
type Options struct {
	Service *chat.Service
	Logger  *slog.Logger // slog.Default()

	MaxRooms int           // 16 rooms that one connection may hear at once
	Burst    int           // 100 events of one connection at once
	Every    time.Duration // 50 ms for each further one
}

// Handler answers the events of all callers. All methods may be called
// concurrently, also for one caller.
type Handler struct {
	opts Options
}

// New returns a handler.
func New(opts *Options) *Handler { return &Handler{opts: *opts} }

// Events returns the names of the events that [Handler.Handle] knows.
func Events() []string {
	return []string{"watch", "enter", "say", "older", "since", "typing", "leave", "rooms"}
}

// Handle does what an event asks for and returns what its ack says. It may
// wait for the store; ctx is the connection's. args stay the caller's.
func (h *Handler) Handle(ctx context.Context, c Caller, event string, args []json.RawMessage) (any, error) {
	return nil, errors.ErrUnsupported
}

// Answer is Handle with the error made into what the ack says:
// {"error":{"code":…,"message":…}}. An error that is not a [*chat.Error] is
// logged and goes out as "internal".
func (h *Handler) Answer(ctx context.Context, c Caller, event string, args []json.RawMessage) any {
	result, err := h.Handle(ctx, c, event, args)
	if err != nil {
		return ErrorReply{Error: ErrorBody{Code: chat.CodeOf(err)}}
	}
	return result
}

// Gone says that a connection has ended. It must be called once for each caller
// that was ever given to Handle; a Handle that runs still, or comes later,
// leaves nothing behind.
func (h *Handler) Gone(c Caller) {}

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
