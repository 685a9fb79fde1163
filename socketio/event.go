package socketio

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"rightnow/hub"
	"rightnow/socketio/internal/siocall"
	"rightnow/socketio/internal/siowire"
)

// Event is one event, as it came from a client or goes to one. It may be kept and read by
// several goroutines.
type Event struct {
	// Fixed at creation.
	socket   *Socket
	name     string
	ackID    uint64
	wantsAck bool
	outgoing bool
	args     siocall.List

	acked atomic.Bool
}

// newEvent makes an event of a packet of the client. It owns the packet's bytes.
func newEvent(s *Socket, p siowire.Packet, blobs [][]byte) *Event {
	e := &Event{socket: s, name: siowire.EventName(p.Data), ackID: p.AckID, wantsAck: p.HasAck}
	e.args.Init(p.Data, blobs, 1)
	return e
}

// newOutgoing makes an event of a message to the client.
func newOutgoing(s *Socket, m *hub.Message) *Event {
	e := &Event{socket: s, name: m.Event, ackID: m.AckID, wantsAck: m.WantAck, outgoing: true}
	e.args.Init(m.Args, m.Blobs, 0)
	return e
}

// size is what the event counts in the inbox.
func (e *Event) size() int { return e.args.Size() }

// Name returns the event's name.
func (e *Event) Name() string { return e.name }

// Socket returns the socket it came from or goes to.
func (e *Event) Socket() *Socket { return e.socket }

// Args returns the arguments.
func (e *Event) Args() Args { return e.args.Args() }

// Len is the number of arguments.
func (e *Event) Len() int { return e.Args().Len() }

// Decode decodes argument i into v, a pointer; see Args.Decode.
func (e *Event) Decode(i int, v any) error { return e.Args().Decode(i, v) }

// WantsAck reports whether the other side wants an acknowledgement.
func (e *Event) WantsAck() bool { return e.wantsAck }

// Context is the socket's.
func (e *Event) Context() context.Context { return e.socket.Context() }

// Ack returns the function that acknowledges the event.
func (e *Event) Ack() Ack { return e.reply }

// reply acknowledges the event. A call whose arguments cannot be encoded, or are too big, does not count.
func (e *Event) reply(args ...any) error {
	if !e.wantsAck || e.outgoing || e.acked.Load() {
		return nil
	}
	raw, blobs, err := e.socket.nsp.srv.encode(args)
	if err != nil {
		return fmt.Errorf("socketio: acknowledge %q: %w", e.name, err)
	}
	s := e.socket
	f, err := s.nsp.srv.ackFrame(s.nsp.name, e.ackID, raw, blobs)
	if err != nil {
		return fmt.Errorf("socketio: acknowledge %q: %w", e.name, err)
	}
	if e.acked.Swap(true) {
		return nil
	}
	s.mu.Lock()
	dirty, err := s.sendLocked(f, hub.Must)
	s.mu.Unlock()
	if errors.Is(err, ErrTooBig) {
		e.acked.Store(false) // as if it could not be encoded
		return fmt.Errorf("socketio: acknowledge %q: %w", e.name, err)
	}
	if dirty {
		s.nsp.hub.Touch((*member)(s))
	}
	return err
}

// replyError acknowledges with an error.
func (e *Event) replyError(err ClientError) {
	body := map[string]any{"error": err.Message}
	if err.Data != nil {
		body["data"] = err.Data
	}
	if err := e.reply(body); err != nil {
		e.socket.report(err)
		e.reply(map[string]any{"error": internalError})
	}
}
