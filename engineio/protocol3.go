package engineio

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"rightnow/engineio/internal/eiowire"
	"rightnow/internal/deadline"
	"rightnow/internal/ws"
)

// Protocol 3 is what clients speak that are older than Socket.IO 3. It differs in this: the client pings and the server
// answers, payloads frame their packets by length, a binary message on a WebSocket begins with its type, and polls may be
// answered as scripts (JSONP).

// Protocol is the version of Engine.IO that the client speaks: 4, or 3 with Options.AllowEIO3.
func (s *Session) Protocol() int {
	if s.old {
		return 3
	}
	return 4
}

// eachPacket calls do for the packets of the frame.
func (f *Frame) eachPacket(do func(t eiowire.Type, data []byte, binary bool)) {
	f.eachMessage(func(op ws.Opcode, message []byte) {
		if op == ws.OpText {
			do(eiowire.Type(message[0]), message[1:], false)
		} else {
			do(eiowire.Message, message, true)
		}
	})
}

// payload3 is what frames carry as a payload of protocol 3: as bytes where there is something binary and the client
// takes bytes.
func payload3(frames []*Frame, text bool) (body []byte, binary bool) {
	for _, f := range frames {
		binary = binary || !text && len(f.bins) > 0
	}
	for _, f := range frames {
		f.eachPacket(func(t eiowire.Type, data []byte, isBinary bool) {
			switch {
			case binary && isBinary:
				body = eiowire.AppendBinaryFrame3(body, data)
			case binary:
				body = eiowire.AppendTextFrame3(body, t, data)
			case isBinary:
				body = eiowire.AppendBinary3(body, data)
			default:
				body = eiowire.AppendText3(body, t, data)
			}
		})
	}
	return body, binary
}

// old3 reports whether the exchange is one of a client that speaks protocol 3.
func (x *exchange) old3() bool { return x.srv.opts.AllowEIO3 && x.protocol != "4" }

// frames3 answers a poll of protocol 3. Scripts are text.
func (x *exchange) frames3(frames []*Frame, compress bool) error {
	body, binary := payload3(frames, x.base64 || x.script != nil)
	return x.payloadOf(body, binary, compress)
}

// asScript makes a payload an argument of the function that a JSONP client has made for the answer.
func (x *exchange) asScript(body []byte) []byte {
	text, err := json.Marshal(string(body)) // which escapes U+2028 and U+2029, and "<"
	if err != nil {
		panic(err) // a string always encodes
	}
	script := append([]byte("___eio["), *x.script...)
	script = append(script, "]("...)
	return append(append(script, text...), ");"...)
}

// digitsOf keeps the digits of the number that a JSONP client gives its function.
func digitsOf(j string) *string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, j[:min(len(j), 100)])
	return &digits
}

// checkScript decides over a request whose answer would be a script. Such a request says nothing of its origin, so that
// the page of a foreign one could read what is meant for its visitor. Browsers of today tell whether the page is a foreign
// one; of others it is known by the Referer, where there is one.
func (x *exchange) checkScript() *ConnectionError {
	if x.script == nil || x.srv.origins.any {
		return nil
	}
	site, referer := x.r.Header.Get("Sec-Fetch-Site"), x.r.Referer()
	switch {
	case site == "same-origin" || site == "none":
		return nil
	case site == "" && referer == "":
		return nil // no browser, or an old one on a page that keeps its name to itself
	}
	page, err := url.Parse(referer)
	if err != nil || page.Host == "" {
		return x.srv.foreignOrigin("a page that is not named")
	}
	origin := page.Scheme + "://" + page.Host
	if canonical, ok := canonicalOrigin(origin); ok && (sameOrigin(canonical, x.from) || x.srv.origins.allows(canonical)) {
		return nil
	}
	return x.srv.foreignOrigin(origin)
}

// formField takes the payload out of the form that a JSONP client posts. Newlines in it are escaped.
func formField(body []byte) ([]byte, error) {
	for pair := range bytes.SplitSeq(body, []byte{'&'}) {
		value, ok := bytes.CutPrefix(pair, []byte("d="))
		if !ok {
			continue
		}
		d, err := url.QueryUnescape(string(value))
		if err != nil {
			return nil, eiowire.ErrPacket
		}
		return unescapeLines(d), nil
	}
	return nil, eiowire.ErrPacket
}

// unescapeLines undoes what JSONP clients do to line ends: a newline is sent as \n, and \n as \\n.
func unescapeLines(d string) []byte {
	out := make([]byte, 0, len(d))
	for i := 0; i < len(d); {
		switch {
		case strings.HasPrefix(d[i:], `\\n`):
			out = append(out, `\n`...)
			i += 3
		case strings.HasPrefix(d[i:], `\n`):
			out = append(out, '\n')
			i += 2
		default:
			out = append(out, d[i])
			i++
		}
	}
	return out
}

// receiveBody3 delivers the packets of a body of protocol 3.
func (s *Session) receiveBody3(x *exchange, body []byte) {
	binary := isOctetStream(x.r.Header.Get("Content-Type"))
	for n := 0; len(body) > 0 || n == 0; n++ {
		if n == s.srv.opts.MaxPacketsPerPayload {
			s.end(ReasonParseError, errPacketFlood, failed)
			return
		}
		p, rest, err := cut3(body, binary)
		if err != nil {
			s.end(ReasonParseError, err, failed)
			return
		}
		body = rest
		if !p.Binary && !utf8.Valid(p.Data) {
			s.end(ReasonParseError, errNotUTF8, failed)
			return
		}
		if !s.receivePacket(p, Polling) {
			return
		}
	}
}

// cut3 takes the first packet off a payload.
func cut3(body []byte, binary bool) (p eiowire.Packet, rest []byte, err error) {
	if binary {
		return eiowire.CutFrame3(body)
	}
	packet, rest, err := eiowire.Cut3(body)
	if err != nil {
		return p, nil, err
	}
	p, err = eiowire.Parse3(packet)
	return p, rest, err
}

// message3 takes a message of a WebSocket of protocol 3.
func (l *link) message3(op ws.Opcode, data []byte) {
	parse := eiowire.Parse3
	if op == ws.OpBinary {
		parse = eiowire.ParseBinary3
	}
	p, err := parse(data)
	if err != nil {
		l.s.end(ReasonParseError, err, failed)
		return
	}
	l.s.receivePacket(p, WebSocket)
}

// pinged answers a ping of protocol 3, which starts the time for the next one.
func (s *Session) pinged(data []byte) {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	s.startHeartbeatLocked()
	dirty, _ := s.sendLocked(newFrame(eiowire.Pong, data, nil))
	s.mu.Unlock()
	if dirty {
		s.Flush()
	}
}

// silent is a Session of protocol 3 whose client has not pinged in time, as far as the timer knows.
type silent Session

// Expire implements deadline.Expirer. While the handler blocks nothing is read, and the client has pinged perhaps.
func (p *silent) Expire(*deadline.Entry) {
	s := (*Session)(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended || !s.beat.node.At().IsZero():
	case s.beat.busy:
		s.startHeartbeatLocked()
	default:
		s.endLocked(ReasonPingTimeout, nil, failed)
	}
}

// openPayload3 is the first payload of a session.
func (s *Session) openPayload3() []byte {
	open := s.srv.openPacket(s.id, Polling)
	body := eiowire.AppendText3(nil, eiowire.Type(open[0]), open[1:])
	if p := s.srv.opts.InitialPacket; p != nil {
		body = eiowire.AppendText3(body, eiowire.Message, p)
	}
	return body
}

// payloadOf is payload for a body that is bytes, perhaps.
func (x *exchange) payloadOf(body []byte, binary, compress bool) error {
	h := x.w.Header()
	x.describePayload(h)
	if binary {
		h.Set("Content-Type", "application/octet-stream")
	}
	if x.script != nil {
		body = x.asScript(body)
	}
	body, release := x.compressed(body, compress)
	defer release()
	h.Set("Content-Length", strconv.Itoa(len(body)))
	return x.write(body)
}

// compressed returns the body compressed, where that is wanted, allowed and worth it. It is valid until release.
func (x *exchange) compressed(body []byte, wanted bool) (_ []byte, release func()) {
	if !wanted || x.srv.opts.CompressThreshold < 0 || len(body) < x.srv.opts.CompressThreshold {
		return body, func() {}
	}
	encoding := acceptedEncoding(x.r.Header["Accept-Encoding"])
	if encoding == "" {
		return body, func() {}
	}
	c := x.srv.compressor(encoding)
	setEncoding(x.w.Header(), encoding)
	return c.compress(body), c.release
}
