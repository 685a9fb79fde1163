package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"time"

	"rightnow/engineio"
	"rightnow/socketio"

	"github.com/rogpeppe/go-internal/testscript"
)

// peerCmd starts a Socket.IO server for `rightnow emit` and `rightnow listen`.
func peerCmd(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 1, "peer VAR")
	io := socketio.New(&socketio.Options{Logger: slog.New(slog.DiscardHandler), MaxAttachments: 20, MaxPayload: 2_500_000})
	io.OnConnect(peerEvents)
	silences := ts.Value(silenceKey{}).(chan struct{})
	io.OnConnect(func(s *socketio.Socket) {
		s.On("say", func(event string, args ...any) { s.Broadcast().Emit(event, args...) })
		s.On("many", func() [][]byte {
			blobs := slices.Repeat([][]byte{{1}}, 11)
			s.Broadcast().Emit("many", blobs)
			return blobs
		})
		s.On("cut", func(nsp string) {
			for _, other := range io.Of(nsp).Sockets() {
				other.Session().Close(engineio.ReasonTransportClose)
			}
		})
		s.On("silence", func(socketio.Ack) { silences <- struct{}{} })
	})
	admin := io.Of("/admin")
	admin.Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		if err := s.Handshake().Auth.Decode(&auth); err != nil || auth.Token != "secret" {
			return socketio.ConnectError{Message: "not authorized", Data: map[string]int{"code": 401}}
		}
		return nil
	})
	admin.OnConnect(peerEvents)
	io.Of("/rude").Use(func(context.Context, *socketio.Socket) error {
		return socketio.ConnectError{Message: "no \x1b[31m way\nrightnow: joined\u009b2J", Data: map[string]string{"why": "\u009b2J\x7f\u202e"}}
	})
	var entered atomic.Bool
	io.Of("/later").Use(func(context.Context, *socketio.Socket) error {
		if entered.Swap(true) {
			return socketio.ConnectError{Message: "not any more"}
		}
		return nil
	})
	io.Of("/later").OnConnect(peerEvents)
	mux := http.NewServeMux()
	mux.HandleFunc("/rude/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no \x1b[31m way\u009b2J\n\x7f<html>", http.StatusTeapot)
	})
	mux.Handle("/socket.io/", io)
	mux.Handle("/elsewhere/", io)
	web := httptest.NewServer(mux)
	ts.Defer(func() {
		io.Shutdown(context.Background())
		web.Close()
	})
	ts.Setenv(args[0], web.URL)
}

// silenceKey is where the script keeps how often the peer has been asked for silence.
type silenceKey struct{}

// askedCmd waits until the peer has been asked for silence.
func askedCmd(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 0, "asked")
	select {
	case <-ts.Value(silenceKey{}).(chan struct{}):
	case <-time.After(patience):
		ts.Fatalf("nobody asked")
	}
}

// peerEvents are the events of that server.
func peerEvents(s *socketio.Socket) {
	h := s.Handshake()
	s.Emit("hello", map[string]any{"nsp": s.Namespace().Name(), "header": h.Header().Get("X-Test"), "query": h.Query().Get("q")})
	s.On("echo", func(ack socketio.Ack, args ...any) { ack(args...) })
	s.On("length", func(data []byte) int { return len(data) })
	s.On("fail", func() error { return socketio.Error("it does not work") })
	s.On("kick", func() { s.Namespace().DisconnectSockets(false) })
	s.On("tell", func(args ...any) { s.Namespace().Emit("told", args...) })
}
