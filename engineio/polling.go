package engineio

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"rightnow/engineio/internal/eiowire"
)

// poll is a GET that waits. Its fields are guarded by the session's mu until it is answered; after that they do not change
// and belong to who writes the answer: the request's goroutine, or whoever delivers it to a lane.
type poll struct {
	lane   *lane         // on which it has come; nil: through net/http
	ready  chan struct{} // without a lane
	frames []*Frame      // the answer; none: the session has moved to another transport
	size   int           // what frames count in inflight
}

// deliver sees to it that the answer is written, without waiting and without doing it itself: s.mu may be held. A nil
// poll is none.
func (p *poll) deliver() {
	switch {
	case p == nil:
	case p.lane != nil:
		go p.lane.answer() // ends when that is written, or left to another
	default:
		close(p.ready)
	}
}

// deliverHere is deliver for those who hold no lock and may write.
func (p *poll) deliverHere() {
	if p != nil && p.lane != nil {
		p.lane.answer()
	} else {
		p.deliver()
	}
}

// maxSpare is how many places for frames a session keeps beyond what waits.
const maxSpare = 16

// servePolling answers a plain request for a session.
func (s *Session) servePolling(x *exchange) *ConnectionError {
	switch x.r.Method {
	case http.MethodGet:
		return s.servePoll(x)
	case http.MethodPost:
		return s.servePost(x)
	}
	if refusal := s.admit(x); refusal != nil {
		return refusal
	}
	x.empty(http.StatusInternalServerError) // as Node answers methods it does not know
	return nil
}

// admit checks that the session is there for a plain request.
func (s *Session) admit(x *exchange) *ConnectionError {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.admitLocked(x)
}

// admitLocked is admit. s.mu must be held.
func (s *Session) admitLocked(x *exchange) *ConnectionError {
	if s.expiredLocked() || s.ended && !s.lingers.admits(x.r.Method) {
		return unknownSession(x.sid)
	}
	if current := s.transportLocked(); current != Polling || x.transport != Polling {
		return transportMismatch(x.transport, current)
	}
	return nil
}

// openPolling answers a handshake.
func (s *Session) openPolling(x *exchange) *ConnectionError {
	if !s.startPolling() {
		return shuttingDown()
	}
	if refusal := s.attach(); refusal != nil {
		return refusal
	}
	h := x.header(true)
	if s.srv.opts.Cookie != nil {
		c := *s.srv.opts.Cookie
		c.Value = s.id
		h.Add("Set-Cookie", c.String())
	}
	if s.old {
		return s.opened(x.payload(s.openPayload3(), true))
	}
	body := s.srv.openPacket(s.id, Polling)
	if s.srv.opts.InitialPacket != nil {
		body = append(body, eiowire.Separator)
		body = eiowire.AppendText(body, eiowire.Message, s.srv.opts.InitialPacket)
	}
	return s.opened(x.payload(body, true))
}

// opened ends a session whose handshake was not answered.
func (s *Session) opened(err error) *ConnectionError {
	if err != nil {
		s.end(ReasonTransportError, err, failed)
	}
	return nil
}

// startPolling starts the heartbeat, unless the session has ended before.
func (s *Session) startPolling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.startHeartbeatLocked()
	}
	return !s.ended
}

// servePoll answers a GET once there is something to say.
func (s *Session) servePoll(x *exchange) *ConnectionError {
	if s.enterLane(x) {
		return nil
	}
	p, refusal := s.startPoll(x)
	if refusal != nil {
		return refusal
	}
	if p == nil {
		x.empty(http.StatusBadRequest)
		return nil
	}
	select {
	case <-p.ready:
	case <-x.r.Context().Done():
		if s.abandonPoll(p, context.Cause(x.r.Context())) {
			return nil
		}
		<-p.ready
	}
	if len(p.frames) == 0 {
		select { // the upgrade's 3probe, on the other connection, is to arrive first: some clients rely on it
		case <-time.After(staleDelay):
		case <-x.r.Context().Done():
		}
		return transportMismatch(Polling, s.Transport())
	}
	err := x.frames(p.frames, s.old)
	s.pollWritten(p, err)
	if err == nil {
		s.openLane(x)
	}
	return nil
}

// startPoll makes x the poll that waits, or finds its answer. A second poll ends the session; then p is nil.
func (s *Session) startPoll(x *exchange) (p *poll, refusal *ConnectionError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal := s.admitLocked(x); refusal != nil {
		return nil, refusal
	}
	if s.poll != nil {
		s.endLocked(ReasonTransportError, errOverlap, failed)
		return nil, nil
	}
	x.base64 = x.base64 || s.text
	p = &poll{ready: make(chan struct{})}
	s.waitLocked(p).deliver()
	return p, nil
}

// waitLocked makes p the poll that waits, or returns it, if there is something to say already. s.mu must be held.
func (s *Session) waitLocked(p *poll) (answered *poll) {
	s.poll = p
	switch {
	case s.ended:
		return s.lastPollLocked()
	case len(s.queue) > 0:
		return s.handOverLocked()
	case s.up != nil && s.up.probed:
		s.up.startNoopLocked()
	}
	return nil
}

// lastPollLocked answers a poll of a session that has ended and lingers. s.mu must be held.
func (s *Session) lastPollLocked() (answered *poll) {
	switch {
	case s.lingers == lingerNoop:
		answered = s.answerLocked(s.srv.noopFrame)
	case len(s.queue) > 0:
		return s.handOverLocked() // one more is due
	default:
		answered = s.answerLocked(s.srv.noopFrame, s.srv.closeFrame)
	}
	s.forgetLocked()
	return answered
}

// handOverLocked gives the queue to the waiting poll, which counts it as unsent until it is written. s.mu must be held.
func (s *Session) handOverLocked() (answered *poll) {
	s.poll.size = s.queued
	s.inflight += s.queued
	frames := s.queue
	s.queue, s.queued = nil, 0
	return s.answerLocked(frames...)
}

// answerLocked ends the waiting of the poll, which the caller has to deliver. s.mu must be held.
func (s *Session) answerLocked(frames ...*Frame) (answered *poll) {
	p := s.poll
	p.frames, s.poll = frames, nil
	return p
}

// abandonPoll ends the session because its poll was aborted, or reports false: it has been answered meanwhile.
func (s *Session) abandonPoll(p *poll, cause error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.poll != p {
		return false
	}
	s.poll = nil
	s.endLocked(ReasonTransportError, abortedBy(cause), failed)
	return true
}

// pollWritten notes that the answer has left. If it did not, messages are lost and the session with them.
func (s *Session) pollWritten(p *poll, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inflight -= p.size
	if s.queue == nil && cap(p.frames) <= maxSpare { // the next queue need not grow anew
		clear(p.frames)
		s.queue = p.frames[:0]
	}
	p.frames = nil
	if err != nil {
		reason := ReasonTransportError
		if errors.Is(err, os.ErrDeadlineExceeded) {
			reason = ReasonSlowConsumer
		}
		s.endLocked(reason, abortedBy(err), failed)
	}
}
