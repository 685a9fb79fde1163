package eioclient

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"unicode/utf8"

	"rightnow/engineio/internal/eiowire"

	"github.com/coder/websocket"
)

var errNotUTF8 = errors.New("eioclient: a text that is no UTF-8")

// dialWebSocket connects; the session's id, if there is one, is in the URL.
func (c *Conn) dialWebSocket(ctx context.Context) (*websocket.Conn, error) {
	header := c.opts.Header.Clone()
	client, err := tunnelled(c.opts.HTTPClient, c.base, header)
	if err != nil {
		return nil, err
	}
	o := &websocket.DialOptions{HTTPClient: client, HTTPHeader: header, Host: header.Get("Host")}
	if c.opts.DeflateThreshold > 0 {
		o.CompressionMode, o.CompressionThreshold = websocket.CompressionNoContextTakeover, c.opts.DeflateThreshold
	}
	ws, response, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(c.url(WebSocket), "http"), o)
	if err != nil {
		if response != nil && response.StatusCode != 101 {
			return nil, refused(response)
		}
		return nil, err
	}
	ws.SetReadLimit(c.opts.MaxMessage)
	return ws, nil
}

// openWebSocket opens the session over a WebSocket.
func (c *Conn) openWebSocket(ctx context.Context) error {
	ws, err := c.dialWebSocket(ctx)
	if err != nil {
		return err
	}
	kind, packet, err := ws.Read(ctx)
	if err == nil && kind != websocket.MessageText {
		err = errNoOpen
	}
	if err == nil {
		err = c.opened(packet)
	}
	if err != nil {
		_ = ws.CloseNow()
		return err
	}
	c.socket = ws
	close(c.idle)
	close(c.switched)
	return nil
}

// readWebSocket reads until the end.
func (c *Conn) readWebSocket() {
	for {
		kind, data, err := c.socket.Read(c.ctx)
		if err != nil {
			c.lostWebSocket(err)
			return
		}
		p := eiowire.Packet{Type: eiowire.Message, Binary: true, Data: data}
		if kind == websocket.MessageText {
			if p, err = parseText(data); err != nil {
				c.end(ReasonParseError, err)
				return
			}
		}
		if !c.take(p) {
			return
		}
	}
}

// parseText reads a packet that came as text. One of binary data, in base64, may be among them.
func parseText(packet []byte) (eiowire.Packet, error) {
	p, err := eiowire.Parse(packet)
	if err == nil && !p.Binary && !utf8.Valid(p.Data) {
		err = errNotUTF8
	}
	return p, err
}

// lostWebSocket ends the session for an error of its WebSocket.
func (c *Conn) lostWebSocket(err error) {
	var closed websocket.CloseError
	if errors.As(err, &closed) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		if !c.isClosing() {
			c.end(ReasonTransportClose, err)
			return
		}
	}
	c.lost(err)
}

// sendWebSocket sends packets, each a message of its own.
func (c *Conn) sendWebSocket(ws *websocket.Conn, packets []eiowire.Packet) error {
	ctx, cancel := c.within(c.opts.RequestTimeout)
	defer cancel()
	for _, p := range packets {
		kind, data := websocket.MessageBinary, p.Data
		if !p.Binary {
			kind, data = websocket.MessageText, eiowire.AppendText(make([]byte, 0, 1+len(p.Data)), p.Type, p.Data)
		}
		if err := ws.Write(ctx, kind, data); err != nil {
			return err
		}
	}
	return nil
}
