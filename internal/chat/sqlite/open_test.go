package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rightnow/internal/chat"
)

func TestPragmasOfEveryConnection(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "chat.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "5000"}
	for name, db := range map[string]*sql.DB{"writer": s.writer, "reader": s.reader} {
		size := db.Stats().MaxOpenConnections
		if wantSize := map[string]int{"writer": 1, "reader": readers}[name]; size != wantSize {
			t.Errorf("%s: at most %d connections, want %d", name, size, wantSize)
		}
		for i := range size { // all held at once, so each is another one
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for pragma, value := range want {
				if got := pragmaOf(t, conn, pragma); got != value {
					t.Errorf("%s %d: %s is %s, want %s", name, i, pragma, got, value)
				}
			}
			if got := pragmaOf(t, conn, "query_only"); (got == "1") != (name == "reader") {
				t.Errorf("%s %d: query_only is %s", name, i, got)
			}
		}
	}
}

func pragmaOf(t *testing.T, conn *sql.Conn, name string) (value string) {
	t.Helper()
	if err := conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// TestReplacedConnection sees that a connection which database/sql opened in
// place of a broken one has the settings too.
func TestReplacedConnection(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "chat.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.writer.SetMaxIdleConns(0) // closes the connection there is
	s.writer.SetMaxIdleConns(1)
	conn, err := s.writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := pragmaOf(t, conn, "synchronous"); got != "2" {
		t.Errorf("synchronous is %s, want 3", got)
	}
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"with space.db", "100%.db", "a?b=c.db", "a#b.db", "%41.db", "ü.db", "a&b;c.db", "file:x.db"} {
		dir := t.TempDir()
		s, err := Open(t.Context(), filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%q: %v, %v, want a file of its owner's only", name, info, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("%q: after Close there are %v", name, left)
		}
	}
}

func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := Open(t.Context(), "chat.db")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := os.Stat("chat.db"); err != nil {
		t.Error(err)
	}
}

// TestUnusable wants one clear line, naming the file, for each file that cannot
// be used, and wants the file as it was.
func TestUnusable(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, content string) {
		if err := os.WriteFile(path(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(path("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("text", strings.Repeat("this is not a database\n", 100))
	write("file", "")
	other(t, path("other"), "CREATE TABLE theirs (x); PRAGMA user_version = 3")
	other(t, path("otherVersion0"), "CREATE TABLE theirs (x)")
	other(t, path("newer"), fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = 99", applicationID))
	other(t, path("negative"), fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = -1", applicationID))

	for name, want := range map[string]string{
		"folder":        "is a directory",
		"no/such/dir":   "no such file or directory",
		"file/x":        "not a directory",
		"text":          "is not an SQLite file",
		"other":         "is an SQLite file of another program",
		"otherVersion0": "is an SQLite file of another program",
		"newer":         "was written by a newer rightnow (its version is 99, this program knows up to 3)",
		"negative":      "impossible version",
	} {
		before, _ := os.ReadFile(path(name))
		_, err := Open(t.Context(), path(name))
		wantLine(t, err, path(name), want)
		if after, _ := os.ReadFile(path(name)); string(after) != string(before) {
			t.Errorf("%s was changed", name)
		}
	}
}

func wantLine(t *testing.T, err error, path, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("%s: no error, want %q", path, want)
	case !strings.HasPrefix(err.Error(), "data file "+path+": ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n"):
		t.Errorf("%s: the error is %q, want one line with %q", path, err, want)
	}
}

// other makes an SQLite file that is not ours.
func other(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

// TestLocked has another program hold the file, at the start and later.
func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	s, err := open(t.Context(), path, 10*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, _, err := s.OpenRoom(t.Context(), chat.Room{Name: "a"}, 10); err != nil {
		t.Fatal(err)
	}
	theirs, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	tx, err := theirs.Begin()
	if err != nil {
		t.Fatal(err)
	}
	draft := []chat.Draft{{Room: "a", Person: "p", ID: "1", Text: "x"}}
	_, err = s.Append(t.Context(), draft)
	wantLine(t, fmt.Errorf("data file %s: %w", path, explain(err)), path, "is locked by another program")
	if _, err := s.Room(t.Context(), "a"); err != nil {
		t.Errorf("reading beside a writer: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if fates, err := s.Append(t.Context(), draft); err != nil || fates[0].Seq != 1 {
		t.Errorf("afterwards: %v, %v", fates, err)
	}
}

func TestLockedAtStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	theirs, err := sql.Open("sqlite", "file:"+path+"?_pragma=locking_mode(EXCLUSIVE)&_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	tx, err := theirs.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	_, err = open(t.Context(), path, 10*time.Millisecond)
	if err == nil {
		t.Fatal("opened a file that another program has locked")
	}
	if got := explain(err); !strings.HasPrefix(got.Error(), "is locked by another program") {
		t.Errorf("the error is %q", got)
	}
}

func TestMigrateFromNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil { // version 0
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		version, err := checkFile(t.Context(), s.writer, 3)
		if err != nil || version != 3 {
			t.Errorf("version %d, %v, want 3", version, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMigrateSteps goes from each version to the newest, and stays at the one
// before a step that fails.
func TestMigrateSteps(t *testing.T) {
	steps := fstest.MapFS{
		"0001_a.sql": {Data: []byte("CREATE TABLE a (x); INSERT INTO a VALUES (1);")},
		"0002_b.sql": {Data: []byte("ALTER TABLE a ADD COLUMN y DEFAULT 7; -- no newline at the end")},
		"README":     {Data: []byte("not a step")},
	}
	ctx := t.Context()
	db, err := pool(filepath.Join(t.TempDir(), "x.db"), 1, time.Second, map[string][]string{"_txlock": {"immediate"}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	first := fstest.MapFS{"0001_a.sql": steps["0001_a.sql"]}
	wantVersion(t, ctx, db, first, 1)
	wantVersion(t, ctx, db, steps, 2)
	wantVersion(t, ctx, db, steps, 2)
	var y int
	if err := db.QueryRow("SELECT y FROM a WHERE x = 1").Scan(&y); err != nil || y != 7 {
		t.Errorf("after the steps: %d, %v", y, err)
	}
	steps["0003_c.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE c (x); CREATE TABLE a (x);")}
	err = migrate(ctx, db, steps)
	if err == nil || !strings.Contains(err.Error(), "0003_c.sql") {
		t.Errorf("the failing step: %v", err)
	}
	if version, _ := checkFile(ctx, db, 3); version != 2 {
		t.Errorf("after the failing step the version is %d, want 2", version)
	}
	if _, err := db.Exec("SELECT * FROM c"); err == nil {
		t.Error("the failing step left a table behind")
	}
}

func wantVersion(t *testing.T, ctx context.Context, db *sql.DB, steps fstest.MapFS, want int) {
	t.Helper()
	if err := migrate(ctx, db, steps); err != nil {
		t.Fatal(err)
	}
	if got, err := checkFile(ctx, db, 9); err != nil || got != want {
		t.Errorf("version %d, %v, want %d", got, err, want)
	}
}

// TestCloseWhileBusy closes under readers and writers: they get errors, nothing
// worse.
func TestCloseWhileBusy(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "chat.db"))
	if err != nil {
		t.Fatal(err)
	}
	started, ended := make(chan struct{}, 2), make(chan struct{}, 2)
	for _, call := range []func() error{
		func() error { _, err := s.Before(t.Context(), "a", 0, 1); return err },
		func() error { _, err := s.Append(t.Context(), []chat.Draft{{Room: "a"}}); return err },
	} {
		go func() { // ends when the store is closed
			started <- struct{}{}
			for call() == nil {
			}
			ended <- struct{}{}
		}()
	}
	<-started
	<-started
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	<-ended
	<-ended
}
