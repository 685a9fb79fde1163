package chatio

import "rightnow/internal/chat"

// Emitter is the hub as the chat needs to see it; app implements it. EmitRoom
// sends to all members of a hub room, in the order of the calls; it must not
// block. The payload is the only argument of the event, is encoded as JSON, and
// is read-only. The events "typing" and "rooms" may be volatile.
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
// of "" the one that hears the list of rooms. No session has an id like it.
func HubRoom(room string) string { return "chat/" + room }

// EventRestarting is emitted by app to all connections, with Restarting, before
// it closes their transports.
const EventRestarting = "restarting"

// Restarting is the payload of EventRestarting.
type Restarting struct {
	InMS int64 `json:"in_ms"`
}
