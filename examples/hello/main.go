package main

import (
	"log"
	"net/http"

	"rightnow/socketio"
)

func main() {
	io := socketio.New(nil)
	io.OnConnect(func(s *socketio.Socket) {
		s.On("message", func(text string) { io.Emit("message", text) })
	})
	http.Handle("/socket.io/", io)
	log.Fatal(http.ListenAndServe("localhost:3000", nil))
}
