package sioadmin

import (
	"errors"
	"fmt"

	"rightnow/socketio"
)

// maxName bounds the name of a room or an event that an admin may use, in bytes.
const maxName = 1024

// Why a command is not obeyed. Admins are told nothing, as by Node; Options.OnError of the server is.
var (
	errNoNamespace = errors.New("there is no such namespace")
	errLongName    = errors.New("the name is empty or too long")
)

// obey registers what an admin may do. filter is the id of a socket or the name of a room, and nil
// for the whole namespace.
func (a *Admin) obey(s *socketio.Socket) {
	s.On("emit", func(nsp string, filter *string, event string, args ...any) error {
		target, err := a.target(nsp, filter, event)
		if err == nil {
			err = target.Emit(event, args...)
		}
		return refused("emit", err)
	})
	s.On("join", func(nsp, room string, filter *string) error {
		target, err := a.target(nsp, filter, room)
		if err == nil {
			target.SocketsJoin(room)
		}
		return refused("join", err)
	})
	s.On("leave", func(nsp, room string, filter *string) error {
		target, err := a.target(nsp, filter, room)
		if err == nil {
			target.SocketsLeave(room)
		}
		return refused("leave", err)
	})
	s.On("_disconnect", func(nsp string, close *bool, filter *string) error {
		target, err := a.target(nsp, filter, "-")
		if err == nil {
			target.DisconnectSockets(close != nil && *close)
		}
		return refused("_disconnect", err)
	})
}

// target is what a command is for. Unlike Node's it makes no namespace that isn't there.
func (a *Admin) target(nsp string, filter *string, name string) (socketio.Target, error) {
	if name == "" || len(name) > maxName || filter != nil && len(*filter) > maxName {
		return socketio.Target{}, errLongName
	}
	for _, n := range a.io.Namespaces() {
		if n.Name() != nsp {
			continue
		}
		if filter == nil || *filter == "" { // as JavaScript reads it
			return n.To(), nil
		}
		return n.To(*filter), nil
	}
	return socketio.Target{}, errNoNamespace
}

func refused(command string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sioadmin: %s: %w", command, err)
}
