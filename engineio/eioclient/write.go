package eioclient

import (
	"rightnow/engineio/internal/eiowire"

	"github.com/coder/websocket"
)

// write is the writing goroutine. It ends with the session, which it ends itself when
// Close has been called and everything is sent.
func (c *Conn) write() {
	for {
		if c.hasCandidate() && !c.awaitSwitch() {
			return
		}
		closing := c.isClosing() // before the batch: nothing is queued once this is so
		packets, ws := c.batch()
		switch {
		case len(packets) > 0:
			if err := c.send(ws, packets); err != nil {
				c.lost(err)
				return
			}
			if c.Writable() {
				c.opts.OnDrain()
			}
		case closing:
			c.goodbye(ws)
			return
		case !c.awaitWork():
			return
		}
	}
}

// awaitWork waits for something to send, or to look at. It reports false when the session
// has ended.
func (c *Conn) awaitWork() bool {
	select {
	case <-c.wake:
	case <-c.closing:
	case <-c.ctx.Done():
		return false
	}
	return true
}

// batch takes what the next write carries: over a WebSocket one packet, so that a pong waits
// for no more than that, by a POST as much as the server takes.
func (c *Conn) batch() (packets []eiowire.Packet, ws *websocket.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(1, len(c.queue))
	if c.socket == nil {
		n = c.payloadLocked()
	}
	packets = c.queue[:n:n]
	for _, p := range packets {
		c.queued -= packetSize(p)
	}
	if c.queue = c.queue[n:]; len(c.queue) == 0 {
		c.queue = nil
	}
	return packets, c.socket
}

// payloadLocked returns how many packets of the queue a POST may carry. c.mu must be held.
func (c *Conn) payloadLocked() (n int) {
	limit := c.handshake.MaxPayload
	if limit <= 0 {
		return len(c.queue)
	}
	size := int64(0)
	for _, p := range c.queue {
		size += int64(payloadSize(Message{Data: p.Data, Binary: p.Binary})) + 1
		if n > 0 && size-1 > limit {
			break
		}
		n++
	}
	return n
}

func (c *Conn) send(ws *websocket.Conn, packets []eiowire.Packet) error {
	if ws == nil {
		return c.post(packets)
	}
	return c.sendWebSocket(ws, packets)
}

// goodbye tells the server that the client closes the session.
func (c *Conn) goodbye(ws *websocket.Conn) {
	if ws != nil {
		_ = ws.Close(websocket.StatusNormalClosure, "") // the server may have gone, too
	} else {
		_ = c.post([]eiowire.Packet{{Type: eiowire.Close}})
	}
	c.end(ReasonClosed, ErrClosed)
}
