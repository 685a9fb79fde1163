// Package wsdial connects sources over WebSocket: coder/websocket with what a
// stream that lasts for days needs on top. Messages that are too long are
// skipped instead of ending the connection, a message that is cut is never taken
// for a whole one, pings and pongs are signs of life that a reader hears of.
package wsdial

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"rightnow/feed"
)

// Options are how to connect. The zero value is ready.
type Options struct {
	Client       *http.Client // nil: one of feed.NewClient
	Header       http.Header
	Subprotocols []string
	Limit        int           // bytes of a message; 0: 128 KiB
	Ping         time.Duration // how often to ping, and how long a pong may take; 0: 30 s
}

// Refused is an answer to the handshake other than an upgrade.
type Refused struct {
	Err  error  // of feed.StatusOf
	Body string // how it begins
}

func (e *Refused) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Refused) Unwrap() error { return e.Err }

// Dial connects to a ws, wss, http or https URL. ctx bounds the handshake alone.
// An answer other than an upgrade is a [*Refused].
func Dial(ctx context.Context, url string, o *Options) (*Conn, error) {
	if o == nil {
		o = &Options{}
	}
	c := newConn(o)
	ws, resp, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient:     whole(o.Client),
		HTTPHeader:     o.Header.Clone(),
		Subprotocols:   o.Subprotocols,
		OnPingReceived: func(context.Context, []byte) bool { c.beat(); return true },
		OnPongReceived: func(context.Context, []byte) { c.beat() },
	})
	if err != nil {
		c.cancel(err)
		return nil, refusal(ctx, resp, err)
	}
	c.start(ws)
	return c, nil
}

// refusal finds out why Dial failed.
func refusal(ctx context.Context, resp *http.Response, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if resp == nil {
		return err
	}
	status := feed.StatusOf(resp)
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		return err
	case status == nil:
		status = &feed.StatusError{Status: resp.StatusCode, Reason: fmt.Sprintf("The server does not speak WebSocket at this address (%d).", resp.StatusCode)}
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 1024))
	return &Refused{Err: status, Body: string(body)}
}

// whole is a client under which the end of the connection is an error wherever it
// comes. coder/websocket takes io.EOF between two reads of a payload for the end
// of the message.
func whole(client *http.Client) *http.Client {
	if client == nil {
		client = feed.NewClient(nil)
	}
	wrapped := *client
	base := client.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	wrapped.Transport = transport{base}
	return &wrapped
}

type transport struct{ base http.RoundTripper }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		return resp, err
	}
	if rwc, ok := resp.Body.(io.ReadWriteCloser); ok {
		resp.Body = upgraded{rwc}
	}
	return resp, nil
}

// upgraded is a connection whose end is io.ErrUnexpectedEOF.
type upgraded struct{ io.ReadWriteCloser }

func (u upgraded) Read(p []byte) (int, error) {
	n, err := u.ReadWriteCloser.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
