package socketio_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"rightnow/socketio"
)

// upgrading moves a polling session to a WebSocket as the official client does: it probes,
// lets the poll that waits come back, and only then says 5. take gets what still came over
// polling.
func (h *harness) upgrade(p *pollWire, sid string, take func(message)) *wsWire {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	w := h.dialWS(sid)
	probed := make(chan bool)
	go func() {
		defer close(probed)
		w.conn.Write(ctx, websocket.MessageText, []byte("2probe"))
		if _, pong, err := w.conn.Read(ctx); err != nil || string(pong) != "3probe" {
			h.t.Errorf("probe: %q, %v", pong, err)
		}
	}()
	for paused := false; !paused; {
		select {
		case <-probed:
			paused = true // and one more poll, which the server releases
		default:
		}
		body, err := p.get(ctx)
		if err != nil {
			h.t.Fatal(err)
		}
		if err := p.take(body); err != nil {
			h.t.Fatal(err)
		}
		for {
			m, ok, _ := p.pop()
			if !ok {
				break
			}
			take(m)
		}
	}
	if err := w.conn.Write(ctx, websocket.MessageText, []byte("5")); err != nil {
		h.t.Fatal(err)
	}
	return w
}

// Order holds across the change of transport, both ways, with nothing lost or doubled: 133.
//
// checklist: 133
func TestH133OrderAcrossTheUpgrade(t *testing.T) {
	const events = 1000
	for range 10 {
		h := serve(t, nil)
		var sent []int
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("n", func(i int) { sent = append(sent, i) })
			answerFence(s)
		})
		c, sid := h.pollingSession()
		s := h.socket("/", c.join("/", ""))
		background(t, func() {
			for i := range events {
				if i%2 == 0 {
					s.Emit("n", i)
				} else {
					h.io.Emit("n", i, []byte{byte(i)})
				}
			}
		})
		var got []string
		p := c.wire.(*pollWire)
		for i := range 10 {
			c.write(fmt.Sprintf(`2["n",%d]`, i))
		}
		c.wire = h.upgrade(p, sid, func(m message) { got = append(got, m.String()) })
		for i := 10; i < 100; i++ {
			c.write(fmt.Sprintf(`2["n",%d]`, i))
		}
		for len(got) < events+events/2 {
			got = append(got, c.read())
		}
		checkNumbers(t, got)
		c.fence()
		if !slices.IsSorted(sent) || len(sent) != 100 {
			t.Errorf("the server got %v", sent)
		}
		if s.Transport() != "websocket" {
			t.Error(s.Transport())
		}
	}
}

// checkNumbers checks that each number came once, in order, with its attachment behind it.
func checkNumbers(t *testing.T, got []string) {
	t.Helper()
	next := 0
	for i := 0; i < len(got); i++ {
		var n int
		text, binary := strings.CutPrefix(got[i], "51-")
		if !binary {
			text = strings.TrimPrefix(got[i], "2")
		}
		if _, err := fmt.Sscanf(text, `["n",%d`, &n); err != nil || n != next {
			t.Fatalf("message %d: got %s, want number %d", i, got[i], next)
		}
		if binary {
			i++
			if i == len(got) || got[i] != "<"+strconv.FormatInt(int64(n&255)+256, 16)[1:]+">" {
				t.Fatalf("attachment of %d: %v", n, got[i:min(i+1, len(got))])
			}
		}
		next++
	}
}
