package deadline

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// watch remembers when its deadline passed.
type watch struct {
	Entry
	passed []time.Duration
	start  time.Time
}

func (w *watch) Expire(n *Entry) {
	if n != &w.Entry {
		panic("another's deadline")
	}
	w.passed = append(w.passed, time.Since(w.start))
}

func TestList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(25 * time.Second)
		start := time.Now()
		w := make([]*watch, 6)
		for i := range w {
			w[i] = &watch{start: start}
			q.Start(&w[i].Entry, w[i])
			time.Sleep(time.Second)
		}
		if got := w[2].At().Sub(start); got != 27*time.Second {
			t.Errorf("at %v", got)
		}
		if !q.Stop(&w[0].Entry) || q.Stop(&w[0].Entry) { // the head
			t.Error("stop of one that waits")
		}
		if !w[0].At().IsZero() {
			t.Errorf("at %v when stopped", w[0].At())
		}
		q.Start(&w[2].Entry, w[2]) // to the tail
		q.Stop(&w[4].Entry)
		time.Sleep(time.Hour)
		synctest.Wait()
		for i, want := range []time.Duration{0, 26, 31, 28, 0, 30} {
			want *= time.Second
			switch got := w[i].passed; {
			case want == 0 && len(got) != 0, want != 0 && (len(got) != 1 || got[0] != want):
				t.Errorf("%d passed at %v, want %v", i, got, want)
			}
		}
		if q.Stop(&w[1].Entry) {
			t.Error("stop of one that has passed")
		}
	})
}

// TestListRestart starts an entry anew from its own Expire, as a ping does.
func TestListRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(time.Second)
		var n Entry
		times := 0
		start := time.Now()
		done := make(chan bool)
		var again ExpireFunc
		again = func(n *Entry) {
			if times++; times == 10 {
				close(done)
				return
			}
			q.Start(n, again)
		}
		q.Start(&n, again)
		<-done
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("after %v, want 10 s", took)
		}
	})
}

// TestListTwoLists moves one entry from a list to another, as a session
// does that waits for a pong after its ping.
func TestListTwoLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		interval, timeout := New(25*time.Second), New(20*time.Second)
		w := &watch{start: time.Now()}
		interval.Start(&w.Entry, w)
		timeout.Start(&w.Entry, w)
		if interval.Stop(&w.Entry) {
			t.Error("still in the list that it left")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(w.passed) != 1 || w.passed[0] != 20*time.Second {
			t.Errorf("passed at %v", w.passed)
		}
	})
}

// TestListIdle wants no timer to be left when nothing waits: the bubble
// would jump to it instead of finding all asleep.
func TestListIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(time.Second)
		var n Entry
		fail := ExpireFunc(func(*Entry) { t.Error("expired after a stop") })
		for range 10 {
			q.Start(&n, fail)
			time.Sleep(900 * time.Millisecond)
			if !q.Stop(&n) {
				t.Error("did not wait")
			}
		}
		q.mu.Lock()
		if q.armed {
			t.Error("armed with nothing to wait for")
		}
		q.mu.Unlock()
		time.Sleep(time.Hour)
	})
}

// TestListRace starts and stops from many goroutines in real time: each
// start must end in exactly one of a stop that reports true and an expiry, and
// no expiry may come early.
func TestListRace(t *testing.T) {
	const d = 2 * time.Millisecond
	q := New(d)
	var wg sync.WaitGroup
	var stopped, expired atomic.Int64
	for g := range 8 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(g), 1))
			for range 200 {
				var n Entry
				var ends atomic.Int64
				started := time.Now()
				fired := make(chan bool)
				q.Start(&n, ExpireFunc(func(*Entry) {
					if early := d - time.Since(started); early > 0 {
						t.Errorf("expired %v early", early)
					}
					ends.Add(1)
					close(fired)
				}))
				if at := n.At(); !at.IsZero() && at.Before(started.Add(d)) {
					t.Errorf("at %v after the start", at.Sub(started))
				}
				wait := time.NewTimer(time.Duration(rnd.Int64N(int64(2 * d))))
				select {
				case <-wait.C:
				case <-fired:
				}
				if q.Stop(&n) {
					stopped.Add(1)
					if ends.Load() != 0 {
						t.Error("stopped and expired")
					}
					continue
				}
				<-fired
				expired.Add(1)
			}
		})
	}
	wg.Wait()
	if stopped.Load() == 0 || expired.Load() == 0 {
		t.Errorf("%d stopped, %d expired: nothing was tested", stopped.Load(), expired.Load())
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.head.next != &q.head || q.armed {
		t.Error("something is left")
	}
}

func BenchmarkListRestart(b *testing.B) {
	q := New(time.Hour)
	nodes := make([]Entry, 1000)
	e := ExpireFunc(func(*Entry) {})
	for i := 0; b.Loop(); i++ {
		q.Start(&nodes[i%len(nodes)], e)
	}
}
