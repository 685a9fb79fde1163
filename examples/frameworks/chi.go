package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"rightnow/socketio"
)

// chiRouter is a router of chi.
func chiRouter(io *socketio.Server) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Handle("/socket.io/*", io)
	r.Get("/", home)
	return r
}
