package eioclient

import (
	"context"
	"slices"

	"rightnow/engineio/internal/eiowire"

	"github.com/coder/websocket"
)

// mayUpgrade reports whether the session, just opened, is to change its transport.
func (c *Conn) mayUpgrade() bool {
	return c.socket == nil && !c.opts.DisableUpgrade &&
		slices.Contains(c.opts.Transports, WebSocket) && slices.Contains(c.handshake.Upgrades, string(WebSocket))
}

// probe opens a WebSocket beside the polling and tries it. If that fails, the session stays
// as it is.
func (c *Conn) probe() {
	ctx, cancel := c.within(c.opts.RequestTimeout)
	defer cancel()
	ws, err := c.dialWebSocket(ctx)
	if err != nil {
		return
	}
	if !tried(ctx, ws) || !c.offer(ws) {
		_ = ws.CloseNow()
	}
}

// tried sends a probe and waits for its answer.
func tried(ctx context.Context, ws *websocket.Conn) bool {
	if ws.Write(ctx, websocket.MessageText, []byte("2probe")) != nil {
		return false
	}
	kind, answer, err := ws.Read(ctx)
	return err == nil && kind == websocket.MessageText && string(answer) == "3probe"
}

// offer makes a WebSocket the candidate: the reader and the writer come to it when what
// they are at has ended.
func (c *Conn) offer(ws *websocket.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended || c.isClosing() {
		return false
	}
	c.candidate = ws
	c.rouse()
	return true
}

func (c *Conn) hasCandidate() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.candidate != nil
}

// awaitSwitch is the writer's part of the change: it stands still until the reader has made
// it. It reports false when the session has ended.
func (c *Conn) awaitSwitch() bool {
	close(c.idle)
	select {
	case <-c.switched:
		return true
	case <-c.ctx.Done():
		return false
	}
}

// switchOver is the reader's part: the GET has ended and everything that it brought is handled.
func (c *Conn) switchOver() bool {
	select {
	case <-c.idle:
	case <-c.ctx.Done():
		return false
	}
	c.mu.Lock()
	ws := c.candidate
	c.mu.Unlock()
	if err := c.sendWebSocket(ws, []eiowire.Packet{{Type: eiowire.Upgrade}}); err != nil {
		c.lost(err)
		return false
	}
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return false
	}
	c.socket, c.candidate = ws, nil
	c.mu.Unlock()
	close(c.switched)
	c.opts.OnUpgrade(WebSocket)
	return true
}
