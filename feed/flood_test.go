package feed

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestReceiverHangs pauses what reads the queue. The source must not notice.
func TestReceiverHangs(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		n.block = make(chan struct{})
		n.follow("a", "golang")
		n.offer("ann", "first golang")
		synctest.Wait() // the Receiver has it, and hangs
		began := time.Now()
		for i := range 10_000 {
			if !n.up.sink.Offer(Post{ID: fmt.Sprint(i), Text: "golang"}) {
				t.Fatal("a post was refused")
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the source has waited for %v", took)
		}
		if s := n.status(); s.Waiting != 512 || s.Skipped[SkipQueue] != 10_000-512 {
			t.Errorf("status: %+v", s)
		}
		n.track("b", Tracking{Words: []string{"tea"}}) // nor does anybody else
		n.wantRecent("a", "first")
		n.checkSums("a")
		close(n.block)
		n.later(time.Second)
		if s := n.status(); s.Waiting != 0 || s.Handed != 513 {
			t.Errorf("status: %+v", s)
		}
		n.wantTold("a: first", "a: 9488", "a: 9489", "a: 9490", "a: 9491", "a: 9999")
		n.checkSums("a")
	})
}

// TestFlood brings 5,000 posts a second for ten seconds, with edits, deletions and
// doubles among them.
func TestFlood(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		const rooms, ticks, each = 20, 1000, 50
		var names []string
		for i := range rooms {
			names = append(names, fmt.Sprint("room", i))
			n.follow(names[i], "golang", fmt.Sprint("word", i))
		}
		used := heapInUse()
		for tick := range ticks {
			for i := range each {
				id, text := tick*each+i, fmt.Sprint("golang in a flood of posts with word", i%rooms)
				p := Post{ID: fmt.Sprint(id), Native: fmt.Sprint("n", id), Author: Author{ID: fmt.Sprint(id % 97)}, Text: text}
				switch i % 10 {
				case 7:
					p.ID = fmt.Sprint(id - 1) // double
				case 8:
					p.ID, p.Rev = fmt.Sprint(id-3), "2"
				}
				n.up.sink.Offer(p)
				if i%10 == 9 {
					n.up.sink.Retract(Ref{Native: fmt.Sprint("n", id-each)})
				}
			}
			n.later(10 * time.Millisecond)
			n.mu.Lock()
			n.told, n.metas, n.states = nil, nil, nil
			clear(n.shown)
			n.mu.Unlock()
		}
		if grown := heapInUse() - used; grown > 16<<20 {
			t.Errorf("the heap has grown by %d bytes", grown)
		}
		if s := n.status(); s.Received != ticks*each || s.Skipped[SkipDuplicate] == 0 || s.Skipped[SkipQueue] != 0 {
			t.Errorf("status: %+v", s)
		}
		for _, room := range names {
			m := n.Stats(room)
			if m.Shown < 10 || m.Shown > 16 {
				t.Errorf("%s was shown %d posts", room, m.Shown)
			}
		}
		n.checkSums(names...)
		n.later(time.Second)
		for _, room := range names {
			n.Drop(room)
		}
		if len(n.shelf.byID) != 0 || len(n.holding) != 0 {
			t.Error("something is left of the flood")
		}
	})
}

func heapInUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestSoak has three sources bring 20,000 events while rooms come and go, and people
// ask for all that can be asked for, all at once.
func TestSoak(t *testing.T) {
	sources := []Source{&upstream{name: "sim"}, &upstream{name: "two"}, &upstream{name: "three"}}
	open(t, func(o *Options) { o.Sources = sources }, func(n *newsroom) {
		var all sync.WaitGroup
		for _, s := range sources {
			all.Go(func() { soakSource(s.(*upstream).sink) })
		}
		for i := range 8 {
			all.Go(func() { soakRoom(n, fmt.Sprint("room", i)) })
		}
		all.Wait()
		n.later(time.Minute)
		for _, s := range n.Router.Sources() {
			sum := uint64(s.Waiting) + s.Handed
			for _, skipped := range s.Skipped {
				sum += skipped
			}
			if s.Waiting != 0 || sum != s.Received {
				t.Errorf("%s: received %d, %d add up", s.Name, s.Received, sum)
			}
		}
		for i := range 8 {
			n.Drop(fmt.Sprint("room", i))
		}
		if len(n.shelf.byID)+len(n.owners)+len(n.holding)+len(n.tracked)+len(n.follows)+n.index.Len() != 0 {
			t.Error("something is left of rooms that were dropped")
		}
	})
}

func soakSource(out Sink) {
	for i := range 20_000 / 3 {
		p := Post{ID: fmt.Sprint(i % 2000), Rev: fmt.Sprint(i % 3), Text: "golang and tea", Author: Author{ID: fmt.Sprint(i % 50)}}
		switch i % 20 {
		case 3:
			out.Retract(Ref{ID: fmt.Sprint((i + 100) % 2000)})
		case 5:
			out.Retract(Ref{AuthorID: p.Author.ID})
		case 7:
			out.State(State{Phase: PhaseLive, Reason: fmt.Sprint(i)})
		case 9:
			p.Expires = time.Now().Add(3 * time.Second)
		}
		out.Offer(p)
		if i%10 == 0 {
			time.Sleep(10 * time.Millisecond) // virtual
		}
	}
}

func soakRoom(n *newsroom, room string) {
	for i := range 200 {
		switch i % 10 {
		case 0:
			n.Watch(room, true)
		case 5:
			n.Watch(room, false)
		case 7:
			n.Drop(room)
		default:
			if _, err := n.Track(room, Tracking{Words: []string{"golang", fmt.Sprint("word", i)}, Authors: []string{"two:7"}, Muted: []string{fmt.Sprint("sim:", i%50)}}); err != nil {
				n.Error(err)
			}
		}
		for _, s := range n.Recent(room) {
			n.Find(room, s.Ref())
		}
		n.Stats(room)
		n.Sample([]string{"tea"})
		n.Router.Sources()
		time.Sleep(40 * time.Millisecond) // virtual
	}
}
