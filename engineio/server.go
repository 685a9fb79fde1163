package engineio

import (
	"context"
	"iter"
	"net/http"
)

// Server answers the requests of Engine.IO clients and keeps their sessions. It is safe for concurrent use. Which path it
// serves is its caller's business. It has no goroutine of its own.
type Server struct {
}

// New makes a server. nil options are the default ones.
func New(o *Options) *Server { return &Server{} }

// ServeHTTP answers one request. Every request is answered.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// CORS applies the policy of Options.Origins to a response of somebody else under the same roof (files beside the
// endpoint): it sets the headers, and where the request is a preflight or comes from a refused origin it answers it
// and returns true.
func (s *Server) CORS(w http.ResponseWriter, r *http.Request) (answered bool) { return false }

// ClientsCount is the number of open sessions.
func (s *Server) ClientsCount() int { return 0 }

// Sessions iterates over the sessions that were open when the iteration began.
func (s *Server) Sessions() iter.Seq[*Session] { return func(func(*Session) bool) {} }

// Shutdown ends the server: new sessions are refused, the open ones are flushed and closed with
// ReasonServerShuttingDown, and Shutdown returns when every request is answered, every connection closed and every
// OnClose has returned. When ctx ends first, what is left is cut off and the error is the context's. It may be called
// again, from anywhere but a SessionHandler.
func (s *Server) Shutdown(ctx context.Context) error { return nil }
