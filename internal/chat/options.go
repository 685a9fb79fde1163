package chat

import (
	"cmp"
	"errors"
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
	MaxRooms   int // 10,000 rooms in the store; above it one that is empty makes way

	Grace    time.Duration // 10 s from the last tab's going to "left"; < 0: at once
	NickHold time.Duration // 60 s from the last tab's going until the nickname is free; never below Grace

	SayBurst int           // 10 messages of one person at once
	SayEvery time.Duration // 1 s for each further one; < 0: no limit

	OpenBurst     int           // 20 rooms opened at once from one network address
	OpenEvery     time.Duration // 1 min for each further one; < 0: no limit
	OpenAddresses int           // 10,000 addresses whose rooms are counted at the same time

	TypingExpiry time.Duration // 6 s after which somebody no longer types
	TypingPeople int           // 100 people, above which typing is not told; < 0: never told

	HistoryPage  int           // 50 messages on entry and for older
	SinceLimit   int           // 200 messages filled in at once
	ListedRooms  int           // 100 rooms in the list
	ListInterval time.Duration // 2 s between two rooms events

	CommitQueue  int           // 1024 messages waiting for the committer
	CommitBatch  int           // 256 messages in one transaction
	StoreTimeout time.Duration // 10 s for one call to the store

	FixedLobby bool // nobody may change what the lobby tracks; false: everybody who is in it may

	// Removed, when it is not nil, is told which rooms were removed, before they can
	// be opened anew. It must neither block nor call the Service.
	Removed func(rooms []string)

	KeepMessages int           // newest messages kept of each room; 0: all
	KeepFor      time.Duration // age up to which messages are kept; 0: for ever
	EmptyRoomTTL time.Duration // 1 h until a room goes that nobody is in and nothing was ever said in; < 0: when MaxRooms is reached
	PruneEvery   time.Duration // 10 min between two rounds of forgetting, messages and rooms
}

func (o Options) withDefaults() (Options, error) {
	if o.Store == nil || o.Broadcaster == nil {
		return o, errors.New("chat: Options.Store and Options.Broadcaster are required")
	}
	o.Logger = cmp.Or(o.Logger, slog.Default())
	o.NickLength = cmp.Or(o.NickLength, 24)
	o.TextLength = cmp.Or(o.TextLength, 2000)
	o.MaxPeople = cmp.Or(o.MaxPeople, 500)
	o.MaxRooms = cmp.Or(o.MaxRooms, 10_000)
	o.Grace = cmp.Or(o.Grace, 10*time.Second)
	o.NickHold = max(cmp.Or(o.NickHold, time.Minute), o.Grace)
	o.SayBurst = cmp.Or(o.SayBurst, 10)
	o.SayEvery = cmp.Or(o.SayEvery, time.Second)
	o.OpenBurst = cmp.Or(o.OpenBurst, 20)
	o.OpenEvery = cmp.Or(o.OpenEvery, time.Minute)
	o.OpenAddresses = cmp.Or(o.OpenAddresses, 10_000)
	o.TypingExpiry = cmp.Or(o.TypingExpiry, 6*time.Second)
	o.TypingPeople = cmp.Or(o.TypingPeople, 100)
	o.HistoryPage = cmp.Or(o.HistoryPage, 50)
	o.SinceLimit = cmp.Or(o.SinceLimit, 200)
	o.ListedRooms = cmp.Or(o.ListedRooms, 100)
	o.ListInterval = cmp.Or(o.ListInterval, 2*time.Second)
	o.CommitQueue = cmp.Or(o.CommitQueue, 1024)
	o.CommitBatch = cmp.Or(o.CommitBatch, 256)
	o.StoreTimeout = cmp.Or(o.StoreTimeout, 10*time.Second)
	o.EmptyRoomTTL = cmp.Or(o.EmptyRoomTTL, time.Hour)
	o.PruneEvery = cmp.Or(o.PruneEvery, 10*time.Minute)
	return o, nil
}

func (o *Options) limits() Limits {
	return Limits{
		Nick:     o.NickLength,
		Text:     o.TextLength,
		ID:       maxMessageID,
		People:   o.MaxPeople,
		TypingMS: o.TypingExpiry.Milliseconds(),
	}
}
