package ws

import (
	"errors"
	"fmt"
	"net/http"
)

var (
	// ErrClosed is what Push returns once a connection is closing or closed.
	ErrClosed = errors.New("ws: connection closed")
	// ErrQueueFull is what Push returns when the frame would exceed QueueLimit.
	ErrQueueFull = errors.New("ws: queue full")
	// ErrSlow ended a connection whose peer took nothing for WriteTimeout.
	ErrSlow = errors.New("ws: peer does not read")
	// ErrCloseTimeout ended a connection whose peer did not finish the close
	// handshake within CloseTimeout.
	ErrCloseTimeout = errors.New("ws: close handshake timed out")
)

// CloseError is the peer's close frame.
type CloseError struct {
	Code   int // 1005 when the frame was empty
	Reason string
}

func (e *CloseError) Error() string {
	return fmt.Sprintf("ws: closed by peer: %d %q", e.Code, e.Reason)
}

// ProtocolError is a rule or limit that the peer broke. The connection was
// closed with Code.
type ProtocolError struct {
	Code   int
	Reason string
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("ws: closed with %d: %s", e.Code, e.Reason)
}

// HandshakeError is a request that is no acceptable WebSocket handshake.
type HandshakeError struct {
	Status int // what to answer
	Reason string
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("ws: handshake refused with %d: %s", e.Status, e.Reason)
}

// SetHeader sets the headers that RFC 6455 and HTTP ask for beside the status,
// for a caller that answers by itself.
func (e *HandshakeError) SetHeader(h http.Header) {
	switch e.Status {
	case http.StatusUpgradeRequired:
		h.Set("Upgrade", "websocket")
		h.Set("Connection", "Upgrade")
		h.Set("Sec-WebSocket-Version", "13")
	case http.StatusMethodNotAllowed:
		h.Set("Allow", http.MethodGet)
	}
}
