package engineio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"rightnow/engineio/internal/eiowire"
)

// post is a POST under way. Its fields are guarded by the session's mu.
type post struct {
	r       *http.Request
	rc      *http.ResponseController
	reading bool // the body is being read: abort interrupts that
}

// firstBody is the room for a body before any of it has come.
const firstBody = 4096

var errTooBig = errors.New("engineio: body too big")

// abort makes the reading of the body fail. The session's mu must be held, which keeps the POST from ending meanwhile.
func (p *post) abort() {
	if p.reading {
		p.rc.SetReadDeadline(time.Unix(1, 0)) // a writer without deadlines waits for its client
	}
}

// servePost takes the packets of a POST.
func (s *Session) servePost(x *exchange) *ConnectionError {
	p, refusal := s.startPost(x)
	if refusal != nil {
		return refusal
	}
	if p == nil {
		x.dropBody()
		x.hangUp(http.StatusBadRequest)
		return nil
	}
	x.answerPost(s.takePost(x, p))
	return nil
}

// answerPost answers as Node does; ok is said even where the body ended the session.
func (x *exchange) answerPost(err error) {
	switch {
	case err == nil:
		x.ok()
	case errors.Is(err, errTooBig):
		x.dropBody()
		x.hangUp(http.StatusRequestEntityTooLarge)
	default: // the body has failed, or was made to: no more of it is waited for
		x.hangUp(http.StatusBadRequest)
	}
}

// startPost makes x the POST under way. A second one ends the session, and so does a binary body; then p is nil.
func (s *Session) startPost(x *exchange) (p *post, refusal *ConnectionError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal := s.admitLocked(x); refusal != nil {
		return nil, refusal
	}
	if s.post != nil {
		s.endLocked(ReasonTransportError, errOverlap, failed)
		return nil, nil
	}
	if !s.old && isOctetStream(x.r.Header.Get("Content-Type")) {
		s.endLocked(ReasonTransportError, errContentType, failed)
		return nil, nil
	}
	s.post = &post{r: x.r, rc: http.NewResponseController(x.w), reading: true}
	return s.post, nil
}

// isOctetStream reports the media type that protocol 4 does not have.
func isOctetStream(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/octet-stream")
}

// takePost reads the body and delivers what is in it. The POST is no longer under way when it returns, so that the
// client's next may come as soon as this one is answered.
func (s *Session) takePost(x *exchange, p *post) error {
	buf := s.srv.buffer()
	defer s.srv.release(buf)
	body, err := readBody((*buf)[:0], x.r, s.srv.opts.MaxPayload)
	*buf = body
	s.srv.count.received.Add(uint64(len(body)))
	s.mu.Lock()
	p.reading = false
	s.mu.Unlock()
	switch {
	case err == nil:
		s.receiveBody(x, body)
	case !errors.Is(err, errTooBig):
		s.end(ReasonTransportError, abortedBy(err), failed)
	}
	s.mu.Lock()
	s.post = nil
	s.mu.Unlock()
	return err
}

// readBody appends the body to buf. It refuses a body over the limit at once where the header tells, and takes no more
// memory than twice what has come.
func readBody(buf []byte, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return buf, errTooBig
	}
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, max(len(buf), firstBody))
		}
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > limit:
			return buf, errTooBig
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return buf, err
		}
	}
}

// receiveBody delivers the packets of a body. A client that goes away while the handler blocks ends the session.
func (s *Session) receiveBody(x *exchange, body []byte) {
	ctx := x.r.Context()
	stop := context.AfterFunc(ctx, func() { s.end(ReasonTransportError, abortedBy(context.Cause(ctx)), failed) })
	defer stop()
	if x.script != nil {
		field, err := formField(body)
		if err != nil {
			s.end(ReasonParseError, err, failed)
			return
		}
		body = field
	}
	if s.old {
		s.receiveBody3(x, body)
		return
	}
	packet, rest, more := eiowire.Cut(body)
	for n := 1; ; n++ {
		if !s.receiveText(packet, Polling) || !more {
			return
		}
		if n == s.srv.opts.MaxPacketsPerPayload {
			s.end(ReasonParseError, errPacketFlood, failed)
			return
		}
		packet, rest, more = eiowire.Cut(rest)
	}
}

// abortedBy is the error of a request that its client did not finish.
func abortedBy(cause error) error { return fmt.Errorf("%w: %w", errAborted, cause) }
