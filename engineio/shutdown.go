package engineio

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Shutdown ends the server: new sessions are refused, the open ones are flushed and closed with
// ReasonServerShuttingDown, and Shutdown returns when every request is answered, every connection closed and every
// OnClose has returned. When ctx ends first, what is left is cut off and the error is the context's. It may be called
// again, from anywhere but a SessionHandler.
//
// A WebTransport's HTTP/3 server has to be closed after it. net/http knows nothing of WebSockets, nor of connections whose polls pass it by (see Options.PlainPolling), and its own
// Shutdown waits for other polls without ending them: call this one first. It gives the connections of the polls that it has
// answered back to net/http, whose own Shutdown or Close ends them; if that has been called already, they are closed.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	for _, session := range s.snapshot() {
		session.Close(ReasonServerShuttingDown)
		session.hurry()
	}
	for _, c := range s.unopened() {
		c.Abort(ErrClosed)
	}
	for _, lane := range s.openLanes() {
		lane.goBack()
	}
	err := s.active.Wait(ctx)
	if err != nil {
		s.cut()
	}
	return err
}

// Drain refuses new sessions, and closes the open ones with ReasonServerShuttingDown one after another, evenly over a time,
// so that their clients do not all come back at the same moment. It returns when the last has been closed, or ctx ends.
// Shutdown has to follow.
func (s *Server) Drain(ctx context.Context, over time.Duration) {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	sessions := s.snapshot()
	start, timer := time.Now(), time.NewTimer(0)
	defer timer.Stop()
	for i, session := range sessions {
		timer.Reset(time.Until(start.Add(over / time.Duration(len(sessions)) * time.Duration(i))))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		session.Close(ReasonServerShuttingDown)
	}
}

// cut drops what still waits for its client.
func (s *Server) cut() {
	for _, session := range s.snapshot() {
		session.stopLingering()
	}
	s.mu.RLock()
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.RUnlock()
	for _, conn := range conns {
		conn.Abort(ErrClosed)
	}
	for _, lane := range s.openLanes() {
		lane.close()
	}
}

// openLanes returns the lanes of this moment.
func (s *Server) openLanes() []*lane {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Collect(maps.Keys(s.lanes))
}
