package ws

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/memnet"
)

// plain hides everything but net.Conn, so that a Conn must write in a goroutine
// of its own.
type plain struct{ net.Conn }

// bubble runs a test in virtual time, once over a connection that can write
// without waiting and once over one that cannot. Each direction holds 4 KiB.
func bubble(t *testing.T, f func(t *testing.T, server net.Conn, other *memnet.Conn)) {
	for name, wrap := range map[string]func(net.Conn) net.Conn{
		"try":   func(c net.Conn) net.Conn { return c },
		"plain": func(c net.Conn) net.Conn { return plain{c} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memnet.Pipe(4 << 10)
				defer b.Close()
				f(t, wrap(a), b)
			})
		})
	}
}

// wantClosed waits for Closed and wants it to be called only once.
func wantClosed(t *testing.T, ended chan error, want error) {
	t.Helper()
	if err := <-ended; !errors.Is(err, want) {
		t.Errorf("ended by %v, want %v", err, want)
	}
	synctest.Wait()
	if len(ended) != 0 {
		t.Errorf("Closed was called again, with %v", <-ended)
	}
}

// after wants d to have passed in the bubble since start.
func after(t *testing.T, start time.Time, d time.Duration) {
	t.Helper()
	if took := time.Since(start); took != d {
		t.Errorf("after %v, want %v", took, d)
	}
}

func TestCloseTimesOut(t *testing.T) {
	bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
		h := newRecorder(nil)
		c := NewConn(server, nil, nil)
		c.Serve(h)
		start := time.Now()
		c.Close(1001, "going away")
		c.Close(1000, "again")
		if err := c.Push(AppendFrame(nil, OpText, nil)); err != ErrClosed {
			t.Errorf("push: %v", err)
		}
		cl := newClient(t, other)
		cl.want(frame{0x88, "\x03\xe9going away"})
		wantClosed(t, h.ended, ErrCloseTimeout)
		after(t, start, defaultCloseTimeout)
		cl.wantEnd()
	})
}

func TestCloseAnswered(t *testing.T) {
	bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
		h := newRecorder(func(Opcode, []byte) { t.Error("message after Close") })
		c := NewConn(server, nil, nil)
		c.Serve(h)
		start := time.Now()
		c.Close(0, "")
		cl := newClient(t, other)
		cl.want(frame{0x88, ""})
		time.Sleep(time.Second)
		cl.send(join(raw(0x81, "late"), raw(0x89, "late"), closeFrame(4321, "ok")), 0)
		cl.wantEnd()
		err := <-h.ended
		var closed *CloseError
		if !errors.As(err, &closed) || *closed != (CloseError{4321, "ok"}) {
			t.Errorf("ended by %v", err)
		}
		after(t, start, time.Second)
		time.Sleep(time.Minute) // the timer of Close must be gone
		wantNothing(t, h.ended)
	})
}

func wantNothing(t *testing.T, ended chan error) {
	t.Helper()
	synctest.Wait()
	if len(ended) != 0 {
		t.Errorf("Closed was called again, with %v", <-ended)
	}
}

// TestCloseWhileHandling closes while the reader is inside the handler.
func TestCloseWhileHandling(t *testing.T) {
	for name, test := range map[string]struct {
		end   func(c *Conn)
		want  error
		after time.Duration
	}{
		"close": {func(c *Conn) { c.Close(1000, "") }, ErrCloseTimeout, defaultCloseTimeout},
		"abort": {func(c *Conn) { c.Abort(io.ErrNoProgress) }, io.ErrNoProgress, 0},
		"nil":   {func(c *Conn) { c.Abort(nil) }, ErrClosed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
				messages, release := 0, make(chan bool)
				h := newRecorder(func(Opcode, []byte) { messages++; <-release })
				c := NewConn(server, nil, nil)
				c.Serve(h)
				cl := newClient(t, other)
				cl.send(join(raw(0x81, "one"), raw(0x81, "two")), 0)
				synctest.Wait()
				start := time.Now()
				test.end(c)
				for {
					if _, err := readFrame(cl.r); err != nil {
						break
					}
				}
				after(t, start, test.after)
				wantNothing(t, h.ended)
				close(release)
				wantClosed(t, h.ended, test.want)
				if messages != 1 {
					t.Errorf("%d messages", messages)
				}
			})
		})
	}
}

// TestEndInsideHandler ends the connection from the reading goroutine itself.
func TestEndInsideHandler(t *testing.T) {
	bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
		c := NewConn(server, nil, nil)
		messages := 0
		h := newRecorder(func(Opcode, []byte) { messages++; c.Abort(io.ErrNoProgress); c.Close(1000, "") })
		c.Serve(h)
		newClient(t, other).send(join(raw(0x81, "one"), raw(0x81, "two"), raw(0x89, "")), 0)
		wantClosed(t, h.ended, io.ErrNoProgress)
		if messages != 1 {
			t.Errorf("%d messages", messages)
		}
	})
}

// TestSlow wants a peer that takes nothing to be cut after WriteTimeout, and one
// that takes a little now and then not to be.
func TestSlow(t *testing.T) {
	bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
		h := newRecorder(nil)
		c := NewConn(server, nil, &Options{WriteTimeout: 10 * time.Second})
		c.Serve(h)
		start := time.Now()
		for range 100 {
			if err := c.Push(AppendFrame(nil, OpBinary, make([]byte, 1000))); err != nil {
				t.Fatal(err)
			}
			c.Flush()
		}
		synctest.Wait()
		if c.Writable() {
			t.Error("writable with a full peer")
		}
		for range 20 {
			time.Sleep(9 * time.Second)
			if _, err := io.ReadFull(other, make([]byte, 2000)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		// What a blocking Write has taken so far shows when it returns.
		if left := c.Buffered() - (100*1004 - 20*2000 - 4096); left < 0 || left > connJoin {
			t.Errorf("%d bytes buffered", c.Buffered())
		}
		wantClosed(t, h.ended, ErrSlow)
		if took := time.Since(start) - 20*9*time.Second; took < 10*time.Second || took > 20*time.Second {
			t.Errorf("cut after %v", took)
		}
		if c.Buffered() != 0 {
			t.Errorf("%d bytes kept", c.Buffered())
		}
		if err := c.Push([]byte("x")); err != ErrClosed {
			t.Errorf("push: %v", err)
		}
		c.Flush()
		c.Abort(nil)
		c.Close(0, "")
		wantNothing(t, h.ended)
	})
}

// TestRecovers wants a peer that was full and then reads to get everything, and
// the next flush not to meet an old deadline.
func TestRecovers(t *testing.T) {
	bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
		c := NewConn(server, nil, nil)
		c.Serve(newRecorder(nil))
		defer c.Abort(nil)
		cl := newClient(t, other)
		for round := range 3 {
			var want []frame
			for i := range 200 {
				p := strings.Repeat(fmt.Sprint(round, i, " "), 1+i)
				want = append(want, text(p))
				if err := c.Push(AppendFrame(nil, OpText, []byte(p))); err != nil {
					t.Fatal(err)
				}
				if i%7 == 0 {
					c.Flush()
				}
			}
			c.Flush()
			cl.want(want...)
			synctest.Wait()
			if !c.Writable() || c.Buffered() != 0 {
				t.Errorf("writable %v, buffered %d", c.Writable(), c.Buffered())
			}
			time.Sleep(time.Hour)
		}
	})
}

// TestPingFlood wants a peer that pings and never reads to fill nothing but its
// own buffers, and to find the first pongs and the newest when it reads.
func TestPingFlood(t *testing.T) {
	bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
		h := newRecorder(nil)
		c := NewConn(server, nil, nil)
		c.Serve(h)
		pad := strings.Repeat("x", 100)
		const pings = 5000
		for i := range pings {
			if _, err := other.Write(raw(0x89, fmt.Sprintf("%05d%s", i, pad))); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := c.Buffered(); n == 0 || n > 2*(maxPongs+1)*(2+maxControl) {
			t.Errorf("%d bytes buffered", n)
		}
		r, last, got := newClient(t, other).r, -1, 0
		for last != pings-1 {
			f, err := readFrame(r)
			if err != nil {
				t.Fatal(err)
			}
			var i int
			fmt.Sscanf(f.payload[:5], "%d", &i)
			if i <= last {
				t.Fatalf("pong %d after %d", i, last)
			}
			last = i
			got++
		}
		if got < maxPongs {
			t.Errorf("%d pongs", got)
		}
		c.Abort(nil)
		wantClosed(t, h.ended, ErrClosed)
	})
}

// TestRefusedLingers wants a peer that broke a rule to be told so to the
// handler at once, its bytes to be dropped, and the end after CloseTimeout.
func TestRefusedLingers(t *testing.T) {
	bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
		h := newRecorder(func(Opcode, []byte) { t.Error("message after a broken rule") })
		c := NewConn(server, nil, nil)
		c.Serve(h)
		start := time.Now()
		cl := newClient(t, other)
		cl.send(raw(0x83, ""), 0)
		var rule *ProtocolError
		if err := <-h.ended; !errors.As(err, &rule) || rule.Code != 1002 {
			t.Errorf("ended by %v", err)
		}
		after(t, start, 0)
		cl.wantClose(1002)
		cl.wantEnd()
		for range 100 {
			cl.send(raw(0x81, strings.Repeat("x", 1000)), 0)
		}
		synctest.Wait()
		if other.Unread() != 0 {
			t.Errorf("%d bytes unread", other.Unread())
		}
		time.Sleep(defaultCloseTimeout)
		synctest.Wait()
		if _, err := other.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("after the timeout: %v", err)
		}
		wantNothing(t, h.ended)
	})
}

// TestPeerEnds wants the reason of each way in which the peer can leave.
func TestPeerEnds(t *testing.T) {
	for name, test := range map[string]struct {
		sent []byte
		end  func(*memnet.Conn)
		want error
	}{
		"end":           {nil, func(c *memnet.Conn) { c.Close() }, io.EOF},
		"in a header":   {[]byte{0x81}, func(c *memnet.Conn) { c.Close() }, io.EOF},
		"in a payload":  {raw(0x81, "hello")[:8], func(c *memnet.Conn) { c.Close() }, io.EOF},
		"in a message":  {raw(0x01, "hello"), func(c *memnet.Conn) { c.Close() }, io.EOF},
		"half closed":   {nil, func(c *memnet.Conn) { c.CloseWrite() }, io.EOF},
		"reset":         {nil, func(c *memnet.Conn) { c.Reset() }, syscall.ECONNRESET},
		"reset in load": {raw(0x82, strings.Repeat("x", 3000))[:2000], func(c *memnet.Conn) { c.Reset() }, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
				h := newRecorder(func(Opcode, []byte) { t.Error("message") })
				c := NewConn(server, nil, nil)
				c.Serve(h)
				other.Write(test.sent)
				synctest.Wait()
				test.end(other)
				wantClosed(t, h.ended, test.want)
			})
		})
	}
}

// TestLateServe wants a connection that ended before Serve to tell its handler.
func TestLateServe(t *testing.T) {
	bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
		c := NewConn(server, nil, nil)
		c.Abort(io.ErrNoProgress)
		h := newRecorder(nil)
		c.Serve(h)
		wantClosed(t, h.ended, io.ErrNoProgress)
	})
}

// TestEarlyBytes wants bytes that came with the handshake to be read first.
func TestEarlyBytes(t *testing.T) {
	bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
		var got []string
		h := newRecorder(func(_ Opcode, data []byte) { got = append(got, string(data)) })
		wire := join(raw(0x81, "one"), raw(0x81, "two"))
		c := NewConn(server, wire[:12], nil)
		c.Serve(h)
		other.Write(wire[12:])
		other.Close()
		wantClosed(t, h.ended, io.EOF)
		if strings.Join(got, " ") != "one two" {
			t.Errorf("got %q", got)
		}
	})
}

// TestPeerClosesWhileFull wants the answer to a close frame to follow what is
// queued, and CloseTimeout to bound the wait for a peer that does not read.
func TestPeerClosesWhileFull(t *testing.T) {
	for _, reads := range []bool{true, false} {
		t.Run(fmt.Sprint("reads ", reads), func(t *testing.T) {
			bubble(t, func(t *testing.T, server net.Conn, other *memnet.Conn) {
				h := newRecorder(nil)
				c := NewConn(server, nil, nil)
				c.Serve(h)
				p := strings.Repeat("x", 10000)
				c.Push(AppendFrame(nil, OpText, []byte(p)))
				c.Flush()
				cl := newClient(t, other)
				start := time.Now()
				cl.send(closeFrame(1000, ""), 0)
				var closed *CloseError
				if err := <-h.ended; !errors.As(err, &closed) {
					t.Errorf("ended by %v", err)
				}
				if reads {
					cl.want(text(p))
					cl.wantClose(1000)
					cl.wantEnd()
					after(t, start, 0)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if _, err := other.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
					t.Errorf("after the timeout: %v", err)
				}
				wantNothing(t, h.ended)
			})
		})
	}
}
