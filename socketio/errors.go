package socketio

import (
	"context"
	"errors"
	"fmt"

	"rightnow/engineio"
	"rightnow/socketio/internal/sioargs"
	"rightnow/socketio/internal/siocall"
)

// What an emit or a wait for an acknowledgement can end with. Errors come wrapped with their
// place; compare with errors.Is.
var (
	// ErrDisconnected: the socket is not connected any more.
	ErrDisconnected = errors.New("the socket is disconnected")
	// ErrTimeout: not everybody acknowledged in time. It is context.DeadlineExceeded too.
	ErrTimeout error = timeoutError{}
	// ErrBackpressure: this client's inbox is full, so that nothing it sends is read and no
	// acknowledgement of it can arrive before its handlers have caught up.
	ErrBackpressure = errors.New("the client's inbox is full, its acknowledgement cannot be read")
	// ErrDropped: a volatile event was not sent because the client was not ready for it.
	ErrDropped = engineio.ErrDropped
	// ErrSlowConsumer: the client did not read what was sent to it and is being disconnected.
	ErrSlowConsumer = engineio.ErrSlowConsumer
	// ErrTooBig: the event is larger than Options.QueueLimit, more than may wait for a client. Nobody gets it.
	ErrTooBig = errors.New("the event is larger than QueueLimit")
	// ErrTooManyArguments: more than 4,095 arguments, which no client of this project takes.
	ErrTooManyArguments = sioargs.ErrTooMany
	// ErrReservedEvent: an event name that has a meaning of its own and cannot be emitted.
	ErrReservedEvent = errors.New("the event name is reserved")
	// ErrTooManyAttachments: more binary values than the receiving clients accept.
	ErrTooManyAttachments = errors.New("too many binary attachments")
	// ErrTooManyRooms: Options.MaxRooms.
	ErrTooManyRooms = errors.New("too many rooms for one socket")
	// ErrConnectTimeout: a client joined no namespace in time; its connection is closed.
	ErrConnectTimeout = errors.New("socketio: no namespace was joined in time")
	// ErrNoArgument: fewer arguments came than were asked for.
	ErrNoArgument = siocall.ErrNoArgument
)

// timeoutError says in Node's words that time is up.
type timeoutError struct{}

func (timeoutError) Error() string        { return "operation has timed out" }
func (timeoutError) Timeout() bool        { return true }
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// ClientError is an error made for the client: a handler that returns one acknowledges with
// {"error": Message} and, when there is Data, {"error": Message, "data": Data}. Every other
// error reaches the client as "internal" and Options.OnError as it is.
type ClientError struct {
	Message string
	Data    any
}

func (e ClientError) Error() string { return e.Message }

// internalError is what a client is told of an error that was not made for it.
const internalError = "internal"

// asClientError returns the error as one that was made for the client.
func asClientError(err error) (ClientError, bool) {
	var e ClientError
	if errors.As(err, &e) {
		return e, true
	}
	var p *ClientError
	if errors.As(err, &p) && p != nil {
		return *p, true
	}
	return e, false
}

// Error returns a [ClientError] without data.
func Error(message string) error { return ClientError{Message: message} }

// ConnectError is what a namespace's middleware refuses a connection with: the client's
// connect_error gets Message and, when there is one, Data. A [ClientError] does the same; every
// other error reaches the client as "internal".
type ConnectError struct {
	Message string
	Data    any
}

func (e ConnectError) Error() string { return e.Message }

// DisconnectError is the cause of a socket's ended context. errors.Is(err, ErrDisconnected)
// holds for it.
type DisconnectError struct {
	Reason Reason
	Err    error // more about it, for transport errors; may be nil
}

func (e *DisconnectError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("disconnected: %s: %v", e.Reason, e.Err)
	}
	return "disconnected: " + string(e.Reason)
}

func (e *DisconnectError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrDisconnected}
	}
	return []error{ErrDisconnected, e.Err}
}

// ProtocolError says how a client broke the protocol. Its connection is closed.
type ProtocolError struct {
	Namespace string // as the packet named it; empty when it could not be read
	Err       error
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("socketio: protocol violation (namespace %q): %v", e.Namespace, e.Err)
}

func (e *ProtocolError) Unwrap() error { return e.Err }

// HandlerError is an error that a handler returned and that was not made for the client.
type HandlerError struct {
	Event string
	Err   error
}

func (e *HandlerError) Error() string {
	return fmt.Sprintf("socketio: handler of %q: %v", e.Event, e.Err)
}

func (e *HandlerError) Unwrap() error { return e.Err }

// PanicError is a panic in a handler, a middleware or a hook, recovered.
type PanicError struct {
	Where string // the event, or the kind of hook
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("socketio: panic in %s: %v", e.Where, e.Value)
}

// Unwrap returns the panic's value when that was an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
