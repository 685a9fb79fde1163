package eiowebtransport

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"rightnow/engineio"
	"rightnow/internal/leaktest"
)

// TestFrames: headers of one, three and nine bytes, text and binary, both ways.
//
// checklist: 199
func TestFrames(t *testing.T) {
	r := newRig(t, engineio.Options{})
	p, c := r.open()
	want(t, p.Transport(), engineio.WebTransport)
	for _, n := range []int{1, 124, 125, 65_534} {
		m := strings.Repeat("x", n)
		c.text("4" + m)
		want(t, receive(t, p.messages), m)
		c.write(frame(m, true))
		want(t, receive(t, p.messages), fmt.Sprintf("0x%x", m))
	}
	big := strings.Repeat("y", 300_000)
	go c.write("\x7f\x00\x00\x00\x00\x00\x04\x93\xe1" + "4" + big) // ends when the server has read it
	want(t, receive(t, p.messages), big)
	p.Send(engineio.TextFrame([]byte(big), []byte{1, 2, 3}, nil))
	p.Flush()
	c.want("4" + big)
	if got, binary, err := c.read(); got != "\x01\x02\x03" || !binary || err != nil {
		t.Errorf("%q, binary %v, %v", got, binary, err)
	}
	c.want("b")
}

// TestBadFrames: what is empty or too large ends the session.
//
// checklist: 199
func TestBadFrames(t *testing.T) {
	r := newRig(t, engineio.Options{MaxPayload: 1000})
	for _, bad := range []string{"\x00", "\x80", "\x7e\x03\xe9", "\x7f\x00\x00\x00\x00\x00\x00\x03\xe9", "\x7f\x00\x20\x00\x00\x00\x00\x00\x00"} {
		p, c := r.open()
		c.write(bad)
		want(t, receive(t, p.closed), engineio.ReasonParseError)
		c.ended("")
	}
}

// TestFirstPacket: a session is opened, moved, or the WebTransport ends.
//
// checklist: 200
func TestFirstPacket(t *testing.T) {
	r := newRig(t, engineio.Options{})
	for _, first := range []string{"\x01\x02\x03", "\x064hello", "\x00", "\x811"} {
		c, _ := r.dial("EIO=4&transport=webtransport")
		c.openStream()
		c.write(first)
		c.ended("")
	}
	for _, sid := range []string{"11111111111111111111", "__proto__"} {
		c, _ := r.dial("")
		c.openStream()
		c.text(`0{"sid":"` + sid + `"}`)
		c.ended("Session ID unknown")
	}
	want(t, r.engine.Stats().Opened, 0)
}

// TestUpgrade: from long-polling, over HTTP/3 too, as official clients do it.
//
// checklist: 200
func TestUpgrade(t *testing.T) {
	r := newRig(t, engineio.Options{})
	res := r.get("EIO=4&transport=polling")
	if !strings.Contains(res, `"upgrades":["websocket","webtransport"]`) {
		t.Errorf("%s", res)
	}
	p, sid := r.next(), sidOf(t, res)
	c, _ := r.dial("EIO=4&transport=webtransport&sid=" + sid)
	c.openStream()
	c.text(`0{"sid":"` + sid + `"}`)
	c.text("2probe")
	c.want("3probe")
	p.Send(engineio.TextFrame([]byte("queued")))
	c.text("5")
	c.want("4queued")
	want(t, p.Transport(), engineio.WebTransport)
	c.text("4moved")
	want(t, receive(t, p.messages), "moved")
	want(t, r.engine.Stats().Upgraded, 1)
}

// TestNoStream: a client that opens none in time is not kept.
//
// checklist: 201
func TestNoStream(t *testing.T) {
	r := newRig(t, engineio.Options{UpgradeTimeout: 100 * time.Millisecond})
	c, _ := r.dial("EIO=4&transport=webtransport")
	c.ended("")
	c, _ = r.dial("EIO=4&transport=webtransport")
	c.openStream()
	c.write("\x05") // a header is no packet
	c.ended("")
}

// TestRefusals: the checks of every transport, answered before there is a WebTransport.
func TestRefusals(t *testing.T) {
	r := newRig(t, engineio.Options{
		Origins: []string{"https://app.example.com"},
		AllowRequest: func(r *http.Request) error {
			if r.Header.Get("Authorization") == "none" {
				return &engineio.Refusal{Message: "not you"}
			}
			return nil
		},
	})
	for _, try := range []struct {
		query, header string
		status        int
	}{
		{"EIO=4", "Origin: https://evil.example", 403},
		{"EIO=4", "Origin: http://" + r.addr, 403},
		{"EIO=4", "Authorization: none", 403},
		{"EIO=3", "X: y", 400},
		{"EIO=4&sid=foreign", "X: y", 400},
		{"EIO=4&transport=websocket", "X: y", 400},
	} {
		c, res := r.dial(try.query, try.header)
		if c != nil || res.StatusCode != try.status {
			t.Errorf("%+v: %s", try, res.Status)
		}
	}
	want(t, r.engine.Stats().Refused, 6)
	for _, origin := range []string{"https://app.example.com", "https://" + r.addr} {
		if c, res := r.dial("EIO=4&transport=webtransport", "Origin: "+origin); c == nil {
			t.Errorf("%s: %s", origin, res.Status)
		}
	}
}

// TestMaxSessions: the next is refused.
func TestMaxSessions(t *testing.T) {
	r := newRig(t, engineio.Options{MaxSessions: 1})
	r.open()
	c, res := r.dial("EIO=4&transport=webtransport")
	if c != nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%s", res.Status)
	}
}

// TestClientLeaves: by closing its WebTransport, its stream, its connection.
func TestClientLeaves(t *testing.T) {
	r := newRig(t, engineio.Options{})
	for name, leave := range map[string]func(c *client){
		"session":        func(c *client) { c.session.CloseWithError(7, "bye") },
		"stream":         func(c *client) { c.stream.Close() },
		"stream, broken": func(c *client) { c.stream.CancelWrite(3) },
		"stream, deaf":   func(c *client) { c.stream.CancelRead(3); c.text("4x") },
		"connection":     func(c *client) { c.conn.CloseWithError(0, "") },
	} {
		p, c := r.open()
		leave(c)
		if name == "stream, deaf" {
			for p.Reason() == "" { // noticed by who writes
				p.Send(engineio.TextFrame([]byte("y")))
				p.Flush()
			}
		}
		if got := receive(t, p.closed); got != engineio.ReasonTransportClose {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestAbruptLoss: nothing comes any more, not even the end.
func TestAbruptLoss(t *testing.T) {
	r := newRig(t, engineio.Options{PingInterval: 50 * time.Millisecond, PingTimeout: 100 * time.Millisecond})
	p, c := r.open()
	c.want("2") // and no answer
	want(t, receive(t, p.closed), engineio.ReasonPingTimeout)
	c.ended("")
}

// TestServerCloses: what is queued arrives, then the end.
func TestServerCloses(t *testing.T) {
	r := newRig(t, engineio.Options{})
	p, c := r.open()
	last := strings.Repeat("z", 200_000)
	p.Send(engineio.TextFrame([]byte(last)))
	p.Close(engineio.ReasonForcedClose)
	want(t, receive(t, p.closed), engineio.ReasonForcedClose)
	c.want("4" + last)
	if _, _, err := c.read(); err != io.EOF {
		t.Error(err)
	}
	c.ended("")
}

// TestShutdown: the sessions are drained, and Close ends the connections.
func TestShutdown(t *testing.T) {
	r := newRig(t, engineio.Options{})
	p, c := r.open()
	waiting, _ := r.dial("")
	p.Send(engineio.TextFrame([]byte("bye")))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.engine.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	want(t, receive(t, p.closed), engineio.ReasonServerShuttingDown)
	c.want("4bye")
	c.ended("")
	waiting.ended("")
	if refused, res := r.dial(""); refused != nil || res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%s", res.Status)
	}
	r.server.Close()
	<-c.conn.Context().Done()
}

// TestSlowConsumer: a client that does not read is cut off, the others hear everything.
func TestSlowConsumer(t *testing.T) {
	r := newRig(t, engineio.Options{QueueLimit: 64 << 10})
	slow, _ := r.open()
	p, c := r.open()
	f := engineio.TextFrame(make([]byte, 10_000))
	heard := make(chan int)
	go func() { // ends at "end"
		n := 0
		for packet := ""; packet != "4end"; packet, _, _ = c.read() {
			n++
		}
		heard <- n
	}()
	sent := 0
	for slow.Reason() == "" {
		slow.Send(f)
		slow.Flush()
		if sent < 50 && p.Buffered() == 0 {
			p.Send(f)
			p.Flush()
			sent++
		}
	}
	want(t, receive(t, slow.closed), engineio.ReasonSlowConsumer)
	p.Send(engineio.TextFrame([]byte("end")))
	p.Flush()
	want(t, receive(t, heard), sent+1)
}

// TestManyAtOnce opens, talks and leaves, all at the same time.
func TestManyAtOnce(t *testing.T) {
	r := newRig(t, engineio.Options{})
	const clients, messages = 20, 50
	done := make(chan bool, clients)
	for i := range clients {
		p, c := r.open()
		go func() { // ends with the session
			defer func() { done <- true }()
			for j := range messages {
				c.text(fmt.Sprintf("4%d", j))
				if got := receive(t, p.messages); got != fmt.Sprint(j) {
					t.Errorf("client %d heard %s, not %d", i, got, j)
				}
				p.Send(engineio.TextFrame(fmt.Appendf(nil, "%d", j)))
				p.Flush()
				c.want(fmt.Sprintf("4%d", j))
			}
			if i%2 == 0 {
				p.Close(engineio.ReasonForcedClose)
			} else {
				c.session.CloseWithError(0, "")
			}
			receive(t, p.closed)
		}()
	}
	for range clients {
		receive(t, done)
	}
	want(t, r.engine.ClientsCount(), 0)
}

// TestNothingStays: no goroutine is left of a client that has gone.
func TestNothingStays(t *testing.T) {
	r := newRig(t, engineio.Options{})
	cycle := func() {
		for range 10 {
			p, c := r.open()
			c.session.CloseWithError(0, "")
			receive(t, p.closed)
			c.conn.CloseWithError(0, "")
		}
	}
	cycle()
	before := runtime.NumGoroutine() // perhaps with some that are on their way out: few, beside 50 sessions
	for range 5 {
		cycle()
	}
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before, leaktest.Stacks())
		}
	}
	want(t, r.engine.ClientsCount(), 0)
}

// get asks over HTTP/3.
func (r *rig) get(query string) string {
	r.t.Helper()
	h3 := r.http3()
	defer h3.Close()
	res, err := (&http.Client{Transport: h3}).Get("https://" + r.addr + "/engine.io/?" + query)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(body)
}
