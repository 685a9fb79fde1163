package engineio

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// writeStep is what a client has to take within writeTimeout.
	writeStep = 64 << 10
	// maxPooled is the largest buffer that is kept for the next request.
	maxPooled = 64 << 10
)

// buffer takes an empty buffer from the pool.
func (s *Server) buffer() *[]byte {
	if b, ok := s.buffers.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

// release gives it back.
func (s *Server) release(b *[]byte) {
	if cap(*b) <= maxPooled {
		*b = (*b)[:0]
		s.buffers.Put(b)
	}
}

// frames answers a poll with what the frames carry.
func (x *exchange) frames(frames []*Frame, old bool) error {
	x.header(false)
	if old {
		return x.frames3(frames, slices.ContainsFunc(frames, func(f *Frame) bool { return !f.plain }))
	}
	if len(frames) == 1 {
		return x.payload(frames[0].polling(), !frames[0].plain)
	}
	buf := x.srv.buffer()
	defer x.srv.release(buf)
	*buf = appendPayload(*buf, frames)
	return x.payload(*buf, slices.ContainsFunc(frames, func(f *Frame) bool { return !f.plain }))
}

// payload answers with a payload, compressed where that is wanted, allowed and worth it. The error tells that the
// client did not get all of it.
func (x *exchange) payload(body []byte, compress bool) error {
	return x.payloadOf(body, false, compress)
}

// describePayload sets the headers that a payload has whatever its size.
func (x *exchange) describePayload(h http.Header) {
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Cache-Control", "no-store")
	if agent := x.r.UserAgent(); strings.Contains(agent, ";MSIE") || strings.Contains(agent, "Trident/") {
		h.Set("X-XSS-Protection", "0")
	}
}

// write sends the body and makes sure that it leaves.
func (x *exchange) write(body []byte) error {
	rc := http.NewResponseController(x.w)
	for first := true; first || len(body) > 0; first = false {
		rc.SetWriteDeadline(time.Now().Add(writeTimeout)) // net/http takes it away behind the response
		n := min(len(body), writeStep)
		if _, err := x.w.Write(body[:n]); err != nil {
			return err
		}
		x.srv.count.sent.Add(uint64(n))
		body = body[n:]
	}
	if err := rc.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
