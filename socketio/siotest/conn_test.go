package siotest

import (
	"context"
	"errors"
	"net"
	"testing"

	"rightnow/socketio"
)

// A connection that is being made while the network goes down does not outlive that.
func TestDownDuringDial(t *testing.T) {
	n := New(t, socketio.New(nil))
	dial := n.dial
	var made net.Conn
	n.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		n.Down()
		made = c
		return c, err
	}
	if _, err := n.connect(t.Context(), "tcp", "siotest.example:80"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("connected: %v", err)
	}
	if _, err := made.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("it goes on: %v", err)
	}
}

func TestEndedConnectionsAreForgotten(t *testing.T) {
	n := New(t, socketio.New(nil))
	var conns []net.Conn
	for range 3 {
		c, err := n.connect(t.Context(), "tcp", "siotest.example:80")
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	conns[0].Close()
	if len(n.conns) != 2 {
		t.Errorf("%d connections are known", len(n.conns))
	}
	n.Cut()
	if len(n.conns) != 0 {
		t.Errorf("%d connections are known after Cut", len(n.conns))
	}
	for i, c := range conns {
		if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("connection %d: %v", i, err)
		}
	}
}
