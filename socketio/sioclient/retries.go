package sioclient

import (
	"context"
	"errors"
	"slices"
	"sync"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/internal/siocodec"
)

// retries sends events one at a time until each is acknowledged: Options.Retries.
type retries struct {
	// Fixed at creation.
	socket *Socket
	wake   chan struct{} // of capacity 1: there is something in line

	mu    sync.Mutex // guards following
	line  []retried
	bytes int // of line
	ended bool
}

// retried is one event on its way.
type retried struct {
	packet *siocodec.Packet
	done   *waiting
}

// newRetries needs the Client's mu.
func newRetries(s *Socket) *retries {
	r := &retries{socket: s, wake: make(chan struct{}, 1)}
	if !s.client.closed.Load() {
		s.client.work.Go(r.run) // ends with Client.Close
	}
	return r
}

// add puts an event in line. The limits are those of what waits for the connection.
func (r *retries) add(item retried) error {
	o := &r.socket.client.opts
	size := packetSize(item.packet)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ended || r.socket.client.closed.Load():
		return ErrClosed
	case len(r.line) >= o.BufferEvents || r.bytes+size > o.BufferBytes:
		return ErrBufferFull
	}
	r.line = append(r.line, item)
	r.bytes += size
	signal(r.wake)
	return nil
}

// first returns the event whose turn it is. It stays in line.
func (r *retries) first() (item retried, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.line) == 0 {
		return retried{}, false
	}
	return r.line[0], true
}

// remove takes an event out of the line: it is done, or nobody wants it any more. If its turn has
// come already, it is not sent once more.
func (r *retries) remove(w *waiting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.line, func(item retried) bool { return item.done == w })
	if i < 0 {
		return
	}
	r.bytes -= packetSize(r.line[i].packet)
	r.line = slices.Delete(r.line, i, i+1)
}

// wanted reports whether an event is still in line.
func (r *retries) wanted(w *waiting) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.line, func(item retried) bool { return item.done == w })
}

// run sends what is in line.
func (r *retries) run() {
	ctx := r.socket.client.ctx
	for {
		if item, ok := r.first(); ok && ctx.Err() == nil {
			r.settle(ctx, item)
			continue
		}
		select {
		case <-r.wake:
		case <-ctx.Done():
			r.end()
			return
		}
	}
}

// settle sends one event and says what came of it.
func (r *retries) settle(ctx context.Context, item retried) {
	args, err := r.send(ctx, item)
	r.remove(item.done)
	if err != nil {
		r.socket.client.report(err)
		item.done.fail(err)
		return
	}
	item.done.answer(args)
}

// send sends one event until it is acknowledged, or has been sent often enough. What found no room in the connection's queue has not
// been sent.
func (r *retries) send(ctx context.Context, item retried) (args Args, err error) {
	o := &r.socket.client.opts
	for try := 0; try <= o.Retries; {
		if err := r.socket.awaitJoined(ctx); err != nil {
			return Args{}, ErrClosed
		}
		if !r.wanted(item.done) {
			return Args{}, err
		}
		within, cancel := context.WithTimeoutCause(ctx, o.AckTimeout, ErrTimeout)
		args, err = r.socket.ask(within, item.packet, false)
		cancel()
		switch {
		case err == nil || ctx.Err() != nil || errors.Is(err, ErrTooBig) || errors.Is(err, eioclient.ErrNeverFits):
			return args, err
		case !errors.Is(err, ErrQueueFull):
			try++
		case r.socket.awaitRoom(ctx) != nil:
			return Args{}, ErrClosed
		}
	}
	return args, err
}

// end fails what is still in line.
func (r *retries) end() {
	r.mu.Lock()
	line := r.line
	r.line, r.bytes, r.ended = nil, 0, true
	r.mu.Unlock()
	for _, item := range line {
		item.done.fail(ErrClosed)
	}
}
