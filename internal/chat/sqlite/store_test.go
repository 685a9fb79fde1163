package sqlite_test

import (
	"path/filepath"
	"testing"

	"rightnow/internal/chat"
	"rightnow/internal/chat/sqlite"
	"rightnow/internal/chat/storetest"
)

func TestStore(t *testing.T) {
	paths := make(map[chat.Store]string) // the subtests run one after the other
	storetest.Run(t, storetest.Harness{
		New: func(t *testing.T) chat.Store {
			path := filepath.Join(t.TempDir(), "chat.db")
			s := open(t, path)
			paths[s] = path
			return s
		},
		Reopen: func(t *testing.T, s chat.Store) chat.Store {
			if err := s.(*sqlite.Store).Close(); err != nil {
				t.Fatal(err)
			}
			return open(t, paths[s])
		},
	})
}

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
