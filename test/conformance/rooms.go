package main

import (
	"context"
	"slices"
	"strings"

	"rightnow/socketio"
)

// registerRooms has the events about who is where.
func registerRooms(s *socketio.Socket) {
	nsp := s.Namespace()
	s.On("join", func(room string) ([]string, error) {
		err := s.Join(room)
		return roomsOf(s), err
	})
	s.On("leave", func(room string) []string {
		s.Leave(room)
		return roomsOf(s)
	})
	s.On("rooms", func() []string { return roomsOf(s) })
	s.On("members", func(ctx context.Context, room string) ([]string, error) { return members(ctx, nsp, room) })
	s.On("rooms-join", func(ack socketio.Ack, from, room string) {
		nsp.In(from).SocketsJoin(room)
		ack()
	})
	s.On("rooms-leave", func(ack socketio.Ack, from, room string) {
		nsp.In(from).SocketsLeave(room)
		ack()
	})
	s.On("kick", func(ack socketio.Ack, room string, hard truth) {
		nsp.In(room).DisconnectSockets(bool(hard))
		ack()
	})
}

// roomsOf returns the rooms of s, sorted, without its own.
func roomsOf(s *socketio.Socket) []string {
	rooms := []string{}
	for _, room := range s.Rooms() {
		if room != s.ID() {
			rooms = append(rooms, room)
		}
	}
	slices.Sort(rooms)
	return rooms
}

// members returns the ids of a room's sockets, sorted.
func members(ctx context.Context, nsp *socketio.Namespace, room string) ([]string, error) {
	sockets, err := nsp.In(room).FetchSockets(ctx)
	ids := make([]string, len(sockets))
	for i, socket := range sockets {
		ids[i] = socket.ID
	}
	slices.Sort(ids)
	return ids, err
}

// spec is what a client wants broadcast, and to whom.
type spec struct {
	Via        string
	To, Except []string
	Event      string
	Args       []any
}

func (p spec) target(s *socketio.Socket) socketio.Target {
	target := s.Namespace().To()
	if p.Via == "socket" {
		target = s.Broadcast()
	}
	return target.To(p.To...).Except(p.Except...)
}

// registerBroadcasts has the events that reach others.
func registerBroadcasts(s *socketio.Socket) {
	s.On("send", func(ack socketio.Ack, p spec) {
		p.target(s).Emit(p.Event, p.Args...)
		ack()
	})
	s.On("send-seq", func(ack socketio.Ack, p spec, n, size int) {
		target, filler := p.target(s), strings.Repeat("x", size)
		for i := range n {
			target.Emit(p.Event, i, filler)
		}
		ack()
	})
	s.On("confirm", func(ctx context.Context, ack socketio.Ack, room string, ms int) {
		go func() { // ends with the last answer, the time or the socket
			responses, err := s.Namespace().To(room).Timeout(milliseconds(ms)).EmitWithAck(ctx, "confirm", room)
			ack(map[string]any{"timedOut": err != nil, "responses": firstOf(responses)})
		}()
	})
}

// firstOf returns the first argument of each response.
func firstOf(responses []socketio.Args) []any {
	first := []any{}
	for _, args := range responses {
		var v any
		if values := valuesOf(args); len(values) > 0 {
			v = values[0]
		}
		first = append(first, v)
	}
	return first
}
