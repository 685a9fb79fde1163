package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// applicationID marks the file as ours, in its header: "RNow".
const applicationID = 0x524e6f77

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations returns the steps of the schema, one file each, in the order of
// their names: the nth leads from version n-1 to version n.
func migrations() fs.FS {
	steps, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // only for an invalid path
	}
	return steps
}

// migrate brings the schema to the newest version, each step in a transaction
// of its own. It refuses a file of another program and one of a newer version.
func migrate(ctx context.Context, db *sql.DB, steps fs.FS) error {
	names, err := fs.Glob(steps, "*.sql")
	if err != nil {
		return err
	}
	version, err := checkFile(ctx, db, len(names))
	if err != nil {
		return err
	}
	if err := useWAL(ctx, db); err != nil { // not before it is known to be ours
		return err
	}
	for i, name := range names[version:] {
		if err := apply(ctx, db, steps, name, version+i+1); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	return nil
}

// checkFile returns the version of the file's schema, 0 for an empty file.
func checkFile(ctx context.Context, db *sql.DB, newest int) (version int, err error) {
	var id, tables int
	for query, dst := range map[string]*int{
		"PRAGMA user_version":                &version,
		"PRAGMA application_id":              &id,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := db.QueryRowContext(ctx, query).Scan(dst); err != nil {
			return 0, err
		}
	}
	switch {
	case id != applicationID && (id != 0 || version != 0 || tables != 0):
		return 0, errors.New("is an SQLite file of another program")
	case version > newest:
		return 0, fmt.Errorf("was written by a newer rightnow (its version is %d, this program knows up to %d)", version, newest)
	case version < 0:
		return 0, fmt.Errorf("has the impossible version %d", version)
	}
	return version, nil
}

func apply(ctx context.Context, db *sql.DB, steps fs.FS, name string, version int) error {
	step, err := fs.ReadFile(steps, name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	marks := fmt.Sprintf("\n;PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version)
	if _, err := tx.ExecContext(ctx, string(step)+marks); err != nil {
		return err
	}
	return tx.Commit()
}
