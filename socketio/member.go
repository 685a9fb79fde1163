package socketio

import (
	"rightnow/engineio"
	"rightnow/hub"
)

// member is a Socket as its hub sees it.
type member Socket

var (
	_ hub.Member     = (*member)(nil)
	_ hub.Prefetcher = (*member)(nil)
	_ hub.Mover      = (*member)(nil)
)

// frame is a broadcast in Socket.IO's form, with the message it was made from.
type frame struct {
	*engineio.Frame
	msg     *hub.Message
	watches *watches // nil: nobody wants to know who gets it
	gather  *gather  // nil: no acknowledgements are wanted
}

// encoder makes frames for the sockets of one namespace.
type encoder struct {
	nsp *Namespace
}

// Key is the encoder itself: each namespace has one.
func (e *encoder) Key() any { return e }

// Encode makes the frame of a broadcast. One whose acknowledgements nobody here collects, as it comes from another node, is
// sent without an id: among ours the id may be that of something else.
func (e *encoder) Encode(m *hub.Message) (hub.Frame, error) {
	srv, sent := e.nsp.srv, m
	var g *gather
	if m.WantAck {
		if g = e.nsp.gatheringFor(m); g == nil {
			own := *m
			own.WantAck = false
			sent = &own
		}
	}
	f, err := srv.eventFrame(e.nsp.name, sent)
	if err != nil {
		return nil, err
	}
	return &frame{Frame: f, msg: sent, watches: srv.watching(), gather: g}, nil
}

// ID returns the socket's id.
func (m *member) ID() string { return m.id }

// Encoder returns that of the namespace.
func (m *member) Encoder() hub.Encoder { return m.nsp.encoder }

// Push queues a broadcast.
func (m *member) Push(f hub.Frame, class hub.Class) (dirty bool) {
	s, fr := (*Socket)(m), f.(*frame)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state == stateJoined:
		return s.pushLocked(fr, class)
	case s.state == stateJoining && class == hub.Must:
		e := s.earlyLocked()
		e.held = append(e.held, heldFrame{fr, class})
	}
	return false
}

// Prefetch implements hub.Prefetcher.
func (m *member) Prefetch() uint32 { return m.sess.Prefetch() }

// Flush writes what is queued for the connection.
func (m *member) Flush() { m.sess.Flush() }

// pushLocked queues a broadcast for a socket that has joined.
func (s *Socket) pushLocked(f *frame, class hub.Class) (dirty bool) {
	if s.hooks != nil && len(s.hooks.outgoing) > 0 {
		s.postOutgoingLocked(f.msg)
	}
	if f.watches != nil {
		f.watches.sent(s, f.msg)
	}
	g := f.gather
	if g == nil || !g.expect(s) {
		dirty, _ = s.sendLocked(f.Frame, class)
		return dirty
	}
	s.expectLocked(f.msg.AckID, g)
	dirty, err := s.sendLocked(f.Frame, class)
	switch {
	case err != nil:
		delete(s.acks, f.msg.AckID)
		g.fail(err)
	case s.conn.stalled.Load():
		delete(s.acks, f.msg.AckID)
		g.fail(ErrBackpressure)
	}
	return dirty
}
