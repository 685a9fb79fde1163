package engineio

import (
	"rightnow/engineio/internal/eiowire"
	"rightnow/internal/deadline"
	"rightnow/internal/ws"
)

// carrier is a connection that can carry a session: *ws.Conn or *stream. Its methods may be called from anywhere, and none
// waits for the network.
type carrier interface {
	// Push queues bytes as this kind of connection has them; they are shared and read-only from then on.
	Push(frames []byte) error
	// Flush sends what is queued.
	Flush()
	// Close sends what is queued and closes the connection then.
	Close(code int, reason string)
	// Abort closes it at once. The error is what its end is put down to.
	Abort(err error)
	// Traffic is how many bytes have come and gone, frames and all.
	Traffic() (received, sent uint64)
}

// upgrade is a connection that may carry a session soon. It is under way while it is the session's up, from before the
// client learns of it; what it has done by then is guarded by the session's mu.
type upgrade struct {
	s       *Session
	to      Transport
	conn    carrier        // nil until the handshake is answered
	probed  bool           // the client has sent 2probe
	text    bool           // its client takes no binary messages
	timeout deadline.Entry // the client has to complete the upgrade by then
	noop    deadline.Entry // the poll that holds it up is released then
}

// serveUpgrade answers the WebSocket handshake of a session that has begun otherwise.
func (s *Session) serveUpgrade(x *exchange) *ConnectionError {
	up, refusal := s.admitUpgrade(x, WebSocket)
	if refusal != nil {
		return refusal
	}
	conn, refusal := x.acceptWebSocket(false)
	if conn == nil {
		s.giveUp(up)
		return refusal
	}
	if !s.startUpgrade(up, conn) {
		conn.Close(0, "")
		conn.Serve(turnedAway{s.srv, conn})
		return nil
	}
	conn.Serve(&link{s: s, conn: conn, up: up})
	return nil
}

// admitUpgrade checks that the session is there and may be upgraded, and puts an upgrade under way. That is nil if there
// is one already, or no more need of one.
func (s *Session) admitUpgrade(x *exchange, to Transport) (*upgrade, *ConnectionError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.expiredLocked() || s.ended:
		return nil, unknownSession(x.sid)
	case x.transport != to:
		return nil, transportMismatch(x.transport, s.transportLocked())
	case s.srv.opts.DisableUpgrades:
		return nil, badRequest("UPGRADES_DISABLED")
	case s.transportLocked() != Polling || s.up != nil:
		return nil, nil
	}
	s.up = &upgrade{s: s, to: to, text: x.base64}
	return s.up, nil
}

// startUpgrade gives an upgrade its connection, unless it was given up meanwhile.
func (s *Session) startUpgrade(up *upgrade, conn carrier) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if up == nil || s.up != up {
		return false
	}
	up.conn = conn
	s.srv.upgrades.Start(&up.timeout, (*upgradeOver)(up))
	return true
}

// giveUp ends an upgrade, if it is still under way; a new one may come.
func (s *Session) giveUp(up *upgrade) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if up != nil && s.up == up {
		s.dropUpgradeLocked()
	}
}

// dropUpgradeLocked gives up the upgrade, if there is one, and returns its connection, which is still to be closed. s.mu
// must be held.
func (s *Session) dropUpgradeLocked() carrier {
	up := s.up
	if up == nil {
		return nil
	}
	s.up = nil
	s.srv.upgrades.Stop(&up.timeout)
	s.srv.noops.Stop(&up.noop)
	return up.conn
}

// message takes a message of the candidate: 2probe, then 5. Anything else loses it the candidacy, and the session goes
// on as it was. It runs on the goroutine that reads, and reports whether the session has moved.
func (up *upgrade) message(data []byte, binary bool) (moved bool) {
	p, err := eiowire.Parse(data)
	switch {
	case err != nil || binary:
		up.close()
	case isProbe(p):
		up.probe()
	case p.Type == eiowire.Upgrade:
		return up.complete()
	default:
		up.close()
	}
	return false
}

// probe answers 2probe, also a repeated one. A poll that waits is released a moment later: by then the client has the
// answer and stops polling.
func (up *upgrade) probe() {
	if up.to == WebTransport {
		up.conn.Push(eiowire.AppendStreamFrame(nil, []byte("3probe"), false))
	} else {
		up.conn.Push(ws.AppendFrame(nil, ws.OpText, []byte("3probe")))
	}
	up.conn.Flush()
	s := up.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.up == up && !up.probed {
		up.probed = true
		if s.poll != nil {
			up.startNoopLocked()
		}
	}
}

// complete moves the session to the candidate, unless the upgrade was given up meanwhile: then its connection is
// already being closed.
func (up *upgrade) complete() (moved bool) {
	s := up.s
	if !s.moveTo(up) {
		return false
	}
	up.conn.Flush()
	if hook := s.srv.opts.OnUpgrade; hook != nil {
		if err := s.srv.protect("OnUpgrade", func() { hook(s, up.to) }); err != nil {
			s.end(ReasonForcedClose, err, failed)
		}
	}
	return true
}

// moveTo makes the candidate carry the session: the queue goes over as it is. A poll that waits is refused like one that
// comes a moment later: over two connections their order is chance, and a client that sends 5 has no poll under way.
func (s *Session) moveTo(up *upgrade) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.up != up {
		return false
	}
	s.dropUpgradeLocked()
	if s.poll != nil {
		s.answerLocked().deliver()
	}
	s.connectLocked(up.conn, up.text)
	s.resendLocked()
	s.srv.count.upgraded.Add(1)
	s.srv.count.polling.Add(-1)
	return true
}

// close gives the candidate up.
func (up *upgrade) close() {
	up.s.giveUp(up)
	up.conn.Close(0, "")
}

// startNoopLocked releases the poll that waits a moment from now. s.mu must be held.
func (up *upgrade) startNoopLocked() {
	up.s.srv.noops.Start(&up.noop, (*noopDue)(up))
}

// upgradeOver is an upgrade that took too long.
type upgradeOver upgrade

// Expire implements deadline.Expirer.
func (o *upgradeOver) Expire(*deadline.Entry) { (*upgrade)(o).close() }

// noopDue is an upgrade that a poll holds up.
type noopDue upgrade

// Expire implements deadline.Expirer.
func (d *noopDue) Expire(n *deadline.Entry) {
	up := (*upgrade)(d)
	s := up.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.up == up && s.poll != nil && n.At().IsZero() { // else it was answered meanwhile
		s.answerLocked(s.srv.noopFrame).deliver()
	}
}
