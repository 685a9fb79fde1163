package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"rightnow/internal/chat"
)

// TestEmptyRoomsAreIndexed: looking for them must not read all rooms, since
// whoever wants to open one makes the store look.
func TestEmptyRoomsAreIndexed(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "chat.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.reader.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+emptyRooms, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := collect(rows, func(row scanner) (detail string, err error) {
		var id, parent, unused int
		return detail, row.Scan(&id, &parent, &unused, &detail)
	})
	if err != nil || len(plan) != 1 || !strings.Contains(plan[0], "USING COVERING INDEX rooms_empty") {
		t.Errorf("the plan is %q, %v", plan, err)
	}
}

// TestMigrateEmptyRooms opens a file of the version before there was the index.
func TestMigrateEmptyRooms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"said", "empty"} {
		if _, _, err := s.OpenRoom(t.Context(), chat.Room{Name: name}, 10); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Append(t.Context(), []chat.Draft{{Room: "said", Person: "p", ID: "1", Text: "x"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.writer.ExecContext(t.Context(), undoWall+"DROP INDEX rooms_empty; PRAGMA user_version = 1"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n, err := s.RemoveRooms(t.Context(), []string{"said", "empty"}); err != nil || n != 1 {
		t.Errorf("%d removed, %v, want the empty one", n, err)
	}
	if m, err := s.After(t.Context(), "said", 0, 10); err != nil || len(m) != 1 {
		t.Errorf("said: %v, %v", m, err)
	}
}
