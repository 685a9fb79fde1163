package main

import (
	"net/http"
	"slices"
	"time"

	"rightnow/engineio"
	"rightnow/socketio"
)

// The official suites' times.
const (
	suitePingInterval = 300 * time.Millisecond
	suitePingTimeout  = 200 * time.Millisecond
)

// engineSuiteFace sends every message back as it is. The suite of protocol 3 wants old clients allowed, that of
// protocol 4 wants them refused.
func engineSuiteFace(allowOld bool) face {
	server := engineio.New(&engineio.Options{
		PingInterval: suitePingInterval,
		PingTimeout:  suitePingTimeout,
		AllowEIO3:    allowOld,
		OnSession:    func(s *engineio.Session) engineio.SessionHandler { return mirror{s} },
	})
	mux := http.NewServeMux()
	mux.Handle("/engine.io/", server)
	return face{handler: mux, shutdown: server.Shutdown}
}

// mirror is the application of the Engine.IO suite.
type mirror struct{ session *engineio.Session }

func (m mirror) OnMessage(data []byte, binary bool) {
	var frame *engineio.Frame
	if own := slices.Clone(data); binary {
		frame = engineio.BinaryFrame(own)
	} else {
		frame = engineio.TextFrame(own)
	}
	if dirty, _ := m.session.Send(frame); dirty {
		m.session.Flush()
	}
}

func (mirror) OnClose(engineio.Reason, error) {}

// socketSuiteFace greets with what the client brought and sends messages back.
func socketSuiteFace() face {
	io := socketio.New(&socketio.Options{
		PingInterval:   suitePingInterval,
		PingTimeout:    suitePingTimeout,
		ConnectTimeout: time.Second,
	})
	greet := func(s *socketio.Socket) { s.Emit("auth", s.Handshake().Auth) }
	io.Of("/custom").OnConnect(greet)
	io.OnConnect(func(s *socketio.Socket) {
		greet(s)
		s.OnAny(func(e *socketio.Event) {
			switch e.Name() {
			case "message":
				s.Emit("message-back", valuesOf(e.Args())...)
			case "message-with-ack":
				e.Ack().Send(valuesOf(e.Args())...)
			}
		})
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	return face{handler: mux, shutdown: io.Shutdown}
}
