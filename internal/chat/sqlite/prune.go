package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// pruneChunk is how many messages one transaction forgets, so that a message
// which comes meanwhile does not wait long.
const pruneChunk = 500

// Prune implements [chat.Store]. Only the beginning of a room's sequence is
// ever forgotten, also when times are out of order: what is left has no hole.
func (s *Store) Prune(ctx context.Context, keep int, older time.Time) (forgotten int64, err error) {
	rooms, err := s.roomIDs(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range rooms {
		n, err := s.pruneRoom(ctx, id, keep, older)
		forgotten += n
		if err != nil {
			return forgotten, err
		}
	}
	return forgotten, nil
}

func (s *Store) roomIDs(ctx context.Context) ([]int64, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT id FROM rooms WHERE last_seq > 0")
	if err != nil {
		return nil, err
	}
	return collect(rows, func(row scanner) (id int64, err error) { return id, row.Scan(&id) })
}

func (s *Store) pruneRoom(ctx context.Context, id int64, keep int, older time.Time) (forgotten int64, err error) {
	first, end, err := s.doomed(ctx, id, keep, older)
	for err == nil && first < end {
		to := min(first+pruneChunk, end)
		var n int64
		n, err = s.forget(ctx, id, to)
		forgotten += n
		first = to
	}
	return forgotten, err
}

// doomed returns from where to where (exclusive) a room's messages are to be
// forgotten.
func (s *Store) doomed(ctx context.Context, id int64, keep int, older time.Time) (first, end int64, err error) {
	const bounds = "SELECT coalesce(min(seq), 0), (SELECT last_seq FROM rooms WHERE id = ?1) FROM messages WHERE room_id = ?1"
	var last int64
	if err := s.reader.QueryRowContext(ctx, bounds, id).Scan(&first, &last); err != nil || first == 0 {
		return 0, 0, err
	}
	if keep > 0 {
		end = last - int64(keep) + 1
	}
	if !older.IsZero() {
		const young = "SELECT coalesce((SELECT seq FROM messages WHERE room_id = ? AND at >= ? ORDER BY seq LIMIT 1), ?)"
		var from int64
		if err := s.reader.QueryRowContext(ctx, young, id, older.UnixMilli(), last+1).Scan(&from); err != nil {
			return 0, 0, err
		}
		end = max(end, from)
	}
	return first, end, nil
}

func (s *Store) forget(ctx context.Context, id, before int64) (n int64, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM messages WHERE room_id = ? AND seq < ?", id, before)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, err
}
