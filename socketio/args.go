package socketio

import (
	"reflect"

	"rightnow/socketio/internal/siocall"
)

// Args are the arguments of an event or an acknowledgement, decoded when asked for. The zero
// Args has none. They may be kept and read by several goroutines; the bytes in them must not
// be changed.
type Args = siocall.Args

// Ack acknowledges an event to its client. It may be called from any goroutine and at any time,
// also when the client wants no acknowledgement; the first call counts and the others do
// nothing. The error is about the arguments, or ErrDisconnected.
type Ack = siocall.Ack

// ArgumentError says which argument of an event did not fit its handler. The handler has not
// run; an acknowledgement has got the error.
type ArgumentError = siocall.ArgumentError

// argumentRefused is what a client is told of an argument that does not fit.
func argumentRefused(e *ArgumentError) ClientError { return ClientError{Message: e.ForClient()} }

// newSignature takes a handler's type apart.
func newSignature(t reflect.Type) (*siocall.Signature, error) {
	return siocall.New(t, reflect.TypeFor[*Socket]())
}
