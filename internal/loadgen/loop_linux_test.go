package loadgen

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// dialed is a connection of a loop, and its other end.
func dialed(t *testing.T, first []byte) (*loop, *conn, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	c := &conn{token: 7}
	if err := c.dial(l, route{to: netip.MustParseAddrPort(listener.Addr().String())}, first); err != nil {
		t.Fatal(err)
	}
	other, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close(l); l.close(); other.Close() })
	return l, c, other
}

// TestUnsent: what a server does not read is kept up to a bound, and sent in order
// when it does.
func TestUnsent(t *testing.T) {
	l, c, other := dialed(t, []byte("first"))
	sent := []byte("first")
	block := make([]byte, 100_000)
	var err error
	for i := 0; err == nil; i++ {
		for j := range block {
			block[j] = byte(i)
		}
		if err = c.write(block); err == nil {
			sent = append(sent, block...)
		}
	}
	if err != errUnsent || len(c.out) > maxUnsent || len(c.out)+len(block) <= maxUnsent {
		t.Fatalf("%v with %d bytes unsent", err, len(c.out))
	}
	read := make(chan []byte)
	go func() { // ends with len(sent) bytes, or when the connection is closed
		got := make([]byte, len(sent))
		n, _ := io.ReadFull(other, got)
		read <- got[:n]
	}()
	for len(c.out) > 0 {
		events, err := l.wait(patience)
		if err != nil || len(events) == 0 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		if e := events[0]; e.Fd != 7 || e.Pad != c.turn || e.Events != unix.EPOLLOUT {
			t.Fatalf("the event is %+v", e)
		}
		if err := c.flush(); err != nil {
			t.Fatal(err)
		}
	}
	if got := <-read; !bytes.Equal(got, sent) {
		t.Errorf("%d bytes arrived, or in another order than the %d that were sent", len(got), len(sent))
	}
	if events, err := l.wait(time.Millisecond); err != nil || len(events) != 0 {
		t.Errorf("events %v, %v after everything is sent", events, err)
	}
}

// TestParts: the rest of a message waits for what follows, and leaves no buffer.
func TestParts(t *testing.T) {
	l, c, other := dialed(t, nil)
	want := ""
	for _, part := range []string{"a", "bc", "def"} {
		want += part
		if _, err := io.WriteString(other, part); err != nil {
			t.Fatal(err)
		}
		if _, err := l.wait(patience); err != nil {
			t.Fatal(err)
		}
		data, err := c.receive(l)
		if err != nil || string(data) != want {
			t.Fatalf("%q, %v; want %q", data, err, want)
		}
		c.keep(l, data)
	}
	if data, err := c.receive(l); err != nil || data != nil {
		t.Errorf("%q, %v when nothing has come", data, err)
	}
	c.keep(l, c.in[1:])
	if string(c.in) != "bcdef" {
		t.Errorf("%q is kept", c.in)
	}
	c.keep(l, nil)
	if c.in != nil || len(l.spare) != 1 {
		t.Errorf("%q is kept, %d to spare", c.in, len(l.spare))
	}
	other.Close()
	if _, err := l.wait(patience); err != nil {
		t.Fatal(err)
	}
	if _, err := c.receive(l); err != errEnded {
		t.Errorf("error %v at the end", err)
	}
}

// TestReset: a closed connection shows its other end a reset.
func TestReset(t *testing.T) {
	l, c, other := dialed(t, []byte("x"))
	c.close(l)
	c.close(l)
	if _, err := io.ReadAll(other); err == nil {
		t.Error("the other end saw an ordinary end")
	}
}

// TestNoAllocation: a delivery costs nothing on the heap.
func TestNoAllocation(t *testing.T) {
	o := &Options{Mode: Broadcast, Path: "/", Connections: 1, Source: 2}
	l, c, other := dialed(t, nil)
	s := &swarm{o: o, loop: l, clients: make([]client, 1)}
	s.ignore()
	one := &s.clients[0]
	one.main, one.state, one.upgraded = *c, stateServed, true
	got, h := 0, NewHistogram()
	s.onMessage = func(*client, []byte) { got++; h.Add(s.received) }
	message := serverFrame(text, `42["message","`+string(bytes.Repeat([]byte("x"), 200))+`"]`)
	want := 0
	allocations := testing.AllocsPerRun(100, func() {
		want++
		if _, err := other.Write(message); err != nil {
			t.Fatal(err)
		}
		for got < want {
			if _, err := l.wait(patience); err != nil {
				t.Fatal(err)
			}
			s.readWebSocket(one)
		}
	})
	if allocations > 0 {
		t.Errorf("%v allocations a delivery", allocations)
	}
}
