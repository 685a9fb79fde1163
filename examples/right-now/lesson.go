package main

import (
	"context"
	"log"
	"net/http"
	"time"

	"rightnow/socketio"
)

// message is what travels on most channels.
type message struct {
	User string `json:"user"`
	Text string `json:"text"`
}

// counts are three ways of counting who is here.
type counts struct {
	Clients   int `json:"clients"`   // connections, whatever they have joined
	Sockets   int `json:"sockets"`   // sockets of the main namespace
	Connected int `json:"connected"` // those of them that are connected
}

// lesson says what happens when somebody connects.
func lesson(io *socketio.Server) {
	io.OnConnect(func(s *socketio.Socket) {
		log.Print("Someone has connected.")
		greet(io, s)
		listen(io, s)
		announce(io, s)
		go everySecond(s.Context(), func() {
			s.Emit("message", message{"turingbot", "I am a banana."})
		})
	})
}

// greet emits to the one, to all, and to all but the one.
func greet(io *socketio.Server, s *socketio.Socket) {
	s.Emit("message", message{"turingbot", "Hello, world!"})
	io.Emit("message", message{"turingbot", "Somebody can do the thing."})
	s.Broadcast().Emit("message", message{"turingbot", "Somebody else can do the thing."})
}

// listen hears what the page says with socket.send, and on a channel of its own.
func listen(io *socketio.Server, s *socketio.Socket) {
	s.On("message", func(channel string, m message) {
		log.Printf("%s: %s says %q", channel, m.User, m.Text)
		io.Emit("new message", m)
	})
	s.On("mission", func(m message) {
		log.Printf("mission: %s says %q", m.User, m.Text)
	})
}

// announce tells the others who comes and goes, and everybody how many are left.
func announce(io *socketio.Server, s *socketio.Socket) {
	s.Broadcast().Emit("new connection")
	io.Emit("counts", count(io))
	s.OnDisconnect(func(socketio.Reason) {
		s.Broadcast().Emit("lost connection")
		io.Emit("counts", count(io))
	})
}

// everySecond calls f until the socket that ctx belongs to is disconnected.
func everySecond(ctx context.Context, f func()) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			f()
		case <-ctx.Done():
			return
		}
	}
}

func count(io *socketio.Server) counts {
	c := counts{Clients: io.Engine().ClientsCount(), Sockets: io.SocketsCount()}
	for _, s := range io.Sockets() {
		if s.Connected() {
			c.Connected++
		}
	}
	return c
}

// post takes a message by an ordinary request and passes it to everybody's socket.
func post(io *socketio.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 10_000)
		m := message{User: r.FormValue("user"), Text: r.FormValue("text")}
		if m.Text == "" {
			http.Error(w, "a text is missing", http.StatusBadRequest)
			return
		}
		io.Emit("new message", m)
		w.WriteHeader(http.StatusNoContent)
	}
}
