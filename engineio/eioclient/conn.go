package eioclient

import (
	"bytes"
	"context"
	"math"
	"net/url"
	"sync"
	"time"

	"rightnow/engineio/internal/eiowire"

	"github.com/coder/websocket"
)

// Conn is one session. All methods may be called concurrently.
//
// It has a goroutine that reads and one that writes, and during an upgrade one
// that probes; all of them have ended when Done is closed.
type Conn struct {
	// Fixed when Dial returns.
	opts      Options
	base      *url.URL // scheme http or https, with path and query
	handshake eiowire.Handshake
	ctx       context.Context // ends with the session
	cancel    context.CancelCauseFunc
	done      chan struct{} // closed when OnClose has returned
	work      sync.WaitGroup

	wake     chan struct{} // of capacity 1: the writer has something to look at
	idle     chan struct{} // closed when the writer will use polling no more
	switched chan struct{} // closed when what was polling is a WebSocket
	closing  chan struct{} // closed by Close

	mu        sync.Mutex // guards following
	queue     []eiowire.Packet
	queued    int             // bytes of queue
	socket    *websocket.Conn // carries the session; nil: polling does
	candidate *websocket.Conn // will, when the GET and the POST under way have ended
	pings     *time.Timer     // fires when the server's next ping is overdue
	ended     bool
	reason    Reason
	err       error
}

// ID is the session's secret id.
func (c *Conn) ID() string { return c.handshake.SID }

// MaxPayload is the largest message that the server takes, in bytes; 0: it did not
// say.
func (c *Conn) MaxPayload() int64 { return c.handshake.MaxPayload }

// Transport is what carries the session at this moment.
func (c *Conn) Transport() Transport {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.socket != nil {
		return WebSocket
	}
	return Polling
}

// Done is closed when the session has ended, all goroutines too.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Context ends as soon as the session is over, perhaps before Done is closed; its cause says why.
func (c *Conn) Context() context.Context { return c.ctx }

// Err says why the session ended: ErrClosed after Close, nil while it is open.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Buffered is the number of bytes that wait to be sent.
func (c *Conn) Buffered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queued
}

// Writable reports that nothing waits to be sent.
func (c *Conn) Writable() bool { return c.Buffered() == 0 }

// Send queues messages that belong together. It does not wait for the network.
// The bytes are the session's from now on. It fails with ErrClosed, ErrQueueFull,
// ErrNeverFits or ErrTooBig, and then nothing of them is sent.
func (c *Conn) Send(messages ...Message) error { return c.enqueue(c.opts.QueueLimit, messages) }

// SendAnyway is Send without a look at Options.QueueLimit: for what a protocol above this one has to say whatever
// waits, and itself keeps little.
func (c *Conn) SendAnyway(messages ...Message) error { return c.enqueue(math.MaxInt, messages) }

// enqueue queues messages if they and what waits are within limit.
func (c *Conn) enqueue(limit int, messages []Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	size := 0
	for _, m := range messages {
		if most := c.handshake.MaxPayload; most > 0 && c.wireSizeLocked(m) > most {
			return ErrTooBig
		}
		size += len(m.Data) + 1
	}
	switch {
	case c.ended || c.isClosing():
		return ErrClosed
	case size > limit:
		return ErrNeverFits
	case c.queued+size > limit:
		return ErrQueueFull
	}
	for _, m := range messages {
		c.queue = append(c.queue, eiowire.Packet{Type: eiowire.Message, Binary: m.Binary, Data: m.Data})
	}
	c.queued += size
	c.rouse()
	return nil
}

// wireSizeLocked is what a message counts against the server's limit: binary data as they are over a WebSocket, by polling
// as base64. An upgrade that is under way changes nothing, for it may fail; what was queued before one fits afterwards,
// too. c.mu must be held.
func (c *Conn) wireSizeLocked(m Message) int64 {
	if m.Binary && c.socket != nil {
		return int64(len(m.Data))
	}
	return int64(payloadSize(m))
}

// payloadSize is what a message takes in a payload of polling.
func payloadSize(m Message) int {
	if m.Binary {
		return eiowire.BinarySize(len(m.Data))
	}
	return 1 + len(m.Data)
}

// rouse has the writer look at the queue.
func (c *Conn) rouse() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Conn) isClosing() bool {
	select {
	case <-c.closing:
		return true
	default:
		return false
	}
}

// Close sends what is queued, for Options.CloseTimeout at most, tells the server,
// and waits until the session has ended. OnMessage must not call it, nor OnClose.
func (c *Conn) Close() error {
	c.mu.Lock()
	if !c.isClosing() {
		close(c.closing)
	}
	c.mu.Unlock()
	late := time.AfterFunc(c.opts.CloseTimeout, c.Abort)
	defer late.Stop()
	<-c.done
	return nil
}

// Abort ends the session at once, without a word to the server.
func (c *Conn) Abort() { c.end(ReasonClosed, ErrClosed) }

// Fail is Abort for a server whose messages break the protocol above this one: the session ends with
// ReasonParseError and err.
func (c *Conn) Fail(err error) { c.end(ReasonParseError, err) }

// end ends the session, once.
func (c *Conn) end(reason Reason, err error) {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return
	}
	c.ended, c.reason, c.err = true, reason, err
	c.queue, c.queued = nil, 0
	if c.pings != nil {
		c.pings.Stop()
	}
	socket, candidate := c.socket, c.candidate
	c.mu.Unlock()
	c.cancel(err)
	for _, ws := range []*websocket.Conn{socket, candidate} {
		if ws != nil {
			_ = ws.CloseNow() // it has ended already, or now has
		}
	}
}

// finish waits for the goroutines and tells the end.
func (c *Conn) finish() {
	c.work.Wait()
	c.mu.Lock()
	reason, err := c.reason, c.err
	c.mu.Unlock()
	c.opts.OnClose(reason, err)
	close(c.done)
}

// expectPing starts the time for the server's next ping.
func (c *Conn) expectPing() {
	within := time.Duration(c.handshake.PingInterval+c.handshake.PingTimeout) * time.Millisecond
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended || within <= 0:
	case c.pings == nil:
		c.pings = time.AfterFunc(within, func() { c.end(ReasonPingTimeout, errPingTimeout) })
	default:
		c.pings.Reset(within)
	}
}

// take handles one packet that is not binary, and reports whether the session goes on.
func (c *Conn) take(p eiowire.Packet) bool {
	switch p.Type {
	case eiowire.Message:
		c.opts.OnMessage(p.Data, p.Binary)
	case eiowire.Ping:
		c.expectPing()
		c.answerPing(p.Data)
	case eiowire.Close:
		c.end(ReasonTransportClose, errServerClosed)
	}
	return c.ctx.Err() == nil
}

// answerPing queues the answer ahead of everything else: it has no order with
// messages, and must not be late for them.
func (c *Conn) answerPing(data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	pong := eiowire.Packet{Type: eiowire.Pong, Data: bytes.Clone(data)}
	if len(c.queue) > 0 && c.queue[0].Type == eiowire.Pong { // one answers for all pings before
		c.queued -= packetSize(c.queue[0])
		c.queue[0] = pong
	} else {
		c.queue = append([]eiowire.Packet{pong}, c.queue...)
	}
	c.queued += packetSize(pong)
	c.rouse()
}

// packetSize is what a packet counts in the queue.
func packetSize(p eiowire.Packet) int { return 1 + len(p.Data) }
