package chatio

import "rightnow/internal/chat"

// Emitter is the hub as the chat needs to see it; app implements it. EmitRoom
// sends to all members of a hub room, in the order of the calls; it must not
// block. The payload is the only argument of the event, is encoded as JSON, and
// is read-only. The events "typing", "rooms", "post", "feed_meta" and
// "feed_sources" may be volatile.
type Emitter interface {
	EmitRoom(room, event string, payload any)
}

// NewBroadcaster returns what [chat.Options] wants, over the hub's rooms.
func NewBroadcaster(e Emitter) chat.Broadcaster { return broadcaster{e} }

type broadcaster struct{ to Emitter }

func (b broadcaster) Emit(room, event string, payload any) {
	b.to.EmitRoom(HubRoom(room), event, payload)
}

// Posts brings the events of live posts to those who follow them.
type Posts struct{ to Emitter }

// NewPosts returns the way to the hub's rooms.
func NewPosts(e Emitter) Posts { return Posts{e} }

// Followers emits to those who follow the live posts of a room, "": of any.
func (p Posts) Followers(room, event string, payload any) {
	p.to.EmitRoom(FeedRoom(room), event, payload)
}

// Members emits to those who hear a room.
func (p Posts) Members(room, event string, payload any) {
	p.to.EmitRoom(HubRoom(room), event, payload)
}

// FeedRoom returns the name of the hub's room whose members follow the live
// posts of a chat room; of "" the one of those who follow any.
func FeedRoom(room string) string { return "feed/" + room }

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
