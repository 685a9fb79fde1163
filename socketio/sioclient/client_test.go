package sioclient_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

type note struct {
	Text string
	Blob []byte
}

func TestEventsBothWays(t *testing.T) {
	for name, parser := range map[string]socketio.Parser{"JSON": nil, "MessagePack": socketio.MessagePack()} {
		t.Run(name, func(t *testing.T) {
			inEveryMode(t, func(t *testing.T, o sioclient.Options) {
				r := serve(t, &socketio.Options{Parser: parser})
				r.io.OnConnect(func(s *socketio.Socket) {
					s.On("echo", func(ctx context.Context, n note) (note, error) { return n, nil })
					s.On("back", func(n note) { s.Emit("back", n, 7) })
					s.On("ask me", func(ctx context.Context) (string, error) {
						return socketio.Call[string](ctx, s, "question", "name?")
					})
				})
				o.Parser = parser
				s := r.dial(o)
				want := note{"hello", []byte{0, 1, 255}}
				args, err := s.EmitWithAck(t.Context(), "echo", want)
				var got note
				if err != nil || args.Decode(0, &got) != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("echo: %+v, %v", got, err)
				}
				back := make(chan note, 1)
				s.On("back", func(n note, seven int) {
					if seven == 7 {
						back <- n
					}
				})
				s.Emit("back", want)
				if got := receive(t, back); !reflect.DeepEqual(got, want) {
					t.Errorf("back: %+v", got)
				}
				s.On("question", func(q string) string { return q + " Mira" })
				args, err = s.EmitWithAck(t.Context(), "ask me")
				var answer string
				if err != nil || args.Decode(0, &answer) != nil || answer != "name? Mira" {
					t.Errorf("asked: %q, %v", answer, err)
				}
				if s.ID() == "" || s.Client().Transport() == "" || !s.Connected() {
					t.Error("not connected")
				}
			})
		})
	}
}

func TestOrderOfManyEvents(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		const n = 2000
		r := serve(t, nil)
		arrived := make(chan int, n)
		r.io.OnConnect(func(s *socketio.Socket) {
			s.On("n", func(i int) {
				arrived <- i
				s.Emit("n", i)
			})
		})
		s := r.dial(o)
		back := make(chan int, n)
		s.On("n", func(i int) { back <- i })
		for i := range n {
			if err := s.Emit("n", i); err != nil {
				t.Fatal(err)
			}
		}
		for i := range n {
			if a, b := receive(t, arrived), receive(t, back); a != i || b != i {
				t.Fatalf("event %d: %d arrived, %d came back", i, a, b)
			}
		}
	})
}

func TestNamespacesAndAuth(t *testing.T) {
	r := serve(t, nil)
	r.io.Of("/admin").Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		s.Handshake().Auth.Decode(&auth)
		if auth.Token != "secret" {
			return socketio.ConnectError{Message: "not authorized", Data: map[string]int{"code": 401}}
		}
		return nil
	})
	tokens := make(chan string, 3)
	c := r.new(sioclient.Options{Auth: func(_ context.Context, nsp string) (any, error) {
		if nsp == "/" {
			return nil, nil
		}
		return map[string]string{"token": <-tokens}, nil
	}})
	root, admin, missing := c.Of("/"), c.Of("admin"), c.Of("/missing")
	joined, refused := make(chan string, 3), make(chan error, 3)
	for _, s := range []*sioclient.Socket{root, admin, missing} {
		s.OnConnect(func() { joined <- s.Namespace() })
		s.OnConnectError(func(err error) { refused <- err })
		s.Connect()
	}
	if got := receive(t, joined); got != "/" {
		t.Errorf("joined %s", got)
	}
	tokens <- "wrong"
	tokens <- "any"
	messages := map[string]string{}
	for range 2 {
		var e *sioclient.ConnectError
		if err := receive(t, refused); errors.As(err, &e) {
			messages[e.Namespace] = e.Message + string(e.Data)
		}
	}
	if want := map[string]string{"/admin": `not authorized{"code":401}`, "/missing": "Invalid namespace"}; !reflect.DeepEqual(messages, want) {
		// whichever of the two took the token that is wrong is refused all the same
		t.Errorf("refused: %v", messages)
	}
	tokens <- "secret"
	admin.Connect()
	if got := receive(t, joined); got != "/admin" {
		t.Errorf("joined %s", got)
	}
	if r.io.Engine().ClientsCount() != 1 {
		t.Errorf("%d connections", r.io.Engine().ClientsCount())
	}
}

func TestItComesBack(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		r := serve(t, nil)
		got := make(chan int, 100)
		r.io.OnConnect(func(s *socketio.Socket) { s.On("n", func(i int) { got <- i }) })
		attempts := make(chan int, 100)
		o.OnReconnectAttempt = func(n int) { attempts <- n }
		s := r.dial(o)
		first := s.ID()
		reasons, joined := make(chan sioclient.Reason, 10), make(chan string, 10)
		s.OnDisconnect(func(r sioclient.Reason) { reasons <- r })
		s.OnConnect(func() { joined <- s.ID() })
		s.Emit("n", 0)
		receive(t, got)
		r.cut(true)
		if reason := receive(t, reasons); reason != sioclient.ReasonTransportClose && reason != sioclient.ReasonTransportError || !s.Active() {
			t.Errorf("disconnected: %s", reason)
		}
		for i := 1; i <= 3; i++ {
			if err := s.Emit("n", i); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Volatile().Emit("n", -1); !errors.Is(err, sioclient.ErrDropped) {
			t.Errorf("volatile: %v", err)
		}
		if n := receive(t, attempts); n != 1 {
			t.Errorf("attempt %d", n)
		}
		r.up()
		if id := receive(t, joined); id == first || id == "" {
			t.Errorf("came back as %q, was %q", id, first)
		}
		for i := 1; i <= 3; i++ {
			if n := receive(t, got); n != i {
				t.Errorf("got %d, want %d", n, i)
			}
		}
	})
}

func TestItIsRecovered(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		r := serve(t, &socketio.Options{ConnectionStateRecovery: &socketio.RecoveryOptions{}})
		s := r.dial(o)
		got, joined := make(chan int, 100), make(chan bool, 10)
		s.On("n", func(i int) { got <- i })
		s.OnConnect(func() { joined <- s.Recovered() })
		id := s.ID()
		r.io.Emit("n", 0)
		receive(t, got)
		r.cut(true)
		eventually(t, func() bool { return !s.Connected() }) // the server may not know yet
		r.io.Emit("n", 1)
		r.up()
		if !receive(t, joined) || s.ID() != id {
			t.Errorf("not recovered: %s, was %s", s.ID(), id)
		}
		if n := receive(t, got); n != 1 {
			t.Errorf("got %d", n)
		}
	})
}

func TestTheServerDisconnects(t *testing.T) {
	r := serve(t, nil)
	s := r.dial(sioclient.Options{})
	reasons := make(chan sioclient.Reason, 10)
	s.OnDisconnect(func(r sioclient.Reason) { reasons <- r })
	waits := make(chan error, 1)
	go func() { // ends with the disconnect
		_, err := s.EmitWithAck(context.Background(), "nobody answers")
		waits <- err
	}()
	ctx := s.Context()
	eventually(t, func() bool { return len(r.io.Sockets()) > 0 })
	r.io.DisconnectSockets(false)
	if reason := receive(t, reasons); reason != sioclient.ReasonServerDisconnect {
		t.Errorf("disconnected: %s", reason)
	}
	<-ctx.Done()
	if s.Connected() {
		t.Error("still connected")
	}
	s.Connect()
	eventually(t, s.Connected)
	s.Client().Close()
	// What was emitted behind the disconnect has waited for the next connection.
	if err := receive(t, waits); !errors.Is(err, sioclient.ErrDisconnected) && !errors.Is(err, sioclient.ErrClosed) {
		t.Errorf("waiting ended with %v", err)
	}
}

func TestAcknowledgementsTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, nil)
		s := r.dial(sioclient.Options{AckTimeout: time.Minute})
		for _, wait := range []time.Duration{time.Minute, time.Second} {
			start := time.Now()
			var err error
			if wait == time.Minute {
				_, err = s.EmitWithAck(t.Context(), "x")
			} else {
				_, err = s.Timeout(wait).EmitWithAck(t.Context(), "x")
			}
			if !errors.Is(err, sioclient.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != wait {
				t.Errorf("after %s: %v", time.Since(start), err)
			}
		}
		s.Client().Close()
	})
}

func TestRetries(t *testing.T) {
	r := serve(t, nil)
	seen := make(chan int, 100)
	lost := 0
	r.io.OnConnect(func(s *socketio.Socket) {
		s.On("n", func(ack socketio.Ack, i int) {
			seen <- i
			if i == 1 && lost < 2 {
				lost++
				return // the acknowledgement is lost
			}
			ack(i)
		})
	})
	s := r.dial(sioclient.Options{Retries: 2, AckTimeout: 200 * time.Millisecond})
	for i := range 3 {
		s.Emit("n", i)
	}
	args, err := s.EmitWithAck(t.Context(), "n", 3)
	var three int
	if err != nil || args.Decode(0, &three) != nil || three != 3 {
		t.Errorf("got %d, %v", three, err)
	}
	var order []int
	for len(seen) > 0 {
		order = append(order, <-seen)
	}
	if want := []int{0, 1, 1, 1, 2, 3}; !slices.Equal(order, want) {
		t.Errorf("the server saw %v, not %v", order, want)
	}
}

func TestLimits(t *testing.T) {
	r := serve(t, nil)
	c := r.new(sioclient.Options{BufferEvents: 2, BufferBytes: 1000})
	s := c.Of("/")
	if s.Emit("a") != nil || s.Emit("b") != nil {
		t.Error("two events do not fit")
	}
	if err := s.Emit("c"); !errors.Is(err, sioclient.ErrBufferFull) {
		t.Errorf("a third one: %v", err)
	}
	if err := c.Of("/x").Emit("big", string(make([]byte, 2000))); !errors.Is(err, sioclient.ErrBufferFull) {
		t.Errorf("a big one: %v", err)
	}
	if err := s.Emit("connect"); !errors.Is(err, sioclient.ErrReservedEvent) {
		t.Errorf("a reserved one: %v", err)
	}
	if err := s.Emit("x", func() {}); err == nil {
		t.Error("a function was sent")
	}
}

func TestAHandlerMayAsk(t *testing.T) {
	r := serve(t, nil)
	r.io.OnConnect(func(s *socketio.Socket) {
		s.On("twice", func(n int) int { return 2 * n })
		s.Emit("begin", 4)
	})
	answer := make(chan int, 1)
	c := r.new(sioclient.Options{})
	s := c.Of("/")
	s.On("begin", func(ctx context.Context, n int) {
		args, err := s.EmitWithAck(ctx, "twice", n)
		if err == nil {
			err = args.Decode(0, &n)
		}
		if err != nil {
			t.Error(err)
		}
		answer <- n
	})
	s.Connect()
	if n := receive(t, answer); n != 8 {
		t.Errorf("got %d", n)
	}
}

func TestBadInputOfTheServer(t *testing.T) {
	r := serve(t, nil)
	errs := make(chan error, 10)
	s := r.dial(sioclient.Options{OnError: func(err error) { errs <- err }})
	s.On("n", func(n int) int { return n })
	s.On("p", func() { panic("oh") })
	eventually(t, func() bool { return len(r.io.Sockets()) > 0 })
	peer := r.io.Sockets()[0]
	args, err := peer.EmitWithAck(t.Context(), "n", "no number")
	var told struct{ Error string }
	if err != nil || args.Decode(0, &told) != nil || told.Error != "invalid argument 0" {
		t.Errorf("told %+v, %v", told, err)
	}
	var wrong *sioclient.ArgumentError
	if err := receive(t, errs); !errors.As(err, &wrong) {
		t.Errorf("reported: %v", err)
	}
	peer.Emit("p")
	var panicked *sioclient.PanicError
	if err := receive(t, errs); !errors.As(err, &panicked) || panicked.Value != "oh" {
		t.Errorf("reported: %v", err)
	}
	if !s.Connected() {
		t.Error("disconnected")
	}
}

func TestDialFails(t *testing.T) {
	r := serve(t, nil)
	r.io.Use(func(context.Context, *socketio.Socket) error { return socketio.ConnectError{Message: "no"} })
	_, err := sioclient.Dial(t.Context(), "http://test", r.options(sioclient.Options{}))
	var refused *sioclient.ConnectError
	if !errors.As(err, &refused) || refused.Message != "no" {
		t.Errorf("refused: %v", err)
	}
	r.cut(true)
	if _, err := sioclient.Dial(t.Context(), "http://test", r.options(sioclient.Options{})); err == nil {
		t.Error("connected to nobody")
	}
}

func TestReconnectsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, nil)
		failed := make(chan struct{})
		var at []time.Duration
		start := time.Now()
		o := r.options(sioclient.Options{
			MaxReconnects: 4, RandomizationFactor: -1, ReconnectDelay: time.Second,
			OnReconnectAttempt: func(int) { at = append(at, time.Since(start)) },
			OnReconnectFailed:  func() { close(failed) },
		})
		s, err := sioclient.Dial(t.Context(), "http://test", o)
		if err != nil {
			t.Fatal(err)
		}
		r.cut(true)
		<-failed
		want := []time.Duration{1, 3, 7, 12}
		for i, d := range at {
			if d.Round(time.Second) != want[i]*time.Second {
				t.Errorf("attempts after %v", at)
				break
			}
		}
		if len(at) != 4 {
			t.Errorf("%d attempts", len(at))
		}
		s.Client().Close()
	})
}

func TestCloseIsTheEnd(t *testing.T) { // and TestMain finds what is left
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		r := serve(t, nil)
		got := make(chan string, 100)
		r.io.OnConnect(func(s *socketio.Socket) { s.On("last", func(text string) { got <- text }) })
		for i := range 20 {
			s := r.dial(o)
			s.Emit("last", fmt.Sprint(i))
			s.Client().Close()
			if text := receive(t, got); text != fmt.Sprint(i) {
				t.Errorf("got %s", text)
			}
			if err := s.Emit("late"); !errors.Is(err, sioclient.ErrClosed) {
				t.Errorf("emitted after the end: %v", err)
			}
		}
	})
}
