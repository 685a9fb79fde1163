package app

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Restarting is the payload of the event "restarting", the last one a client
// hears from a program that stops.
type Restarting struct {
	// InMS is how soon the connection closes.
	InMS int64 `json:"in_ms"`
}

// lastAnswers is how long pages and their files may take that are under way
// when all else has ended.
const lastAnswers = time.Second

// stop ends everything in an order in which nobody loses what they were
// promised:
//
//  1. readiness fails and the listener closes, so that nobody new comes;
//  2. the clients hear that the server restarts; the sources of live posts end;
//  3. the chat refuses what comes now, stores and tells what waits: the
//     acknowledgements of that still go out;
//  4. the transports close, never by a DISCONNECT packet, after which official
//     clients would not come back; the last polls are answered by that;
//  5. quotes of posts that were deleted are removed, as far as that waits;
//  6. the HTTP server waits a moment for its last answers.
//
// All of it has the shutdown timeout; what is not done by then is cut off, and
// that is the error.
func (m *Main) stop() error {
	m.stopping.Store(true)
	began := time.Now()
	m.log.Info("stopping", "clients", m.io.Engine().ClientsCount())
	ctx, cancel := context.WithTimeout(context.Background(), m.cfg.ShutdownTimeout)
	defer cancel()

	closed := make(chan struct{})
	go func() { // ends with the last answer, or with ctx
		defer close(closed)
		_ = m.http.Shutdown(ctx) // its error is ctx's, and the connections are closed below
	}()
	m.fresh.close()
	if err := m.io.Emit("restarting", Restarting{}); err != nil {
		m.log.Error("clients were not told", "error", err)
	}
	m.waitLive(ctx)
	err := errors.Join(m.chat.Close(ctx), m.io.Shutdown(ctx), m.closeLive(ctx))
	time.AfterFunc(lastAnswers, cancel)
	<-closed
	m.http.Close()
	if err != nil {
		return fmt.Errorf("stopped before everything was finished: %w", err)
	}
	m.log.Info("stopped", "took", time.Since(began).Round(time.Millisecond))
	return nil
}
