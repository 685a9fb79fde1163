package sioclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/internal/siocall"
)

// What an emit or a wait can end with. Errors come wrapped with their place; compare with
// errors.Is.
var (
	// ErrDisconnected: the connection was lost, or the namespace left, before the
	// acknowledgement came. A *DisconnectError says more.
	ErrDisconnected = errors.New("the socket is disconnected")
	// ErrTimeout: the acknowledgement did not come in time. It is context.DeadlineExceeded
	// too.
	ErrTimeout error = timeoutError{}
	// ErrDropped: a volatile event was not sent because the connection was not ready for it.
	ErrDropped = errors.New("the volatile event was dropped")
	// ErrBufferFull: more waits for the connection than Options.BufferEvents or BufferBytes.
	ErrBufferFull = errors.New("too much waits for the connection")
	// ErrBackpressure: the socket's handlers are so far behind that nothing is read, and no
	// acknowledgement can arrive before they have caught up.
	ErrBackpressure = errors.New("the inbox is full, the acknowledgement cannot be read")
	// ErrReservedEvent: an event name that has a meaning of its own.
	ErrReservedEvent = errors.New("the event name is reserved")
	// ErrClosed: the Client has been closed.
	ErrClosed = errors.New("the client is closed")
	// ErrQueueFull: the server takes less than is sent to it.
	ErrQueueFull = eioclient.ErrQueueFull
	// ErrTooBig: a message is larger than the server takes. Binary values count a third more while polling
	// carries the connection: see Client.Transport, Options.OnUpgrade.
	ErrTooBig = eioclient.ErrTooBig
	// ErrNoArgument: fewer arguments came than were asked for.
	ErrNoArgument = siocall.ErrNoArgument
)

// timeoutError says in the official client's words that time is up.
type timeoutError struct{}

func (timeoutError) Error() string        { return "operation has timed out" }
func (timeoutError) Timeout() bool        { return true }
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// ConnectError is a server's refusal to let a socket into its namespace.
type ConnectError struct {
	Namespace string
	Message   string
	Data      json.RawMessage // what came with it, nil for nothing
}

func (e *ConnectError) Error() string {
	return fmt.Sprintf("sioclient: the server refuses %s: %s", e.Namespace, e.Message)
}

// DisconnectError is the cause of a socket's ended context, and what those are told who wait for an acknowledgement.
// errors.Is(err, ErrDisconnected) holds for it. Err is not unwrapped: a connection that timed out is no acknowledgement
// that did.
type DisconnectError struct {
	Reason Reason
	Err    error // more about it; may be nil
}

func (e *DisconnectError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%v: %s: %v", ErrDisconnected, e.Reason, e.Err)
	}
	return fmt.Sprintf("%v: %s", ErrDisconnected, e.Reason)
}

func (e *DisconnectError) Unwrap() error { return ErrDisconnected }

// disconnected is why a socket leaves a connection, which may be over or not.
func (l *link) disconnected(reason Reason) *DisconnectError {
	e := &DisconnectError{Reason: reason, Err: l.conn.Err()}
	if errors.Is(e.Err, eioclient.ErrClosed) { // by this side, as the reason says
		e.Err = nil
	}
	return e
}

// notLetIn is why a socket has not joined: the server's refusal, or what this side cannot say.
func notLetIn(err error) *DisconnectError {
	var refusal *ConnectError
	if errors.As(err, &refusal) {
		return &DisconnectError{Reason: ReasonServerDisconnect, Err: err}
	}
	return &DisconnectError{Reason: ReasonClientDisconnect, Err: err}
}

// ArgumentError says which argument of an event did not fit its handler, which has not run.
type ArgumentError = siocall.ArgumentError

// PanicError is a panic in a handler or a hook, recovered.
type PanicError struct {
	Where string // the event, or the kind of hook
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("sioclient: panic in %s: %v", e.Where, e.Value)
}

// Reason says why a socket was disconnected, in the official client's words.
type Reason string

// The reasons.
const (
	ReasonServerDisconnect Reason = "io server disconnect" // the server left the namespace; the socket does not come back by itself
	ReasonClientDisconnect Reason = "io client disconnect" // Socket.Disconnect or Client.Close
	ReasonPingTimeout             = Reason(eioclient.ReasonPingTimeout)
	ReasonTransportClose          = Reason(eioclient.ReasonTransportClose)
	ReasonTransportError          = Reason(eioclient.ReasonTransportError)
	ReasonParseError              = Reason(eioclient.ReasonParseError) // the server broke the protocol
)
