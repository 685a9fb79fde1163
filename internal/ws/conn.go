package ws

import (
	"net"
	"net/http"
	"time"
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
	// QueueLimit bounds the bytes queued and unsent. 0 means 1 MiB.
	QueueLimit int
	// WriteTimeout is how long the peer may take nothing while bytes wait for
	// it, before the connection ends with ErrSlow. 0 means 30 s.
	WriteTimeout time.Duration
	// CloseTimeout bounds the close handshake. 0 means 5 s.
	CloseTimeout time.Duration
	// Subprotocol is answered by Upgrade if the client offered it.
	Subprotocol string
}

// Handler receives what a connection reads. Its methods are called on the
// connection's reading goroutine, one at a time.
type Handler interface {
	// Message gets each complete text (valid UTF-8) or binary message, in
	// order. data is valid only until it returns. While it blocks nothing is
	// read, so TCP pushes back on the peer.
	Message(op Opcode, data []byte)
	// Closed is called exactly once, after the last Message. err says why:
	// *CloseError (the peer closed), *ProtocolError (the peer broke a rule or
	// a limit), ErrSlow, ErrCloseTimeout, the error given to Abort, io.EOF
	// (the peer left without a close frame) or an error of the network.
	Closed(err error)
}

// Conn is one WebSocket connection, server side. All methods may be called
// concurrently, from inside Handler methods too, and none waits for the
// network.
type Conn struct {
	nc net.Conn
}

// Upgrade checks the WebSocket handshake in r, takes the connection over from
// net/http and answers 101 with the extra header. A bad handshake is a
// *HandshakeError, and then nothing has been written: the caller answers.
func Upgrade(w http.ResponseWriter, r *http.Request, extra http.Header, opts *Options) (*Conn, error) {
	return nil, &HandshakeError{}
}

// NewConn makes a Conn of nc after a handshake done elsewhere. already are
// bytes read from nc beyond the handshake; the Conn owns them from now on.
func NewConn(nc net.Conn, already []byte, opts *Options) *Conn { return &Conn{nc: nc} }

// Serve starts the reading goroutine and returns. It may be called once.
func (c *Conn) Serve(h Handler) {}

// Push queues a frame made by AppendFrame. It never blocks and never writes.
// The bytes are shared and read-only from now on. It fails with ErrClosed, or
// with ErrQueueFull, and then nothing of it is queued.
func (c *Conn) Push(frame []byte) error { return nil }

// Flush hands everything queued to the kernel in as few writes as can be,
// without waiting; what the kernel does not take is sent by a goroutine that
// lives until it has.
func (c *Conn) Flush() {}

// Buffered returns the bytes queued and unsent.
func (c *Conn) Buffered() int { return 0 }

// Writable reports that no bytes of an earlier flush wait for the peer.
func (c *Conn) Writable() bool { return true }

// Close queues a close frame (an empty one if code is 0), flushes, waits for
// the peer's close frame for at most CloseTimeout without blocking the
// caller, and closes the network connection. Only the first call counts.
func (c *Conn) Close(code int, reason string) {}

// Abort closes the network connection at once; Handler.Closed gets err.
func (c *Conn) Abort(err error) {}

// NetConn returns the connection below, for its addresses.
func (c *Conn) NetConn() net.Conn { return c.nc }
