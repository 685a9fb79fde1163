// Package typedevents is one declaration of an application's events for everybody who speaks them: the Go
// server, Go clients, and pages in TypeScript, by events.d.ts.
package typedevents

import (
	"time"

	"rightnow/socketio/sioevent"
)

//go:generate go run rightnow/cmd/rightnow types --out events.d.ts

// Draft is a message that somebody wants to send.
type Draft struct {
	Room string `json:"room"`
	Text string `json:"text"`
	// Picture is optional.
	Picture []byte `json:"picture,omitempty"`
}

// Message is one that was sent.
type Message struct {
	Draft
	ID   int64     `json:"id"`
	From string    `json:"from"`
	At   time.Time `json:"at"`
}

// Receipt says that a message was stored.
type Receipt struct {
	ID int64 `json:"id"`
}

// The events.
var (
	// Said: a message, to everybody in its room.
	Said = sioevent.Define[Message]("said")
	// Cleared: the messages are gone.
	Cleared = sioevent.Define[sioevent.None]("cleared")
	// Say sends a message.
	Say = sioevent.DefineCall[Draft, Receipt]("say")
	// Enter joins a room and tells who is in it.
	Enter = sioevent.DefineCall[string, []string]("enter")
	// Clear clears.
	Clear = sioevent.DefineCall[sioevent.None, sioevent.None]("clear")
)

// Contract is all of them, with their directions.
var Contract = sioevent.Contract{
	ServerToClient: []sioevent.Declaration{Said, Cleared},
	ClientToServer: []sioevent.Declaration{Say, Enter, Clear},
}
