package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"rightnow/internal/chat"
)

// Append implements [chat.Store].
func (s *Store) Append(ctx context.Context, drafts []chat.Draft) (fates []chat.Stored, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		a := s.newAppender(ctx, tx)
		fates = make([]chat.Stored, len(drafts))
		for i := range drafts {
			if fates[i], err = a.add(&drafts[i]); err != nil {
				return err
			}
		}
		return a.finish()
	})
	if err != nil {
		return nil, err
	}
	return fates, nil
}

// appender is one transaction of Append.
type appender struct {
	ctx                            context.Context
	head, insert, repeat, moveHead *sql.Stmt
	heads                          map[string]*head // nil: there is no such room
}

// head is the end of a room's sequence. The file is locked for writing from the
// transaction's beginning, so nobody else moves it.
type head struct {
	id, seq, at int64
	moved       bool
}

func (s *Store) newAppender(ctx context.Context, tx *sql.Tx) *appender {
	return &appender{
		ctx:      ctx,
		head:     tx.StmtContext(ctx, s.head),
		insert:   tx.StmtContext(ctx, s.insert),
		repeat:   tx.StmtContext(ctx, s.repeat),
		moveHead: tx.StmtContext(ctx, s.moveHead),
		heads:    make(map[string]*head),
	}
}

func (a *appender) add(d *chat.Draft) (chat.Stored, error) {
	h, err := a.headOf(d.Room)
	if err != nil {
		return chat.Stored{}, err
	}
	if h == nil {
		return chat.Stored{Err: chat.ErrNoRoom}, nil
	}
	quote, err := spellQuote(d.Quote)
	if err != nil {
		return chat.Stored{}, err
	}
	result, err := a.insert.ExecContext(a.ctx, h.id, h.seq+1, d.Person, d.ID, d.Nick, d.Text, d.At, quote)
	if err != nil {
		return chat.Stored{}, err
	}
	added, err := result.RowsAffected()
	if err != nil {
		return chat.Stored{}, err
	}
	if added == 0 {
		fate := chat.Stored{Repeat: true}
		err := a.repeat.QueryRowContext(a.ctx, h.id, d.Person, d.ID).Scan(&fate.Seq, &fate.At)
		return fate, err
	}
	h.seq, h.at, h.moved = h.seq+1, d.At, true
	return chat.Stored{Seq: h.seq, At: d.At}, nil
}

func (a *appender) headOf(room string) (*head, error) {
	h, ok := a.heads[room]
	if ok {
		return h, nil
	}
	h = &head{}
	err := a.head.QueryRowContext(a.ctx, room).Scan(&h.id, &h.seq)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		h = nil
	case err != nil:
		return nil, err
	}
	a.heads[room] = h
	return h, nil
}

func (a *appender) finish() error {
	for _, h := range a.heads {
		if h == nil || !h.moved {
			continue
		}
		if _, err := a.moveHead.ExecContext(a.ctx, h.seq, h.at, h.id); err != nil {
			return err
		}
	}
	return nil
}
