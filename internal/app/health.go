package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// healthy says that the program is alive: it answers, and a restart would mend
// nothing. It never looks at anything else.
func (m *Main) healthy(w http.ResponseWriter, _ *http.Request) {
	plain200(w, "ok")
}

// ready says whether new clients should be sent here: not while the program
// stops, and not while the store does not answer.
func (m *Main) ready(w http.ResponseWriter, r *http.Request) {
	if err := m.readiness(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	plain200(w, "ready")
}

var (
	errStopping = errors.New("stopping")
	errNoStore  = errors.New("the data file does not answer")
)

func (m *Main) readiness(ctx context.Context) error {
	if m.stopping.Load() {
		return errStopping
	}
	err := m.storeOK.do(func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, err := m.store.Rooms(ctx, 1)
		return err
	})
	if err != nil {
		m.log.Warn("not ready", "error", err)
		return errNoStore
	}
	return nil
}

func plain200(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, text+"\n") // the client may be gone
}

// checkOnce remembers the outcome of a check for a second, so that whoever
// asks in a loop costs one check a second. All methods may be called
// concurrently; while a check runs, others get the outcome before it.
type checkOnce struct {
	mu   sync.Mutex // guards following
	next time.Time  // when the outcome is out of date
	err  error
}

func (c *checkOnce) do(check func() error) error {
	c.mu.Lock()
	if time.Now().Before(c.next) {
		defer c.mu.Unlock()
		return c.err
	}
	c.next = time.Now().Add(time.Second)
	c.mu.Unlock()

	err := check()

	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	return err
}
