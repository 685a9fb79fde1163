package sioclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/internal/sioargs"
	"rightnow/socketio/internal/siocall"
	"rightnow/socketio/internal/siocodec"
	"rightnow/socketio/internal/siowire"
)

// Args are the arguments of an event or an acknowledgement; a socketio.Args is the same.
type Args = siocall.Args

// outgoing is an event that waits for the connection.
type outgoing struct {
	packet *siocodec.Packet
	size   int
}

// Emitter emits in a particular way. It is immutable.
type Emitter struct {
	socket   *Socket
	volatile bool
	timeout  time.Duration
}

// Volatile returns an emitter whose events are dropped, with ErrDropped, when the connection is not
// ready for them at this moment.
func (s *Socket) Volatile() Emitter { return Emitter{socket: s, volatile: true} }

// Timeout returns an emitter whose EmitWithAck waits at most d.
func (s *Socket) Timeout(d time.Duration) Emitter { return Emitter{socket: s, timeout: d} }

// Volatile adds what Socket.Volatile says.
func (e Emitter) Volatile() Emitter {
	e.volatile = true
	return e
}

// Timeout adds what Socket.Timeout says.
func (e Emitter) Timeout(d time.Duration) Emitter {
	e.timeout = d
	return e
}

// Emit sends the event to the server. The arguments are encoded before Emit returns: whatever
// encoding/json takes, with []byte at any depth as binary. While there is no connection the event
// waits for the next one. Errors are those of encoding, ErrReservedEvent, ErrBufferFull,
// ErrQueueFull and ErrTooBig.
func (s *Socket) Emit(event string, args ...any) error {
	return Emitter{socket: s}.Emit(event, args...)
}

// Send emits the event "message".
func (s *Socket) Send(args ...any) error { return s.Emit("message", args...) }

// EmitWithAck sends the event and waits for the server's acknowledgement. It fails with ErrTimeout
// at ctx's deadline or after Options.AckTimeout, ErrDisconnected, ErrBackpressure, or the cause of
// ctx's end.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	return Emitter{socket: s}.EmitWithAck(ctx, event, args...)
}

// Emit is Socket.Emit.
func (e Emitter) Emit(event string, args ...any) error {
	p, err := e.packet(event, args)
	if err != nil {
		return err
	}
	if r := e.socket.retries; r != nil && !e.volatile {
		return r.add(retried{p, newWaiting()})
	}
	_, err = e.socket.emit(p, e.volatile)
	return err
}

// Send emits the event "message".
func (e Emitter) Send(args ...any) error { return e.Emit("message", args...) }

// EmitWithAck is Socket.EmitWithAck.
func (e Emitter) EmitWithAck(ctx context.Context, event string, args ...any) (Args, error) {
	p, err := e.packet(event, args)
	if err != nil {
		return Args{}, err
	}
	s := e.socket
	if s.retries != nil && !e.volatile {
		w := newWaiting()
		if err := s.retries.add(retried{p, w}); err != nil {
			return Args{}, err
		}
		ctx, cancel := e.bound(ctx, 0)
		defer cancel()
		return w.await(ctx, func() { s.retries.remove(w) })
	}
	ctx, cancel := e.bound(ctx, s.client.opts.AckTimeout)
	defer cancel()
	return s.ask(ctx, p, e.volatile)
}

// bound adds the emitter's time, or another, to ctx.
func (e Emitter) bound(ctx context.Context, otherwise time.Duration) (context.Context, context.CancelFunc) {
	d := e.timeout
	if d <= 0 {
		d = otherwise
	}
	if d <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, d, ErrTimeout)
}

// packet encodes an event.
func (e Emitter) packet(event string, args []any) (*siocodec.Packet, error) {
	if siowire.Reserved(event) {
		return nil, fmt.Errorf("sioclient: emit %q: %w", event, ErrReservedEvent)
	}
	raw, blobs, err := sioargs.EncodeArgsLimit(args, e.socket.client.opts.MaxAttachments)
	if err != nil {
		return nil, fmt.Errorf("sioclient: emit %q: %w", event, err)
	}
	return &siocodec.Packet{
		Type: siocodec.PacketEvent, Namespace: e.socket.nsp, Data: siowire.AppendEvent(nil, event, raw, ""), Blobs: blobs,
	}, nil
}

// ask sends an event and waits for the acknowledgement.
func (s *Socket) ask(ctx context.Context, p *siocodec.Packet, volatile bool) (Args, error) {
	if err := ctx.Err(); err != nil {
		return Args{}, ended(ctx)
	}
	own := *p
	own.HasID = true
	w, err := s.emit(&own, volatile)
	if err != nil {
		return Args{}, err
	}
	return w.await(ctx, func() { s.forget(own.ID) })
}

// emit sends an event, or has it wait for the connection. With HasID it is given its id, and what waits
// for the acknowledgement is returned.
func (s *Socket) emit(p *siocodec.Packet, volatile bool) (w *waiting, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ready := s.state == stateJoined && len(s.buffer) == 0
	switch {
	case s.client.closed.Load():
		return nil, ErrClosed
	case volatile && !(ready && s.link.conn.Writable()):
		return nil, ErrDropped
	case p.HasID && s.link != nil && s.link.stalled.Load():
		return nil, ErrBackpressure
	}
	if p.HasID {
		p.ID = s.nextAck
		s.nextAck++
		w = newWaiting()
		s.acks[p.ID] = w
	}
	if ready {
		if err = s.link.send(p); err == nil {
			return w, nil
		}
	}
	if !ready || errors.Is(err, ErrDisconnected) && !volatile { // its end is about to be told
		err = s.keepLocked(p)
	}
	if err != nil {
		delete(s.acks, p.ID)
		return nil, err
	}
	return w, nil
}

// keepLocked has a packet wait for the connection. s.mu must be held.
func (s *Socket) keepLocked(p *siocodec.Packet) error {
	size := packetSize(p)
	o := &s.client.opts
	if len(s.buffer) >= o.BufferEvents || s.buffered+size > o.BufferBytes {
		return ErrBufferFull
	}
	s.buffer = append(s.buffer, outgoing{p, size})
	s.buffered += size
	return nil
}

// packetSize is what a packet counts against the limits.
func packetSize(p *siocodec.Packet) int {
	size := len(p.Data)
	for _, b := range p.Blobs {
		size += len(b)
	}
	return size
}

// flushLocked sends what has waited for the connection, by the link's send or insist. What its queue does not take now
// goes out when that is empty; what the server does not take is lost, and reported. s.mu must be held.
func (s *Socket) flushLocked(send func(*siocodec.Packet) error) {
	for len(s.buffer) > 0 {
		out := s.buffer[0]
		err := send(out.packet)
		if errors.Is(err, ErrQueueFull) && !errors.Is(err, eioclient.ErrNeverFits) {
			s.link.backlog.Store(true) // before a look at the queue: it may become empty just now
			if !s.link.conn.Writable() {
				return
			}
			continue // others may be faster
		}
		if errors.Is(err, ErrDisconnected) {
			return
		}
		s.buffer[0] = outgoing{}
		s.buffer = s.buffer[1:]
		s.buffered -= out.size
		if err != nil {
			if w := s.acks[out.packet.ID]; w != nil && out.packet.HasID {
				delete(s.acks, out.packet.ID)
				w.fail(err)
			}
			s.inbox.post(func() { s.client.report(err) }) // without the lock
		}
	}
	s.buffer = nil
}

// drained goes on with what has waited until the connection's queue is empty.
func (s *Socket) drained(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == l && s.state == stateJoined {
		s.flushLocked(l.send)
		s.wakeLocked()
	}
}
