package memnet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

// TestConn is the conformance suite of x/net for a net.Conn.
func TestConn(t *testing.T) {
	for _, size := range []int{0, 7} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				a, b := Pipe(size)
				return a, b, func() { a.Close(); b.Close() }, nil
			})
		})
	}
}

// TestHTTP serves and asks over HTTP in a bubble, a slow answer included.
func TestHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen()
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Minute)
			io.Copy(w, r.Body)
			fmt.Fprint(w, " from ", r.RemoteAddr)
		})}
		served := make(chan error, 1)
		go func() { served <- srv.Serve(l) }()
		tr := &http.Transport{DialContext: l.DialContext}
		start := time.Now()
		resp, err := (&http.Client{Transport: tr}).Post("http://x/", "text/plain", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		if got := string(body); got != "hello from 198.51.100.1:1025" {
			t.Errorf("body %q", got)
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("took %v", took)
		}
		tr.CloseIdleConnections()
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func TestEnds(t *testing.T) {
	read := func(c *Conn) error { _, err := c.Read(make([]byte, 8)); return err }
	write := func(c *Conn) error { _, err := c.Write([]byte("x")); return err }
	for _, test := range []struct {
		name string
		do   func(a, b *Conn)
		op   func(*Conn) error
		onA  error // what op on a gives
		onB  error
	}{
		{"close, read", func(a, _ *Conn) { a.Close() }, read, net.ErrClosed, io.EOF},
		{"close, write", func(a, _ *Conn) { a.Close() }, write, net.ErrClosed, syscall.EPIPE},
		{"half close, write", func(a, _ *Conn) { a.CloseWrite() }, write, net.ErrClosed, nil},
		{"reset, read", func(a, _ *Conn) { a.Write([]byte("lost")); a.Reset() }, read, syscall.ECONNRESET, syscall.ECONNRESET},
		{"reset, write", func(_, b *Conn) { b.Reset() }, write, syscall.ECONNRESET, syscall.ECONNRESET},
		{"late", func(a, b *Conn) { a.SetDeadline(time.Unix(1, 0)); b.SetDeadline(time.Unix(1, 0)) }, read, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := Pipe(0)
			test.do(a, b)
			if err := test.op(a); !errors.Is(err, test.onA) {
				t.Errorf("a: %v, want %v", err, test.onA)
			}
			if err := test.op(b); !errors.Is(err, test.onB) {
				t.Errorf("b: %v, want %v", err, test.onB)
			}
		})
	}
}

func TestReadAfterClose(t *testing.T) {
	a, b := Pipe(0)
	a.Write([]byte("last words"))
	a.Close()
	if p, err := io.ReadAll(b); err != nil || string(p) != "last words" {
		t.Errorf("%q, %v", p, err)
	}
}

func TestTryWrite(t *testing.T) {
	a, b := Pipe(4)
	for i, want := range []int{4, 0} {
		if n, err := a.TryWrite([]byte("123456")); n != want || err != nil {
			t.Errorf("try %d: %d, %v; want %d", i, n, err, want)
		}
	}
	if a.Unread() != 4 {
		t.Errorf("unread %d", a.Unread())
	}
	p := make([]byte, 3)
	io.ReadFull(b, p)
	if n, _ := a.TryWrite([]byte("789")); n != 3 {
		t.Errorf("after a read: %d", n)
	}
	p = make([]byte, 4)
	io.ReadFull(b, p)
	if string(p) != "4789" {
		t.Errorf("read %q", p)
	}
}

// TestBlocked wants a write that waits for room to end by each event that can
// end it.
func TestBlocked(t *testing.T) {
	for name, test := range map[string]struct {
		event func(a, b *Conn)
		want  error
	}{
		"room":        {func(_, b *Conn) { io.ReadFull(b, make([]byte, 2)) }, nil},
		"deadline":    {func(a, _ *Conn) { a.SetWriteDeadline(time.Now().Add(time.Hour)) }, os.ErrDeadlineExceeded},
		"own close":   {func(a, _ *Conn) { a.Close() }, net.ErrClosed},
		"other close": {func(_, b *Conn) { b.Close() }, syscall.EPIPE},
		"reset":       {func(_, b *Conn) { b.Reset() }, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := Pipe(2)
				done := make(chan error, 1)
				go func() { _, err := a.Write([]byte("1234")); done <- err }()
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatalf("did not block: %v", err)
				default:
				}
				test.event(a, b)
				if err := <-done; !errors.Is(err, test.want) {
					t.Errorf("%v, want %v", err, test.want)
				}
			})
		})
	}
}

func TestListenerClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen()
		errs := make(chan error, 2)
		go func() { _, err := l.Accept(); errs <- err }()
		synctest.Wait()
		l.Close()
		l.Close()
		if err := <-errs; !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept: %v", err)
		}
		if _, err := l.Dial(context.Background()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial: %v", err)
		}
	})
}

func TestDialGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if _, err := Listen().Dial(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial: %v", err)
		}
	})
}
