package socketio

import (
	"context"

	"rightnow/engineio"
	"rightnow/socketio/internal/siowire"
)

// Disconnect leaves the namespace, or with close closes the whole connection: what was emitted
// before still goes out. Official clients do not come back after it. Without close it does
// nothing before the socket has joined.
func (s *Socket) Disconnect(close bool) {
	if close {
		s.conn.disconnect()
		return
	}
	if !s.hasJoined() || !s.conn.leave(s) {
		return
	}
	s.nsp.hub.FlushAll()
	s.end(ReasonServerDisconnect, nil)
	s.sess.Flush()
}

// disconnect leaves all namespaces and closes the connection.
func (c *client) disconnect() {
	for _, s := range c.end() {
		s.end(ReasonServerDisconnect, nil)
	}
	c.sess.Close(engineio.ReasonForcedClose)
}

// end ends the socket, once: it is no member any more when end returns, nothing is sent to it
// afterwards, its context and those who wait for it are told. The hooks run later, behind the
// events that came before. Whoever calls it has made the client forget the socket.
func (s *Socket) end(reason Reason, err error) {
	claimed, joined := s.claimEnd(reason)
	if !claimed {
		return
	}
	var rooms []string
	if joined { // else it is no member, and what has its id may be another
		rooms = s.nsp.hub.Remove(s.id)
	}
	cause := &DisconnectError{Reason: reason, Err: err}
	s.mu.Lock()
	if joined {
		s.nsp.joined.Add(-1)
		if reason == ReasonServerDisconnect {
			s.conn.sendControl(siowire.Disconnect, s.nsp.name, nil)
		}
	}
	s.state, s.last = stateEnded, &lastOf{cause: cause}
	if joined {
		s.last.rooms = rooms
	}
	claim, data := s.claimLocked(), s.data
	if s.admitting {
		s.last.claim, claim = claim, nil
	}
	s.takeHeldLocked()
	s.wakeReaderLocked()
	cancel := s.cancel
	s.mu.Unlock()
	if cancel != nil {
		cancel(cause)
	}
	s.failAcks(cause)
	s.leaveSession(joined, claim, reason, rooms, data)
	s.leaveWork(joined, reason)
	if s.nsp.hub != nil {
		s.nsp.srv.release(s.nsp)
	}
}

// leaveWork has the hooks run, who find all else ended, and counts the socket as a leaver until
// its inbox is empty.
func (s *Socket) leaveWork(joined bool, reason Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if joined {
		s.postLocked(task{do: func() { s.runDisconnectHooks(reason) }})
	}
	if s.running {
		s.leaver = true
		s.conn.addLeaver()
	}
}

// claimEnd reports true to one caller, and whether the socket had joined: now it does so no more.
func (s *Socket) claimEnd(reason Reason) (claimed, joined bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return false, false
	}
	s.ending = true
	joined = s.state == stateJoined
	if ws := s.nsp.srv.watching(); ws != nil && joined {
		ws.change(Activity{Kind: ActivityDisconnect, Socket: s, Reason: reason})
	}
	return true, joined
}

func (s *Socket) runDisconnectHooks(reason Reason) {
	s.mu.Lock()
	var disconnecting, disconnect []*func(Reason)
	if s.hooks != nil {
		disconnecting, disconnect = s.hooks.disconnecting, s.hooks.disconnect
	}
	s.mu.Unlock()
	s.callReasonHooks("OnDisconnecting", disconnecting, reason)
	s.mu.Lock()
	s.last.rooms = nil
	s.mu.Unlock()
	s.callReasonHooks("OnDisconnect", disconnect, reason)
}

func (s *Socket) callReasonHooks(where string, hooks []*func(Reason), reason Reason) {
	for _, f := range hooks {
		if err := s.guard(where, func() error { (*f)(reason); return nil }); err != nil {
			s.report(err)
		}
	}
}

// Context ends when the socket is disconnected, with a *DisconnectError as its cause.
func (s *Socket) Context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx == nil {
		s.ctx, s.cancel = context.WithCancelCause(context.Background())
		if s.last != nil {
			s.cancel(s.last.cause)
		}
	}
	return s.ctx
}
