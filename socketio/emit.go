package socketio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rightnow/engineio"
	"rightnow/hub"
	"rightnow/socketio/internal/sioargs"
	"rightnow/socketio/internal/siowire"
)

// Emitter emits to one socket, or past it to others, in a particular way. Like [Target] it is
// immutable.
type Emitter struct {
	socket   *Socket
	volatile bool
	plain    bool
	timeout  time.Duration
}

// Volatile adds what Socket.Volatile says.
func (e Emitter) Volatile() Emitter {
	e.volatile = true
	return e
}

// Compress adds what Socket.Compress says.
func (e Emitter) Compress(compress bool) Emitter {
	e.plain = !compress
	return e
}

// Timeout adds what Socket.Timeout says.
func (e Emitter) Timeout(d time.Duration) Emitter {
	e.timeout = d
	return e
}

// Emit is Socket.Emit.
func (e Emitter) Emit(event string, args ...any) error {
	m, err := e.message(event, args)
	if err != nil {
		return err
	}
	if s := e.socket; m.Class == hub.Must && s.isKept() {
		return s.emitKept(m)
	}
	return e.socket.emit(&m, nil)
}

// Send emits the event "message".
func (e Emitter) Send(args ...any) error { return e.Emit("message", args...) }

// EmitWithAck is Socket.EmitWithAck.
func (e Emitter) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	m, err := e.message(event, args)
	if err != nil {
		return Args{}, err
	}
	ctx, cancel := withTimeout(ctx, e.timeout)
	defer cancel()
	return e.socket.emitAndWait(ctx, &m)
}

// message encodes the arguments.
func (e Emitter) message(event string, args []any) (hub.Message, error) {
	m, err := e.socket.nsp.srv.newMessage(event, args)
	m.Plain = e.plain
	if err == nil && e.volatile {
		m.Class = hub.Volatile
	}
	return m, err
}

func (e Emitter) target() Target {
	return Target{nsp: e.socket.nsp, sender: e.socket.id, volatile: e.volatile, plain: e.plain, timeout: e.timeout}
}

// To is Socket.To.
func (e Emitter) To(rooms ...string) Target { return e.target().To(rooms...) }

// In is another name for To.
func (e Emitter) In(rooms ...string) Target { return e.target().To(rooms...) }

// Except is Socket.Except.
func (e Emitter) Except(rooms ...string) Target { return e.target().Except(rooms...) }

// Broadcast is Socket.Broadcast.
func (e Emitter) Broadcast() Target { return e.target() }

// Local is Socket.Local.
func (e Emitter) Local() Target { return e.target().Local() }

func (s *Socket) emitter() Emitter { return Emitter{socket: s} }

// Emit sends the event to this client. The arguments are encoded before Emit returns, and not
// used afterwards: whatever encoding/json takes, with []byte at any depth as binary. With
// [RecoveryOptions] an event for a client that is away, and may come back, is kept for it.
// Errors are those of encoding, ErrReservedEvent, ErrTooBig, ErrTooManyArguments, ErrDisconnected and
// ErrSlowConsumer.
func (s *Socket) Emit(event string, args ...any) error { return s.emitter().Emit(event, args...) }

// Send emits the event "message".
func (s *Socket) Send(args ...any) error { return s.emitter().Send(args...) }

// EmitWithAck sends the event and waits for the client's acknowledgement. A handler may wait for
// its own client. It fails with ErrTimeout at ctx's deadline, ErrDisconnected, ErrBackpressure,
// or the cause of ctx's end.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	return s.emitter().EmitWithAck(ctx, event, args...)
}

// Volatile returns an emitter whose events are dropped, with ErrDropped, when the client is not
// ready for them at this moment.
func (s *Socket) Volatile() Emitter { return s.emitter().Volatile() }

// Compress returns an emitter whose events are compressed, where the connection compresses at all, or
// not: for those that are small or compressed already.
func (s *Socket) Compress(compress bool) Emitter { return s.emitter().Compress(compress) }

// Timeout returns an emitter whose EmitWithAck waits at most d.
func (s *Socket) Timeout(d time.Duration) Emitter { return s.emitter().Timeout(d) }

// To returns the sockets, this one left out, that are in at least one of the rooms.
func (s *Socket) To(rooms ...string) Target { return s.emitter().To(rooms...) }

// In is another name for To.
func (s *Socket) In(rooms ...string) Target { return s.emitter().To(rooms...) }

// Except returns all sockets of the namespace but this one and those in one of the rooms.
func (s *Socket) Except(rooms ...string) Target { return s.emitter().Except(rooms...) }

// Broadcast returns all sockets of the namespace but this one.
func (s *Socket) Broadcast() Target { return s.emitter().Broadcast() }

// Local returns all sockets of this node but this one.
func (s *Socket) Local() Target { return s.emitter().Local() }

// newMessage encodes an event, before any lock is taken: the arguments' own code runs here.
func (s *Server) newMessage(event string, args []any) (hub.Message, error) {
	if siowire.Reserved(event) {
		return hub.Message{}, fmt.Errorf("socketio: emit %q: %w", event, ErrReservedEvent)
	}
	raw, blobs, err := s.encode(args)
	if err != nil {
		return hub.Message{}, fmt.Errorf("socketio: emit %q: %w", event, err)
	}
	m := hub.Message{Event: event, Args: raw, Blobs: blobs}
	if queueSize(&m) > s.opts.QueueLimit {
		return hub.Message{}, fmt.Errorf("socketio: emit %q: %w", event, ErrTooBig)
	}
	return m, nil
}

// queueSize is what an event takes of a queue, with its frames, or a little more.
func queueSize(m *hub.Message) int {
	size := len(m.Event) + len(m.Args) + len(m.Offset) + 64
	for _, b := range m.Blobs {
		size += len(b) + 64
	}
	return size
}

// encode turns arguments into a JSON array and the binary values taken out of them.
func (s *Server) encode(args []any) ([]byte, [][]byte, error) {
	raw, blobs, err := sioargs.EncodeArgsLimit(args, s.opts.MaxAttachments)
	if err == nil {
		return raw, blobs, nil
	}
	if many := (*sioargs.AttachmentsError)(nil); errors.As(err, &many) {
		err = fmt.Errorf("%w: %w", ErrTooManyAttachments, err)
	}
	return nil, nil, err
}

// isKept reports whether what is sent to this client goes by way of the journal: it is there, or away and may come back.
func (s *Socket) isKept() bool {
	if s.nsp.recovery == nil {
		return false
	}
	s.mu.Lock()
	state, ending := s.state, s.ending
	s.mu.Unlock()
	return state == stateJoined && !ending || ending && s.session != nil && s.session.recovery.keeps(s.session)
}

// emitKept sends m to this client alone, by way of the journal.
func (s *Socket) emitKept(m hub.Message) error {
	m.Rooms, m.Local = []string{s.id}, true
	_, err := s.nsp.hub.Publish(&m)
	return err
}

// When that much waits for a client it is flushed, by an emit that is not tiny itself: so many of those
// take longer than the hub's delay.
const flushAt, sizeable = 64 << 10, 1 << 10

// emit sends m to this client alone. With a sink, m wants an acknowledgement, and the sink hears
// of it only if the error is nil.
func (s *Socket) emit(m *hub.Message, sink ackSink) error {
	f, err := s.nsp.srv.eventFrame(s.nsp.name, m)
	if err != nil {
		return fmt.Errorf("socketio: emit %q: %w", m.Event, err)
	}
	s.mu.Lock()
	if sink != nil && s.state != stateEnded {
		s.expectLocked(m.AckID, sink)
	}
	dirty, err := s.sendLocked(f, m.Class)
	if err != nil && sink != nil {
		delete(s.acks, m.AckID)
	}
	outgoing, joined := s.outgoingLocked(), s.state == stateJoined
	s.mu.Unlock()
	if dirty {
		s.nsp.hub.Touch((*member)(s))
	}
	if f.Size() >= sizeable && s.sess.Buffered() >= flushAt {
		s.sess.Flush() // not only when the handler ends: the queue might not hold all of it
	}
	if err == nil || errors.Is(err, ErrDropped) {
		if ws := s.nsp.srv.watching(); ws != nil && joined {
			ws.sentAlone(s, m)
		}
		s.callOutgoing(outgoing, m)
	}
	return err
}

// emitAndWait sends m and waits for the acknowledgement.
func (s *Socket) emitAndWait(ctx context.Context, m *hub.Message) (Args, error) {
	if err := ctx.Err(); err != nil {
		return Args{}, ended(ctx)
	}
	w := make(single, 1)
	m.AckID, m.WantAck = s.nsp.nextAck(), true
	if err := s.emit(m, w); err != nil {
		return Args{}, err
	}
	if s.conn.stalled.Load() && s.forget(m.AckID) != nil {
		return Args{}, ErrBackpressure
	}
	s.nsp.hub.FlushAll()
	s.sess.Flush()
	select {
	case r := <-w:
		return r.args, r.err
	case <-ctx.Done():
		if s.forget(m.AckID) != nil {
			return Args{}, ended(ctx)
		}
		r := <-w // it came at the same moment
		return r.args, r.err
	}
}

// sendLocked queues a frame for the client. Once the socket has ended nothing is sent.
func (s *Socket) sendLocked(f *engineio.Frame, class hub.Class) (dirty bool, err error) {
	if s.state == stateEnded {
		return false, ErrDisconnected
	}
	if class == hub.Volatile {
		dirty, err = s.sess.SendVolatile(f)
	} else {
		dirty, err = s.sess.Send(f)
	}
	switch {
	case errors.Is(err, engineio.ErrClosed):
		err = ErrDisconnected
	case errors.Is(err, engineio.ErrTooBig):
		err = ErrTooBig
	}
	return dirty, err
}
