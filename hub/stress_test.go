package hub_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"rightnow/hub"
	"rightnow/hub/hubtest"
)

const (
	stayers    = 20
	publishers = 4
	churners   = 4
	rounds     = 300
)

// TestStress lets publishers, handlers and members that come and go run
// against each other, and then asserts what must hold whatever the order was:
// members that stayed in the room got every message, in one order for all and
// in each publisher's own; and nothing that was pushed was left unflushed.
func TestStress(t *testing.T) {
	h := hub.New(nil)
	stay := make([]*hubtest.Member, stayers)
	for i := range stay {
		stay[i] = hubtest.NewMember(fmt.Sprint("stayer-", i))
		h.Add(stay[i])
		h.Join(stay[i].ID(), "room")
	}
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() { publishMany(t, h, p) })
	}
	for c := range churners {
		wg.Go(func() { churn(t, h, c) })
	}
	wg.Wait()

	first := stay[0].Events()
	for _, m := range stay {
		if got := m.Events(); !slices.Equal(got, first) {
			t.Fatalf("%s saw another order than %s", m.ID(), stay[0].ID())
		}
		// A timer may be at it still: it runs on its own goroutine.
		deadline := time.Now().Add(5 * time.Second)
		for len(m.Written()) != len(first) && time.Now().Before(deadline) {
			runtime.Gosched()
		}
		if len(m.Written()) != len(first) {
			t.Fatalf("%s: %d of %d messages were flushed", m.ID(), len(m.Written()), len(first))
		}
	}
	checkSequences(t, first)
	if n := h.Count(nil, nil); n != stayers {
		t.Errorf("%d members are left", n)
	}
	if n := h.RoomCount(); n != stayers+1 {
		t.Errorf("%d rooms are left: %v", n, h.RoomNames())
	}
}

// publishMany publishes numbered messages in all the ways there are.
func publishMany(t *testing.T, h *hub.Hub, p int) {
	for i := range rounds {
		m := &hub.Message{Event: fmt.Sprintf("%d/%d", p, i)}
		if i%2 == 0 {
			m.Rooms = []string{"room", "other"}
		}
		send := func() {
			if n, err := h.Publish(m); err != nil || n < stayers {
				t.Errorf("message %s reached %d, %v", m.Event, n, err)
			}
		}
		if i%3 == 0 {
			h.Batch(send)
		} else {
			send()
		}
	}
}

// churn lets one member come, join, publish to itself, leave and go.
func churn(t *testing.T, h *hub.Hub, c int) {
	id := fmt.Sprint("churner-", c)
	for i := range rounds {
		m := hubtest.NewMember(id)
		if !h.Add(m) {
			t.Errorf("%s is taken", id)
		}
		h.Enter()
		own := fmt.Sprintf("only-%d", c)
		h.Join(id, "room", own)
		h.Publish(&hub.Message{Event: "in", Rooms: []string{own}})
		h.Leave(id, own)
		h.Publish(&hub.Message{Event: "out", Rooms: []string{own}})
		if i%2 == 0 && m.Push(&hub.Message{Event: "direct"}, hub.Must) {
			h.Touch(m)
		}
		h.Exit()
		if rooms := h.Remove(id); len(rooms) != 2 {
			t.Errorf("%s was in %v", id, rooms)
		}
		h.Publish(&hub.Message{Event: "gone", Rooms: []string{id}})
		h.FlushAll()
		events := m.Events()
		if !slices.Contains(events, "in") || slices.Contains(events, "out") || slices.Contains(events, "gone") {
			t.Errorf("%s got %q", id, events)
		}
	}
}

// checkSequences asserts that every publisher's messages are there, in order.
func checkSequences(t *testing.T, events []string) {
	t.Helper()
	next := make([]int, publishers)
	for _, event := range events {
		var p, i int
		if _, err := fmt.Sscanf(event, "%d/%d", &p, &i); err != nil {
			t.Fatalf("a stayer got %q", event)
		}
		if i != next[p] {
			t.Fatalf("publisher %d: message %d where %d should be", p, i, next[p])
		}
		next[p]++
	}
	for p, n := range next {
		if n != rounds {
			t.Errorf("publisher %d: %d messages of %d", p, n, rounds)
		}
	}
}
