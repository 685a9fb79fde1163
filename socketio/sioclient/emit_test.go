package sioclient_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

func TestVolatileEvents(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		r := serve(t, nil)
		got := make(chan int, 100)
		r.io.OnConnect(func(s *socketio.Socket) { s.On("n", func(i int) { got <- i }) })
		c := r.new(o)
		s := c.Of("/")
		if err := s.Volatile().Emit("n", 1); !errors.Is(err, sioclient.ErrDropped) {
			t.Errorf("before the first connection: %v", err)
		}
		if _, err := s.Volatile().EmitWithAck(t.Context(), "n", 1); !errors.Is(err, sioclient.ErrDropped) {
			t.Errorf("with an acknowledgement: %v", err)
		}
		joined := make(chan struct{}, 1)
		s.OnConnect(func() { joined <- struct{}{} })
		s.Connect()
		receive(t, joined)
		eventually(t, func() bool { return s.Volatile().Emit("n", 2) == nil })
		if n := receive(t, got); n != 2 {
			t.Errorf("got %d", n)
		}
		s.Disconnect()
		if err := s.Volatile().Emit("n", 3); !errors.Is(err, sioclient.ErrDropped) {
			t.Errorf("after Disconnect: %v", err)
		}
	})
}

// Emits, acknowledgements and what the server sends keep one order, also across the upgrade.
func TestOrderOfEventsAndAcks(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		const n = 300
		r := serve(t, nil)
		r.io.OnConnect(func(s *socketio.Socket) {
			s.On("n", func(ack socketio.Ack, i int) {
				s.Emit("before", i)
				ack(i)
				s.Emit("after", i)
			})
		})
		s := r.dial(o)
		var order []string
		done := make(chan struct{})
		note := func(what string, i int) {
			if order = append(order, fmt.Sprint(what, i)); len(order) == 2*n {
				close(done)
			}
		}
		s.On("before", func(i int) { note("before", i) })
		s.On("after", func(i int) { note("after", i) })
		answers := make(chan int, n)
		for i := range n {
			args, err := s.EmitWithAck(t.Context(), "n", i)
			var back int
			if err != nil || args.Decode(0, &back) != nil {
				t.Fatal(err)
			}
			answers <- back
		}
		receive(t, done)
		for i := range n {
			if a := <-answers; a != i {
				t.Fatalf("answer %d is %d", i, a)
			}
			if got, want := order[2*i:2*i+2], []string{fmt.Sprint("before", i), fmt.Sprint("after", i)}; !slices.Equal(got, want) {
				t.Fatalf("got %v, want %v", got, want)
			}
		}
	})
}

// Hooks and handlers run in the order of what happened, also when they are far behind.
func TestOrderOfHooksAndHandlers(t *testing.T) {
	r := serve(t, nil)
	r.io.OnConnect(func(s *socketio.Socket) {
		for i := range 5 {
			s.Emit("n", i)
		}
	})
	c := r.new(sioclient.Options{InboxEvents: 2, Transports: []eioclient.Transport{eioclient.WebSocket}}) // polling would outlive the cut
	s := c.Of("/")
	happened := make(chan string, 100)
	proceed := make(chan struct{})
	s.OnConnect(func() { happened <- "connect" })
	s.OnDisconnect(func(sioclient.Reason) { happened <- "disconnect" })
	s.On("n", func(i int) {
		<-proceed
		happened <- fmt.Sprint(i)
	})
	s.Connect()
	for _, want := range []string{"connect", "0", "1", "2", "3", "4"} {
		if want == "1" {
			close(proceed)
		} else if want == "0" {
			proceed <- struct{}{}
		}
		if got := receive(t, happened); got != want {
			t.Fatalf("%s instead of %s", got, want)
		}
	}
	r.cut(false)
	for _, want := range []string{"disconnect", "connect", "0", "1", "2", "3", "4"} {
		if got := receive(t, happened); got != want {
			t.Fatalf("%s instead of %s", got, want)
		}
	}
}

func TestBufferLimits(t *testing.T) {
	for name, retries := range map[string]int{"buffer": 0, "with retries": 2} {
		t.Run(name, func(t *testing.T) {
			r := serve(t, nil)
			got := make(chan int, 100)
			r.io.OnConnect(func(s *socketio.Socket) {
				s.On("n", func(i int, _ string) bool {
					got <- i
					return true
				})
			})
			c := r.new(sioclient.Options{BufferEvents: 10, BufferBytes: 1000, Retries: retries})
			s := c.Of("/")
			filler := string(make([]byte, 50)) // 300 bytes as JSON
			for i := range 3 {
				if err := s.Emit("n", i, filler); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Emit("n", 3, filler); !errors.Is(err, sioclient.ErrBufferFull) {
				t.Errorf("too many bytes: %v", err)
			}
			for i := 3; i < 10; i++ {
				if err := s.Emit("n", i, ""); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Emit("n", 10, ""); !errors.Is(err, sioclient.ErrBufferFull) {
				t.Errorf("too many events: %v", err)
			}
			s.Connect()
			for i := range 10 {
				if n := receive(t, got); n != i {
					t.Fatalf("got %d, want %d", n, i)
				}
			}
			eventually(t, func() bool { return s.Emit("n", 10, filler) == nil })
			if n := receive(t, got); n != 10 {
				t.Errorf("got %d", n)
			}
		})
	}
}

// What has waited for the connection is not lost when the connection's own queue is smaller.
func TestTheBufferGoesThroughASmallQueue(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		r := serve(t, nil)
		got := make(chan int, 1000)
		r.io.OnConnect(func(s *socketio.Socket) { s.On("n", func(i int) { got <- i }) })
		o.QueueBytes = 200
		errs := make(chan error, 1000)
		o.OnError = func(err error) { errs <- err }
		c := r.new(o)
		s := c.Of("/")
		for i := range 500 {
			if err := s.Emit("n", i); err != nil {
				t.Fatal(err)
			}
		}
		s.Emit("too big for it", string(make([]byte, 300)))
		s.Emit("n", 500)
		s.Connect()
		for i := range 501 {
			if n := receive(t, got); n != i {
				t.Fatalf("got %d, want %d", n, i)
			}
		}
		if err := receive(t, errs); !errors.Is(err, sioclient.ErrQueueFull) {
			t.Errorf("reported: %v", err)
		}
	})
}

// An event whose time was up before it was sent is not sent.
func TestWhatTimedOutIsNotSent(t *testing.T) {
	r := serve(t, nil)
	got := make(chan int, 10)
	r.io.OnConnect(func(s *socketio.Socket) {
		s.On("n", func(i int) int {
			got <- i
			return i
		})
	})
	for name, retries := range map[string]int{"buffered": 0, "with retries": 2} {
		t.Run(name, func(t *testing.T) {
			c := r.new(sioclient.Options{Retries: retries})
			s := c.Of("/")
			if _, err := s.Timeout(time.Millisecond).EmitWithAck(t.Context(), "n", 1); !errors.Is(err, sioclient.ErrTimeout) {
				t.Errorf("got %v", err)
			}
			answer := make(chan error, 1)
			go func() { // ends with the acknowledgement
				_, err := s.EmitWithAck(t.Context(), "n", 2)
				answer <- err
			}()
			s.Connect()
			if n := receive(t, got); n != 2 {
				t.Errorf("the server got %d", n)
			}
			if err := receive(t, answer); err != nil {
				t.Error(err)
			}
		})
	}
}

// Close ends whoever waits, whatever for.
func TestCloseEndsAllWaits(t *testing.T) {
	for name, retries := range map[string]int{"buffered": 0, "with retries": 2} {
		t.Run(name, func(t *testing.T) {
			c := sioclient.New("http://test", &sioclient.Options{HTTPClient: nobody(), Logger: slog.New(slog.DiscardHandler), Retries: retries})
			s := c.Of("/")
			s.Connect()
			waits := make(chan error, 3)
			for range 3 {
				go func() { // ends with Close
					_, err := s.EmitWithAck(context.Background(), "x")
					waits <- err
				}()
			}
			c.Close()
			for range 3 {
				if err := receive(t, waits); !errors.Is(err, sioclient.ErrClosed) {
					t.Errorf("a wait ended with %v", err)
				}
			}
			s.Connect() // to no effect
			if s.Emit("x") != sioclient.ErrClosed || s.Connected() {
				t.Error("it goes on after Close")
			}
		})
	}
}
