package socketio

import (
	"fmt"
	"sync/atomic"

	"rightnow/engineio"
	"rightnow/hub"
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
	args     argList

	acked atomic.Bool
}

// newEvent makes an event of a packet of the client. It owns the packet's bytes.
func newEvent(s *Socket, p siowire.Packet, blobs [][]byte) *Event {
	e := &Event{socket: s, name: siowire.EventName(p.Data), ackID: p.AckID, wantsAck: p.HasAck}
	e.args.init(p.Data, blobs, 1)
	return e
}

// newOutgoing makes an event of a message to the client.
func newOutgoing(s *Socket, m *hub.Message) *Event {
	e := &Event{socket: s, name: m.Event, ackID: m.AckID, wantsAck: m.WantAck, outgoing: true}
	e.args.init(m.Args, m.Blobs, 0)
	return e
}

// size is what the event counts in the inbox.
func (e *Event) size() int { return e.args.size }

// Name returns the event's name.
func (e *Event) Name() string { return e.name }

// Socket returns the socket it came from or goes to.
func (e *Event) Socket() *Socket { return e.socket }

// Args returns the arguments.
func (e *Event) Args() Args { return Args{&e.args} }

// Len is the number of arguments.
func (e *Event) Len() int { return e.Args().Len() }

// Decode decodes argument i into v, a pointer; see Args.Decode.
func (e *Event) Decode(i int, v any) error { return e.Args().Decode(i, v) }

// WantsAck reports whether the other side wants an acknowledgement.
func (e *Event) WantsAck() bool { return e.wantsAck }

// Ack returns the function that acknowledges the event.
func (e *Event) Ack() Ack { return e.reply }

// Ack acknowledges an event to its client. It may be called from any goroutine and at any time,
// also when the client wants no acknowledgement; the first call counts and the others do
// nothing. The error is about the arguments, or ErrDisconnected.
type Ack func(args ...any) error

// Send is the same as calling a.
func (a Ack) Send(args ...any) error { return a(args...) }

// reply acknowledges the event. A call whose arguments cannot be encoded does not count.
func (e *Event) reply(args ...any) error {
	if !e.wantsAck || e.outgoing || e.acked.Load() {
		return nil
	}
	raw, blobs, err := e.socket.nsp.srv.encode(args)
	if err != nil {
		return fmt.Errorf("socketio: acknowledge %q: %w", e.name, err)
	}
	if e.acked.Swap(true) {
		return nil
	}
	s := e.socket
	f := ackFrame(s.nsp.name, e.ackID, raw, blobs)
	s.mu.Lock()
	dirty, err := s.sendLocked(f, hub.Must)
	s.mu.Unlock()
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

func ackFrame(nsp string, id uint64, raw []byte, blobs [][]byte) *engineio.Frame {
	t := siowire.Ack
	if len(blobs) > 0 {
		t = siowire.BinaryAck
	}
	var few [packetRoom]byte
	return engineio.TextFrame(siowire.AppendPacket(few[:0], t, nsp, id, true, len(blobs), raw), blobs...)
}
