package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"rightnow/engineio"
	"rightnow/socketio"
)

// handshakeDelay is what the suite of socket.io-client wants a handshake to take: it tests the
// client's time for it.
const handshakeDelay = 10 * time.Millisecond

// socketClientFace is what the suite of socket.io-client expects.
func socketClientFace() face {
	io := socketio.New(&socketio.Options{
		PingInterval:            2 * time.Second,
		ConnectionStateRecovery: &socketio.RecoveryOptions{SkipMiddlewares: true},
		AllowRequest: func(*http.Request) error {
			time.Sleep(handshakeDelay)
			return nil
		},
	})
	io.Use(func(_ context.Context, s *socketio.Socket) error {
		if s.Handshake().Query().Get("fail") != "" {
			return socketio.ConnectError{Message: "Auth failed (main namespace)"}
		}
		return nil
	})
	io.Of("/no").Use(func(context.Context, *socketio.Socket) error {
		return socketio.ConnectError{Message: "Auth failed (custom namespace)"}
	})
	for _, name := range []string{"/timeout_socket", "/valid", "/asd"} {
		io.Of(name)
	}
	io.Of("/foo").OnConnect(registerID)
	io.Of("/abc").OnConnect(func(s *socketio.Socket) { s.Emit("handshake", s.Handshake()) })
	io.OnConnect(func(s *socketio.Socket) {
		registerID(s)
		registerSimple(s)
		registerDates(s)
		registerBlobs(s)
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	return face{handler: mux, shutdown: io.Shutdown}
}

func registerID(s *socketio.Socket) {
	s.On("getId", func() string { return s.ID() })
}

func registerSimple(s *socketio.Socket) {
	s.On("hi", func() { s.Emit("hi") })
	s.On("echo", func(value any) any { return value })
	s.On("ack", func() { go askTwo(s) }) // ends with the client's answer, or the socket
	s.On("false", func() { s.Emit("false", false) })
	s.On("getHandshake", func() socketio.Handshake { return s.Handshake() })
	s.On("getUtf8", func() {
		for _, text := range []string{"てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"} {
			s.Emit("takeUtf8", text)
		}
	})
}

// askTwo asks the client for (5, {test: true}) and tells it that it has got them.
func askTwo(s *socketio.Socket) {
	args, err := s.EmitWithAck(s.Context(), "ack")
	var five int
	var object struct{ Test truth }
	if err == nil && args.Decode(0, &five) == nil && args.Decode(1, &object) == nil && five == 5 && bool(object.Test) {
		s.Emit("got it")
	}
}

func registerDates(s *socketio.Socket) {
	now := func() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }
	s.On("getAckDate", func(any) string { return now() })
	s.On("getDate", func() { s.Emit("takeDate", now()) })
	s.On("getDateObj", func() { s.Emit("takeDateObj", map[string]string{"date": now()}) })
}

// letter is an object with a binary value in it.
type letter struct {
	Hello, Goodbye string
	Message        []byte
}

func (l letter) wrong() bool { return l.Hello != "lol" || l.Goodbye != "gotcha" || len(l.Message) == 0 }

// registerBlobs has the events with binary values. What comes in a wrong form, or out of order, is not
// answered.
func registerBlobs(s *socketio.Socket) {
	for event, answer := range map[string]string{"doge": "doge", "getbin": "takebin"} {
		s.On(event, func() { s.Emit(answer, []byte("asdfasdf")) })
	}
	for event, answer := range map[string]string{"buffa": "buffack", "blob": "back"} {
		s.On(event, func([]byte) { s.Emit(answer) })
	}
	for event, answer := range map[string]string{"jsonbuff": "jsonbuff-ack", "jsonblob": "jsonblob-ack"} {
		s.On(event, func(l letter) {
			if !l.wrong() {
				s.Emit(answer)
			}
		})
	}
	var came []string
	note := func(event string) { came = append(came, event) }
	s.On("abuff1", func([]byte) { note("abuff1") })
	s.On("abuff2", func(any) {
		if slices.Equal(came, []string{"abuff1"}) {
			s.Emit("abuff2-ack")
		}
	})
	s.On("blob1", func([]byte) { note("blob1") })
	s.On("blob2", func(text string) { note("blob2 " + text) })
	s.On("blob3", func([]byte) {
		if slices.Equal(came, []string{"blob1", "blob2 second"}) {
			s.Emit("blob3-ack")
		}
	})
}

// engineClientFace is what the suite of engine.io-client expects.
func engineClientFace() face {
	server := engineio.New(&engineio.Options{
		PingInterval: 500 * time.Millisecond,
		MaxPayload:   100,
		AllowRequest: func(r *http.Request) error {
			if r.URL.Query().Has("deny") {
				return errors.New("denied by the query")
			}
			return nil
		},
		Headers: func(h http.Header, r *http.Request, initial bool) {
			if initial && r.URL.Query().Get("transport") == string(engineio.Polling) {
				setCookies(h)
			}
		},
		OnSession: func(s *engineio.Session) engineio.SessionHandler {
			sendFrame(s, engineio.TextFrame([]byte("hi")))
			return bouncer{s}
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/engine.io/", server)
	return face{handler: mux, shutdown: server.Shutdown}
}

// setCookies adds cookies of every sort: to be kept for a while, for this path only, not at all.
func setCookies(h http.Header) {
	for _, c := range []http.Cookie{
		{Name: "1", Value: "1", MaxAge: 86400},
		{Name: "2", Value: "2", Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode},
		{Name: "3", Value: "3", MaxAge: -1}, // Max-Age=0
		{Name: "4", Value: "4", Expires: time.Now()},
	} {
		h.Add("Set-Cookie", c.String())
	}
}

// bouncer sends messages back, but for the three that ask for something.
type bouncer struct{ session *engineio.Session }

func (b bouncer) OnMessage(data []byte, binary bool) {
	switch text := string(data); {
	case binary:
		sendFrame(b.session, engineio.BinaryFrame(slices.Clone(data)))
	case text == "give binary":
		sendFrame(b.session, engineio.BinaryFrame([]byte{0, 1, 2, 3, 4}))
	case text == "give utf8":
		sendFrame(b.session, engineio.TextFrame([]byte("пойду спать всем спокойной ночи")))
	case text == "sendHeaders":
		sendFrame(b.session, engineio.TextFrame(requestHeaders(b.session)))
	default:
		sendFrame(b.session, engineio.TextFrame(data))
	}
}

func (bouncer) OnClose(engineio.Reason, error) {}

// requestHeaders are those of the POST that carried the message being handled, as JSON.
func requestHeaders(s *engineio.Session) []byte {
	headers := map[string]string{}
	if r := s.Request(); r != nil {
		for name, values := range r.Header {
			headers[strings.ToLower(name)] = strings.Join(values, ", ")
		}
	}
	text, err := json.Marshal(headers)
	if err != nil { // strings always encode
		return nil
	}
	return text
}

func sendFrame(s *engineio.Session, f *engineio.Frame) {
	if dirty, err := s.Send(f); err == nil && dirty { // else the session is over
		s.Flush()
	}
}
