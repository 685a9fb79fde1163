package eioclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rightnow/engineio/internal/eiowire"
)

var (
	errPingTimeout  = errors.New("eioclient: the server's ping did not come")
	errServerClosed = errors.New("eioclient: the server closed the session")
	errNoOpen       = errors.New("eioclient: the server's first packet does not open a session")
	errNoPings      = errors.New("eioclient: the server's handshake has no sound times for its pings")
)

// maxRefusal bounds what is read of a refusal.
const maxRefusal = 4096

// Dial opens a session with a server: "https://host[:port][/path][?query]", ws and wss
// mean the same. ctx bounds the handshake only. The errors are ErrAddress, a
// *HandshakeError, or the network's.
func Dial(ctx context.Context, address string, o *Options) (*Conn, error) {
	opts := o.withDefaults()
	base, err := baseURL(address, &opts)
	if err != nil {
		return nil, err
	}
	c := &Conn{
		opts: opts, base: base,
		done: make(chan struct{}), wake: make(chan struct{}, 1),
		idle: make(chan struct{}), switched: make(chan struct{}), closing: make(chan struct{}),
	}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	first, err := c.open(ctx)
	if err != nil {
		c.cancel(err)
		return nil, err
	}
	c.expectPing()
	c.work.Go(func() { c.read(first) }) // ends with the session
	c.work.Go(c.write)                  // likewise
	if c.mayUpgrade() {
		c.work.Go(c.probe) // ends when it has a WebSocket, or not
	}
	go c.finish() // ends behind these
	return c, nil
}

// baseURL is the address as http or https, with the path and the query of the options.
func baseURL(address string, o *Options) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	switch u.Scheme {
	case "http", "https":
	case "ws":
		u.Scheme = "http"
	case "wss":
		u.Scheme = "https"
	default:
		return nil, fmt.Errorf("%w: %q does not begin with http, https, ws or wss", ErrAddress, address)
	}
	if u.Host == "" {
		return nil, fmt.Errorf("%w: %q has no host", ErrAddress, address)
	}
	u.Path, u.RawPath, u.Fragment = o.Path, "", ""
	query := u.Query()
	for key, values := range o.Query {
		query[key] = values
	}
	query.Set("EIO", "4")
	u.RawQuery = query.Encode()
	return u, nil
}

// url is the address of a request by a transport.
func (c *Conn) url(t Transport) string {
	u := *c.base
	query := u.Query()
	query.Set("transport", string(t))
	if c.handshake.SID != "" {
		query.Set("sid", c.handshake.SID)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// open shakes hands by the first transport. It returns packets that came behind the
// open packet.
func (c *Conn) open(ctx context.Context) (rest []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.RequestTimeout)
	defer cancel()
	if c.opts.Transports[0] == WebSocket {
		return nil, c.openWebSocket(ctx)
	}
	body, err := c.get(ctx)
	if err != nil {
		return nil, err
	}
	packet, rest, _ := eiowire.Cut(body)
	return rest, c.opened(packet)
}

// opened reads the open packet.
func (c *Conn) opened(packet []byte) error {
	p, err := eiowire.Parse(packet)
	if err != nil || p.Type != eiowire.Open || p.Binary {
		return errNoOpen
	}
	h := &c.handshake
	if err := json.Unmarshal(p.Data, h); err != nil || h.SID == "" || len(h.SID) > maxSID {
		return errNoOpen
	}
	if h.PingInterval <= 0 || h.PingTimeout < 0 || max(h.PingInterval, h.PingTimeout) > maxPing {
		return errNoPings
	}
	return nil
}

// What a server's handshake may say: a longer id would not fit into a URL, and without pings, or with
// some in a year, the end of a connection is never noticed.
const (
	maxSID  = 1024
	maxPing = 24 * 60 * 60 * 1000 // milliseconds
)

// request makes a request of the session's.
func (c *Conn) request(ctx context.Context, method, address string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	for name, values := range c.opts.Header {
		r.Header[name] = values
	}
	if host := c.opts.Header.Get("Host"); host != "" {
		r.Host = host
	}
	if body != nil {
		r.Header.Set("Content-Type", "text/plain; charset=UTF-8")
	}
	return c.opts.HTTPClient.Do(r)
}

// refused makes an error of an answer other than 200.
func refused(response *http.Response) *HandshakeError {
	e := &HandshakeError{Status: response.StatusCode, Code: -1}
	if response.Body == nil {
		return e
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxRefusal)) // what came of it will do
	var told struct {
		Code    *int
		Message string
	}
	if json.Unmarshal(text, &told) == nil && told.Code != nil {
		e.Code, e.Message = *told.Code, told.Message
	} else {
		e.Message = strings.ToValidUTF8(string(text), "")
	}
	return e
}

// within bounds a step of the session.
func (c *Conn) within(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.ctx, d)
}
