package sqlite

import (
	"context"
	"errors"
	"time"

	"rightnow/internal/chat"
)

// Store is a [chat.Store] over one SQLite file. All methods may be called
// concurrently.
type Store struct{}

var _ chat.Store = (*Store)(nil)

// Open opens the file, which is made when it is not there. The error of a file
// that cannot be used is one clear line that names it.
func Open(ctx context.Context, path string) (*Store, error) { return nil, errors.ErrUnsupported }

// Close closes the file. Calls that run are waited for.
func (s *Store) Close() error { return nil }

// Key implements [chat.Store].
func (s *Store) Key(ctx context.Context) ([]byte, error) { return nil, errors.ErrUnsupported }

// Room implements [chat.Store].
func (s *Store) Room(ctx context.Context, name string) (chat.Room, error) {
	return chat.Room{}, errors.ErrUnsupported
}

// OpenRoom implements [chat.Store].
func (s *Store) OpenRoom(ctx context.Context, r chat.Room, limit int) (chat.Room, bool, error) {
	return chat.Room{}, false, errors.ErrUnsupported
}

// Rooms implements [chat.Store].
func (s *Store) Rooms(ctx context.Context, limit int) ([]chat.Room, error) {
	return nil, errors.ErrUnsupported
}

// Append implements [chat.Store].
func (s *Store) Append(ctx context.Context, drafts []chat.Draft) ([]chat.Stored, error) {
	return nil, errors.ErrUnsupported
}

// Before implements [chat.Store].
func (s *Store) Before(ctx context.Context, room string, before int64, limit int) ([]chat.Message, error) {
	return nil, errors.ErrUnsupported
}

// After implements [chat.Store].
func (s *Store) After(ctx context.Context, room string, after int64, limit int) ([]chat.Message, error) {
	return nil, errors.ErrUnsupported
}

// Prune implements [chat.Store].
func (s *Store) Prune(ctx context.Context, keep int, older time.Time) (int64, error) {
	return 0, errors.ErrUnsupported
}
