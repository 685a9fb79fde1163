package hub

import (
	"context"
	"errors"
	"sync"
)

// ErrNoHandler is what Answer fails with for a kind that nobody answers.
var ErrNoHandler = errors.New("hub: nobody answers this kind of request")

// requests are the functions that answer other nodes.
type requests struct {
	mu    sync.Mutex // guards following
	kinds map[string]func(ctx context.Context, payload []byte) ([]byte, error)
}

// OnRequest has f answer the requests of a kind that other nodes send by their
// relays, see [Relay.Request]. It replaces the function before. f may be called
// concurrently and may wait as long as ctx lasts.
func (h *Hub) OnRequest(kind string, f func(ctx context.Context, payload []byte) (reply []byte, err error)) {
	h.requests.mu.Lock()
	defer h.requests.mu.Unlock()
	if h.requests.kinds == nil {
		h.requests.kinds = make(map[string]func(context.Context, []byte) ([]byte, error))
	}
	h.requests.kinds[kind] = f
}

// Answer answers a request of another node. Relays call it, on a goroutine that
// may wait.
func (h *Hub) Answer(ctx context.Context, kind string, payload []byte) (reply []byte, err error) {
	h.requests.mu.Lock()
	f := h.requests.kinds[kind]
	h.requests.mu.Unlock()
	if f == nil {
		return nil, ErrNoHandler
	}
	return f(ctx, payload)
}

// Notify tells all other nodes; see [Relay.Notify]. Without a relay there are
// none.
func (h *Hub) Notify(kind string, payload []byte) error {
	relay := h.relay.Load()
	if relay == nil {
		return nil
	}
	return (*relay).Notify(kind, payload)
}

// Request asks all other nodes; see [Relay.Request]. Without a relay there are
// none, and no replies.
func (h *Hub) Request(ctx context.Context, kind string, payload []byte) (replies [][]byte, err error) {
	relay := h.relay.Load()
	if relay == nil {
		return nil, nil
	}
	return (*relay).Request(ctx, kind, payload)
}
