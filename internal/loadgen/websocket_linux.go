package loadgen

import (
	"errors"
	"fmt"
)

// A fixed key, and what the server makes of it (RFC 6455, 1.3).
const (
	handshakeKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	handshakeAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

func upgradeRequest(host, path string) []byte {
	return fmt.Appendf(nil, "GET %s?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", path, host, handshakeKey)
}

// readWebSocket handles what has come for a client over WebSocket.
func (s *swarm) readWebSocket(c *client) {
	data, err := c.main.receive(s.loop)
	if err != nil {
		s.fail(c, err)
		return
	}
	if data == nil {
		return
	}
	s.received = s.loop.now()
	if c.state == stateOpening && !c.upgraded {
		n, err := parseUpgrade(data)
		if err != nil {
			s.fail(c, err)
			return
		}
		c.upgraded = n > 0
		data = data[n:]
	}
	for c.upgraded {
		f, n, err := parseFrame(data)
		if err != nil {
			s.fail(c, err)
			return
		}
		if n == 0 {
			break
		}
		data = data[n:]
		s.frame(c, f)
		if !c.main.open {
			return
		}
	}
	c.main.keep(s.loop, data)
}

// parseUpgrade wants the answer to upgradeRequest. n is its length, 0 for a part.
func parseUpgrade(data []byte) (n int, err error) {
	r, n, err := parseResponse(data)
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, nil
	case r.status != 101:
		return 0, fmt.Errorf("no WebSocket, but status %d: %s", r.status, quote(r.body))
	case string(r.accept) != handshakeAccept:
		return 0, fmt.Errorf("a WebSocket handshake with Sec-WebSocket-Accept %s", quote(r.accept))
	}
	return n, nil
}

var errInterleaved = errors.New("a WebSocket message within another's frames")

// frame handles one frame.
func (s *swarm) frame(c *client, f frame) {
	switch {
	case f.op == opText && f.final && c.message == nil:
		s.packet(c, f.payload)
	case f.op == opBinary && f.final && c.message == nil: // an attachment
	case f.op == opPing:
		s.scratch = appendFrame(s.scratch[:0], opPong, f.payload)
		s.write(c, s.scratch)
	case f.op == opPong:
	case f.op == opClose:
		s.fail(c, fmt.Errorf("the server closed the WebSocket: %s", closeReason(f.payload)))
	default:
		s.fragment(c, f)
	}
}

// fragment handles one of several frames of a message (RFC 6455, 5.4).
func (s *swarm) fragment(c *client, f frame) {
	if (f.op == opContinuation) != (c.message != nil) {
		s.fail(c, errInterleaved)
		return
	}
	if len(c.message)+len(f.payload) > maxMessage {
		s.fail(c, fmt.Errorf("a WebSocket message of more than %d bytes", maxMessage))
		return
	}
	if f.op != opContinuation {
		c.message = make([]byte, 1, 1+len(f.payload)) // the first byte is the opcode
		c.message[0] = f.op
	}
	c.message = append(c.message, f.payload...)
	if !f.final {
		return
	}
	op, payload := c.message[0], c.message[1:]
	c.message = nil
	if op == opText {
		s.packet(c, payload)
	}
}

// A packet is one that many clients send, ready for either transport.
type packet struct {
	text   []byte
	framed []byte
}

func newPacket(text string) packet {
	return packet{[]byte(text), appendFrame(nil, opText, []byte(text))}
}

// set makes p another one, in the same memory.
func (p *packet) set(text []byte) {
	p.text = append(p.text[:0], text...)
	p.framed = appendFrame(p.framed[:0], opText, text)
}
