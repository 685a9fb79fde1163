package engineio

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"rightnow/engineio/internal/eiowire"
)

// form is what the answers to polls look like that pass net/http by: the same bytes that net/http would write. It is
// immutable and shared by all connections whose answers look alike.
type form struct {
	encoding string // that the client accepts, "" for none
	plain    parts
	zipped   parts // for an encoded body
}

// parts is the head of a response but for what changes.
type parts struct {
	before string // up to the length
	after  string // from there to the date
}

// perResponse are the headers that belong to one response alone. A response that has one of them before the poll is
// looked at is not repeated.
var perResponse = []string{
	"Set-Cookie", "Connection", "Transfer-Encoding", "Trailer", "Upgrade", "Date", "Content-Length", "Content-Encoding", "Etag",
}

// repeatable reports whether the responses to the same request may look like this one.
func repeatable(h http.Header) bool {
	for _, name := range perResponse {
		if _, ok := h[name]; ok {
			return false
		}
	}
	for name := range h {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			return false
		}
	}
	return true
}

// formOf is the form of answers with the header h, as far as it does not depend on the body.
func (s *Server) formOf(h http.Header, accept []string) *form {
	f := &form{plain: partsOf(h)}
	if s.opts.CompressThreshold >= 0 {
		f.encoding = acceptedEncoding(accept)
	}
	if f.encoding != "" {
		h = h.Clone()
		setEncoding(h, f.encoding)
		f.zipped = partsOf(h)
	}
	if last := s.lastForm.Load(); last != nil && *last == *f {
		return last
	}
	s.lastForm.Store(f)
	return f
}

// partsOf writes the head of a response as net/http does: sorted, and the date last.
func partsOf(h http.Header) parts {
	const length = "\r\nContent-Length: "
	h = h.Clone()
	h.Set("Content-Length", "0")
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	h.Write(&b) // a buffer does not fail; line breaks in values become spaces
	b.WriteString("Date: ")
	before, after, _ := strings.Cut(b.String(), length+"0")
	return parts{before + length, after}
}

// appendAnswer appends the answer that carries the frames.
func (s *Server) appendAnswer(dst []byte, f *form, frames []*Frame) []byte {
	size, compress := len(frames)-1, false
	for _, frame := range frames {
		size += len(frame.polling())
		compress = compress || !frame.plain
	}
	if compress && f.encoding != "" && size >= s.opts.CompressThreshold {
		return s.appendCompressed(dst, f, frames)
	}
	dst = s.appendHead(dst, &f.plain, size)
	return appendPayload(dst, frames)
}

// appendCompressed is appendAnswer for a body that is worth it.
func (s *Server) appendCompressed(dst []byte, f *form, frames []*Frame) []byte {
	buf := s.buffer()
	defer s.release(buf)
	*buf = appendPayload(*buf, frames)
	c := s.compressor(f.encoding)
	defer c.release()
	body := c.compress(*buf)
	dst = s.appendHead(dst, &f.zipped, len(body))
	return append(dst, body...)
}

// appendPayload appends the frames as a payload.
func appendPayload(dst []byte, frames []*Frame) []byte {
	for i, frame := range frames {
		if i > 0 {
			dst = append(dst, eiowire.Separator)
		}
		dst = append(dst, frame.polling()...)
	}
	return dst
}

// appendHead appends a head for a body of that length.
func (s *Server) appendHead(dst []byte, p *parts, length int) []byte {
	dst = append(dst, p.before...)
	dst = strconv.AppendInt(dst, int64(length), 10)
	dst = append(dst, p.after...)
	dst = append(dst, s.clock.date()...)
	return append(dst, "\r\n\r\n"...)
}

// clock knows the date as HTTP writes it. Its zero value is ready; it is safe for concurrent use.
type clock struct{ last atomic.Pointer[dated] }

// dated is a second in words.
type dated struct {
	second int64
	text   string
}

// date is the value of the header Date.
func (c *clock) date() string {
	now := time.Now()
	if d := c.last.Load(); d != nil && d.second == now.Unix() {
		return d.text
	}
	d := &dated{now.Unix(), now.UTC().Format(http.TimeFormat)}
	c.last.Store(d)
	return d.text
}
