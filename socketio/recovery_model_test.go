package socketio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"rightnow/socketio"
)

// eventsTo reads events up to one with that name, without their offsets.
func (c *client) eventsTo(name string) (events []string) {
	c.t.Helper()
	for {
		got := c.read()
		event, _, _ := strings.Cut(got, `,"`+strings.Split(got, `,"`)[strings.Count(got, `,"`)])
		if strings.HasPrefix(got, `2["`+name+`"`) {
			return events
		}
		events = append(events, event)
	}
}

// What a client is sent again from an offset on is what it had got behind that, in the same order, however its socket went
// in and out of rooms meanwhile.
//
// checklist: 169, 170
func TestWhatIsSentAgainIsWhatWasSent(t *testing.T) {
	h := recovers(t, nil)
	for round := range 150 {
		c := h.websocket()
		id := c.enter("")
		s := h.socket("/", id.SID)
		offset := c.eventOf(t, func() { s.Emit("start") }, `["start"]`)
		var work sync.WaitGroup
		for mover := range 1 + round%4 {
			roll := rand.New(rand.NewPCG(uint64(round), uint64(mover)))
			work.Go(func() {
				for range 12 {
					room := []string{"a", "b"}[roll.IntN(2)]
					if roll.IntN(2) == 0 {
						s.Join(room)
					} else {
						s.Leave(room)
					}
				}
			})
		}
		for speaker := range 2 {
			roll := rand.New(rand.NewPCG(uint64(round), uint64(100+speaker)))
			work.Go(func() {
				for i := range 30 {
					to := []socketio.Target{h.io.To("a"), h.io.To("a", "b"), h.io.Except("a"), h.io.To("a").Except("b")}[roll.IntN(4)]
					to.Emit("said", fmt.Sprint(speaker, ".", i))
				}
			})
		}
		work.Wait()
		h.io.To(id.SID).Emit("stop")
		live := c.eventsTo("stop")
		h.gone(c)
		back := h.websocket()
		if again := back.enter(comeBack(id.PID, offset)); again != id {
			t.Fatalf("round %d: came back as %v, was %v", round, again, id)
		}
		if again := back.eventsTo("stop"); !slices.Equal(live, again) {
			t.Fatalf("round %d: got\n%q, and then\n%q", round, live, again)
		}
		back.cut()
	}
}

// Whoever watches the server comes and goes while clients come back and are emitted to: everybody takes locks of everybody
// else's.
func TestWatchesComeAndGoWhileClientsComeBack(t *testing.T) {
	h := recovers(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var others, clients sync.WaitGroup
	for _, do := range []func(){func() { h.io.Watch(nil).Stop() }, func() { h.io.Watch(nil).Stop() }, func() { h.io.Emit("x") }, func() { h.io.Emit("y") }} {
		others.Go(func() {
			for ctx.Err() == nil {
				do()
			}
		})
	}
	for range 8 {
		clients.Go(func() {
			auth := ""
			for range 25 {
				c := h.websocket()
				c.write("0" + auth)
				var id identity
				if m, err := c.receive(ctx); err == nil && json.Unmarshal([]byte(m.text[1:]), &id) == nil {
					auth = comeBack(id.PID, "")
				} else {
					auth = "" // it was too slow for all that is emitted
				}
				c.cut()
			}
		})
	}
	clients.Wait()
	cancel()
	others.Wait()
}
