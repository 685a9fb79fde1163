package main

import (
	"encoding/json"
	"net/http"
	"strings"

	"rightnow/socketio"
)

// benchFace is the library as a user gets it, with the events that the load generators want.
func benchFace() face {
	io := socketio.New(nil)
	io.OnConnect(func(s *socketio.Socket) {
		s.On("bench:broadcast", func(count, size int) {
			text := strings.Repeat("x", size)
			for range count {
				io.Emit("message", text)
			}
		})
		s.On("echo", func(ack socketio.Ack, args ...json.RawMessage) {
			values := make([]any, len(args))
			for i, arg := range args {
				values[i] = arg
			}
			ack(values...)
		})
		s.On("join", func(room string) { s.Join(room) })
		s.On("say", func(room, text string) { io.To(room).Emit("message", text) })
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	return face{handler: mux, shutdown: io.Shutdown}
}
