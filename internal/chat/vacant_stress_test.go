package chat_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rightnow/internal/chat"
)

// TestStressVacant has many come, speak and go in rooms that are removed all the
// time, by age and by their number, in real time. Who is in a room can say
// something in it; what was acknowledged is there, numbered without a gap.
func TestStressVacant(t *testing.T) {
	const conns, steps = 24, 200
	b := newBench(t, chat.Options{
		Grace: -1, NickHold: time.Nanosecond, SayEvery: -1, ListInterval: time.Millisecond,
		EmptyRoomTTL: time.Nanosecond, PruneEvery: time.Millisecond, MaxRooms: 300,
	})
	b.FollowRooms("list", true)
	var all sync.WaitGroup
	acked := make([]map[string]int, conns) // room → messages
	for c := range conns {
		acked[c] = make(map[string]int)
		all.Go(func() { b.comeAndGo(fmt.Sprint("c", c), steps, acked[c]) })
	}
	all.Wait()
	total := make(map[string]int)
	for _, rooms := range acked {
		for room, n := range rooms {
			total[room] += n
		}
	}
	for room, n := range total {
		h, err := b.Since(t.Context(), room, 0)
		if err != nil || h.Last != int64(n) || span(h.Messages) != fmt.Sprint("1-", n) {
			t.Errorf("%s: %s of %d stored, %v; %d were acked", room, span(h.Messages), h.Last, err, n)
		}
	}
	removed := b.Stats().Removed
	b.stop()
	if removed == 0 || len(total) == 0 {
		t.Errorf("%d rooms removed, in %d was something said: nothing was tested", removed, len(total))
	}
	if claims := chat.Claims(b.Service); len(claims) != 1 {
		t.Errorf("claims are left: %v", claims)
	}
	t.Logf("%d rooms removed, in %d was something said", removed, len(total))
}

// comeAndGo counts the messages that were acknowledged to one connection.
func (b *bench) comeAndGo(conn string, steps int, acked map[string]int) {
	for i := range steps {
		room := fmt.Sprint("r", rand.IntN(600))
		_, err := b.tryEnter(room, conn, conn, conn)
		if chat.CodeOf(err) == chat.CodeTooManyRooms {
			continue // all that are there have a message, or people
		}
		if err != nil {
			b.t.Errorf("enter: %v", err)
			continue
		}
		if rand.IntN(10) == 0 {
			// Another goroutine, so that the room may be left before it is stored.
			said := make(chan error, 1)
			go func() { // ends when it is stored, or refused
				_, err := b.trySay(room, conn, fmt.Sprint(conn, "-", i), "hello")
				said <- err
			}()
			if rand.IntN(2) == 0 {
				time.Sleep(time.Duration(rand.IntN(50)) * time.Microsecond)
				b.Leave(room, conn)
			}
			switch err := <-said; chat.CodeOf(err) {
			case "":
				acked[room]++
			case chat.CodeNotHere: // left before
			default:
				b.t.Errorf("say: %v", err)
			}
		}
		b.Leave(room, conn)
	}
}
