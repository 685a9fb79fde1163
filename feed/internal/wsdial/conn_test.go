package wsdial

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"rightnow/feed"
	"rightnow/internal/memnet"
)

const s = time.Second

// bubble serves a handler in memory inside a bubble and dials it.
func bubble(t *testing.T, h http.HandlerFunc, test func(dial func(*Options) (*Conn, error))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		srv := &http.Server{Handler: h}
		done := make(chan struct{})
		go func() { defer close(done); srv.Serve(l) }()
		defer func() {
			srv.Close()
			<-done
			time.Sleep(2 * time.Hour) // handlers that sleep end
		}()
		test(func(o *Options) (*Conn, error) {
			o.Client = feed.NewClient(l.DialContext)
			return Dial(context.Background(), "ws://x.test/stream", o)
		})
	})
}

// upgrade serves a WebSocket.
func upgrade(serve func(ctx context.Context, ws *websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"v1"}})
		if err != nil {
			return
		}
		defer ws.CloseNow()
		serve(context.Background(), ws)
	}
}

// all reads until the end: "·" for beats, "!" for what is too long.
func all(c *Conn) (got []string, end error) {
	for {
		message, err := c.Next()
		switch {
		case err == feed.ErrTooLong:
			got = append(got, "!")
		case err != nil:
			return got, err
		case message == nil:
			got = append(got, "·")
		default:
			got = append(got, string(message[:min(9, len(message))]))
		}
	}
}

func TestMessages(t *testing.T) {
	for _, test := range []struct {
		code websocket.StatusCode
		end  string
	}{
		{websocket.StatusNormalClosure, "EOF"},
		{websocket.StatusGoingAway, "EOF"},
		{websocket.StatusPolicyViolation, `feed: the server closed the connection: 1008 "odd"`},
	} {
		bubble(t, upgrade(func(ctx context.Context, ws *websocket.Conn) {
			for _, size := range []int{1, 100, 101, 1 << 20, 50, 99} {
				ws.Write(ctx, websocket.MessageText, bytes.Repeat([]byte("x"), size))
			}
			ws.Close(test.code, "odd")
		}), func(dial func(*Options) (*Conn, error)) {
			c, err := dial(&Options{Limit: 100, Subprotocols: []string{"v1"}})
			if err != nil {
				t.Fatal(err)
			}
			got, end := all(c)
			if want := "[x xxxxxxxxx ! ! xxxxxxxxx xxxxxxxxx]"; fmt.Sprint(got) != want || end.Error() != test.end {
				t.Errorf("%v, %v; want %s, %s", got, end, want, test.end)
			}
			c.Close()
		})
	}
}

// TestBeats hears of the server's pings and of the pongs to its own.
func TestBeats(t *testing.T) {
	bubble(t, upgrade(func(ctx context.Context, ws *websocket.Conn) {
		ctx = ws.CloseRead(ctx)
		time.Sleep(15 * s)
		ws.Ping(ctx)
		<-ctx.Done()
	}), func(dial func(*Options) (*Conn, error)) {
		c, err := dial(&Options{Ping: 10 * s})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for _, want := range []time.Duration{10 * s, 15 * s, 20 * s, 30 * s} {
			if message, err := c.Next(); message != nil || err != nil || time.Since(start) != want {
				t.Errorf("%q, %v after %v, want %v", message, err, time.Since(start), want)
			}
		}
		c.Close()
		if _, err := c.Next(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestNoPong(t *testing.T) {
	bubble(t, upgrade(func(context.Context, *websocket.Conn) { time.Sleep(time.Hour) }), func(dial func(*Options) (*Conn, error)) {
		c, err := dial(&Options{Ping: 10 * s})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := c.Next(); err != errNoPong || time.Since(start) != 20*s {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		c.Close()
	})
}

// TestCut wants an error for each place where a message can be cut, those among
// them where the library itself would take it for whole.
func TestCut(t *testing.T) {
	frame := "\x81\x0adelete 108"
	for n := range len(frame) {
		bubble(t, func(w http.ResponseWriter, r *http.Request) {
			h := &hijacked{ResponseWriter: w}
			if _, err := websocket.Accept(h, r, nil); err == nil {
				io.WriteString(h.conn, frame[:n])
				h.conn.Close()
			}
		}, func(dial func(*Options) (*Conn, error)) {
			c, err := dial(&Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got, end := all(c); len(got) != 0 || !errors.Is(end, io.ErrUnexpectedEOF) {
				t.Errorf("cut after %d bytes: %q, %v", n, got, end)
			}
			c.Close()
		})
	}
}

type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.conn = conn
	return conn, rw, err
}

func TestRefused(t *testing.T) {
	for _, status := range []int{200, 400, 429, 401} {
		bubble(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(status)
			io.WriteString(w, "because"+strings.Repeat(" ", 5000))
		}, func(dial func(*Options) (*Conn, error)) {
			_, err := dial(&Options{})
			var refused *Refused
			var fatal *feed.Fatal
			var answer *feed.StatusError
			if !errors.As(err, &refused) || len(refused.Body) != 1024 || !strings.HasPrefix(refused.Body, "because") {
				t.Fatalf("%d: %v", status, err)
			}
			if errors.As(err, &fatal) != (status == 401) || errors.As(err, &answer) != (status != 401) {
				t.Errorf("%d: %v", status, err)
			}
			if answer != nil && status == 429 && time.Until(answer.After) != time.Minute {
				t.Errorf("after %v", answer.After)
			}
		})
	}
}

// TestContext bounds the handshake by its context, and not the connection.
func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/late" {
				time.Sleep(10 * s)
				return
			}
			upgrade(func(ctx context.Context, ws *websocket.Conn) {
				time.Sleep(10 * s)
				ws.Write(ctx, websocket.MessageText, []byte("late"))
				_, echo, _ := ws.Read(ctx)
				ws.Write(ctx, websocket.MessageText, echo)
			})(w, r)
		})}
		done := make(chan struct{})
		go func() { defer close(done); srv.Serve(l) }()
		defer func() { srv.Close(); <-done }()
		o := &Options{Client: feed.NewClient(l.DialContext)}
		ctx, cancel := context.WithTimeout(context.Background(), s)
		if _, err := Dial(ctx, "ws://x.test/late", o); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("late: %v", err)
		}
		cancel()
		ctx, cancel = context.WithTimeout(context.Background(), s)
		c, err := Dial(ctx, "ws://x.test/", o)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if got, err := c.Next(); string(got) != "late" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if err := c.Write([]byte("hello")); err != nil {
			t.Error(err)
		}
		if got, err := c.Next(); string(got) != "hello" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		c.Close()
		c.Close()
		if err := c.Write([]byte("x")); err == nil {
			t.Error("wrote to a closed connection")
		}
	})
}
