package wall_test

import (
	"errors"
	"strings"
	"testing"

	"rightnow/feed"
	"rightnow/internal/wall"
)

func TestCursors(t *testing.T) {
	b := newBench(t, wall.Options{})
	defer b.stop()
	var kept feed.Cursors
	other, err := wall.New(t.Context(), &wall.Options{Chat: b.chat, Store: b.store, Broadcaster: b.pages,
		NewRouter: func(_ feed.Receiver, c feed.Cursors) wall.Router { kept = c; return b.router }})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(t.Context())
	if got := kept.Load("bluesky"); got != "" {
		t.Errorf("at first %q", got)
	}
	kept.Save("bluesky", "41")
	kept.Save("bluesky", "42")
	kept.Save("rss", `{"a":1}`)
	if a, b := kept.Load("bluesky"), kept.Load("rss"); a != "42" || b != `{"a":1}` {
		t.Errorf("kept %q, %q", a, b)
	}
	b.store.Fail(errors.New("disk on fire"))
	kept.Save("bluesky", "43") // is logged
	if got := kept.Load("bluesky"); got != "" {
		t.Errorf("from a store that fails: %q", got)
	}
	b.store.Fail(nil)
	if note, err := b.store.Note(t.Context(), "feed/cursor/bluesky"); err != nil || !strings.HasPrefix(note, "42") {
		t.Errorf("the note is %q, %v", note, err)
	}
}
