package wall_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/wall"
)

// TestSet follows a room's words from the page to the router and the store.
func TestSet(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1})
	b.enter("go", "ann")
	if v := b.follow("go", "ann"); !v.On || !v.May || len(v.Words) != 0 || v.Words == nil || v.Rate != 1 || v.Limits != (wall.Limits{Words: 50, Phrase: 60}) || v.Meta.Seen != 7 || v.Sources[0].Name != "replay" {
		t.Errorf("at first: %+v", v)
	}
	b.wantTracked("at first", `track go [] [] [] 0`, "watch go true")
	v := b.mustSet("go", "ann", "Golang", "golang", " socket.io ", "", "golang")
	if !slices.Equal(v.Words, []string{"golang", "socket.io"}) {
		t.Errorf("set: %+v", v)
	}
	b.wantTracked("set", `track go ["golang" "socket.io"] [] [] 0`)
	b.wantHeard("set", `feed/go feed_words {"room":"go","words":["golang","socket.io"],"langs":[],"muted":[],"rate":1,"by":"ann"}`)
	rate := 2.5
	if _, err := b.Set(t.Context(), "go", "ann", wall.Change{Langs: &[]string{"en"}, Muted: &[]string{"bluesky:did:plc:x"}, Rate: &rate}); err != nil {
		t.Fatal(err)
	}
	b.wantHeard("the rest", `feed/go feed_words {"room":"go","words":["golang","socket.io"],"langs":["en"],"muted":["bluesky:did:plc:x"],"rate":2.5,"by":"ann"}`)
	b.mustSet("go", "ann", "golang", "socket.io")
	b.wantHeard("the same again")
	b.stop()

	b = reopen(t, b.store, wall.Options{})
	defer b.stop()
	b.follow("go", "bob")
	b.wantTracked("after a restart", `track go ["golang" "socket.io"] ["en"] ["bluesky:did:plc:x"] 2.5`, "watch go true")
}

func TestPermission(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		b := newBench(t, wall.Options{SetEvery: -1})
		if fixed {
			b.stop()
			b.chat, _ = chat.New(t.Context(), &chat.Options{Store: b.store, Broadcaster: b.pages, FixedLobby: true})
			b.Service, _ = wall.New(t.Context(), &wall.Options{Chat: b.chat, Store: b.store, Broadcaster: b.pages, NewRouter: newRouter(b.router)})
		}
		b.enter("go", "ann")
		b.enter("go", "bob")
		b.enter(chat.Lobby, "cid")
		lobby := map[bool]chat.Code{true: chat.CodeNotAllowed}[fixed]
		for _, c := range []struct {
			room, conn string
			want       chat.Code
		}{
			{"go", "ann", ""}, {"go", "bob", chat.CodeNotAllowed}, {"go", "cid", chat.CodeNotAllowed},
			{chat.Lobby, "cid", lobby}, {chat.Lobby, "ann", chat.CodeNotAllowed}, {"nowhere", "ann", chat.CodeNotAllowed},
		} {
			if v := b.follow(c.room, c.conn); v.May != (c.want == "") {
				t.Errorf("%s in %s may: %v", c.conn, c.room, v.May)
			}
			_, err := b.set(c.room, c.conn, "golang")
			wantCode(t, fmt.Sprintf("%s in %s, fixed %v", c.conn, c.room, fixed), err, c.want)
		}
		b.stop()
	}
}

func TestRefused(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1, MaxPhrases: 3, MaxMuted: 2, MaxLangs: 2})
	defer b.stop()
	b.enter("go", "ann")
	b.mustSet("go", "ann", "golang")
	b.pages.take()
	lists := func(n int, of string) *[]string { return new(slices.Repeat([]string{of}, n)) }
	many := &[]string{"aa", "bb", "cc", "dd"}
	for name, c := range map[string]struct {
		change wall.Change
		want   chat.Code
	}{
		"too many words":   {wall.Change{Words: many}, chat.CodeTooManyWords},
		"too many langs":   {wall.Change{Langs: many}, chat.CodeTooManyWords},
		"too many muted":   {wall.Change{Muted: &[]string{"a:a", "a:b", "a:c"}}, chat.CodeTooManyWords},
		"a broad word":     {wall.Change{Words: &[]string{"golang", "x"}}, chat.CodeBadPhrase},
		"no author":        {wall.Change{Muted: lists(1, "nobody")}, chat.CodeBadRequest},
		"no source":        {wall.Change{Muted: lists(1, ":x")}, chat.CodeBadRequest},
		"a long author":    {wall.Change{Muted: lists(1, "a:"+strings.Repeat("x", 1100))}, chat.CodeBadRequest},
		"no language":      {wall.Change{Langs: lists(1, "en GB")}, chat.CodeBadRequest},
		"a long language":  {wall.Change{Langs: lists(1, strings.Repeat("x", 36))}, chat.CodeBadRequest},
		"a negative rate":  {wall.Change{Rate: new(-1.0)}, chat.CodeBadRequest},
		"an immense rate":  {wall.Change{Rate: new(1e9)}, chat.CodeBadRequest},
		"nothing at all":   {wall.Change{}, ""},
		"doubles are none": {wall.Change{Words: lists(9, "golang")}, ""},
	} {
		_, err := b.Set(t.Context(), "go", "ann", c.change)
		wantCode(t, name, err, c.want)
		if err != nil && len(err.Error()) < 20 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if v := b.follow("go", "ann"); !slices.Equal(v.Words, []string{"golang"}) {
		t.Errorf("afterwards: %+v", v)
	}
	b.wantHeard("refused")
	_, err := b.Try(" ")
	wantCode(t, "try nothing", err, chat.CodeBadPhrase)
	if rate, err := b.Try("golang"); err != nil || rate != 6 {
		t.Errorf("try: %v, %v", rate, err)
	}
}

// TestSetFails: what could not be stored is not tracked either.
func TestSetFails(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1})
	defer b.stop()
	b.enter("go", "ann")
	b.mustSet("go", "ann", "golang")
	b.router.take()
	b.pages.take()
	b.store.Fail(errors.New("disk on fire"))
	_, err := b.set("go", "ann", "coffee")
	wantCode(t, "set", err, chat.CodeUnavailable)
	_, err = b.Follow(t.Context(), "other", "ann")
	wantCode(t, "follow", err, chat.CodeUnavailable)
	b.store.Fail(nil)
	b.wantTracked("reverted", `track go ["coffee"] [] [] 0`, `track go ["golang"] [] [] 0`)
	b.wantHeard("reverted")
}

// TestLessFits has limits that are lower than when the words were stored.
func TestLessFits(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1})
	defer b.stop()
	for room, text := range map[string]string{"broad": `{"words":["x","golang","y","coffee"]}`, "odd": `[`, "total": `{"words":["aa","bb","cc"]}`} {
		b.enter(room, "ann")
		if err := b.store.SetFeed(t.Context(), room, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if v := b.follow("broad", "bob"); !slices.Equal(v.Words, []string{"golang", "coffee"}) {
		t.Errorf("broad: %q", v.Words)
	}
	if v := b.follow("odd", "bob"); len(v.Words) != 0 || !strings.Contains(b.log.String(), "cannot be read") {
		t.Errorf("odd: %q\n%s", v.Words, b.log)
	}
	b.router.total = 4
	if v := b.follow("total", "bob"); !slices.Equal(v.Words, []string{"aa", "bb"}) {
		t.Errorf("total: %q", v.Words)
	}
}

func TestLobbyWords(t *testing.T) {
	b := newBench(t, wall.Options{Words: []string{"golang"}, Langs: []string{"en"}})
	b.enter(chat.Lobby, "ann")
	if v := b.follow(chat.Lobby, "ann"); !slices.Equal(v.Words, []string{"golang"}) || !slices.Equal(v.Langs, []string{"en"}) {
		t.Errorf("at first: %+v", v)
	}
	b.mustSet(chat.Lobby, "ann")
	b.stop()
	b = reopen(t, b.store, wall.Options{Words: []string{"golang"}})
	defer b.stop()
	if v := b.follow(chat.Lobby, "ann"); len(v.Words) != 0 {
		t.Errorf("after somebody cleared it: %+v", v)
	}
}

func TestSetTooFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, wall.Options{SetBurst: 2, SetEvery: time.Minute})
		defer b.stop()
		b.enter("go", "ann")
		b.mustSet("go", "ann", "aa")
		b.mustSet("go", "ann", "bb")
		_, err := b.set("go", "ann", "cc")
		wantCode(t, "the third", err, chat.CodeSlowDown)
		time.Sleep(time.Minute)
		b.mustSet("go", "ann", "cc")
	})
}

// TestMerge has two change a room who do not know of each other's change.
func TestMerge(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1})
	defer b.stop()
	b.enter("go", "ann")
	b.mustSet("go", "ann", "tea", "coffee")
	seen := []string{"tea", "coffee"}
	for _, words := range [][]string{{"tea", "coffee", "golang"}, {"coffee", "rust"}, {"tea", "coffee", "Golang"}} {
		change := wall.Change{Words: &words}
		change.From.Words = &seen
		if _, err := b.Set(t.Context(), "go", "ann", change); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.follow("go", "ann").Words; !slices.Equal(got, []string{"coffee", "golang", "rust"}) {
		t.Errorf("tracked %q", got)
	}
}

// TestSetTogether has many change a room at once: what is tracked, told last and
// stored is the same.
func TestSetTogether(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1})
	defer b.stop()
	b.enter("go", "ann")
	done := make(chan error)
	const changes = 30
	for i := range changes {
		go func() { _, err := b.set("go", "ann", fmt.Sprint("word", i)); done <- err }()
	}
	for range changes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	v := b.follow("go", "ann")
	stored, err := b.store.Feed(t.Context(), "go")
	if err != nil || string(stored) != fmt.Sprintf(`{"words":[%q]}`, v.Words[0]) {
		t.Errorf("stored %s, %v; shown %q", stored, err, v.Words)
	}
	told := b.pages.take()
	if len(told) != changes || !strings.Contains(told[changes-1], v.Words[0]) || b.router.tracked["go"].Words[0] != v.Words[0] {
		t.Errorf("told %q, tracked %+v, shown %q", told[len(told)-1], b.router.tracked["go"], v.Words)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Follow(ctx, "new", "ann"); err != nil && chat.CodeOf(err) != chat.CodeUnavailable {
		t.Errorf("with an ended context: %v", err)
	}
}
