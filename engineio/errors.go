package engineio

import (
	"errors"
	"fmt"
	"net/http"
)

// Reason tells why a session ended, in the words of the Node server.
type Reason string

const (
	ReasonTransportClose     Reason = "transport close"      // the client closed, or the connection was lost
	ReasonTransportError     Reason = "transport error"      // the transport's rules were broken, a poll or POST was aborted
	ReasonPingTimeout        Reason = "ping timeout"         // no pong in time
	ReasonParseError         Reason = "parse error"          // an undecodable packet
	ReasonForcedClose        Reason = "forced close"         // Close by the application, or its handler panicked
	ReasonServerShuttingDown Reason = "server shutting down" // Server.Shutdown
	ReasonSlowConsumer       Reason = "slow consumer"        // more than QueueLimit bytes waited, or none were taken for 30 s
)

var (
	// ErrClosed: the session has ended.
	ErrClosed = errors.New("engineio: session closed")
	// ErrSlowConsumer: the frame did not fit into the queue; the session ends for it.
	ErrSlowConsumer = errors.New("engineio: slow consumer")
	// ErrTooBig: the frame alone is more than Options.QueueLimit. Nothing else has happened.
	ErrTooBig = errors.New("engineio: a frame larger than QueueLimit")
	// ErrDropped: a volatile frame was dropped.
	ErrDropped = errors.New("engineio: volatile frame dropped")
)

// What SessionHandler.OnClose is told beside the reason.
var (
	errOverlap       = errors.New("engineio: overlap from client")
	errAborted       = errors.New("engineio: request aborted by the client")
	errContentType   = errors.New("engineio: binary body over protocol 4")
	errPingDirection = errors.New("engineio: invalid heartbeat direction")
	errPacketFlood   = errors.New("engineio: too many packets in a payload")
	errNotUTF8       = errors.New("engineio: text is not valid UTF-8")
)

// Codes of refused requests, as clients see them.
const (
	CodeUnknownTransport    = 0
	CodeUnknownSession      = 1
	CodeBadHandshakeMethod  = 2
	CodeBadRequest          = 3
	CodeForbidden           = 4
	CodeUnsupportedProtocol = 5
)

// Refusal is an error of AllowRequest whose message the client may see.
type Refusal struct {
	Message string
}

func (e *Refusal) Error() string { return e.Message }

// PanicError is a panic of a callback. It has been logged.
type PanicError struct {
	Callback string // "OnMessage", …
	Value    any
	Stack    []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("engineio: panic in %s: %v", e.Callback, e.Value)
}

// ConnectionError describes a request that was refused before it reached a session.
type ConnectionError struct {
	Request *http.Request
	Code    int
	Message string         // as the client sees it
	Context map[string]any // what was wrong, for logs

	status int // over long-polling; 0: 400
}

func (e *ConnectionError) Error() string { return "engineio: " + e.Message }

// badRequest is code 3; name says which of its many causes it was.
func badRequest(name string) *ConnectionError {
	return &ConnectionError{Code: CodeBadRequest, Message: "Bad request", Context: map[string]any{"name": name}}
}

func unknownSession(sid string) *ConnectionError {
	return &ConnectionError{Code: CodeUnknownSession, Message: "Session ID unknown", Context: map[string]any{"sid": sid}}
}

// unknownTransport is code 0.
func unknownTransport(t Transport) *ConnectionError {
	return &ConnectionError{
		Code: CodeUnknownTransport, Message: "Transport unknown", Context: map[string]any{"transport": string(t)},
	}
}

// unsupported is code 5.
func unsupported(protocol string) *ConnectionError {
	return &ConnectionError{
		Code: CodeUnsupportedProtocol, Message: "Unsupported protocol version", Context: map[string]any{"protocol": protocol},
	}
}

// unavailable is the refusal of a handshake that the server has no place for.
func unavailable(message, name string) *ConnectionError {
	return &ConnectionError{
		status: http.StatusServiceUnavailable, Code: CodeBadRequest, Message: message, Context: map[string]any{"name": name},
	}
}

// tooManySessions is the refusal of one more than Options.MaxSessions.
func tooManySessions() *ConnectionError { return unavailable("Too many sessions", "TOO_MANY_SESSIONS") }

// shuttingDown is the refusal of a handshake that comes too late.
func shuttingDown() *ConnectionError { return unavailable("Server is shutting down", "SHUTTING_DOWN") }

// transportMismatch is a plain request for a session that something else carries.
func transportMismatch(asked, current Transport) *ConnectionError {
	e := badRequest("TRANSPORT_MISMATCH")
	e.Context["transport"], e.Context["previousTransport"] = string(asked), string(current)
	return e
}
