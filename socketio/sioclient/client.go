package sioclient

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/internal/siocodec"
)

// Client is a connection to a server, kept up, and the sockets that share it. All methods may be
// called concurrently.
//
// It has a goroutine that connects and comes back while a socket wants it, and one for each socket
// that runs its handlers. All have ended when Close returns.
type Client struct {
	// Fixed at creation.
	opts    Options
	address string
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	work    sync.WaitGroup
	closed  atomic.Bool   // Close has been called
	changed chan struct{} // of capacity 1: perhaps no socket wants the connection any more

	mu      sync.Mutex // guards following
	sockets map[string]*Socket
	link    *link // the connection; nil while there is none
	running bool  // the goroutine that connects
}

// link is one connection of a Client.
type link struct {
	client  *Client
	conn    *eioclient.Conn
	decoder siocodec.Decoder // owned by the connection's reader
	reason  chan Reason
	fault   atomic.Bool // the server broke the protocol
	stalled atomic.Bool // the reader waits for room in an inbox
	backlog atomic.Bool // a socket waits until the connection's queue is empty
}

// New returns a Client of a server: "https://host[:port][?query]"; a path is not looked at. It connects
// when a socket wants to. A nil o has the defaults.
func New(address string, o *Options) *Client {
	c := &Client{opts: o.withDefaults(), address: address, sockets: make(map[string]*Socket), changed: make(chan struct{}, 1)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Dial connects to a server and returns a socket that has joined a namespace: the path of the address,
// as in "https://host/admin", or "/". Closing it is s.Client().Close. Unlike a Client it gives up at the
// first failure, or when ctx ends; from then on the connection is kept up.
//
// setup is called with the socket before it connects, and is where handlers are registered: those that are
// registered when Dial has returned miss what the server emits as soon as it has let the socket in.
func Dial(ctx context.Context, address string, o *Options, setup ...func(*Socket)) (*Socket, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("sioclient: address: %w", err)
	}
	c := New(address, o)
	s := c.Of(u.Path)
	for _, f := range setup {
		f(s)
	}
	failed := make(chan error, 1)
	off := s.OnConnectError(func(err error) {
		select {
		case failed <- err:
		default:
		}
	})
	defer off()
	joined := make(chan struct{}, 1) // by the hook: whoever registers one now is not told of this connection
	offJoined := s.OnConnect(func() {
		select {
		case joined <- struct{}{}:
		default:
		}
	})
	defer offJoined()
	s.Connect()
	select {
	case <-joined:
		return s, nil
	case err = <-failed:
	case <-ctx.Done():
		err = fmt.Errorf("sioclient: no connection to %s: %w", u.Host, context.Cause(ctx))
		if c.current() != nil {
			err = fmt.Errorf("sioclient: %s does not answer who wants to join %s: %w", u.Host, s.nsp, context.Cause(ctx))
		}
	}
	defer context.AfterFunc(ctx, c.abort)() // Close takes no longer than ctx
	c.Close()
	return nil, err
}

// Of returns the socket of a namespace. It does not connect by itself: register handlers, then call
// Connect.
func (c *Client) Of(nsp string) *Socket {
	if !strings.HasPrefix(nsp, "/") {
		nsp = "/" + nsp
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sockets[nsp]
	if s == nil {
		s = newSocket(c, nsp)
		c.sockets[nsp] = s
	}
	return s
}

// Transport is what carries the connection at this moment, "" while there is none.
func (c *Client) Transport() eioclient.Transport {
	if l := c.current(); l != nil {
		return l.conn.Transport()
	}
	return ""
}

func (c *Client) current() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

// Close disconnects all sockets, sends what is queued for the server, within a few seconds, and waits
// until all goroutines have ended. Handlers and hooks must not call it.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed.Store(true)
	l := c.link
	c.mu.Unlock()
	for _, s := range c.snapshot() {
		s.Disconnect()
	}
	if l != nil {
		l.conn.Close()
	}
	c.cancel()
	for _, s := range c.snapshot() {
		s.failAll(ErrClosed)
	}
	c.work.Wait()
}

// abort cuts the connection, and none is made any more: a Close has nothing to wait for.
func (c *Client) abort() {
	c.mu.Lock()
	c.closed.Store(true)
	l := c.link
	c.mu.Unlock()
	if l != nil {
		l.conn.Abort()
	}
}

func (c *Client) snapshot() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*Socket, 0, len(c.sockets))
	for _, s := range c.sockets {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *Socket) int { return strings.Compare(a.nsp, b.nsp) })
	return all
}

// wanted reports whether a socket wants the connection.
func (c *Client) wanted() bool {
	return slices.ContainsFunc(c.snapshot(), (*Socket).Active)
}

// start sees to it that there will be a connection. The one that is there is returned.
func (c *Client) start() (*link, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Load() {
		return nil, ErrClosed
	}
	if !c.running {
		c.running = true
		c.work.Go(c.run) // ends when no socket wants a connection, or with Close
	}
	return c.link, nil
}

// stopIfUnwanted ends run when no socket wants a connection.
func (c *Client) stopIfUnwanted() bool {
	wanted := c.wanted()
	c.mu.Lock()
	defer c.mu.Unlock()
	if wanted && !c.closed.Load() {
		return false
	}
	c.running = false
	return true
}

// run connects, and comes back.
func (c *Client) run() {
	attempt := 0 // tries to come back since the last success
	for !c.stopIfUnwanted() {
		if attempt > 0 {
			if !c.pause(attempt) {
				continue // nobody wants it any more, or Close
			}
			c.call("OnReconnectAttempt", c.opts.OnReconnectAttempt, attempt)
		}
		l, err := c.connect()
		if err != nil {
			attempt++
			again := c.mayTry(err, attempt)
			c.failed(err, again)
			if !again && c.giveUp(attempt) {
				return
			}
			continue
		}
		if attempt > 0 {
			c.call("OnReconnect", c.opts.OnReconnect, attempt)
		}
		reason := c.await(l)
		if attempt = 1; reason == ReasonClientDisconnect {
			attempt = 0 // without a pause, where a socket wants the connection again
		}
		again := attempt == 0 || c.mayTry(nil, attempt)
		c.lost(l, reason, again)
		if !again && c.giveUp(attempt) {
			return
		}
	}
}

// await waits for the end of a connection, and says why it ended.
func (c *Client) await(l *link) Reason {
	reason := <-l.reason
	switch {
	case l.fault.Load():
		return ReasonParseError
	case reason == Reason(eioclient.ReasonClosed):
		return ReasonClientDisconnect
	}
	return reason
}

// call calls a hook of the options, if it is there.
func (c *Client) call(where string, f func(int), n int) {
	if f == nil {
		return
	}
	if err := guard(where, func() error { f(n); return nil }); err != nil {
		c.report(err)
	}
}

// mayTry reports whether another try is allowed after an error, nil for that of a connection.
func (c *Client) mayTry(err error, attempt int) bool {
	return !c.opts.DisableReconnect && !errors.Is(err, eioclient.ErrAddress) && !c.exhausted(attempt)
}

func (c *Client) exhausted(attempt int) bool {
	return c.opts.MaxReconnects > 0 && attempt > c.opts.MaxReconnects
}

// giveUp ends run, unless a socket wants a connection since it was told that it is over.
func (c *Client) giveUp(attempt int) bool {
	if f := c.opts.OnReconnectFailed; f != nil && c.exhausted(attempt) {
		c.call("OnReconnectFailed", func(int) { f() }, attempt)
	}
	return c.stopIfUnwanted()
}

// pause waits before a try. It reports false when the try is not wanted.
func (c *Client) pause(attempt int) bool {
	t := time.NewTimer(c.opts.pause(attempt))
	defer t.Stop()
	for c.wanted() {
		select {
		case <-t.C:
			return c.wanted()
		case <-c.changed:
		case <-c.ctx.Done():
			return false
		}
	}
	return false
}

// connect connects once.
func (c *Client) connect() (*link, error) {
	l := &link{client: c, decoder: c.opts.Parser.NewDecoder(), reason: make(chan Reason, 1)}
	ready := make(chan struct{}) // closed when the link is known
	o := c.opts.engine()
	o.OnMessage = func(data []byte, binary bool) {
		<-ready
		l.receive(data, binary)
	}
	o.OnClose = func(reason eioclient.Reason, _ error) { l.reason <- Reason(reason) }
	o.OnDrain = func() {
		<-ready
		if l.backlog.Swap(false) {
			for _, s := range c.snapshot() {
				s.drained(l)
			}
		}
	}
	o.OnUpgrade = c.upgraded
	conn, err := eioclient.Dial(c.ctx, c.address, o)
	if err != nil {
		return nil, err
	}
	l.conn = conn
	c.mu.Lock()
	c.link = l
	closed := c.closed.Load()
	c.mu.Unlock()
	close(ready)
	if closed {
		conn.Abort()
		return l, nil
	}
	for _, s := range c.snapshot() {
		s.opened(l)
	}
	return l, nil
}

// upgraded tells of another transport.
func (c *Client) upgraded(t eioclient.Transport) {
	if f := c.opts.OnUpgrade; f != nil {
		c.call("OnUpgrade", func(int) { f(t) }, 0)
	}
}

// failed tells of a try that failed. If there will be no other, the sockets are not active any more when they are told.
func (c *Client) failed(err error, again bool) {
	if c.ctx.Err() != nil {
		return
	}
	c.report(err)
	for _, s := range c.snapshot() {
		if s.Active() {
			if !again {
				s.deactivate()
			}
			s.tellConnectError(err)
		}
	}
}

// lost tells the sockets that the connection is gone, as failed does.
func (c *Client) lost(l *link, reason Reason, again bool) {
	c.mu.Lock()
	c.link = nil
	c.mu.Unlock()
	for _, s := range c.snapshot() {
		if !again {
			s.deactivate()
		}
		s.gone(l, reason)
	}
}

// release closes the connection when no socket wants it any more.
func (c *Client) release() {
	signal(c.changed)
	if l := c.current(); l != nil && !c.wanted() {
		c.spawn(func() { l.conn.Close() }) // bounded by the connection's own time for it
	}
}

// spawn runs f on a goroutine that Close waits for. It reports false after Close.
func (c *Client) spawn(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Load() {
		return false
	}
	c.work.Go(f)
	return true
}

// report tells OnError and the log.
func (c *Client) report(err error) {
	var panicked *PanicError
	if errors.As(err, &panicked) {
		c.opts.Logger.Error("sioclient: panic in a handler", "where", panicked.Where, "panic", panicked.Value, "stack", string(panicked.Stack))
	} else {
		c.opts.Logger.Debug("sioclient", "error", err)
	}
	f := c.opts.OnError
	if f == nil {
		return
	}
	if err := guard("OnError", func() error { f(err); return nil }); err != nil {
		c.opts.Logger.Error("sioclient: panic in OnError", "error", err)
	}
}

// guard calls f, and makes an error of a panic in it.
func guard(where string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Where: where, Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}
