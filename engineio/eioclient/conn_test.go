package eioclient_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio"
	"rightnow/engineio/eioclient"
)

func text(s string) eioclient.Message { return eioclient.Message{Data: []byte(s)} }

func TestMessagesBothWays(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, nil)
		p := r.dial(o)
		for _, m := range []eioclient.Message{text("hello"), text(""), text("\u20ac\x00"), {Data: []byte{0, 1, 255}, Binary: true}, {Data: []byte{}, Binary: true}} {
			if err := p.Send(m); err != nil {
				t.Fatal(err)
			}
			got := receive(t, p.heard)
			if got.Binary != m.Binary || string(got.Data) != string(m.Data) {
				t.Errorf("sent %q (binary %v), got %q (%v)", m.Data, m.Binary, got.Data, got.Binary)
			}
		}
		if err := p.Close(); err != nil || p.Err() != eioclient.ErrClosed {
			t.Errorf("Close: %v; the session ended with %v", err, p.Err())
		}
		if reason := receive(t, p.closed); reason != eioclient.ReasonClosed {
			t.Errorf("closed: %s", reason)
		}
		if err := p.Send(text("late")); !errors.Is(err, eioclient.ErrClosed) {
			t.Errorf("a message after the end: %v", err)
		}
	})
}

// What is sent and what comes keeps its order while the transport changes.
func TestOrderAcrossTheUpgrade(t *testing.T) {
	r := serve(t, nil)
	for range 20 {
		p := r.dial(eioclient.Options{})
		s := receive(t, r.sessions)
		const n = 2000
		go func() { // ends with the last message
			for i := range n {
				p.Send(text(fmt.Sprint("echo ", i)))
				if dirty, _ := s.Send(engineio.TextFrame(fmt.Appendf(nil, "own %d", i))); dirty {
					s.Flush()
				}
			}
		}()
		next := map[string]int{}
		for range 2 * n {
			kind, number, _ := strings.Cut(string(receive(t, p.heard).Data), " ")
			if fmt.Sprint(next[kind]) != number {
				t.Fatalf("%s: got %s, want %d", kind, number, next[kind])
			}
			next[kind]++
		}
		receive(t, p.upgraded)
		p.Send(text("over the WebSocket"))
		receive(t, p.heard) // so the server has seen the change
		if p.Transport() != eioclient.WebSocket || s.Transport() != engineio.WebSocket {
			t.Fatalf("after the upgrade: %s, the server says %s", p.Transport(), s.Transport())
		}
		p.Close()
	}
}

func TestCloseSendsWhatIsQueued(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, nil)
		for round := range 10 {
			p := r.dial(o)
			s := receive(t, r.sessions)
			for i := range 100 {
				p.Send(text(fmt.Sprint(i)))
			}
			p.Close()
			<-s.Done()
			if s.Reason() != engineio.ReasonTransportClose {
				t.Fatalf("the server says %s", s.Reason())
			}
			if n := r.arrived.Load(); n != int64(100*(round+1)) {
				t.Fatalf("%d messages have arrived in round %d", n, round)
			}
		}
	})
}

func TestTheServerCloses(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, nil)
		p := r.dial(o)
		receive(t, r.sessions).Close(engineio.ReasonForcedClose)
		if reason := receive(t, p.closed); reason != eioclient.ReasonTransportClose {
			t.Errorf("closed: %s (%v)", reason, p.Err())
		}
		<-p.Done()
	})
}

func TestPingsAreAnswered(t *testing.T) {
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := serve(t, &engineio.Options{PingInterval: 10 * time.Second, PingTimeout: 5 * time.Second})
				p := r.dial(o)
				time.Sleep(5 * time.Minute)
				if p.Err() != nil {
					t.Errorf("ended: %v", p.Err())
				}
				p.Close()
			})
		})
	}
}

// slow is a connection that takes its time for each write.
type slow struct{ net.Conn }

func (s slow) Write(p []byte) (int, error) {
	time.Sleep(100 * time.Millisecond)
	return s.Conn.Write(p)
}

// A long queue and a slow way to the server: the pongs do not wait for all of it, nor need all of it go within RequestTimeout.
func TestPongsOvertakeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, &engineio.Options{PingInterval: time.Second, PingTimeout: time.Second})
		r.through(func(c net.Conn) net.Conn { return slow{c} })
		p := r.dial(eioclient.Options{Transports: []eioclient.Transport{eioclient.WebSocket}, RequestTimeout: 2 * time.Second})
		const n = 100 // 10 s
		for i := range n {
			if err := p.Send(text(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		for i := range n {
			select {
			case m := <-p.heard:
				if string(m.Data) != fmt.Sprint(i) {
					t.Fatalf("got %s, want %d", m.Data, i)
				}
			case reason := <-p.closed:
				t.Fatalf("closed before %d: %s, %v", i, reason, p.Err())
			}
		}
		p.Close()
	})
}

// checklist: 71
func TestSilenceEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, &engineio.Options{PingInterval: 10 * time.Second, PingTimeout: 5 * time.Second})
		r.client = &http.Client{Transport: silenced{r.client.Transport}}
		p := r.dial(eioclient.Options{Transports: []eioclient.Transport{eioclient.Polling}})
		start := time.Now()
		if reason := <-p.closed; reason != eioclient.ReasonPingTimeout {
			t.Errorf("closed: %s", reason)
		}
		if d := time.Since(start); d != 15*time.Second {
			t.Errorf("after %s", d)
		}
	})
}

// silenced lets the handshake through; all else waits for the request's end.
type silenced struct {
	http.RoundTripper
}

func (s silenced) RoundTrip(r *http.Request) (*http.Response, error) {
	if !r.URL.Query().Has("sid") {
		return s.RoundTripper.RoundTrip(r)
	}
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

func TestRefusals(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, &engineio.Options{AllowRequest: func(*http.Request) error { return &engineio.Refusal{Message: "not today"} }})
		opts, _ := r.options(o)
		_, err := eioclient.Dial(t.Context(), "ws://test", opts)
		var refused *eioclient.HandshakeError
		if !errors.As(err, &refused) || refused.Message != "not today" {
			t.Errorf("got %v", err)
		}
	})
	for address, want := range map[string]string{"ftp://x": "begin with", "http://": "no host", "http://%zz": "address"} {
		if _, err := eioclient.Dial(t.Context(), address, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestLimits(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, &engineio.Options{MaxPayload: 1000})
		o.QueueLimit = 5000
		p := r.dial(o)
		if err := p.Send(eioclient.Message{Data: make([]byte, 1001), Binary: true}); !errors.Is(err, eioclient.ErrTooBig) {
			t.Errorf("a message over the server's limit: %v", err)
		}
		var full error
		for i := 0; i < 1000 && full == nil; i++ {
			full = p.Send(text(strings.Repeat("x", 700)), text(strings.Repeat("x", 700)))
		}
		if !errors.Is(full, eioclient.ErrQueueFull) {
			t.Errorf("a full queue: %v", full)
		}
		if err := p.SendAnyway(eioclient.Message{Data: make([]byte, 1001), Binary: true}); !errors.Is(err, eioclient.ErrTooBig) {
			t.Errorf("a message over the server's limit, anyway: %v", err)
		}
		if err := p.SendAnyway(text("last"), text(strings.Repeat("x", 900)), text(strings.Repeat("x", 900)), text("really")); err != nil {
			t.Errorf("anyway, with a full queue: %v", err)
		}
		for string(receive(t, p.heard).Data) != "really" {
		}
		if p.Err() != nil {
			t.Errorf("ended: %v", p.Err())
		}
		p.Close()
	})
}

// Binary data count against the server's limit as they travel: in base64 while the session is polling.
func TestHowBinaryDataCount(t *testing.T) {
	const limit, raw, base64 = 1000, 1000, 747
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, &engineio.Options{MaxPayload: limit})
		p := r.dial(o)
		if len(o.Transports) == 0 {
			receive(t, p.upgraded)
		}
		fits := raw
		if p.Transport() == eioclient.Polling {
			fits = base64
		}
		if err := p.Send(eioclient.Message{Data: make([]byte, fits+1), Binary: true}); !errors.Is(err, eioclient.ErrTooBig) {
			t.Errorf("%d bytes: %v", fits+1, err)
		}
		if err := p.Send(text(strings.Repeat("x", limit))); !errors.Is(err, eioclient.ErrTooBig) {
			t.Errorf("a text of %d bytes: %v", limit, err)
		}
		for _, m := range []eioclient.Message{{Data: make([]byte, fits), Binary: true}, text(strings.Repeat("x", limit-1))} {
			if err := p.Send(m); err != nil {
				t.Errorf("%d bytes: %v", len(m.Data), err)
			} else if got := receive(t, p.heard); len(got.Data) != len(m.Data) {
				t.Errorf("%d bytes came back as %d", len(m.Data), len(got.Data))
			}
		}
		p.Close()
	})
}

func TestALargeAnswerEndsTheSession(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, nil)
		o.MaxMessage = 1000
		p := r.dial(o)
		s := receive(t, r.sessions)
		s.Send(engineio.TextFrame(make([]byte, 2000)))
		s.Flush()
		if reason := receive(t, p.closed); reason == eioclient.ReasonClosed {
			t.Errorf("closed: %s", reason)
		}
	})
}

func TestHeaderAndQueryGoWithEveryRequest(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, nil)
		o.Header = http.Header{"X-Token": {"t"}}
		o.Query = url.Values{"room": {"tea"}}
		p := r.dial(o)
		s := receive(t, r.sessions)
		h := s.Handshake()
		if h.Header().Get("X-Token") != "t" || h.Query().Get("room") != "tea" || h.Query().Get("q") != "1" {
			t.Errorf("header %v, query %v", h.Header(), h.Query())
		}
		p.Close()
	})
}

// A path has a slash at its end, as with the official client: nothing answers without it, and a redirect would make a GET of a POST.
func TestThePathEndsInASlash(t *testing.T) {
	for given, want := range map[string]string{"": "/engine.io/", "/": "/", "/engine.io": "/engine.io/", "/my/path": "/my/path/", "/my/path/": "/my/path/"} {
		inEveryMode(t, func(t *testing.T, o eioclient.Options) {
			r := serve(t, nil)
			o.Path = given
			at := make(chan string, 100)
			whatever := http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
				at <- request.URL.Path
				r.server.ServeHTTP(w, request)
			})
			web := httptest.NewServer(whatever)
			defer web.Close()
			opts, p := r.options(o)
			opts.HTTPClient = web.Client()
			conn, err := eioclient.Dial(t.Context(), web.URL, opts)
			if err != nil {
				t.Fatal(err)
			}
			conn.Send(text("hello"))
			receive(t, p.heard)
			conn.Close()
			for len(at) > 0 {
				if got := <-at; got != want {
					t.Errorf("%q leads to %q, not to %q", given, got, want)
				}
			}
		})
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	r := serve(t, nil)
	opts, _ := r.options(eioclient.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := eioclient.Dial(ctx, "http://test", opts); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNoGoroutineIsLeft(t *testing.T) { // by TestMain
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, nil)
		for range 50 {
			p := r.dial(o)
			p.Abort()
			<-p.Done()
		}
	})
}
