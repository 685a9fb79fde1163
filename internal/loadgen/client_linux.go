package loadgen

import (
	"bytes"
	"errors"
	"fmt"
)

// The states of a client.
const (
	stateGone    = iota // not connected
	stateOpening        // connecting, or waiting for the answer of the handshake
	stateJoining        // waiting for the Engine.IO session, or for the namespace "/"
	stateServed         // a Socket.IO client that may emit
)

// A client is one Socket.IO session over one transport, which never changes.
type client struct {
	index int32
	state uint8
	dead  bool // stops reading once it is served

	main conn  // the WebSocket, or the connection that polls
	poll *poll // what else polling needs; nil over WebSocket

	upgraded bool   // the main connection is a WebSocket
	message  []byte // the frames so far of a message in several
	at       int64  // when its request, or its cut, was; loop.now
	count    int    // what the phase counts of this client
	waits    bool   // for the answer to a request
}

// packet handles one Engine.IO packet.
func (s *swarm) packet(c *client, p []byte) {
	if len(p) == 0 {
		s.fail(c, errEmptyPacket)
		return
	}
	switch p[0] {
	case '4':
		s.socketPacket(c, p)
	case '2':
		s.send(c, pongPacket)
	case '0':
		if c.state != stateOpening {
			s.fail(c, fmt.Errorf("a second session: %s", quote(p)))
			return
		}
		c.state = stateJoining
		if c.poll != nil && !s.opened(c, p) {
			return
		}
		s.send(c, connectPacket)
	case '1':
		s.fail(c, errSessionClosed)
	case '6', 'b', '3': // a noop, a binary value, a pong: nothing to do
	default:
		s.fail(c, fmt.Errorf("no Engine.IO packet: %s", quote(p)))
	}
}

var (
	errEmptyPacket   = errors.New("an empty packet")
	errSessionClosed = errors.New("the server closed the session")
	errDisconnected  = errors.New("the server disconnected it from the namespace")
	messageStart     = []byte(`42["message",`)

	connectPacket = newPacket("40")
	pongPacket    = newPacket("3")
)

// socketPacket handles one Socket.IO packet, with the "4" of Engine.IO before it.
func (s *swarm) socketPacket(c *client, p []byte) {
	if len(p) < 2 {
		s.fail(c, fmt.Errorf("no Socket.IO packet: %s", quote(p)))
		return
	}
	switch p[1] {
	case '2':
		if bytes.HasPrefix(p, messageStart) {
			s.onMessage(c, p)
		}
	case '3':
		s.onAck(c, p)
	case '0':
		if c.state != stateJoining {
			s.fail(c, fmt.Errorf("a CONNECT that nobody asked for: %s", quote(p)))
			return
		}
		c.state = stateServed
		s.served++
		s.onServed(c)
	case '1':
		s.fail(c, errDisconnected)
	case '4':
		s.fail(c, fmt.Errorf("the server refused it the namespace: %s", quote(p[2:])))
	}
}
