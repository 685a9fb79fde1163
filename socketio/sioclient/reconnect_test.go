package sioclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// nobody is an HTTP client that reaches no server.
func nobody() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, net.ErrClosed
	}}}
}

// An address that cannot be one is not tried again, for none of the sockets.
func TestAnAddressThatIsNone(t *testing.T) {
	for _, address := range []string{"nonsense", "ftp://x", "http://", "http://%zz", ":", ""} {
		synctest.Test(t, func(t *testing.T) {
			c := sioclient.New(address, &sioclient.Options{
				Logger:             slog.New(slog.DiscardHandler),
				OnReconnectAttempt: func(int) { t.Errorf("%q is tried again", address) },
			})
			defer c.Close()
			told := 0
			for _, nsp := range []string{"/", "/a"} {
				s := c.Of(nsp)
				s.OnConnectError(func(err error) {
					if told++; !errors.Is(err, eioclient.ErrAddress) || s.Active() {
						t.Errorf("%q: %v, active: %v", address, err, s.Active())
					}
				})
				s.Connect()
				synctest.Wait()
			}
			time.Sleep(time.Hour)
			if told != 2 {
				t.Errorf("%q: told %d times", address, told)
			}
			c.Of("/").Connect()
			synctest.Wait()
			if told != 3 {
				t.Errorf("%q: told %d times after another Connect", address, told)
			}
			if _, err := sioclient.Dial(t.Context(), address, nil); err == nil {
				t.Errorf("%q leads somewhere", address)
			}
		})
	}
}

// Hooks that are told the last thing see that it is.
func TestWhatIsOverIsNotActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, nil)
		told := make(chan bool, 10)
		o := r.options(sioclient.Options{DisableReconnect: true, Transports: []eioclient.Transport{eioclient.WebSocket}})
		s, err := sioclient.Dial(t.Context(), "http://test", o, func(s *sioclient.Socket) {
			s.OnDisconnect(func(sioclient.Reason) { told <- s.Active() })
			s.OnConnectError(func(error) { told <- s.Active() })
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Client().Close()
		r.cut(true)
		if receive(t, told) {
			t.Error("active after the loss")
		}
		s.Connect()
		if receive(t, told) {
			t.Error("active after a try that failed")
		}
	})
}

// Each pause is twice the one before, up to the longest, more or less by the factor and never the same.
func TestPausesBetweenReconnects(t *testing.T) {
	for _, factor := range []float64{-1, 0.2, 0, 1, 7} { // 0 means 0.5, more than 1 means 1
		synctest.Test(t, func(t *testing.T) {
			var at []time.Time
			done := make(chan struct{})
			c := sioclient.New("http://test", &sioclient.Options{
				HTTPClient: nobody(), Logger: slog.New(slog.DiscardHandler),
				ReconnectDelay: 100 * time.Millisecond, ReconnectDelayMax: time.Second, RandomizationFactor: factor, MaxReconnects: 40,
				OnReconnectAttempt: func(int) { at = append(at, time.Now()) },
				OnReconnectFailed:  func() { close(done) },
			})
			last := time.Now()
			c.Of("/").Connect()
			<-done
			c.Close()
			around := map[float64]float64{-1: 0, 0: 0.5, 7: 1}
			f, other := around[factor]
			if !other {
				f = factor
			}
			pauses := map[time.Duration]bool{}
			for i, now := range at {
				pause, base := now.Sub(last), min(100*time.Millisecond<<min(i, 10), time.Second)
				last = now
				if low, high := float64(base)*(1-f), float64(base)*(1+f); float64(pause) < low || float64(pause) > high {
					t.Errorf("factor %v: pause %d of %v is not within %v and %v", factor, i, pause, time.Duration(low), time.Duration(high))
				}
				pauses[pause] = true
			}
			if len(at) != 40 || (len(pauses) > 35) != (f > 0) {
				t.Errorf("factor %v: %d attempts, %d different pauses", factor, len(at), len(pauses))
			}
		})
	}
}

// The function Auth is asked at every connection, and what it says now counts.
func TestAuthIsAskedAgain(t *testing.T) {
	r := serve(t, nil)
	tokens := make(chan int, 10)
	r.io.OnConnect(func(s *socketio.Socket) {
		var auth struct{ Token int }
		s.Handshake().Auth.Decode(&auth)
		tokens <- auth.Token
	})
	asked := 0
	onlyWebSocket := []eioclient.Transport{eioclient.WebSocket} // polling would outlive the cut
	s := r.dial(sioclient.Options{Transports: onlyWebSocket, Auth: func(ctx context.Context, nsp string) (any, error) {
		if asked++; asked == 3 {
			return nil, errors.New("no token today")
		}
		return map[string]int{"token": asked}, ctx.Err()
	}})
	refused := make(chan error, 10)
	s.OnConnectError(func(err error) { refused <- err })
	for i := range 2 {
		if token := receive(t, tokens); token != i+1 {
			t.Errorf("token %d", token)
		}
		r.cut(false)
	}
	for receive(t, refused).Error() != "no token today" { // it may have been cut off before it was let in
	}
}

// Auth that waits does not outlive its connection, and a panic in it is an error.
func TestAuthEndsWithItsConnection(t *testing.T) {
	r := serve(t, nil)
	over, failed := make(chan error, 1), make(chan error, 10)
	var asked atomic.Int64
	c := r.new(sioclient.Options{
		Transports: []eioclient.Transport{eioclient.WebSocket}, // polling would outlive the cut
		Auth: func(ctx context.Context, _ string) (any, error) {
			if asked.Add(1) > 1 {
				panic("no more")
			}
			r.cut(false)
			<-ctx.Done()
			over <- ctx.Err()
			return nil, ctx.Err()
		},
	})
	s := c.Of("/")
	s.OnConnectError(func(err error) { failed <- err })
	s.Connect()
	receive(t, over)
	var panicked *sioclient.PanicError
	for !errors.As(receive(t, failed), &panicked) {
	}
	if panicked.Where != "Auth" {
		t.Errorf("it panicked in %s", panicked.Where)
	}
}

// At a recovery the client brings its private id and the offset of the last event that it has taken, and
// the fields of Auth besides.
func TestRecoveryAsksWithOffset(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		r := serve(t, &socketio.Options{ConnectionStateRecovery: &socketio.RecoveryOptions{}})
		brought := make(chan map[string]any, 10)
		r.io.Use(func(_ context.Context, s *socketio.Socket) error {
			var auth map[string]any
			s.Handshake().Auth.Decode(&auth)
			brought <- auth
			return nil
		})
		o.Auth = func(context.Context, string) (any, error) { return map[string]string{"user": "ann"}, nil }
		s := r.dial(o)
		if auth := receive(t, brought); len(auth) != 1 || auth["user"] != "ann" {
			t.Errorf("first it brought %v", auth)
		}
		offsets, joined := make(chan string, 10), make(chan bool, 10)
		s.OnConnect(func() { joined <- s.Recovered() })
		s.OnAny(func(e *sioclient.Event) {
			var offset string
			e.Decode(e.Args().Len()-1, &offset)
			offsets <- offset
		})
		r.io.Emit("news", 1)
		offset := receive(t, offsets)
		r.cut(true)
		eventually(t, func() bool { return !s.Connected() }) // polling would outlive it
		r.up()
		if auth := receive(t, brought); auth["user"] != "ann" || auth["pid"] == nil || auth["offset"] != offset || offset == "" {
			t.Errorf("then %v, and the offset is %q", auth, offset)
		}
		if !receive(t, joined) {
			t.Error("it was not recovered")
		}
	})
}

// What a middleware emits comes before the server's answer: its handler has a context that is alive, and
// its offset counts, so that it does not come again.
func TestEventsBeforeTheAnswer(t *testing.T) {
	r := serve(t, &socketio.Options{ConnectionStateRecovery: &socketio.RecoveryOptions{}})
	first := true
	r.io.Use(func(_ context.Context, s *socketio.Socket) error {
		if first {
			s.Emit("early", 1)
		}
		first = false
		return nil
	})
	c := r.new(sioclient.Options{Transports: []eioclient.Transport{eioclient.WebSocket}}) // a cut between two polls would not be noticed
	s := c.Of("/")
	type seen struct {
		n   int
		err error
	}
	heard, joined := make(chan seen, 10), make(chan struct{}, 10)
	s.On("early", func(ctx context.Context, n int) { heard <- seen{n, ctx.Err()} })
	s.On("late", func(ctx context.Context, n int) { heard <- seen{n, ctx.Err()} })
	s.OnConnect(func() { joined <- struct{}{} })
	s.Connect()
	receive(t, joined)
	if got := receive(t, heard); got.n != 1 || got.err != nil {
		t.Errorf("early: %+v", got)
	}
	r.cut(false)
	receive(t, joined)
	r.io.Emit("late", 2)
	if got := receive(t, heard); got.n != 2 || got.err != nil {
		t.Errorf("late: %+v", got)
	}
}

// hanging has connections that nobody answers.
func hanging(t *testing.T, reached chan<- struct{}) *http.Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		reached <- struct{}{}
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestCloseDuringDial(t *testing.T) {
	reached := make(chan struct{}, 10)
	c := sioclient.New("http://test", &sioclient.Options{HTTPClient: hanging(t, reached), Logger: slog.New(slog.DiscardHandler)})
	c.Of("/").Connect()
	receive(t, reached)
	c.Close() // TestMain finds what is left
	c.Close()
}

func TestDialGivesUpWithItsContext(t *testing.T) {
	reached := make(chan struct{}, 10)
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	o := &sioclient.Options{HTTPClient: hanging(t, reached), Logger: slog.New(slog.DiscardHandler)}
	ended := make(chan error, 1)
	go func() { // ends with ctx
		_, err := sioclient.Dial(ctx, "http://test", o)
		ended <- err
	}()
	receive(t, reached)
	cancel(enough)
	if err := receive(t, ended); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}

	r := serve(t, nil)
	hold := make(chan struct{})
	r.io.Use(func(ctx context.Context, _ *socketio.Socket) error {
		close(hold)
		<-ctx.Done()
		return ctx.Err()
	})
	ctx, cancel = context.WithCancelCause(t.Context())
	go func() { // likewise, while the server thinks about it
		_, err := sioclient.Dial(ctx, "http://test", r.options(sioclient.Options{}))
		ended <- err
	}()
	receive(t, hold)
	cancel(enough)
	if err := receive(t, ended); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}

func TestConnectTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reached := make(chan struct{}, 10)
		start := time.Now()
		_, err := sioclient.Dial(t.Context(), "http://test", &sioclient.Options{
			HTTPClient: hanging(t, reached), ConnectTimeout: 3 * time.Second, Logger: slog.New(slog.DiscardHandler),
		})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestEmitWithAckEndsWithItsContext(t *testing.T) {
	r := serve(t, nil)
	s := r.dial(sioclient.Options{})
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(time.Millisecond, func() { cancel(enough) })
	if _, err := s.EmitWithAck(ctx, "x"); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	if _, err := s.EmitWithAck(ctx, "x"); !errors.Is(err, enough) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

// Disconnect while the server has not answered yet leaves no ghost on the server, and Connect after it
// no second CONNECT, which would break the protocol.
func TestDisconnectBeforeTheAnswer(t *testing.T) {
	r := serve(t, nil)
	asked, proceed := make(chan struct{}, 10), make(chan struct{})
	r.io.Of("/slow").Use(func(ctx context.Context, _ *socketio.Socket) error {
		asked <- struct{}{}
		<-proceed
		return nil
	})
	root := r.dial(sioclient.Options{})
	lost := make(chan sioclient.Reason, 10)
	root.OnDisconnect(func(r sioclient.Reason) { lost <- r })
	slow := root.Client().Of("/slow")
	joined := make(chan string, 10)
	slow.OnConnect(func() { joined <- slow.ID() })
	slow.Connect()
	receive(t, asked)
	slow.Disconnect()
	close(proceed)
	eventually(t, func() bool { return r.io.Of("/slow").SocketsCount() == 0 })
	slow.Connect()
	slow.Disconnect()
	slow.Connect()
	id := receive(t, joined)
	eventually(t, func() bool { return r.io.Of("/slow").SocketsCount() == 1 })
	if r.io.Of("/slow").Sockets()[0].ID() != id {
		t.Error("the server knows another one")
	}
	if len(lost) > 0 {
		t.Errorf("the connection was lost: %s", <-lost)
	}
}

// With its last socket the connection is closed, and the next Connect makes another, at once.
func TestTheLastSocketClosesTheConnection(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		r := serve(t, nil)
		o.ReconnectDelay = time.Hour
		s := r.dial(o)
		joined := make(chan struct{}, 1)
		s.OnConnect(func() { joined <- struct{}{} })
		for range 3 {
			s.Disconnect()
			eventually(t, func() bool { return r.io.Engine().ClientsCount() == 0 })
			s.Connect()
			receive(t, joined)
		}
		s.Disconnect()
		s.Connect() // before the connection is closed
		receive(t, joined)
	})
}

func TestDialTakesTheNamespaceFromTheAddress(t *testing.T) {
	r := serve(t, nil)
	r.io.Of("/admin")
	for address, want := range map[string]string{"http://test": "/", "http://test/": "/", "ws://test/admin?x=1": "/admin"} {
		s, err := sioclient.Dial(t.Context(), address, r.options(sioclient.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if s.Namespace() != want {
			t.Errorf("%s leads to %s", address, s.Namespace())
		}
		s.Client().Close()
	}
	if _, err := sioclient.Dial(t.Context(), "http://%zz", nil); err == nil {
		t.Error("a wrong address led somewhere")
	}
}

func TestPanicsInHooks(t *testing.T) {
	r := serve(t, nil)
	errs := make(chan error, 100)
	c := r.new(sioclient.Options{
		OnError: func(err error) {
			errs <- err
			panic("in OnError, too")
		},
		OnReconnectAttempt: func(int) { panic("attempt") },
		OnReconnect:        func(int) { panic("reconnect") },
		OnUpgrade:          func(eioclient.Transport) { panic("upgrade") },
	})
	s := c.Of("/")
	joined := make(chan struct{}, 10)
	s.OnConnect(func() { panic("connect") })
	s.OnConnect(func() { joined <- struct{}{} })
	s.OnDisconnect(func(sioclient.Reason) { panic("disconnect") })
	s.OnAny(func(*sioclient.Event) { panic("any") })
	s.Connect()
	receive(t, joined)
	missing := map[string]bool{}
	for _, where := range []string{"OnConnect", "OnUpgrade", "OnDisconnect", "OnReconnectAttempt", "OnReconnect", "OnAny"} {
		missing[where] = true
	}
	gather := func() {
		var p *sioclient.PanicError
		if errors.As(receive(t, errs), &p) {
			delete(missing, p.Where)
		}
	}
	for missing["OnUpgrade"] {
		gather()
	}
	r.cut(false)
	receive(t, joined)
	r.io.Emit("x")
	for len(missing) > 0 {
		gather()
	}
}

// A refusal of the server carries its data, and is not tried again.
func TestRefusalEndsTheTries(t *testing.T) {
	r := serve(t, nil)
	tries := 0
	r.io.Use(func(context.Context, *socketio.Socket) error {
		tries++
		return socketio.ConnectError{Message: "no", Data: json.RawMessage(`{"why":1}`)}
	})
	c := r.new(sioclient.Options{})
	s := c.Of("/")
	refused := make(chan error, 10)
	s.OnConnectError(func(err error) {
		if s.Active() {
			t.Error("it goes on")
		}
		refused <- err
	})
	s.Connect()
	var e *sioclient.ConnectError
	if err := receive(t, refused); !errors.As(err, &e) || string(e.Data) != `{"why":1}` {
		t.Errorf("refused: %v", err)
	}
	eventually(t, func() bool { return r.io.Engine().ClientsCount() == 0 })
	if tries != 1 {
		t.Errorf("%d tries", tries)
	}
}
