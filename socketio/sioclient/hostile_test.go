package sioclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/internal/memnet"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// hostile serves whatever f says, and returns a client that leads there.
func hostile(t testing.TB, f http.HandlerFunc) *http.Client {
	l := memnet.Listen()
	web := &http.Server{Handler: f, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	var served sync.WaitGroup
	served.Go(func() { web.Serve(l) })
	transport := &http.Transport{DialContext: l.DialContext}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		web.Close()
		served.Wait()
	})
	return &http.Client{Transport: transport}
}

const opening = `0{"sid":"s","upgrades":[],"pingInterval":1000,"pingTimeout":1000,"maxPayload":1000}`

// script is a server over polling that answers the handshake, then each poll with the next line, and then
// no more. Whatever is posted is taken.
func script(opening string, lines ...string) http.HandlerFunc {
	var polls atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		switch n := int(polls.Load()); {
		case r.Method == http.MethodPost:
			io.Copy(io.Discard, r.Body)
			io.WriteString(w, "ok")
		case !r.URL.Query().Has("sid"):
			polls.Store(0)
			io.WriteString(w, opening)
		case n < len(lines):
			polls.Add(1)
			io.WriteString(w, lines[n])
		default:
			<-r.Context().Done()
		}
	}
}

var pollingOnly = []eioclient.Transport{eioclient.Polling}

// A server that answers the handshake with rubbish is an error of Dial, and no more.
func TestRubbishForAHandshake(t *testing.T) {
	for _, opening := range []string{
		"", "0", "0{}", "0null", "0[]", `0{"sid":7}`, `0{"sid":""}`, "hello", "4hello", "\x1e\x1e", "<html>", "b0", "bAAAA", "6", "1",
		`0{"sid":"s"}`, `0{"sid":"s","pingInterval":0,"pingTimeout":1}`, `0{"sid":"s","pingInterval":-5,"pingTimeout":1}`,
		`0{"sid":"s","pingInterval":9e18,"pingTimeout":9e18}`, `0{"sid":"s","pingInterval":9223372036854775807,"pingTimeout":9223372036854775807}`,
		`0{"sid":"` + strings.Repeat("s", 5000) + `","pingInterval":1000,"pingTimeout":1000}`, "\xff\xfe", strings.Repeat("0", 1<<20),
	} {
		client := hostile(t, script(opening))
		_, err := sioclient.Dial(t.Context(), "http://test", &sioclient.Options{
			HTTPClient: client, Transports: pollingOnly, Logger: slog.New(slog.DiscardHandler),
		})
		if err == nil {
			t.Errorf("%.40q let us in", opening)
		}
	}
}

// After the handshake rubbish ends the connection with a reason, an error is reported, and the client
// comes back.
func TestRubbishEndsTheConnection(t *testing.T) {
	for _, c := range []struct {
		what   string
		reason sioclient.Reason
	}{
		{"9", sioclient.ReasonParseError},
		{"", sioclient.ReasonTransportError},
		{"b!", sioclient.ReasonParseError},
		{"4\xff\xfe", sioclient.ReasonParseError},
		{"4", sioclient.ReasonParseError},
		{"49", sioclient.ReasonParseError},
		{"42{}", sioclient.ReasonParseError},
		{"42[]", sioclient.ReasonParseError},
		{`42["x"`, sioclient.ReasonParseError},
		{`42[["x"]]`, sioclient.ReasonParseError},
		{`42["connect"]`, sioclient.ReasonParseError},
		{`451000000-["x",{"_placeholder":true,"num":0}]`, sioclient.ReasonParseError},
		{`451-["x",{"_placeholder":true,"num":1}]` + "\x1ebAAAA", sioclient.ReasonParseError},
		{`451-["x",{"_placeholder":true,"num":0}]` + "\x1e" + `42["y"]`, sioclient.ReasonParseError},
		{"bAAAA", sioclient.ReasonParseError},
		{`42["x",` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "]", sioclient.ReasonParseError},
		{`42["x","` + strings.Repeat("x", 300_000) + `"]`, sioclient.ReasonTransportError}, // more than MaxMessage
		{"1", sioclient.ReasonTransportClose},
	} {
		t.Run(fmt.Sprintf("%.30q", c.what), func(t *testing.T) {
			client := hostile(t, script(opening, `40{"sid":"me"}`, c.what))
			o := &sioclient.Options{
				HTTPClient: client, Transports: pollingOnly, Logger: slog.New(slog.DiscardHandler),
				ReconnectDelay: time.Millisecond, MaxMessage: 250_000,
			}
			c2 := sioclient.New("http://test", o)
			defer c2.Close()
			s := c2.Of("/")
			joined, lost := make(chan struct{}, 100), make(chan sioclient.Reason, 100)
			s.OnConnect(func() { joined <- struct{}{} })
			s.OnDisconnect(func(r sioclient.Reason) { lost <- r })
			s.Connect()
			for range 2 {
				receive(t, joined)
				if reason := receive(t, lost); reason != c.reason {
					t.Errorf("it ended for %q, not %q", reason, c.reason)
				}
			}
		})
	}
}

// What is odd but harmless changes nothing: the event behind it arrives.
func TestOddPacketsAreIgnored(t *testing.T) {
	odd := []string{
		"6", "3", "2", "2probe", "3probe", "5", `40{"sid":"again"}`, `40/other,{"sid":"x"}`, `42/other,["x"]`, `431[]`, `43["no id"]`,
		`431[{}]`, `44{"message":"late"}`, `42[7]`, `42["nobody listens"]`, "42", "43", `422`, `423["nobody acknowledges"]`, `0{"sid":"t"}`,
	}
	client := hostile(t, script(opening, append([]string{`40{"sid":"me"}`, strings.Join(odd, "\x1e")}, `42["x",1]`)...))
	s, err := sioclient.Dial(t.Context(), "http://test", &sioclient.Options{
		HTTPClient: client, Transports: pollingOnly, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Client().Close()
	got := make(chan int, 1)
	s.On("x", func(n int) { got <- n })
	if receive(t, got) != 1 || s.ID() != "me" {
		t.Errorf("it is %s now", s.ID())
	}
}

// A CONNECT answer without an id breaks the protocol.
func TestAnAnswerWithoutAnID(t *testing.T) {
	for _, answer := range []string{"40", "40{}", `40{"sid":""}`, `40{"sid":7}`} {
		errs := make(chan error, 100)
		c := sioclient.New("http://test", &sioclient.Options{
			HTTPClient: hostile(t, script(opening, answer)), Transports: pollingOnly, Logger: slog.New(slog.DiscardHandler),
			OnError: func(err error) { errs <- err },
		})
		c.Of("/").Connect()
		if err := receive(t, errs); !strings.Contains(err.Error(), "without an id") && !strings.Contains(err.Error(), "sid") {
			t.Errorf("%s: %v", answer, err)
		}
		c.Close()
	}
}

// A server that answers every poll at once, with nothing, is not asked as fast as it can answer.
func TestEndlessEmptyPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var polls atomic.Int64
		client := hostile(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				io.WriteString(w, "ok")
			case !r.URL.Query().Has("sid"):
				io.WriteString(w, strings.Replace(opening, "1000", "60000", 1)+"\x1e"+`40{"sid":"me"}`)
			default:
				polls.Add(1)
				time.Sleep(time.Millisecond)
				io.WriteString(w, "6\x1e6")
			}
		})
		c := sioclient.New("http://test", &sioclient.Options{HTTPClient: client, Transports: pollingOnly, Logger: slog.New(slog.DiscardHandler)})
		c.Of("/").Connect()
		time.Sleep(30 * time.Second)
		if n := polls.Load(); n < 10 || n > 60 {
			t.Errorf("%d polls in 30 s", n)
		}
		c.Close()
	})
}

// endless is a body without an end.
func endless(w http.ResponseWriter, r *http.Request, what string) {
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, what); err != nil {
			return
		}
	}
}

// A body without an end is read up to the limit, whatever it is an answer to.
func TestEndlessBodies(t *testing.T) {
	for _, phase := range []string{"handshake", "refusal", "poll", "post"} {
		t.Run(phase, func(t *testing.T) {
			client := hostile(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case phase == "refusal":
					w.WriteHeader(http.StatusBadRequest)
					endless(w, r, "no ")
				case phase == "handshake":
					endless(w, r, opening)
				case r.Method == http.MethodPost && phase == "post":
					endless(w, r, "ok")
				case r.Method == http.MethodPost:
					io.WriteString(w, "ok")
				case !r.URL.Query().Has("sid"):
					io.WriteString(w, opening)
				case phase == "poll":
					endless(w, r, `42["x"]`+"\x1e")
				default:
					<-r.Context().Done()
				}
			})
			limit := patience
			if phase == "post" {
				limit = 100 * time.Millisecond // CONNECT is never answered, and nothing else ends it
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			s, err := sioclient.Dial(ctx, "http://test", &sioclient.Options{
				HTTPClient: client, Transports: pollingOnly, Logger: slog.New(slog.DiscardHandler), MaxMessage: 100_000, DisableReconnect: true,
			})
			if err == nil {
				s.Client().Close()
				t.Fatal("connected")
			}
			if errors.Is(err, context.DeadlineExceeded) != (phase == "post") {
				t.Errorf("it went on until %v", err)
			}
		})
	}
}

// Oversize messages over a WebSocket, and a server whose events nobody can keep up with.
func TestAFloodWaitsForItsHandlers(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		const n = 300
		r := serve(t, nil)
		r.io.OnConnect(func(s *socketio.Socket) {
			s.On("flood", func() {
				for i := range n {
					s.Emit("n", i, make([]byte, 1000))
				}
			})
		})
		for name, limit := range map[string]sioclient.Options{"events": {InboxEvents: 3}, "bytes": {InboxBytes: 2500}} {
			t.Run(name, func(t *testing.T) {
				o := o
				o.InboxEvents, o.InboxBytes = limit.InboxEvents, limit.InboxBytes
				s := r.dial(o)
				got, proceed := make(chan int, n), make(chan struct{})
				s.On("n", func(i int, _ []byte) {
					<-proceed
					got <- i
				})
				s.Emit("flood")
				// The reader waits for room by now or soon: an acknowledgement cannot come.
				eventually(t, func() bool {
					_, err := s.EmitWithAck(t.Context(), "x")
					return errors.Is(err, sioclient.ErrBackpressure)
				})
				close(proceed)
				for i := range n {
					if got := receive(t, got); got != i {
						t.Fatalf("got %d, want %d", got, i)
					}
				}
			})
		}
	})
}

// A handler that waits for its own acknowledgement in another namespace, while its inbox is full, is told.
func TestAStalledReaderTellsOtherNamespaces(t *testing.T) {
	r := serve(t, nil)
	r.io.Of("/other").OnConnect(func(s *socketio.Socket) { s.On("x", func(socketio.Ack) {}) })
	r.io.OnConnect(func(s *socketio.Socket) {
		for range 10 {
			s.Emit("n")
		}
	})
	c := r.new(sioclient.Options{InboxEvents: 1})
	other := c.Of("/other")
	joined := make(chan struct{}, 1)
	other.OnConnect(func() { joined <- struct{}{} })
	other.Connect()
	receive(t, joined)
	s := c.Of("/")
	told := make(chan error, 20)
	s.On("n", func(ctx context.Context) {
		_, err := other.EmitWithAck(ctx, "x")
		told <- err
	})
	s.Connect()
	if err := receive(t, told); !errors.Is(err, sioclient.ErrBackpressure) {
		t.Errorf("told: %v", err)
	}
}
