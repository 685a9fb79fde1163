package siotest

import (
	"context"
	"net"
)

// conn is a client's end of a connection, which the network knows until it is closed.
type conn struct {
	net.Conn
	n *Network
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.n.mu.Lock()
	delete(c.n.conns, c)
	c.n.mu.Unlock()
	return c.Conn.Close()
}

// connect connects, unless the network is down, or is when the connection is there.
func (n *Network) connect(ctx context.Context, network, address string) (net.Conn, error) {
	broken := &net.OpError{Op: "dial", Net: network, Err: net.ErrClosed}
	if n.isDown() {
		return nil, broken
	}
	there, err := n.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &conn{there, n}
	if !n.add(c) {
		c.Close()
		return nil, broken
	}
	return c, nil
}

func (n *Network) isDown() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.down
}

// add has the network know a connection, and reports false while it is down.
func (n *Network) add(c *conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.down {
		n.conns[c] = struct{}{}
	}
	return !n.down
}

// Cut ends all connections as a broken network does. New ones can be made at once.
func (n *Network) Cut() {
	n.mu.Lock()
	conns := n.conns
	n.conns = make(map[*conn]struct{})
	n.mu.Unlock()
	for c := range conns {
		c.Close()
	}
}

// Down cuts all connections and lets nobody connect until Up.
func (n *Network) Down() {
	n.setDown(true)
	n.Cut()
}

// Up ends Down.
func (n *Network) Up() { n.setDown(false) }

func (n *Network) setDown(down bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = down
}
