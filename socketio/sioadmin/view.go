package sioadmin

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"rightnow/socketio"
)

// maxViewBytes bounds all_sockets: it has to fit into the queue of an admin's connection.
const maxViewBytes = 512 << 10

// perSocket is what a socket counts beside its handshake and the names of its rooms.
const perSocket = 200

// view is what admins know of the sockets: it takes in what has happened in the order in which it
// is told, and passes on what is new to them. It belongs to one goroutine.
type view struct {
	opts   *Options
	shown  map[*socketio.Socket]*shown
	bytes  int // about the size of all_sockets
	number int // of those that were ever shown

	crowded bool // there was no room for somebody
}

// shown is a socket that admins know.
type shown struct {
	socket    *socketio.Socket
	number    int
	handshake json.RawMessage
	rooms     []string
	transport string
}

// describedSocket is a socket as the UI has it.
type describedSocket struct {
	ID        string          `json:"id"`
	ClientID  string          `json:"clientId"`
	Transport string          `json:"transport"`
	Nsp       string          `json:"nsp"`
	Data      json.RawMessage `json:"data"`
	Handshake json.RawMessage `json:"handshake"`
	Rooms     []string        `json:"rooms"`
}

// tell passes a message on to all admins.
type tell func(event string, args ...any)

// newView returns a view of what is there at this moment.
func newView(o *Options, io *socketio.Server) *view {
	v := &view{opts: o, shown: make(map[*socketio.Socket]*shown)}
	for _, n := range io.Namespaces() {
		for _, s := range n.Sockets() {
			v.add(s)
		}
	}
	return v
}

// add shows a socket; nil when there is no room for it. One that has gone meanwhile will be told to have.
func (v *view) add(s *socketio.Socket) *shown {
	if len(v.shown) >= v.opts.MaxSockets || v.bytes >= maxViewBytes {
		v.crowded = true
		return nil
	}
	rooms := s.Rooms()
	if len(rooms) == 0 {
		rooms = []string{s.ID()}
	}
	v.number++
	sh := &shown{socket: s, number: v.number, handshake: describeHandshake(s), transport: string(s.Transport())}
	v.bytes += perSocket + len(sh.handshake)
	for _, room := range rooms {
		v.enter(sh, room)
	}
	v.shown[s] = sh
	return sh
}

// roomy reports whether sockets are hidden for which there is room by now: a quarter of it, so that a crowd does not have
// everything told anew all the time.
func (v *view) roomy() bool {
	return v.crowded && len(v.shown) <= v.opts.MaxSockets*3/4 && v.bytes <= maxViewBytes*3/4
}

// enter puts a socket into a room; false when it is there, or there is no room for more names.
func (v *view) enter(sh *shown, room string) bool {
	if slices.Contains(sh.rooms, room) || v.bytes >= maxViewBytes+maxViewBytes/4 {
		return false
	}
	sh.rooms = append(sh.rooms, room)
	v.bytes += len(room) + 3
	return true
}

// exit takes it out; false when it is not there.
func (v *view) exit(sh *shown, room string) bool {
	i := slices.Index(sh.rooms, room)
	if i < 0 {
		return false
	}
	sh.rooms = slices.Delete(sh.rooms, i, i+1)
	v.bytes -= len(room) + 3
	return true
}

// apply takes in one change, and tells of it if it is new.
func (v *view) apply(a *socketio.Activity, tell tell) {
	sh := v.shown[a.Socket]
	nsp, id := a.Socket.Namespace().Name(), a.Socket.ID()
	switch {
	case a.Kind == socketio.ActivityConnect && sh == nil:
		if sh = v.add(a.Socket); sh == nil {
			return
		}
		for _, room := range sh.rooms { // ahead of the socket, as Node has it
			tell("room_joined", nsp, room, id, a.Time)
		}
		tell("socket_connected", v.describe(sh), a.Time)
	case sh == nil:
	case a.Kind == socketio.ActivityJoin && v.enter(sh, a.Room):
		tell("room_joined", nsp, a.Room, id, a.Time)
	case a.Kind == socketio.ActivityLeave && v.exit(sh, a.Room):
		tell("room_left", nsp, a.Room, id, a.Time)
	case a.Kind == socketio.ActivityDisconnect:
		v.remove(sh, string(a.Reason), a.Time, tell)
	}
}

func (v *view) remove(sh *shown, reason string, at time.Time, tell tell) {
	nsp, id := sh.socket.Namespace().Name(), sh.socket.ID()
	tell("socket_disconnected", nsp, id, reason, at)
	for len(sh.rooms) > 0 {
		room := sh.rooms[0]
		v.exit(sh, room)
		tell("room_left", nsp, room, id, at)
	}
	v.bytes -= perSocket + len(sh.handshake)
	delete(v.shown, sh.socket)
}

// dataChanged tells of a socket's new data.
func (v *view) dataChanged(s *socketio.Socket, tell tell) {
	if sh := v.shown[s]; sh != nil {
		tell("socket_updated", map[string]any{"id": s.ID(), "nsp": s.Namespace().Name(), "data": v.opts.describeData(s)})
	}
}

// transports tells of the sockets whose connection has changed its transport.
func (v *view) transports(tell tell) {
	for _, sh := range v.shown {
		now := string(sh.socket.Transport())
		if now == sh.transport || !sh.socket.Connected() {
			continue
		}
		sh.transport = now
		tell("socket_updated", map[string]any{"id": sh.socket.ID(), "nsp": sh.socket.Namespace().Name(), "transport": now})
	}
}

// all is the message all_sockets, in the order in which the sockets came.
func (v *view) all() []describedSocket {
	order := make([]*shown, 0, len(v.shown))
	for _, sh := range v.shown {
		order = append(order, sh)
	}
	slices.SortFunc(order, func(a, b *shown) int { return cmp.Compare(a.number, b.number) })
	list := make([]describedSocket, len(order))
	for i, sh := range order {
		list[i] = v.describe(sh)
	}
	return list
}

func (v *view) describe(sh *shown) describedSocket {
	return describedSocket{
		ID:        sh.socket.ID(),
		ClientID:  clientID(sh.socket),
		Transport: sh.transport,
		Nsp:       sh.socket.Namespace().Name(),
		Data:      v.opts.describeData(sh.socket),
		Handshake: sh.handshake,
		Rooms:     slices.Clone(sh.rooms),
	}
}

// clientID is enough of a connection's id to tell it from others; the whole of it is a secret.
func clientID(s *socketio.Socket) string {
	id := s.Session().ID()
	return id[:min(len(id), 12)]
}
