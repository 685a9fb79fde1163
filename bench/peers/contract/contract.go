// Package contract is what the bare WebSocket servers share: the event contract
// of bench/README.md, answered with fixed strings. There are no sessions, no
// heartbeats and no limits, so what is measured is the WebSocket library.
package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// The intervals are so long that no client misses a ping.
const (
	open      = `0{"sid":"AAAAAAAAAAAAAAAAAAAA","upgrades":[],"pingInterval":3600000,"pingTimeout":3600000,"maxPayload":1000000}`
	connected = `40{"sid":"BBBBBBBBBBBBBBBBBBBB"}`
)

// Library is what a peer does with its WebSocket library. C is a connection.
// Both are called from any goroutine; what cannot be sent is dropped, the
// connection's reader sees the end of it.
type Library[C comparable] interface {
	// Send writes one text message.
	Send(c C, text []byte)
	// FanOut writes one text message to many, in the best way that the library has.
	FanOut(to []C, text []byte)
}

// Server keeps who is there. Its methods may be called concurrently; those of
// one connection are called by its reader, in order.
type Server[C comparable] struct {
	library Library[C]

	mu    sync.Mutex // guards the fields below
	all   map[C]struct{}
	rooms map[string]map[C]struct{}
}

// New makes a server without connections.
func New[C comparable](library Library[C]) *Server[C] {
	return &Server[C]{library: library, all: map[C]struct{}{}, rooms: map[string]map[C]struct{}{}}
}

// Opened greets a new connection.
func (s *Server[C]) Opened(c C) { s.library.Send(c, []byte(open)) }

// Closed forgets a connection.
func (s *Server[C]) Closed(c C) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, c)
	for _, members := range s.rooms {
		delete(members, c)
	}
}

// Received answers one packet, which it does not keep.
func (s *Server[C]) Received(c C, packet []byte) {
	if bytes.HasPrefix(packet, []byte("40")) {
		s.library.Send(c, []byte(connected))
		s.mu.Lock()
		s.all[c] = struct{}{}
		s.mu.Unlock()
		return
	}
	id, args, found := bytes.Cut(packet, []byte("["))
	id, isEvent := bytes.CutPrefix(id, []byte("42"))
	if !found || !isEvent {
		return
	}
	if rest, ok := bytes.CutPrefix(args, []byte(`"echo"`)); ok {
		s.library.Send(c, slices.Concat([]byte("43"), id, []byte("["), bytes.TrimPrefix(rest, []byte(","))))
	} else if rest, ok := bytes.CutPrefix(args, []byte(`"bench:broadcast",`)); ok {
		s.broadcast(rest)
	} else if rest, ok := bytes.CutPrefix(args, []byte(`"join",`)); ok {
		s.join(c, rest)
	} else if rest, ok := bytes.CutPrefix(args, []byte(`"say",`)); ok {
		s.say(rest)
	}
}

func (s *Server[C]) broadcast(args []byte) {
	var count, size int
	if _, err := fmt.Sscanf(string(args), "%d,%d]", &count, &size); err != nil {
		return
	}
	s.mu.Lock()
	all := slices.Collect(maps.Keys(s.all))
	s.mu.Unlock()
	message := []byte(`42["message","` + strings.Repeat("x", size) + `"]`)
	for range count {
		s.library.FanOut(all, message)
	}
}

func (s *Server[C]) join(c C, args []byte) {
	var name [1]string
	if json.Unmarshal(append([]byte("["), args...), &name) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[name[0]] == nil {
		s.rooms[name[0]] = map[C]struct{}{}
	}
	s.rooms[name[0]][c] = struct{}{}
}

// say takes the text as it came, in its quotes and with the closing bracket.
func (s *Server[C]) say(args []byte) {
	name, text, found := bytes.Cut(bytes.TrimPrefix(args, []byte(`"`)), []byte(`",`))
	if !found {
		return
	}
	s.mu.Lock()
	members := slices.Collect(maps.Keys(s.rooms[string(name)]))
	s.mu.Unlock()
	s.library.FanOut(members, slices.Concat([]byte(`42["message",`), text))
}

// Listen serves handler on 127.0.0.1:$PORT for ever, and gives memory back at
// SIGUSR2.
func Listen(handler http.Handler) error {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR2)
	go func() { // for as long as the process lives
		for range asked {
			debug.FreeOSMemory()
		}
	}()
	return http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), handler)
}
