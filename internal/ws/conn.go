package ws

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"rightnow/internal/netpoll"
)

// Options of a connection. The zero value of a field means its default; nil
// Options are all defaults. The values are copied when a Conn is made.
type Options struct {
	// MaxMessage bounds the payload bytes of one message over all its
	// fragments; more closes with 1009. 0 means 1,000,000.
	MaxMessage int64
	// MaxFragments bounds the frames of one message; more closes with 1008.
	// 0 means 1024.
	MaxFragments int
	// QueueLimit bounds the bytes queued and unsent. 0 means 1 MiB. The frames
	// are bounded too, by 64 and one for every 32 bytes of the limit, so that
	// the bookkeeping of tiny ones does not outgrow the limit.
	QueueLimit int
	// WriteTimeout is how long the peer may take nothing while bytes wait for
	// it, before the connection ends with ErrSlow. 0 means 30 s. Over TLS and
	// other connections without a file descriptor, progress is seen in steps of
	// 16 KiB, so that it may take twice as long.
	WriteTimeout time.Duration
	// CloseTimeout bounds the close handshake. 0 means 5 s.
	CloseTimeout time.Duration
	// Poller watches the connection while nothing comes from the peer. Nil, or
	// anywhere but on a plain socket on Linux, a goroutine waits.
	Poller *netpoll.Poller
	// Deflate accepts permessage-deflate if the client offers it. NewConn, which does not know,
	// takes it for accepted.
	Deflate bool
	// Subprotocol is answered by Upgrade if the client offered it.
	Subprotocol string
}

// The defaults of Options.
const (
	defaultMaxMessage   = 1_000_000
	defaultMaxFragments = 1024
	defaultQueueLimit   = 1 << 20
	defaultWriteTimeout = 30 * time.Second
	defaultCloseTimeout = 5 * time.Second
)

// withDefaults returns a copy with every field set.
func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	d.MaxMessage = positive(d.MaxMessage, defaultMaxMessage)
	d.MaxFragments = positive(d.MaxFragments, defaultMaxFragments)
	d.QueueLimit = positive(d.QueueLimit, defaultQueueLimit)
	d.WriteTimeout = positive(d.WriteTimeout, defaultWriteTimeout)
	d.CloseTimeout = positive(d.CloseTimeout, defaultCloseTimeout)
	return d
}

func positive[T int | int64 | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

// Handler receives what a connection reads. Its methods are called one at a
// time, on a goroutine that reads.
type Handler interface {
	// Message gets each complete text (valid UTF-8) or binary message, in
	// order. data is valid only until it returns. While it blocks nothing is
	// read, so TCP pushes back on the peer.
	Message(op Opcode, data []byte)
	// Closed is called exactly once, after the last Message. err says why:
	// *CloseError (the peer closed), *ProtocolError (the peer broke a rule or
	// a limit), ErrSlow, ErrCloseTimeout, the error given to Abort, io.EOF
	// (the peer left without a close frame) or an error of the network. The
	// network connection may outlive it by CloseTimeout, to let a close frame
	// reach the peer; nothing more is read from it.
	Closed(err error)
}

// state is how far a connection has come; it only grows.
type state = uint32

const (
	stateOpen    state = iota
	stateClosing       // a close frame is queued or sent: nothing more may be
	stateDead          // the network connection is closed
)

// Conn is one WebSocket connection, server side. All methods may be called
// concurrently, from inside Handler methods too, and none waits for the
// network.
//
// It is read from Serve until Closed has returned and the network connection is
// closed, or is left to the writing side to close: by a goroutine of its own, or
// by workers of a Poller when there is something to read.
type Conn struct {
	// What Push and Flush look at stands together: with thousands of
	// recipients each line of memory counts.
	mu      sync.Mutex     // guards following, but for what says otherwise; never held during I/O
	state   atomic.Uint32  // written under mu and read anywhere
	writing bool           // somebody sends out
	more    bool           // Flush was called while writing
	blocked bool           // out waits for the peer
	halfway bool           // after the close frame: shut the sending side down
	bytes   int            // unsent bytes of in, late and out
	frames  int            // frames of in, late and out
	in      queue          // pushed since the last flush
	sock    netpoll.Socket // of raw; not guarded by mu

	// Owned by the goroutine that set writing: what is being sent. The flusher
	// hands it to drain with the flag.
	out  outbox
	sent atomic.Uint64 // bytes behind the handshake; read anywhere

	// Fixed at creation.
	raw          syscall.RawConn // nil: nc has no file descriptor that we may use
	queueLimit   int
	nc           net.Conn
	try          tryWriter       // nil: nc has no TryWrite
	already      []byte          // read before NewConn; taken by Serve
	poller       *netpoll.Poller // nil: a goroutine waits for the peer
	maxMessage   int64
	maxFragments int
	deflate      bool
	writeTimeout time.Duration
	closeTimeout time.Duration

	// reader is set while nobody waits who would see the connection end.
	reader atomic.Pointer[reader]

	// Guarded by mu again.
	readDone bool        // after the close frame: nothing to wait for, close
	pongs    int         // pongs in in
	late     []byte      // the newest pong, when in has maxPongs already
	cause    error       // why the connection ends; the first one counts
	timer    *time.Timer // bounds the time in stateClosing

	received atomic.Uint64 // bytes behind the handshake
}

// NewConn makes a Conn of nc after a handshake done elsewhere. already are
// bytes read from nc beyond the handshake; the Conn owns them from now on.
func NewConn(nc net.Conn, already []byte, opts *Options) *Conn {
	o := opts.withDefaults()
	c := &Conn{
		nc:           nc,
		raw:          netpoll.Raw(nc),
		already:      already,
		poller:       o.Poller,
		maxMessage:   o.MaxMessage,
		maxFragments: o.MaxFragments,
		deflate:      o.Deflate,
		queueLimit:   o.QueueLimit,
		writeTimeout: o.WriteTimeout,
		closeTimeout: o.CloseTimeout,
	}
	c.try, _ = nc.(tryWriter)
	if c.raw != nil && c.sock.Set(c.raw) != nil {
		c.raw = nil // nc is closed, and will say so
	}
	return c
}

// Serve starts reading and returns. It must be called once.
func (c *Conn) Serve(h Handler) {
	r := newReader(c, h)
	c.already = nil
	if c.poller == nil || c.raw == nil || !c.watch(r) {
		r.waitAlone()
	}
}

// watch leaves r to the poller, if that can watch it.
func (c *Conn) watch(r *reader) bool {
	c.reader.Store(r) // before the socket is watched: see closeNet
	if !c.poller.Add(r) {
		c.reader.Store(nil)
		return false
	}
	c.poller.Start(r, len(r.first) > 0)
	return true
}

// Traffic is how many bytes have come and gone behind the handshake, frames and all.
func (c *Conn) Traffic() (received, sent uint64) { return c.received.Load(), c.sent.Load() }

// Deflates reports whether frames of AppendDeflated may be pushed.
func (c *Conn) Deflates() bool { return c.deflate }

// NetConn returns the connection below, for its addresses.
func (c *Conn) NetConn() net.Conn { return c.nc }

// Prefetch reads something of what Push and Flush look at; see engineio's Session.Prefetch.
func (c *Conn) Prefetch() uint32 { return c.state.Load() + uint32(c.queueLimit) }
