package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"rightnow/internal/chat"
)

// undoWall leads a file back to version 2.
const undoWall = "DROP INDEX messages_quoting; DROP INDEX messages_quoting_native; DROP INDEX messages_quoting_author; DROP TABLE notes;" +
	"ALTER TABLE messages DROP COLUMN quote; ALTER TABLE rooms DROP COLUMN feed; PRAGMA user_version = 2;"

// TestQuotesAreIndexed: a post that is deleted must not make the store read all
// messages.
func TestQuotesAreIndexed(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "chat.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for query, want := range map[string]string{
		removeByID:     "USING INDEX messages_quoting (<expr>=? AND <expr>=?)",
		removeByNative: "USING INDEX messages_quoting_native (<expr>=? AND <expr>=?)",
		removeByAuthor: "USING INDEX messages_quoting_author (<expr>=? AND <expr>=?)",
		removeBySource: "USING INDEX messages_quoting",
		quoted:         "USING INDEX messages_quoting",
	} {
		args := []any{"bluesky", "x"}[:strings.Count(query, "?")]
		rows, err := s.writer.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := collect(rows, func(row scanner) (detail string, err error) {
			var id, parent, unused int
			return detail, row.Scan(&id, &parent, &unused, &detail)
		})
		if err != nil || !strings.Contains(plan[0], want) {
			t.Errorf("%s:\nthe plan is %q, %v", query, plan, err)
		}
	}
}

// TestMigrateQuotes opens a file of the version before there were quotes.
func TestMigrateQuotes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.OpenRoom(t.Context(), chat.Room{Name: "a"}, 10); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), []chat.Draft{{Room: "a", Person: "p", ID: "1", Text: "x"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.writer.ExecContext(t.Context(), undoWall); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if m, err := s.After(t.Context(), "a", 0, 10); err != nil || len(m) != 1 || m[0].Quote != nil {
		t.Errorf("a: %+v, %v", m, err)
	}
	if err := s.SetFeed(t.Context(), "a", []byte("{}")); err != nil {
		t.Error(err)
	}
}
