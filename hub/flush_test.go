package hub_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/hub"
	"rightnow/hub/hubtest"
)

// bubble runs a test in virtual time with a hub of two members.
func bubble(t *testing.T, test func(h *hub.Hub, a, b *hubtest.Member)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h, members := newHub("a", "b")
		test(h, members["a"], members["b"])
		time.Sleep(time.Second) // timers that are still armed end in the bubble
		synctest.Wait()
	})
}

func publish(t *testing.T, h *hub.Hub, events ...string) {
	t.Helper()
	for _, event := range events {
		if _, err := h.Publish(&hub.Message{Event: event}); err != nil {
			t.Error(err)
		}
	}
}

func wantFlushes(t *testing.T, what string, m *hubtest.Member, written, flushes int) {
	t.Helper()
	synctest.Wait()
	if len(m.Written()) != written || m.Flushes() != flushes {
		t.Errorf("%s: %d written in %d flushes, want %d in %d", what, len(m.Written()), m.Flushes(), written, flushes)
	}
}

func TestLoneMessageLeavesAtOnce(t *testing.T) {
	bubble(t, func(h *hub.Hub, a, b *hubtest.Member) {
		publish(t, h, "one")
		wantFlushes(t, "one", a, 1, 1)
		publish(t, h, "two")
		wantFlushes(t, "two", b, 2, 2)
	})
}

func TestHandlersBurstLeavesAtItsEnd(t *testing.T) {
	bubble(t, func(h *hub.Hub, a, b *hubtest.Member) {
		h.Enter()
		publish(t, h, "one", "two", "three")
		wantFlushes(t, "during", a, 0, 0)
		h.Exit()
		wantFlushes(t, "after", a, 3, 1)
		wantFlushes(t, "after", b, 3, 1)
		h.Enter()
		h.Exit()
		wantFlushes(t, "idle handler", a, 3, 1)
	})
}

func TestBatch(t *testing.T) {
	bubble(t, func(h *hub.Hub, a, _ *hubtest.Member) {
		func() {
			defer func() { _ = recover() }()
			h.Batch(func() {
				publish(t, h, "one", "two")
				wantFlushes(t, "during", a, 0, 0)
				panic("in the batch")
			})
		}()
		wantFlushes(t, "after", a, 2, 1)
		publish(t, h, "three")
		wantFlushes(t, "outside", a, 3, 2)
	})
}

func TestAnotherHandlersEndFlushes(t *testing.T) {
	bubble(t, func(h *hub.Hub, a, _ *hubtest.Member) {
		h.Enter()
		publish(t, h, "one")
		h.Enter()
		h.Exit()
		wantFlushes(t, "first still running", a, 1, 1)
		publish(t, h, "two")
		wantFlushes(t, "later", a, 1, 1)
		h.Exit()
		wantFlushes(t, "end", a, 2, 2)
	})
}

func TestLongHandlerWaitsOneMillisecondAtMost(t *testing.T) {
	bubble(t, func(h *hub.Hub, a, _ *hubtest.Member) {
		h.Enter()
		publish(t, h, "one")
		time.Sleep(time.Millisecond - 1)
		publish(t, h, "two")
		wantFlushes(t, "just before", a, 0, 0)
		time.Sleep(1)
		wantFlushes(t, "after 1 ms", a, 2, 1)
		time.Sleep(10 * time.Millisecond)
		publish(t, h, "three")
		wantFlushes(t, "a new burst", a, 2, 1)
		time.Sleep(time.Millisecond)
		wantFlushes(t, "after another", a, 3, 2)
		h.Exit()
		wantFlushes(t, "end", a, 3, 2)
	})
}

// TestTimerOfAnEarlierBurst asserts that the timer left from a burst that was
// flushed by its handler's end neither tears a later one nor is late for it.
func TestTimerOfAnEarlierBurst(t *testing.T) {
	bubble(t, func(h *hub.Hub, a, _ *hubtest.Member) {
		h.Enter()
		publish(t, h, "one")
		h.Exit()
		wantFlushes(t, "first burst", a, 1, 1)
		h.Enter()
		defer h.Exit()
		time.Sleep(900 * time.Microsecond)
		publish(t, h, "two")
		time.Sleep(500 * time.Microsecond) // the first timer has fired
		publish(t, h, "three")
		wantFlushes(t, "too early", a, 1, 1)
		time.Sleep(500*time.Microsecond - 1)
		wantFlushes(t, "just before", a, 1, 1)
		time.Sleep(1)
		wantFlushes(t, "1 ms after two", a, 3, 2)
	})
}

func TestTouch(t *testing.T) {
	bubble(t, func(h *hub.Hub, a, b *hubtest.Member) {
		if !a.Push("one", hub.Must) {
			t.Error("not dirty")
		}
		h.Touch(a)
		wantFlushes(t, "no handler", a, 1, 1)
		h.Enter()
		b.Push("one", hub.Must)
		a.Push("two", hub.Must)
		h.Touch(a)
		h.Touch(b)
		publish(t, h, "three") // touches nobody, who is dirty already
		wantFlushes(t, "in a handler", a, 1, 1)
		h.Exit()
		wantFlushes(t, "at its end", a, 3, 2)
		wantFlushes(t, "at its end", b, 2, 1)

		h.Enter()
		a.Push("four", hub.Must)
		h.Touch(a)
		time.Sleep(time.Millisecond)
		wantFlushes(t, "after 1 ms", a, 4, 3)
		a.Push("five", hub.Must)
		h.Touch(a)
		h.FlushAll()
		wantFlushes(t, "asked for", a, 5, 4)
		h.Exit()
	})
}

// sized is a frame that says how big it is.
type sized int

func (s sized) Size() int { return int(s) }

func TestLargeBurstIsFlushedInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(&hub.Options{FlushBytes: 1000})
		a := hubtest.NewMemberWith("a", &nullEncoder{frame: sized(400)})
		h.Add(a)
		h.Enter()
		publish(t, h, "one", "two")
		wantFlushes(t, "800 bytes", a, 0, 0)
		publish(t, h, "three")
		wantFlushes(t, "1200 bytes", a, 3, 1)
		publish(t, h, "four", "five")
		wantFlushes(t, "800 more", a, 3, 1)
		h.Exit()
		wantFlushes(t, "end", a, 5, 2)
		time.Sleep(time.Second)
	})
}

// TestFlushHoldsNoLock asserts that the hub can be used while it flushes.
func TestFlushHoldsNoLock(t *testing.T) {
	h := hub.New(nil)
	b := hubtest.NewMember("b")
	a := &hookedMember{Member: hubtest.NewMember("a")}
	a.onFlush = func() {
		a.onFlush = nil
		h.Join("a", "room")
		h.Batch(func() { publish(t, h, "inner") })
	}
	h.Add(a)
	h.Add(b)
	publish(t, h, "outer")
	if got := fmt.Sprint(b.Events()); got != "[outer inner]" {
		t.Errorf("b got %s", got)
	}
}

type hookedMember struct {
	*hubtest.Member
	onFlush func()
}

func (m *hookedMember) Flush() {
	if m.onFlush != nil {
		m.onFlush()
	}
	m.Member.Flush()
}
