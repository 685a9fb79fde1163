package wsdial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/coder/websocket"

	"rightnow/feed"
)

// The defaults of Options.
const (
	defaultLimit = 128 << 10
	defaultPing  = 30 * time.Second
)

// writeTimeout bounds one Write.
const writeTimeout = 10 * time.Second

var errNoPong = errors.New("feed: the server does not answer our ping")

// Conn is a connection. Next is called by one goroutine; all else may be called
// concurrently.
type Conn struct {
	limit int
	ping  time.Duration

	ctx      context.Context // ends with the connection; its cause says why
	cancel   context.CancelCauseFunc
	messages chan message  // from the reader; never closed
	beats    chan struct{} // holds one
	ws       *websocket.Conn
	running  sync.WaitGroup // the reader and the pinger
}

// message is one that was read, or how reading ended.
type message struct {
	data []byte
	err  error
}

func newConn(o *Options) *Conn {
	c := &Conn{limit: o.Limit, ping: o.Ping, messages: make(chan message), beats: make(chan struct{}, 1)}
	if c.limit <= 0 {
		c.limit = defaultLimit
	}
	if c.ping <= 0 {
		c.ping = defaultPing
	}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	return c
}

func (c *Conn) start(ws *websocket.Conn) {
	c.ws = ws
	ws.SetReadLimit(-1)
	c.running.Go(c.read)     // ends when the connection fails; Close has it fail
	c.running.Go(c.pingLoop) // ends with ctx
}

// Next waits for a message. nil without an error is a ping or pong that came. The
// bytes are valid until the next call. [feed.ErrTooLong] stands for a message
// that was skipped, and others follow; all other errors are the end, io.EOF when
// the server closed as the protocol wants it.
func (c *Conn) Next() ([]byte, error) {
	select {
	case m := <-c.messages:
		return m.data, m.err
	case <-c.beats:
		return nil, nil
	case <-c.ctx.Done():
		return nil, context.Cause(c.ctx)
	}
}

// Write sends a text message.
func (c *Conn) Write(text []byte) error {
	ctx, cancel := context.WithTimeout(c.ctx, writeTimeout)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, text); err != nil {
		return fmt.Errorf("feed: send: %w", err)
	}
	return nil
}

// Close ends the connection at once, and Next and Write with it.
func (c *Conn) Close() error {
	c.cancel(net.ErrClosed)
	c.ws.CloseNow()
	c.running.Wait()
	return nil
}

func (c *Conn) beat() {
	select {
	case c.beats <- struct{}{}:
	default:
	}
}

// read hands each message to Next. Two buffers take turns: while one is looked at
// the other is filled, and it is handed over only when Next is called again.
func (c *Conn) read() {
	var buffers [2][]byte
	for i := 0; ; i = 1 - i {
		_, r, err := c.ws.Reader(context.Background())
		if err != nil {
			c.cancel(c.ending(err))
			return
		}
		var m message
		if m, err = c.readMessage(r, &buffers[i]); err != nil {
			c.cancel(c.ending(err))
			return
		}
		select {
		case c.messages <- m:
		case <-c.ctx.Done():
			return
		}
	}
}

// readMessage reads into buf, or past a message that is too long.
func (c *Conn) readMessage(r io.Reader, buf *[]byte) (message, error) {
	data := (*buf)[:0]
	for {
		if len(data) > c.limit {
			_, err := io.Copy(io.Discard, r)
			return message{err: feed.ErrTooLong}, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := r.Read(data[len(data):min(cap(data), c.limit+1)])
		data = data[:len(data)+n]
		*buf = data
		if err == io.EOF {
			if len(data) > c.limit {
				return message{err: feed.ErrTooLong}, nil
			}
			return message{data: data[:len(data):len(data)]}, nil
		}
		if err != nil {
			return message{}, err
		}
	}
}

// ending says how the connection ended: io.EOF when the server meant to.
func (c *Conn) ending(err error) error {
	var closed websocket.CloseError
	switch {
	case !errors.As(err, &closed):
		return err
	case closed.Code == websocket.StatusNormalClosure, closed.Code == websocket.StatusGoingAway, closed.Code == websocket.StatusNoStatusRcvd:
		return io.EOF
	}
	return fmt.Errorf("feed: the server closed the connection: %d %.100q", closed.Code, closed.Reason)
}

// pingLoop ends the connection when a ping stays without an answer.
func (c *Conn) pingLoop() {
	tick := time.NewTicker(c.ping)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-c.ctx.Done():
			return
		}
		ctx, cancel := context.WithTimeout(c.ctx, c.ping)
		err := c.ws.Ping(ctx)
		cancel()
		if err != nil && c.ctx.Err() == nil {
			c.cancel(errNoPong)
			return
		}
	}
}
