package main

import (
	"context"
	"errors"
	"time"

	"rightnow/socketio"
)

// errBlocked is what the sockets' middleware refuses the event blocked with.
var errBlocked = errors.New("blocked event")

// greet is what every namespace does: the welcome, echo, and the ledger for reason-of.
func (a *application) greet(s *socketio.Socket) {
	s.OnDisconnecting(func(reason socketio.Reason) {
		a.ledger.put(s.ID(), departure{Reason: reason, Rooms: roomsOf(s)})
	})
	s.OnAny(func(e *socketio.Event) {
		if e.Name() == "echo" {
			echo(s, e)
		}
	})
	s.Emit("welcome", map[string]any{
		"sid":       s.ID(),
		"nsp":       s.Namespace().Name(),
		"auth":      s.Handshake().Auth,
		"recovered": s.Recovered(),
	})
}

// echo gives the arguments back as they came.
func echo(s *socketio.Socket, e *socketio.Event) {
	values := valuesOf(e.Args())
	if e.WantsAck() {
		e.Ack().Send(values...)
		return
	}
	s.Emit("echo", values...)
}

// connected is what the static namespaces do.
func (a *application) connected(s *socketio.Socket) {
	a.greet(s)
	a.registerAcks(s)
	a.registerSocket(s)
	registerBinary(s)
	registerRooms(s)
	registerBroadcasts(s)
}

// registerAcks has the events about acknowledgements.
func (a *application) registerAcks(s *socketio.Socket) {
	s.On("ack-never", func(...any) {})
	s.On("ack-late", func(ack socketio.Ack, ms int, value any) {
		time.AfterFunc(milliseconds(ms), func() { ack(value) })
	})
	s.On("ack-twice", func(ack socketio.Ack, value any) {
		ack(value)
		ack("again")
	})
	s.On("please", func(ctx context.Context, value any, ms int) {
		go please(ctx, s, value, milliseconds(ms)) // ends with the client's answer, the time or the socket
	})
}

// please asks the client and tells it what came of it. It has a goroutine of its own so that a client may have many
// questions open.
func please(ctx context.Context, s *socketio.Socket, value any, d time.Duration) {
	args, err := s.Timeout(d).EmitWithAck(ctx, "please-ack", value)
	shown := []any{}
	for _, v := range valuesOf(args) {
		shown = append(shown, describe(v))
	}
	s.Emit("ack-result", map[string]any{"timedOut": err != nil, "args": shown})
}

// registerSocket has the events about the socket itself.
func (a *application) registerSocket(s *socketio.Socket) {
	s.Use(func(e *socketio.Event) error {
		if e.Name() == "blocked" {
			return errBlocked
		}
		return nil
	})
	s.OnError(func(err error) {
		if errors.Is(err, errBlocked) {
			s.Emit("mw-error", errBlocked.Error())
		}
	})
	s.On("bye", func(hard truth) { s.Disconnect(bool(hard)) })
	s.On("volatile", func(value any) { s.Volatile().Emit("volatile", value) })
	s.On("transport", func() string { return string(s.Transport()) })
	s.On("handshake", func() any { return handshakeOf(s) })
	s.On("reason-of", func(sid string) any { return a.ledger.get(sid) })
	s.On("set-data", func(ack socketio.Ack, value any) {
		s.SetData(value)
		ack()
	})
	s.On("get-data", func() any { return s.Data() })
	registerCollect(s)
}

// registerCollect has collect and collected. A socket's handlers run one after the other, so the list needs no lock.
func registerCollect(s *socketio.Socket) {
	list := []any{}
	s.On("collect", func(i any) { list = append(list, i) })
	s.On("collected", func() any {
		got := list
		list = []any{}
		return got
	})
}

// handshakeOf shows a handshake with one string for each key of the query and the header.
func handshakeOf(s *socketio.Socket) any {
	h := s.Handshake()
	return map[string]any{
		"query":   lastValues(h.Query()),
		"auth":    h.Auth,
		"headers": headerValues(h.Header()),
		"url":     h.URL,
		"address": h.Address,
		"secure":  h.Secure,
		"issued":  h.Issued.UnixMilli(),
	}
}

func milliseconds(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }
