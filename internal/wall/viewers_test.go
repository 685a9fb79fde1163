package wall_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/chat"
	"rightnow/internal/wall"
)

func newRouter(r *router) func(feed.Receiver, feed.Cursors) wall.Router {
	return func(feed.Receiver, feed.Cursors) wall.Router { return r }
}

// TestViewers counts connections, not calls.
func TestViewers(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1})
	defer b.stop()
	b.enter("go", "ann")
	b.mustSet("go", "ann", "golang")
	b.router.take()
	b.follow("go", "1")
	b.follow("go", "1")
	b.follow("go", "2")
	b.wantTracked("two connections", "watch go true")
	b.Unfollow("go", "1")
	b.Unfollow("go", "1")
	b.Unfollow("go", "3")
	b.Unfollow("nowhere", "3")
	b.wantTracked("one left")
	b.Unfollow("go", "2")
	b.wantTracked("none left", "watch go false") // the words stay
	b.follow("go", "1")
	b.wantTracked("one is back", "watch go true")
	b.follow("silent", "1")
	b.Unfollow("silent", "1")
	b.wantTracked("a room without words", `track silent [] [] [] 0`, "watch silent true", "watch silent false", "drop silent")
}

// TestForget: the router need not know rooms for ever.
func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, wall.Options{SetEvery: -1, Forget: time.Hour})
		defer b.stop()
		b.enter("go", "ann")
		b.mustSet("go", "ann", "golang")
		b.follow("go", "1")
		time.Sleep(3 * time.Hour)
		b.Unfollow("go", "1")
		b.router.take()
		time.Sleep(59 * time.Minute)
		b.wantTracked("not yet")
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		b.wantTracked("then", "drop go")
		b.follow("go", "1")
		b.wantTracked("somebody is back", `track go ["golang"] [] [] 0`, "watch go true")
	})
}

// TestRemoved has a room go away while others look at its posts.
func TestRemoved(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1})
	defer b.stop()
	b.enter("go", "ann")
	b.enter("idle", "ann")
	b.mustSet("go", "ann", "golang")
	b.mustSet("idle", "ann", "golang")
	b.follow("go", "1")
	b.router.take()
	b.pages.take()
	b.Removed([]string{"go", "idle", "unknown"})
	b.wantTracked("removed", "drop go", "watch go true", "drop idle")
	b.wantHeard("removed", `feed/go feed_words {"room":"go","words":[],"langs":[],"muted":[],"rate":1,"by":""}`)
	b.mustSet("go", "ann", "coffee")
	b.Unfollow("go", "1")
	b.wantTracked("opened anew", `track go ["coffee"] [] [] 0`, "watch go false")
}

// TestRemovedByChat removes a room that is really empty.
func TestRemovedByChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, wall.Options{SetEvery: -1})
		defer b.stop()
		b.enter("go", "ann")
		b.mustSet("go", "ann", "golang")
		b.follow("go", "1")
		b.chat.Leave("go", "ann")
		b.pages.take()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if v := b.follow("go", "2"); len(v.Words) != 0 {
			t.Errorf("of a room that is gone: %+v", v)
		}
		if told := strings.Join(b.pages.take(), "\n"); !strings.Contains(told, `feed_words {"room":"go","words":[]`) {
			t.Errorf("told %s", told)
		}
	})
}

func TestMutedAreNotInTheView(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1})
	defer b.stop()
	b.enter("go", "ann")
	b.router.show("go", "replay", "1")
	b.router.show("go", "replay", "2")
	v, err := b.Set(t.Context(), "go", "ann", wall.Change{Words: &[]string{"golang"}, Muted: &[]string{"replay:author of 1"}})
	if err != nil || len(v.Posts) != 1 || v.Posts[0].ID != "2" {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestReceiver(t *testing.T) {
	b := newBench(t, wall.Options{})
	defer b.stop()
	p := feed.Shown{Matched: []string{"go"}}
	p.Source, p.ID, p.Text = "replay", "1", "about go"
	b.Post("go", &p)
	b.Retract([]string{"go", "tea"}, feed.Ref{Source: "replay", ID: "1", Native: "n"})
	b.Retract(nil, feed.Ref{Source: "replay", AuthorID: "a"})
	b.Meta("go", feed.Meta{})
	heard := b.pages.take()
	for i, want := range []string{
		`feed/go post {"room":"go","source":"replay","id":"1","author":{"id":""},"text":"about go",`,
		`feed/go post_gone {"source":"replay","id":"1"}`,
		`feed/tea post_gone {"source":"replay","id":"1"}`,
		`feed/go feed_meta {"room":"go","`,
	} {
		if i >= len(heard) || !strings.HasPrefix(heard[i], want) {
			t.Fatalf("heard %q, want at %d %s", heard, i, want)
		}
	}
	b.Hide([]string{"go"}, feed.Ref{Source: "replay", ID: "1"})
	b.Sources([]feed.SourceStatus{{Name: "x", State: feed.State{Phase: feed.PhaseFailed, Reason: "the key was refused"}}})
	if heard = b.pages.take(); len(heard) != 2 || heard[0] != `feed/go post_hide {"source":"replay","id":"1"}` || !strings.HasPrefix(heard[1], `feed/ feed_sources {"sources":[{`) {
		t.Errorf("heard %q", heard)
	}
	for _, event := range []string{wall.EventGone, wall.EventHide, wall.EventWords, chat.EventMessage} {
		if wall.Volatile(event) {
			t.Errorf("%s may be lost", event)
		}
	}
}

// TestStress has everything at once: nobody is left.
func TestStress(t *testing.T) {
	b := newBench(t, wall.Options{SetEvery: -1, Forget: time.Millisecond})
	var all sync.WaitGroup
	for i := range 4 {
		b.enter(fmt.Sprint("r", i), "ann")
	}
	for i := range 8 {
		all.Go(func() {
			conn := fmt.Sprint("c", i)
			for range 200 {
				room := fmt.Sprint("r", rand.IntN(4))
				switch rand.IntN(6) {
				case 0:
					b.Removed([]string{room})
				case 1:
					b.set(room, "ann", "golang", fmt.Sprint("word", rand.IntN(9)))
				case 2:
					b.Unfollow(room, conn)
				default:
					b.follow(room, conn)
				}
			}
			for i := range 4 {
				b.Unfollow(fmt.Sprint("r", i), conn)
			}
		})
	}
	all.Wait()
	b.stop()
	watched := map[string]string{}
	for _, call := range b.router.take() {
		if words := strings.Fields(call); words[0] == "watch" {
			watched[words[1]] = words[2]
		}
	}
	for room, on := range watched {
		if on == "true" {
			t.Errorf("%s is still watched", room)
		}
	}
}
