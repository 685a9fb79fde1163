package app

import (
	"context"
	"encoding/json"
	"log/slog"

	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
	"rightnow/internal/wall"
	"rightnow/socketio"
)

// admit lets the sockets of io into the chat.
func (m *Main) admit(io *socketio.Server, door *chatio.Handler) {
	io.OnConnect(func(s *socketio.Socket) {
		c := caller{s, m.log}
		for _, event := range chatio.Events() {
			s.On(event, func(ctx context.Context, args ...json.RawMessage) any {
				return door.Answer(ctx, c, event, args)
			})
		}
		s.OnDisconnect(func(socketio.Reason) { door.Gone(c) })
	})
}

// caller is a Socket.IO socket as the chat sees it.
type caller struct {
	*socketio.Socket
	log *slog.Logger
}

var _ chatio.Caller = caller{}

// Address is where the connection came from; proxies that were named in
// trusted-proxies are looked through.
func (c caller) Address() string { return c.Handshake().Address }

// Join cannot fail in the chat, which allows a connection far fewer rooms than
// the socket does.
func (c caller) Join(rooms ...string) {
	if err := c.Socket.Join(rooms...); err != nil {
		c.log.Error("a socket could not join", "socket", c.ID(), "rooms", rooms, "error", err)
	}
}

// emitter is the Socket.IO server as the chat sees it.
type emitter struct {
	io  *socketio.Server
	log *slog.Logger
}

var _ chatio.Emitter = emitter{}

// EmitRoom sends to the sockets of a room. What is out of date a moment later
// is not worth a place in a queue that is full already.
func (e emitter) EmitRoom(room, event string, payload any) {
	target := e.io.To(room)
	if event == chat.EventTyping || event == chat.EventRooms || wall.Volatile(event) {
		target = target.Volatile()
	}
	if err := target.Emit(event, payload); err != nil {
		e.log.Error("an event could not be sent", "event", event, "error", err)
	}
}
