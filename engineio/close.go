package engineio

import "rightnow/internal/deadline"

// Close ends the session: what is queued is still delivered where the client takes it, then the transport is closed.
// It does not wait. Only the first reason counts.
func (s *Session) Close(reason Reason) { s.end(reason, nil, graceful) }

// end ends the session, once.
func (s *Session) end(reason Reason, err error, how ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLocked(reason, err, how)
}

// endLocked is end: the one door out of the open state. s.mu must be held.
func (s *Session) endLocked(reason Reason, err error, how ending) {
	if s.ended {
		return
	}
	s.ended, s.reason, s.err = true, reason, err
	if s.done != nil {
		close(s.done)
	}
	if reason == ReasonSlowConsumer {
		s.srv.count.slow.Add(1)
	}
	s.lanes.due = nil
	s.stopHeartbeatLocked()
	if s.post != nil {
		s.post.abort()
	}
	if s.transportLocked() == Polling && !s.connDue {
		s.srv.count.polling.Add(-1)
		s.endPollingLocked(how)
	}
	s.srv.ended(s, s.lingers != gone)
	go s.finish(how, s.carrierLocked(), s.dropUpgradeLocked()) // ends when OnClose has returned; Shutdown waits for it
}

// endPollingLocked answers the waiting poll, or decides what the next one gets. s.mu must be held.
func (s *Session) endPollingLocked(how ending) {
	waiting := s.poll != nil
	switch {
	case how == clientClosed && waiting:
		s.answerLocked(s.srv.noopFrame).deliver()
	case how == clientClosed:
		s.lingerLocked(lingerNoop, s.srv.graces)
	case how == graceful && len(s.queue) > 0:
		s.lingerLocked(lingerRest, s.srv.restGrace())
		if waiting {
			s.handOverLocked().deliver()
		}
		return // the queue is still to go
	case how == graceful && !waiting:
		s.lingerLocked(lingerRest, s.srv.restGrace())
	case waiting:
		s.answerLocked(s.srv.closeFrame).deliver()
	}
	s.queue, s.queued = nil, 0
}

// restGrace is how long the polls of a session that the server closed are waited for. A shutdown waits for a client that is
// there, which polls at once, and not for one that has gone.
func (s *Server) restGrace() *deadline.List {
	if s.isClosing() {
		return s.graces
	}
	return s.lingers
}

// finish closes the session's connections and tells the handler. It runs on its own goroutine.
func (s *Session) finish(how ending, current, candidate carrier) {
	defer s.srv.active.Done()
	if candidate != nil {
		candidate.Close(0, "")
	}
	switch {
	case current == nil || how == lost:
	case how == overflowed:
		current.Abort(ErrSlowConsumer)
	default:
		current.Close(0, "")
	}
	s.occupy()
	defer s.vacate()
	s.srv.protect("OnClose", func() { s.handler.OnClose(s.reason, s.err) }) // neither changes any more
}

// lingerLocked keeps an ended session known to its polls for a while. s.mu must be held.
func (s *Session) lingerLocked(what lingering, until *deadline.List) {
	s.lingers = what
	s.srv.active.Add() // left by forgetLocked
	until.Start(&s.beat.node, (*lingerOver)(s))
}

// hurry shortens the lingering of a session that had ended before the shutdown.
func (s *Session) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lingers == lingerRest && s.reason != ReasonServerShuttingDown {
		s.srv.graces.Start(&s.beat.node, (*lingerOver)(s))
	}
}

// forgetLocked ends the lingering. s.mu must be held.
func (s *Session) forgetLocked() {
	if s.lingers == gone {
		return
	}
	if s.post != nil {
		s.post.abort()
	}
	s.lingers, s.queue, s.queued = gone, nil, 0
	s.srv.graces.Stop(&s.beat.node)
	s.srv.lingers.Stop(&s.beat.node)
	s.srv.forget(s)
	s.srv.active.Done()
}

// stopLingering is forgetLocked for those who do not hold the lock.
func (s *Session) stopLingering() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetLocked()
}

// lingerOver is a Session whose last poll did not come in time.
type lingerOver Session

// Expire implements deadline.Expirer.
func (s *lingerOver) Expire(*deadline.Entry) { (*Session)(s).stopLingering() }
