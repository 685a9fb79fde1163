// Package target is the server that `rightnow bench` measures when it is given
// none: the library with its defaults, and the events that package loadgen asks
// for. Any other server that has them can be measured too:
//
//	bench:broadcast COUNT, BYTES   emits COUNT "message" events with a text of BYTES to all
//	echo ARGS…                     acknowledges with the same arguments
//	join ROOM                      joins the room
//	say ROOM, TEXT                 emits "message" with the text to the room, the sender included
package target

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"rightnow/socketio"
)

// What a broadcast may be asked for, so that nobody asks for all memory.
const (
	maxCount = 10_000
	maxBytes = 1_000_000
)

// shutdownTime is how long the clients may take to see their connections close.
const shutdownTime = 2 * time.Second

// New returns the server.
func New() *socketio.Server {
	io := socketio.New(nil)
	io.OnConnect(func(s *socketio.Socket) {
		s.On("bench:broadcast", func(count, size int) {
			text := strings.Repeat("x", min(max(size, 0), maxBytes))
			for range min(count, maxCount) {
				io.Emit("message", text)
			}
		})
		s.On("echo", func(ack socketio.Ack, args ...json.RawMessage) {
			values := make([]any, len(args))
			for i, arg := range args {
				values[i] = arg
			}
			_ = ack(values...) // a client that is gone needs no answer
		})
		s.On("join", func(room string) { s.Join(room) })
		s.On("say", func(room, text string) { io.To(room).Emit("message", text) })
	})
	return io
}

// Serve serves on the listener, which it closes, until ctx ends.
func Serve(ctx context.Context, listener net.Listener) error {
	io := New()
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }() // ends by Close
	var err error
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	_ = server.Close()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if stop := io.Shutdown(ending); err == nil && !errors.Is(stop, context.DeadlineExceeded) {
		err = stop
	}
	return err
}
