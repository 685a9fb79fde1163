package engineio

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"rightnow/internal/ws"
)

// TestUpgradeStress upgrades 200 sessions over TCP while both sides talk: nothing is lost, repeated or reordered.
func TestUpgradeStress(t *testing.T) {
	const sessions, messages = 200, 150
	realtime(t, &Options{MaxPayload: 1e6}, func(r *rig) {
		var wg sync.WaitGroup
		slots := make(chan struct{}, 50) // clients at a time
		for i := range sessions {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				c := &stressClient{r: r, messages: messages}
				if err := c.run(); err != nil {
					t.Errorf("session %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		for _, p := range r.taps {
			p.ended(ReasonTransportClose)
			if err := inOrder("server", p.messages, messages); err != nil {
				t.Error(err)
			}
		}
	})
}

// inOrder wants the numbers from 0, texts and binaries in turn.
func inOrder(who string, got []string, n int) error {
	for i, m := range got {
		if m != numbered(i) {
			return fmt.Errorf("%s: message %d is %q", who, i, m)
		}
	}
	if len(got) != n {
		return fmt.Errorf("%s: %d messages, want %d", who, len(got), n)
	}
	return nil
}

// numbered is message i as a tap keeps it: each third is binary.
func numbered(i int) string {
	if i%3 == 0 {
		return fmt.Sprintf("0x%08x", i)
	}
	return fmt.Sprint(i)
}

// numberedFrame is the same to be sent.
func numberedFrame(i int) *Frame {
	if i%3 == 0 {
		return BinaryFrame([]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)})
	}
	return TextFrame(fmt.Append(nil, i))
}

// stressClient behaves like the JavaScript client: it polls and posts, probes a WebSocket beside that, lets the poll
// under way end, and completes the upgrade.
type stressClient struct {
	r        *rig
	messages int
	session  string
	p        *tap
	got      []string
	sent     int
}

func (c *stressClient) run() error {
	res, err := c.r.try("GET", "EIO=4&transport=polling", strings.NewReader(""))
	if err != nil {
		return err
	}
	sid := sidOf(c.r.t, res.body)
	c.session = "transport=polling&sid=" + sid
	c.p = c.r.find(sid)
	var talk sync.WaitGroup
	talk.Go(c.serverTalks)
	defer talk.Wait()

	pause := make(chan struct{})
	polled, posted := make(chan error, 1), make(chan error, 1)
	go func() { polled <- c.pollUntil(pause) }() // both end after pause
	go func() { posted <- c.postUntil(pause) }()
	for range rand.IntN(200) {
		runtime.Gosched()
	}
	w := c.r.candidate(c.p)
	defer w.Close()
	w.text("2probe")
	if m, err := w.read(); err != nil || m != "3probe" {
		return fmt.Errorf("probe: %q, %v", m, err)
	}
	close(pause)
	for _, done := range []chan error{polled, posted} {
		if err := <-done; err != nil {
			return err
		}
	}
	w.text("5")
	return c.overWebSocket(w)
}

// find is the tap of a session.
func (r *rig) find(sid string) *tap {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.taps {
		if p.ID() == sid {
			return p
		}
	}
	r.t.Fatalf("no session %s", sid)
	return nil
}

// serverTalks sends the server's messages, some of them flushed together.
func (c *stressClient) serverTalks() {
	for i := range c.messages {
		c.p.Send(numberedFrame(i))
		if i%4 != 1 {
			c.p.Flush()
		}
		runtime.Gosched()
	}
	c.p.Flush()
}

func (c *stressClient) pollUntil(pause <-chan struct{}) error {
	for {
		select {
		case <-pause:
			return nil
		default:
		}
		res, err := c.r.try("GET", c.session, strings.NewReader(""))
		if err != nil || res.status != 200 {
			return fmt.Errorf("poll: %+v, %v", res, err)
		}
		for packet := range strings.SplitSeq(res.body, "\x1e") {
			c.take(packet)
		}
	}
}

// take takes a packet of a payload.
func (c *stressClient) take(packet string) {
	switch packet[0] {
	case 'b':
		c.got = append(c.got, fmt.Sprintf("0x%x", must(base64.StdEncoding.DecodeString(packet[1:]))))
	case '4':
		c.got = append(c.got, packet[1:])
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// postUntil posts a few numbers at a time; at least half of them are left for the WebSocket.
func (c *stressClient) postUntil(pause <-chan struct{}) error {
	for c.sent < c.messages/2 {
		select {
		case <-pause:
			return nil
		default:
		}
		var packets []string
		for range 1 + rand.IntN(5) {
			packets = append(packets, string(numberedFrame(c.sent).polling()))
			c.sent++
		}
		res, err := c.r.try("POST", c.session, strings.NewReader(strings.Join(packets, "\x1e")))
		if err != nil || res.status != 200 {
			return fmt.Errorf("POST: %+v, %v", res, err)
		}
	}
	return nil
}

// overWebSocket sends and receives the rest.
func (c *stressClient) overWebSocket(w *wsClient) error {
	for ; c.sent < c.messages; c.sent++ {
		if f := numberedFrame(c.sent); f.text == nil {
			w.frame(ws.OpBinary, string(f.ws[2:]))
		} else {
			w.text(string(f.text))
		}
	}
	for len(c.got) < c.messages {
		m, err := w.read()
		if err != nil {
			return fmt.Errorf("after %d messages: %w", len(c.got), err)
		}
		if !strings.HasPrefix(m, "0x") {
			m = strings.TrimPrefix(m, "4")
		}
		c.got = append(c.got, m)
	}
	if err := inOrder("client", c.got, c.messages); err != nil {
		return err
	}
	// All that was sent has arrived when the close frame is answered.
	w.frame(ws.OpClose, "")
	_, err := w.read()
	if _, ok := err.(*closed); !ok {
		return fmt.Errorf("closing: %w", err)
	}
	return nil
}

// TestTCP walks through both transports, the upgrade and the ends of a session on a real network.
func TestTCP(t *testing.T) {
	realtime(t, &Options{QueueLimit: 1 << 20}, func(r *rig) {
		r.onMessage = echo
		p, sid := r.open()
		r.post(sid, "4hello\x1ebAQID")
		r.poll(sid, "4hello\x1ebAQID")
		w := r.upgraded(p)
		big := strings.Repeat("b", 900_000)
		for range 5 {
			w.text("4" + big)
			w.want("4" + big)
		}
		w.frame(ws.OpClose, "\x03\xe8")
		w.wantClose(1000)
		p.ended(ReasonTransportClose)

		p, w = r.openWS() // a reset
		w.Conn.(*net.TCPConn).SetLinger(0)
		w.Close()
		p.ended(ReasonTransportClose)

		p, w = r.openWS() // a reader that stops: the kernel's buffers fill, then the queue
		frame := TextFrame(make([]byte, 100_000))
		if n, err := fill(p, frame); err != ErrSlowConsumer || n < 10 {
			t.Errorf("%d frames, %v", n, err)
		}
		p.ended(ReasonSlowConsumer)
		w.Close()

		p, sid = r.open() // an aborted poll
		c, _ := r.raw(rawRequest("GET", sid))
		if !eventually(p.waiting) {
			t.Fatal("no poll")
		}
		c.Close()
		p.ended(ReasonTransportError)
	})
}

// waiting reports whether a poll waits.
func (s *Session) waiting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.poll != nil
}
