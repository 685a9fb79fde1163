package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

const (
	readers     = 4
	busyTimeout = 5 * time.Second // another program has the file: sqlite3's .backup, say
)

// Open opens the file, which is made when it is not there; its folder is not.
// The error of a file that cannot be used is one clear line that names it.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path, busyTimeout)
	if err != nil {
		return nil, fmt.Errorf("data file %s: %w", path, explain(err))
	}
	return s, nil
}

func open(ctx context.Context, path string, busy time.Duration) (_ *Store, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := touch(path); err != nil {
		return nil, err
	}
	s := &Store{}
	defer func() {
		if err != nil {
			_ = s.Close() // what went wrong first is what is told
		}
	}()
	if s.writer, err = pool(path, 1, busy, url.Values{"_txlock": {"immediate"}}); err != nil {
		return nil, err
	}
	if err := migrate(ctx, s.writer, migrations()); err != nil {
		return nil, err
	}
	if s.reader, err = pool(path, readers, busy, url.Values{"_query_only": {"1"}}); err != nil {
		return nil, err
	}
	return s, s.prepare(ctx)
}

// touch makes the file when it is not there, and finds out in the system's
// words what is wrong with the path. SQLite gives its other files the same
// permissions.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// pool opens connections that all have the same settings.
func pool(path string, size int, busy time.Duration, more url.Values) (*sql.DB, error) {
	more.Set("_busy_timeout", strconv.FormatInt(busy.Milliseconds(), 10))
	more.Set("_synchronous", "FULL")
	more.Set("_foreign_keys", "on")
	more.Set("_defensive", "true")
	more.Set("_dqs", "false")
	more.Set("_error_rc", "true")
	name := url.URL{Scheme: "file", Path: path, RawQuery: more.Encode()}
	connector, err := driver.NewConnector(name.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// useWAL turns to a write-ahead log, which the file remembers. On some file
// systems SQLite quietly stays with another journal.
func useWAL(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("cannot have a write-ahead log on this file system (its journal is %q)", mode)
	}
	return nil
}

// explain says in words what is wrong with a file. The system's errors lose
// their path: it stands in the line already.
func explain(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	e, ok := errors.AsType[*driver.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff {
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return fmt.Errorf("is locked by another program (%w)", err)
	case codes.SQLITE_NOTADB:
		return fmt.Errorf("is not an SQLite file (%w)", err)
	case codes.SQLITE_CORRUPT:
		return fmt.Errorf("is damaged (%w)", err)
	case codes.SQLITE_READONLY, codes.SQLITE_CANTOPEN, codes.SQLITE_PERM:
		return fmt.Errorf("cannot be written, nor its companions -wal and -shm (%w)", err)
	case codes.SQLITE_FULL:
		return fmt.Errorf("has no room left on its disk (%w)", err)
	}
	return err
}
