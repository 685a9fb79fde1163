package chat

import (
	"context"
	"errors"
)

// Service is the chat. All methods may be called concurrently.
//
// A connection (conn: its id, unique in the process) is what the domain calls
// a tab; whoever calls must say Leave for each room a connection entered when
// it is gone.
type Service struct {
	opts Options
}

// Entry asks to enter a room.
type Entry struct {
	Room   string
	Nick   string
	Secret string // at least 16 characters that only this person's browser has
	Conn   string
}

// Line asks to store a message.
type Line struct {
	Room string
	Conn string
	ID   string // chosen by the client; a retry has the same
	Text string
}

// New returns a running service. It reads the server's key from the store.
// Close ends its goroutines.
func New(ctx context.Context, opts *Options) (*Service, error) {
	return &Service{opts: *opts}, nil
}

// Close refuses what comes from now on (CodeUnavailable), stores and emits what
// waits, and returns when all goroutines of the service have ended, or ctx has.
// The store stays open.
func (s *Service) Close(ctx context.Context) error { return nil }

// Watch returns a room as it is now, for a look before a nickname is chosen.
// A room that nobody opened yet is an empty one.
func (s *Service) Watch(ctx context.Context, room string) (*Snapshot, error) {
	return nil, errors.ErrUnsupported
}

// Enter brings a connection into a room, opening the room when it is new. It
// may be repeated, also with another nickname, which renames the person.
func (s *Service) Enter(ctx context.Context, e Entry) (*Entered, error) {
	return nil, errors.ErrUnsupported
}

// Leave takes a connection out of a room. Others are told after the grace.
func (s *Service) Leave(room, conn string) {}

// Say stores a message and returns when it is durable.
func (s *Service) Say(ctx context.Context, l Line) (Receipt, error) {
	return Receipt{}, errors.ErrUnsupported
}

// Type says that the person behind conn types, or no longer does.
func (s *Service) Type(room, conn string, on bool) error { return errors.ErrUnsupported }

// Older returns messages before a sequence number. limit 0 means a page.
func (s *Service) Older(ctx context.Context, room string, before int64, limit int) (*History, error) {
	return nil, errors.ErrUnsupported
}

// Since returns messages after a sequence number, for filling a gap.
func (s *Service) Since(ctx context.Context, room string, after int64) (*History, error) {
	return nil, errors.ErrUnsupported
}

// Rooms returns the list of rooms, those with people first.
func (s *Service) Rooms(ctx context.Context) (*RoomList, error) {
	return nil, errors.ErrUnsupported
}

// FollowRooms says whether conn wants EventRooms.
func (s *Service) FollowRooms(conn string, on bool) {}
