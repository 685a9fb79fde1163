package engineio

import (
	"unicode/utf8"

	"rightnow/engineio/internal/eiowire"
)

// receiveText takes one text packet that came over a transport, and reports whether the session is still open.
func (s *Session) receiveText(text []byte, over Transport) bool {
	if over != WebSocket && !utf8.Valid(text) { // a WebSocket has checked it
		s.end(ReasonParseError, errNotUTF8, failed)
		return false
	}
	p, err := eiowire.Parse(text)
	if err != nil {
		s.end(ReasonParseError, err, failed)
		return false
	}
	return s.receivePacket(p, over)
}

// receivePacket takes one packet, and reports whether the session is still open.
func (s *Session) receivePacket(p eiowire.Packet, over Transport) bool {
	switch p.Type {
	case eiowire.Message:
		return s.deliver(p.Data, p.Binary)
	case eiowire.Pong, eiowire.Ping:
		if (p.Type == eiowire.Ping) != s.old { // the one who pings is the server, in protocol 3 the client
			s.end(ReasonTransportError, errPingDirection, failed)
			return false
		}
		if s.old {
			s.pinged(p.Data)
		} else {
			s.pong()
		}
	case eiowire.Close:
		if over == Polling { // over other transports only the end of the connection counts
			s.end(ReasonTransportClose, nil, clientClosed)
			return false
		}
	}
	return true // the other types mean nothing from a client of an open session
}

// deliver calls the handler with a message, and reports whether the session is still open.
func (s *Session) deliver(data []byte, binary bool) bool {
	if !s.beginInput() {
		return false
	}
	if t := s.srv.metered.Load(); t != nil {
		t.in.add(1, len(data))
	}
	err := s.srv.protect("OnMessage", func() { s.handler.OnMessage(data, binary) })
	if err != nil {
		s.end(ReasonForcedClose, err, failed)
	}
	return s.finishInput()
}

// beginInput starts a run of the handler, unless the session has ended.
func (s *Session) beginInput() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.occupyLocked()
	if s.ended {
		s.vacateLocked()
		return false
	}
	s.beat.begin(s.srv.now)
	return true
}

// finishInput ends a run of the handler.
func (s *Session) finishInput() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beat.finish(s.srv.now)
	s.vacateLocked()
	return !s.ended
}

// occupy waits until the handler is free and takes it.
func (s *Session) occupy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.occupyLocked()
}

// occupyLocked is occupy. s.mu must be held; it is not while waiting.
func (s *Session) occupyLocked() {
	for s.occupied {
		if s.free == nil {
			s.free = make(chan struct{})
		}
		free := s.free
		s.mu.Unlock()
		<-free
		s.mu.Lock()
	}
	s.occupied = true
}

// vacate lets the next have the handler.
func (s *Session) vacate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.vacateLocked()
}

// vacateLocked is vacate. s.mu must be held.
func (s *Session) vacateLocked() {
	s.occupied = false
	if s.free != nil {
		close(s.free)
		s.free = nil
	}
}
