package engineio

import (
	"time"

	"rightnow/internal/deadline"
)

// heartbeat is a session's ping clock, guarded by its mu. Only the client's answer moves it: other traffic does not, nor
// an answer to nothing. All times are since the server was made.
//
// The clock of an answer stands still while the handler blocks, since nothing is read then. So what counts is the
// time since the ping less the time spent in the handler. A look-up compares that exactly; the timer, which knows only
// its fixed duration, may be up to one PingTimeout late after a handler that blocked.
type heartbeat struct {
	node     deadline.Entry
	awaiting bool          // a ping is unanswered
	at       time.Duration // awaiting: when the ping was due, else when the next one is; in protocol 3 at the latest

	busy   bool          // the handler runs
	since  time.Duration // from when on its run counts; known only while awaiting
	blocks time.Duration // time spent in the handler since the ping
}

// waited is how long the client has had to answer.
func (b *heartbeat) waited(now time.Duration) time.Duration {
	w := now - b.at - b.blocks
	if b.busy {
		w -= now - b.since
	}
	return w
}

// ask notes that a ping is sent. The time it takes for a timer to fire is not the client's gain, unless the process
// stood still for long.
func (b *heartbeat) ask(now, timeout time.Duration) {
	if now-b.at > timeout/4 {
		b.at = now
	}
	b.awaiting, b.blocks, b.since = true, 0, now
}

// begin notes that the handler starts to run.
func (b *heartbeat) begin(now func() time.Duration) {
	b.busy = true
	if b.awaiting {
		b.since = now()
	}
}

// finish notes that the handler has returned.
func (b *heartbeat) finish(now func() time.Duration) {
	b.busy = false
	if b.awaiting {
		b.blocks += now() - b.since
	}
}

// startHeartbeatLocked lets the first or next ping be due after the interval. s.mu must be held.
func (s *Session) startHeartbeatLocked() {
	s.beat.awaiting = false
	if s.old {
		s.beat.at = s.srv.now() + s.srv.opts.PingInterval + s.srv.opts.PingTimeout
		s.srv.silences.Start(&s.beat.node, (*silent)(s))
		return
	}
	s.beat.at = s.srv.now() + s.srv.opts.PingInterval
	s.srv.pings.Start(&s.beat.node, (*pingDue)(s))
}

// stopHeartbeatLocked ends it. s.mu must be held.
func (s *Session) stopHeartbeatLocked() {
	s.srv.pings.Stop(&s.beat.node)
	s.srv.pongs.Stop(&s.beat.node)
	s.srv.silences.Stop(&s.beat.node)
	s.beat.awaiting = false
}

// pong takes the client's answer. One that nobody asked for changes nothing.
func (s *Session) pong() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended && s.beat.awaiting {
		s.startHeartbeatLocked()
	}
}

// expiredLocked reports whether the answer to a ping is overdue, and ends the session if so: it is unknown from that
// instant on, whenever the timer fires. s.mu must be held.
func (s *Session) expiredLocked() bool {
	if s.ended || !s.overdueLocked() {
		return false
	}
	s.endLocked(ReasonPingTimeout, nil, failed)
	return true
}

// overdueLocked reports whether the client's pong, in protocol 3 its ping, is overdue. s.mu must be held.
func (s *Session) overdueLocked() bool {
	now := s.srv.now()
	if s.old {
		return s.beat.at != 0 && !s.beat.busy && now >= s.beat.at
	}
	return s.beat.awaiting && s.beat.waited(now) >= s.srv.opts.PingTimeout
}

// pingDue is a Session that is to be sent a ping.
type pingDue Session

// Expire implements deadline.Expirer.
func (p *pingDue) Expire(*deadline.Entry) {
	s := (*Session)(p)
	if s.sendPing(false) {
		s.Flush()
	}
}

// pongDue is a Session whose client has not answered a ping in time, as far as the timer knows.
type pongDue Session

// Expire implements deadline.Expirer.
func (p *pongDue) Expire(*deadline.Entry) {
	s := (*Session)(p)
	if s.sendPing(true) {
		s.Flush()
	}
}

// sendPing queues a ping. again tells that the one before is unanswered: then the session ends, or, when the handler
// blocked so that the answer may lie unread, the client gets another, which shows it that the server lives.
func (s *Session) sendPing(again bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.beat.awaiting != again || s.expiredLocked() || !s.beat.node.At().IsZero() {
		return false
	}
	if !again {
		s.beat.ask(s.srv.now(), s.srv.opts.PingTimeout)
	}
	s.srv.pongs.Start(&s.beat.node, (*pongDue)(s))
	return s.pushLocked(s.srv.pingFrame) == nil
}
