package siocall

import (
	"errors"
	"fmt"
)

// ErrNoArgument: fewer arguments came than were asked for.
var ErrNoArgument = errors.New("no such argument")

// ArgumentError says which argument of an event did not fit its handler. The handler has not
// run; an acknowledgement has got the error.
type ArgumentError struct {
	Event string
	Index int // from 0
	Err   error
}

func (e *ArgumentError) Error() string {
	return fmt.Sprintf("socketio: event %q, argument %d: %v", e.Event, e.Index, e.Err)
}

func (e *ArgumentError) Unwrap() error { return e.Err }

// ForClient is what the other side is told. The cause may name what is not its business.
func (e *ArgumentError) ForClient() string { return fmt.Sprintf("invalid argument %d", e.Index) }
