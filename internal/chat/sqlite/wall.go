package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"rightnow/internal/chat"
)

// spellQuote is what stands in the column quote. Its names are those of the
// column's indexes.
func spellQuote(q *chat.Quote) (any, error) {
	if q == nil {
		return nil, nil
	}
	text, err := json.Marshal(storedQuote{q, q.Native})
	return string(text), err
}

func readQuote(text []byte) (*chat.Quote, error) {
	q := storedQuote{Quote: &chat.Quote{}}
	err := json.Unmarshal(text, &q)
	q.Quote.Native = q.Native
	return q.Quote, err
}

// storedQuote is a quote with what the wire does not have.
type storedQuote struct {
	*chat.Quote
	Native string `json:"native,omitempty"`
}

// Feed implements [chat.Store].
func (s *Store) Feed(ctx context.Context, room string) (value []byte, err error) {
	err = s.feed.QueryRowContext(ctx, room).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, err
}

// SetFeed implements [chat.Store].
func (s *Store) SetFeed(ctx context.Context, room string, value []byte) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "UPDATE rooms SET feed = ? WHERE name = ?", value, room)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err == nil && n == 0 {
			err = chat.ErrNoRoom
		}
		return err
	})
}

const (
	quoted = "SELECT DISTINCT quote ->> 'source', quote ->> 'id', coalesce(quote ->> 'native', ''), coalesce(quote ->> 'author_id', '') FROM messages" +
		" WHERE quote IS NOT NULL AND quote ->> 'removed' IS NULL"
	removeQuote = "UPDATE messages SET quote = json_object('source', quote ->> 'source', 'id', quote ->> 'id', 'removed', json('true'))" +
		" WHERE quote IS NOT NULL AND quote ->> 'removed' IS NULL AND quote ->> 'source' = ?"
	returning      = " RETURNING (SELECT name FROM rooms WHERE id = room_id), seq, quote ->> 'source', quote ->> 'id'"
	removeByID     = removeQuote + " AND quote ->> 'id' = ?" + returning
	removeByNative = removeQuote + " AND quote ->> 'native' = ?" + returning
	removeByAuthor = removeQuote + " AND quote ->> 'author_id' = ?" + returning
	removeBySource = removeQuote + returning
)

// Quotes implements [chat.Store].
func (s *Store) Quotes(ctx context.Context) ([]chat.QuoteRef, error) {
	rows, err := s.reader.QueryContext(ctx, quoted)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(row scanner) (r chat.QuoteRef, err error) {
		return r, row.Scan(&r.Source, &r.ID, &r.Native, &r.AuthorID)
	})
}

// RemoveQuotes implements [chat.Store].
func (s *Store) RemoveQuotes(ctx context.Context, refs []chat.QuoteRef) (places []chat.Quoted, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		for _, r := range refs {
			found, err := removeQuotes(ctx, tx, r)
			if err != nil {
				return err
			}
			places = append(places, found...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(places, func(a, b chat.Quoted) int {
		return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.Seq, b.Seq))
	})
	return places, nil
}

// removeQuotes asks each of the ids by itself, so that each finds its index.
func removeQuotes(ctx context.Context, tx *sql.Tx, r chat.QuoteRef) (places []chat.Quoted, err error) {
	if r.ID == "" && r.Native == "" && r.AuthorID == "" {
		return removeEach(ctx, tx, removeBySource, r.Source)
	}
	asked := []struct{ query, key string }{{removeByID, r.ID}, {removeByNative, r.Native}}
	if r.ID == "" && r.Native == "" {
		asked = []struct{ query, key string }{{removeByAuthor, r.AuthorID}}
	}
	for _, a := range asked {
		if a.key == "" {
			continue
		}
		found, err := removeEach(ctx, tx, a.query, r.Source, a.key)
		if err != nil {
			return nil, err
		}
		places = append(places, found...)
	}
	return places, nil
}

func removeEach(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]chat.Quoted, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(row scanner) (p chat.Quoted, err error) {
		return p, row.Scan(&p.Room, &p.Seq, &p.Source, &p.ID)
	})
}

// Note implements [chat.Store].
func (s *Store) Note(ctx context.Context, name string) (value string, err error) {
	err = s.note.QueryRowContext(ctx, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, err
}

// SetNote implements [chat.Store].
func (s *Store) SetNote(ctx context.Context, name, value string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		const set = "INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
		_, err := tx.ExecContext(ctx, set, name, value)
		return err
	})
}
