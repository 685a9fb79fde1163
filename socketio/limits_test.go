package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/socketio"
)

// Events beyond the rate are dropped, and told; as time passes more are let in.
//
// checklist: 231
func TestT231EventRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, &socketio.Options{PingInterval: 24 * time.Hour})
		handled, refused := 0, 0
		h.io.OnConnect(func(s *socketio.Socket) {
			s.Use(socketio.RateLimit(2, 5))
			s.On("n", func() { handled++ })
			s.OnError(func(err error) {
				if errors.Is(err, socketio.ErrRateLimit) {
					refused++
				}
			})
		})
		c := h.websocket()
		c.join("/", "")
		flood := func(wantHandled, wantRefused int) {
			t.Helper()
			for range 20 {
				c.write(`2["n"]`)
			}
			synctest.Wait()
			if handled != wantHandled || refused != wantRefused {
				t.Errorf("%d handled, %d refused; want %d and %d", handled, refused, wantHandled, wantRefused)
			}
		}
		flood(5, 15)
		time.Sleep(time.Second)
		flood(7, 33)
		time.Sleep(time.Hour)
		flood(12, 48)
	})
}

// checklist: 231
func TestT231SessionsAndHandshakesOfAnAddress(t *testing.T) {
	for name, o := range map[string]*socketio.Options{
		"sessions":   {MaxSessionsPerAddress: 2},
		"handshakes": {HandshakesPerMinute: 2},
	} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, o)
			h.websocket().join("/", "")
			h.polling().join("/", "")
			res, err := (&http.Client{Transport: &http.Transport{DialContext: h.dial, DisableKeepAlives: true}}).
				Get("http://" + h.host + "/socket.io/?EIO=4&transport=polling")
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusTooManyRequests {
				t.Error(res.Status)
			}
		})
	}
}

// checklist: 231
func TestT231DeepJSONCloses(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("deep", func(any) int { return 1 })
		answerFence(s)
	})
	c := h.websocket()
	c.join("/", "")
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	c.write(`21["deep",` + deep(500) + `]`)
	c.want(`31[1]`)
	c.write(`21["deep",` + deep(600) + `]`)
	c.wantClosed()
}

// Drain takes nobody new, lets the others hear what is emitted before it, and spreads their ends over
// the time it is given; with its context ends the patience.
//
// checklist: 233
func TestT233Drain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, nil)
		const n = 10
		ends := make(chan time.Time, n)
		h.io.OnConnect(func(s *socketio.Socket) {
			s.OnDisconnect(func(r socketio.Reason) {
				if r != socketio.ReasonShutdown {
					t.Errorf("reason %q", r)
				}
				ends <- time.Now()
			})
		})
		for range n {
			h.websocket().join("/", "")
		}
		clients := h.io.Sockets()
		if len(clients) != n {
			t.Fatalf("%d sockets", len(clients))
		}
		start := time.Now()
		h.io.Emit("restarting")
		done := make(chan error, 1)
		go func() { done <- h.io.Drain(t.Context(), 10*time.Second) }()
		synctest.Wait()
		if err := tryHandshake(h); err == nil {
			t.Error("a new client was let in")
		}
		for i := range n {
			if at := (<-ends).Sub(start); at != time.Duration(i)*time.Second {
				t.Errorf("client %d was closed after %v", i, at)
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, nil)
		for range 10 {
			h.websocket().join("/", "")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if err := h.io.Drain(ctx, time.Hour); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		took := time.Since(start)
		synctest.Wait()
		if n := h.io.SocketsCount(); took > 5*time.Second || n != 0 {
			t.Errorf("%d sockets after %v", n, took)
		}
	})
}

// tryHandshake fails when the server takes nobody.
func tryHandshake(h *harness) error {
	transport := &http.Transport{DialContext: h.dial, DisableKeepAlives: true}
	res, err := (&http.Client{Transport: transport}).Get("http://" + h.host + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

// checklist: 236
func TestT236Stats(t *testing.T) {
	h := serve(t, &socketio.Options{QueueLimit: 10_000})
	h.io.OnConnect(answerFence)
	stats := h.io.Engine().Stats
	c, _ := h.joined((*harness).websocket)
	p, sid := h.pollingSession()
	s := h.socket("/", p.join("/", ""))
	if got := stats(); got.Sessions != 2 || got.Opened != 2 || got.Upgraded != 0 {
		t.Errorf("%+v", got)
	}
	before := stats()
	text := strings.Repeat("x", 1000)
	c.write(fmt.Sprintf(`2["in",%q]`, text))
	c.fence()
	h.io.Emit("out", text)
	c.read()
	p.read()
	got := stats()
	if in := got.BytesReceived - before.BytesReceived; in < 1000 || in > 1200 {
		t.Errorf("%d bytes received", in)
	}
	if out := got.BytesSent - before.BytesSent; out < 2000 || out > 2500 {
		t.Errorf("%d bytes sent", out)
	}
	s.Volatile().Emit("lost") // nobody polls
	if got := stats(); got.Dropped != 1 {
		t.Errorf("%+v", got)
	}
	p.wire = h.upgrade(p.wire.(*pollWire), sid, func(message) {})
	p.fence()
	for s.Emit("much", text) == nil && stats().SlowConsumers == 0 {
		// until the pipe and the queue are full
	}
	if got := stats(); got.Upgraded != 1 || got.SlowConsumers != 1 {
		t.Errorf("%+v", got)
	}
	c.cut()
	waitFor(t, func() bool { return stats().Sessions == 0 })
}
