package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"math"
	"slices"
	"time"

	"rightnow/internal/chat"
)

// Store is a [chat.Store] over one SQLite file. All methods may be called
// concurrently.
type Store struct {
	writer *sql.DB // one connection: writers stand in line here, not at the file's lock
	reader *sql.DB

	// Prepared on writer.
	addRoom, countRooms, dropRoom  *sql.Stmt
	head, insert, repeat, moveHead *sql.Stmt
	// Prepared on reader.
	room, rooms, emptyRooms, before, after *sql.Stmt
	feed, note                             *sql.Stmt
}

var _ chat.Store = (*Store)(nil)

const (
	roomColumns    = "name, title, moderator, created_at, last_seq, last_at"
	messageColumns = "seq, client_id, person, nick, text, at, quote"
	ofRoom         = "room_id = (SELECT id FROM rooms WHERE name = ?)"
	emptyRooms     = "SELECT name FROM rooms WHERE last_seq = 0 AND created_at <= ? ORDER BY created_at, name LIMIT ?"
)

func (s *Store) prepare(ctx context.Context) error {
	for _, p := range []struct {
		stmt **sql.Stmt
		on   *sql.DB
		text string
	}{
		{&s.addRoom, s.writer, "INSERT INTO rooms (name, title, moderator, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING"},
		{&s.countRooms, s.writer, "SELECT count(*) FROM rooms"},
		{&s.dropRoom, s.writer, "DELETE FROM rooms WHERE name = ? AND last_seq = 0"},
		{&s.head, s.writer, "SELECT id, last_seq FROM rooms WHERE name = ?"},
		{&s.insert, s.writer, "INSERT INTO messages (room_id, seq, person, client_id, nick, text, at, quote) VALUES (?, ?, ?, ?, ?, ?, ?, ?)" +
			" ON CONFLICT (room_id, person, client_id) DO NOTHING"},
		{&s.repeat, s.writer, "SELECT seq, at FROM messages WHERE room_id = ? AND person = ? AND client_id = ?"},
		{&s.moveHead, s.writer, "UPDATE rooms SET last_seq = ?, last_at = ? WHERE id = ?"},
		{&s.room, s.reader, "SELECT " + roomColumns + " FROM rooms WHERE name = ?"},
		{&s.rooms, s.reader, "SELECT " + roomColumns + " FROM rooms ORDER BY last_at DESC, name LIMIT ?"},
		{&s.emptyRooms, s.reader, emptyRooms},
		{&s.before, s.reader, "SELECT " + messageColumns + " FROM messages WHERE " + ofRoom + " AND seq < ? ORDER BY seq DESC LIMIT ?"},
		{&s.after, s.reader, "SELECT " + messageColumns + " FROM messages WHERE " + ofRoom + " AND seq > ? ORDER BY seq LIMIT ?"},
		{&s.feed, s.reader, "SELECT feed FROM rooms WHERE name = ?"},
		{&s.note, s.reader, "SELECT value FROM notes WHERE name = ?"},
	} {
		stmt, err := p.on.PrepareContext(ctx, p.text)
		if err != nil {
			return err
		}
		*p.stmt = stmt
	}
	return nil
}

// Close closes the file. Calls that run are waited for, later ones fail.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} { // the last one clears the log away
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// write runs f in a transaction of the writer.
func (s *Store) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Key implements [chat.Store].
func (s *Store) Key(ctx context.Context) (key []byte, err error) {
	fresh := make([]byte, 32)
	rand.Read(fresh) // never fails
	err = s.write(ctx, func(tx *sql.Tx) error {
		const add = "INSERT INTO meta (name, value) VALUES ('key', ?) ON CONFLICT (name) DO NOTHING"
		if _, err := tx.ExecContext(ctx, add, fresh); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'key'").Scan(&key)
	})
	return key, err
}

// Room implements [chat.Store].
func (s *Store) Room(ctx context.Context, name string) (chat.Room, error) {
	r, err := scanRoom(s.room.QueryRowContext(ctx, name))
	if errors.Is(err, sql.ErrNoRows) {
		err = chat.ErrNoRoom
	}
	return r, err
}

// OpenRoom implements [chat.Store].
func (s *Store) OpenRoom(ctx context.Context, r chat.Room, limit int) (room chat.Room, created bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.StmtContext(ctx, s.addRoom).ExecContext(ctx, r.Name, r.Title, r.Moderator, r.CreatedAt)
		if err != nil {
			return err
		}
		added, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if created = added > 0; created {
			if err := s.checkLimit(ctx, tx, limit); err != nil {
				return err
			}
		}
		room, err = scanRoom(tx.QueryRowContext(ctx, "SELECT "+roomColumns+" FROM rooms WHERE name = ?", r.Name))
		return err
	})
	if err != nil {
		return chat.Room{}, false, err
	}
	return room, created, nil
}

// checkLimit is asked with the new room in the table: its error takes it away.
func (s *Store) checkLimit(ctx context.Context, tx *sql.Tx, limit int) error {
	var n int
	if err := tx.StmtContext(ctx, s.countRooms).QueryRowContext(ctx).Scan(&n); err != nil {
		return err
	}
	if n > limit {
		return chat.ErrTooManyRooms
	}
	return nil
}

// EmptyRooms implements [chat.Store].
func (s *Store) EmptyRooms(ctx context.Context, opened time.Time, limit int) ([]string, error) {
	at := int64(math.MaxInt64)
	if !opened.IsZero() {
		at = opened.UnixMilli()
	}
	rows, err := s.emptyRooms.QueryContext(ctx, at, limit)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(row scanner) (name string, err error) { return name, row.Scan(&name) })
}

// RemoveRooms implements [chat.Store].
func (s *Store) RemoveRooms(ctx context.Context, names []string) (removed int, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		drop := tx.StmtContext(ctx, s.dropRoom)
		for _, name := range names {
			result, err := drop.ExecContext(ctx, name)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			removed += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return removed, nil
}

// Rooms implements [chat.Store].
func (s *Store) Rooms(ctx context.Context, limit int) ([]chat.Room, error) {
	rows, err := s.rooms.QueryContext(ctx, limit)
	if err != nil {
		return nil, err
	}
	return collect(rows, scanRoom)
}

// Before implements [chat.Store].
func (s *Store) Before(ctx context.Context, room string, before int64, limit int) ([]chat.Message, error) {
	if before <= 0 {
		before = 1<<63 - 1
	}
	rows, err := s.before.QueryContext(ctx, room, before, limit)
	if err != nil {
		return nil, err
	}
	messages, err := collect(rows, messageOf(room))
	slices.Reverse(messages)
	return messages, err
}

// After implements [chat.Store].
func (s *Store) After(ctx context.Context, room string, after int64, limit int) ([]chat.Message, error) {
	rows, err := s.after.QueryContext(ctx, room, after, limit)
	if err != nil {
		return nil, err
	}
	return collect(rows, messageOf(room))
}

// scanner is a row, of one or of many.
type scanner interface{ Scan(dst ...any) error }

func scanRoom(row scanner) (r chat.Room, err error) {
	err = row.Scan(&r.Name, &r.Title, &r.Moderator, &r.CreatedAt, &r.LastSeq, &r.LastAt)
	return r, err
}

func messageOf(room string) func(scanner) (chat.Message, error) {
	return func(row scanner) (chat.Message, error) {
		m := chat.Message{Room: room}
		var quote []byte
		if err := row.Scan(&m.Seq, &m.ID, &m.Person, &m.Nick, &m.Text, &m.At, &quote); err != nil || quote == nil {
			return m, err
		}
		var err error
		m.Quote, err = readQuote(quote)
		return m, err
	}
}

// collect reads all rows and closes them. It never returns a part of them.
func collect[T any](rows *sql.Rows, scan func(scanner) (T, error)) ([]T, error) {
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return all, nil
}
