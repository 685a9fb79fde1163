package main

import (
	"net/http"

	"rightnow/socketio"
)

// netHTTP is a plain ServeMux.
func netHTTP(io *socketio.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.HandleFunc("GET /{$}", home)
	return mux
}
