package eioclient

import (
	"errors"
	"fmt"
	"strings"
)

// What a session ends with, or refuses; compare with errors.Is.
var (
	// ErrClosed: the session is over.
	ErrClosed = errors.New("eioclient: the session is closed")
	// ErrQueueFull: more waits to be sent than Options.QueueLimit.
	ErrQueueFull = errors.New("eioclient: too much waits to be sent")
	// ErrNeverFits is an ErrQueueFull that does not pass: the messages alone are more than Options.QueueLimit.
	ErrNeverFits = fmt.Errorf("%w: it is more than ever may", ErrQueueFull)
	// ErrTooBig: a message is larger than the server takes. Binary data count a third more while polling carries the
	// session, which sends them as base64.
	ErrTooBig = errors.New("eioclient: the message is larger than the server takes")
	// ErrAddress: what Dial was given is no address of a server, and will not be.
	ErrAddress = errors.New("eioclient: the address is of no use")
)

// Reason says why a session ended, in the words of the official client.
type Reason string

// The reasons.
const (
	ReasonClosed         Reason = "forced close"    // Conn.Close
	ReasonTransportClose Reason = "transport close" // the server closed it, or the network did
	ReasonTransportError Reason = "transport error"
	ReasonPingTimeout    Reason = "ping timeout"
	ReasonParseError     Reason = "parse error"
)

// HandshakeError is a server's refusal.
type HandshakeError struct {
	Status  int    // of HTTP
	Code    int    // Engine.IO's, -1 when the answer had none
	Message string // of the answer, cut
}

func (e *HandshakeError) Error() string {
	what := strings.TrimSpace(e.Message)
	if what == "" {
		what = "no reason given"
	}
	return fmt.Sprintf("eioclient: the server refuses (status %d): %s", e.Status, what)
}
