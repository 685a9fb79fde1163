package chat

import (
	"context"
	"errors"
	"time"
)

// ErrNoRoom is what a [Store] returns for a room that it does not have.
var ErrNoRoom = errors.New("chat: no such room")

// ErrTooManyRooms is what [Store.OpenRoom] returns when the limit is reached.
var ErrTooManyRooms = errors.New("chat: too many rooms")

// Room is a room as it is stored.
type Room struct {
	Name  string // folded, unique
	Title string
	// Moderator is derived from the secret of who opened the room, and proves
	// them. Empty: nobody opened it.
	Moderator []byte
	CreatedAt int64 // milliseconds since 1970
	LastSeq   int64 // of the newest message ever stored, also when it is no longer kept
	LastAt    int64
}

// Draft is a message that wants to be stored.
type Draft struct {
	Room, Person, Nick, ID, Text string

	At    int64  // milliseconds since 1970
	Quote *Quote // nil: none
}

// Stored is the fate of one [Draft].
type Stored struct {
	Seq int64
	At  int64
	// Repeat says that a message of this (room, person, id) was there already;
	// Seq and At are its own, and nothing was stored.
	Repeat bool
	// Err is ErrNoRoom when the room does not exist; the others are stored all
	// the same.
	Err error
}

// Store keeps rooms and messages, and what the wall of live posts wants to last. All methods may be called concurrently.
// Messages and slices that are returned belong to the caller; what is given is
// not kept. What the package storetest checks is the contract in full.
type Store interface {
	// Key returns the server's key: 32 random bytes, made at the first call and
	// the same ever after.
	Key(ctx context.Context) ([]byte, error)

	// Room returns a room, or ErrNoRoom.
	Room(ctx context.Context, name string) (Room, error)
	// OpenRoom stores r unless there is a room of that name, and returns what is
	// stored afterwards. At most limit rooms: ErrTooManyRooms. LastSeq and LastAt
	// of r do not count.
	OpenRoom(ctx context.Context, r Room, limit int) (room Room, created bool, err error)
	// EmptyRooms returns the names of at most limit rooms that never had a message
	// (LastSeq is 0) and were opened at the time or before it (zero: whenever),
	// those opened first before others.
	EmptyRooms(ctx context.Context, opened time.Time, limit int) ([]string, error)
	// RemoveRooms removes, in one transaction, those of the named rooms that never
	// had a message; the others stay. Afterwards a name is as if it had never been
	// opened.
	RemoveRooms(ctx context.Context, names []string) (removed int, err error)
	// Rooms returns at most limit rooms, those with the newest message first.
	Rooms(ctx context.Context, limit int) ([]Room, error)

	// Append stores all drafts in one transaction and returns a fate for each, in
	// their order. Within a room the sequence goes on without a gap in the order
	// of the drafts. When it returns without an error all is durable; with an
	// error (almost always) nothing is stored.
	Append(ctx context.Context, drafts []Draft) ([]Stored, error)
	// Before returns the newest messages with seq < before (all when before <= 0),
	// at most limit, ascending.
	Before(ctx context.Context, room string, before int64, limit int) ([]Message, error)
	// After returns the oldest messages with seq > after, at most limit, ascending.
	After(ctx context.Context, room string, after int64, limit int) ([]Message, error)
	// Prune forgets messages beyond the newest keep of each room (0: all are
	// kept) and those older than the time (zero: none). It never touches LastSeq.
	Prune(ctx context.Context, keep int, older time.Time) (forgotten int64, err error)

	// Feed returns what SetFeed has stored with a room, nil when that is nothing or
	// there is no such room.
	Feed(ctx context.Context, room string) ([]byte, error)
	// SetFeed stores a few bytes with a room, which go with it; ErrNoRoom. It is
	// durable when it returns without an error.
	SetFeed(ctx context.Context, room string, value []byte) error
	// Quotes returns the posts that are quoted and not removed, each once.
	Quotes(ctx context.Context) ([]QuoteRef, error)
	// RemoveQuotes makes the quotes of all posts that any of the refs means what
	// [Quote.Gone] says, in one transaction, and returns the messages that had
	// them, by room and sequence. It is durable when it returns without an error.
	RemoveQuotes(ctx context.Context, refs []QuoteRef) ([]Quoted, error)
	// Note returns what SetNote has stored last under a name, "" when that is
	// nothing.
	Note(ctx context.Context, name string) (string, error)
	SetNote(ctx context.Context, name, value string) error
}

// Broadcaster brings events to everybody who watches a room. Emit is called
// from several goroutines, for one room's messages in the order of their
// sequence; it must neither block nor call the Service. The payload is one of
// the types beside the event names and is read-only. A room of "" means those
// who follow the list of rooms.
type Broadcaster interface {
	Emit(room, event string, payload any)
}
