package engineio

import (
	"errors"
	"net/http"
)

// Reason tells why a session ended, in the words of the Node server.
type Reason string

const (
	ReasonTransportClose     Reason = "transport close"      // the client closed, or the connection was lost
	ReasonTransportError     Reason = "transport error"      // the transport's rules were broken, a poll or POST was aborted
	ReasonPingTimeout        Reason = "ping timeout"         // no pong in time
	ReasonParseError         Reason = "parse error"          // an undecodable packet
	ReasonForcedClose        Reason = "forced close"         // Close by the application
	ReasonServerShuttingDown Reason = "server shutting down" // Server.Shutdown
	ReasonSlowConsumer       Reason = "slow consumer"        // more than QueueLimit bytes waited
)

var (
	// ErrClosed: the session has ended.
	ErrClosed = errors.New("engineio: session closed")
	// ErrSlowConsumer: the frame did not fit into the queue; the session ends for it.
	ErrSlowConsumer = errors.New("engineio: slow consumer")
	// ErrDropped: a volatile frame was dropped.
	ErrDropped = errors.New("engineio: volatile frame dropped")
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

// ConnectionError describes a request that was refused before it reached a session.
type ConnectionError struct {
	Request *http.Request
	Code    int
	Message string         // as the client sees it
	Context map[string]any // what was wrong, for logs
}

func (e *ConnectionError) Error() string { return "engineio: " + e.Message }
