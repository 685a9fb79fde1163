package chat

import (
	"log/slog"
	"time"
)

// Options configure a [Service]. Store and Broadcaster are required; a zero in
// any other field means the default beside it.
type Options struct {
	Store       Store
	Broadcaster Broadcaster
	Logger      *slog.Logger // slog.Default()

	NickLength int // 24 characters, as people count them
	TextLength int // 2000 code points
	MaxPeople  int // 500 people in a room
	MaxRooms   int // 10,000 rooms in the store

	Grace    time.Duration // 10 s from the last tab's going to "left"
	NickHold time.Duration // 60 s from the last tab's going until the nickname is free

	SayBurst int           // 10 messages of one person at once
	SayEvery time.Duration // 1 s for each further one

	TypingExpiry time.Duration // 6 s after which somebody no longer types
	TypingPeople int           // 100 people, above which typing is not told; < 0: never told

	HistoryPage  int           // 50 messages on entry and for older
	SinceLimit   int           // 200 messages filled in at once
	ListedRooms  int           // 100 rooms in the list
	ListInterval time.Duration // 2 s between two rooms events

	CommitQueue  int           // 1024 messages waiting for the committer
	CommitBatch  int           // 256 messages in one transaction
	StoreTimeout time.Duration // 10 s for one call to the store

	KeepMessages int           // newest messages kept of each room; 0: all
	KeepFor      time.Duration // age up to which messages are kept; 0: for ever
}
