package ws

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// Close codes of RFC 6455 section 7.4.1 that this package sends or reads.
const (
	codeNormal    = 1000
	codeProtocol  = 1002
	codeNoStatus  = 1005 // never on the wire: the close frame was empty
	codeBadData   = 1007
	codePolicy    = 1008
	codeTooBig    = 1009
	codeInternal  = 1011
	codeLastKnown = 1014
)

// assembleMin is the first allocation for a message that arrives in parts.
const assembleMin = 512

// sink receives what a parser finds. A false result stops the parser.
type sink interface {
	message(op Opcode, data []byte) bool // data valid only until it returns
	control(op Opcode, data []byte) bool // same; the payload of a close frame is checked
}

// parser turns bytes, cut anywhere, into messages and control frames. It keeps
// only what an incomplete frame or message needs, and never allocates more than
// twice what arrived (or assembleMin). It is not safe for concurrent use.
type parser struct {
	// Fixed.
	maxMessage   int64
	maxFragments int
	deflate      bool // messages may be compressed

	// The frame being read.
	head  [maxHeader]byte
	headN uint8 // bytes of head read
	body  bool  // the header is read: hdr is valid, left bytes of payload are to come
	hdr   header
	left  uint64

	// The message being read; zero between messages.
	op    Opcode // opContinuation: none
	zip   bool   // it is compressed
	frags int
	valid int    // msg[:valid] is valid UTF-8
	msg   []byte // payload so far, unmasked, of all frames
	ctl   []byte // payload so far of a control frame that comes in parts

	stopped bool // the sink wants no more
}

// feed reads p, which it changes (unmasking) but does not keep. After an error,
// or once the sink returned false, nothing more may be fed.
func (ps *parser) feed(p []byte, s sink) (err error) {
	for err == nil && !ps.stopped {
		if !ps.body {
			if p, err = ps.readHeader(p); err != nil || !ps.body {
				return err
			}
		}
		n := len(p)
		if ps.left < uint64(n) {
			n = int(ps.left)
		} else if n == 0 && ps.left > 0 {
			return nil
		}
		part := p[:n:n]
		p = p[n:]
		unmask(part, ps.hdr.key, int(ps.hdr.length-ps.left))
		ps.left -= uint64(n)
		err = ps.readPayload(part, s)
	}
	return err
}

// readHeader completes the header from p and returns what follows it.
func (ps *parser) readHeader(p []byte) ([]byte, error) {
	p, whole := ps.fillHead(p, 2)
	if !whole {
		return p, nil
	}
	// The first two bytes alone may be wrong already; a peer that waits after
	// them must not wait for nothing.
	if err := ps.checkStart(ps.head[0], ps.head[1]); err != nil {
		return nil, err
	}
	size := headerSize(ps.head[:2])
	if p, whole = ps.fillHead(p, size); !whole {
		return p, nil
	}
	ps.hdr = parseHeader(ps.head[:size])
	if err := ps.checkLength(); err != nil {
		return nil, err
	}
	ps.headN, ps.body, ps.left = 0, true, ps.hdr.length
	return p, nil
}

// fillHead brings head to at least size bytes and returns the rest of p.
func (ps *parser) fillHead(p []byte, size int) (rest []byte, whole bool) {
	if have := int(ps.headN); have < size {
		n := copy(ps.head[have:size], p)
		ps.headN += uint8(n)
		p = p[n:]
	}
	return p, int(ps.headN) >= size
}

// checkStart checks all that the first two bytes of a frame tell.
func (ps *parser) checkStart(b0, b1 byte) error {
	op := Opcode(b0 & bitsOp)
	switch {
	case b0&bitsRSV != 0 && !(ps.deflate && b0&bitsRSV == bitRSV1 && (op == OpText || op == OpBinary)):
		return broken("reserved bits set")
	case !op.known():
		return broken("unknown opcode")
	case b1&bitMask == 0:
		return broken("frame not masked")
	case op.control() && b0&bitFin == 0:
		return broken("fragmented control frame")
	case op.control() && b1&^bitMask > maxControl:
		return broken("control frame too long")
	case op.control():
		return nil
	case op == opContinuation && ps.op == opContinuation:
		return broken("continuation of nothing")
	case op != opContinuation && ps.op != opContinuation:
		return broken("new message inside a fragmented one")
	}
	return nil
}

// checkLength checks the length of a frame and counts it as a fragment.
func (ps *parser) checkLength() error {
	h := &ps.hdr
	switch {
	case h.length>>63 != 0:
		return broken("length above 2^63-1")
	case h.long:
		return broken("length not in its shortest form")
	case h.op.control():
		return nil
	case h.length > uint64(ps.maxMessage)-uint64(len(ps.msg)):
		return &ProtocolError{codeTooBig, "message too big"}
	}
	if ps.frags++; ps.frags > ps.maxFragments {
		return &ProtocolError{codePolicy, "too many fragments"}
	}
	if h.op != opContinuation {
		ps.op, ps.zip = h.op, ps.head[0]&bitRSV1 != 0
	}
	return nil
}

// readPayload takes the next part of the payload, unmasked, of which ps.left
// bytes are still to come.
func (ps *parser) readPayload(part []byte, s sink) error {
	last := ps.left == 0
	ps.body = !last
	if ps.hdr.op.control() {
		return ps.readControl(part, last, s)
	}
	if last && ps.hdr.fin && len(ps.msg) == 0 {
		return ps.whole(part, s)
	}
	ps.keep(part)
	if ps.zip {
		if last && ps.hdr.fin {
			return ps.unzip(ps.msg, s)
		}
		return nil
	}
	if ps.op == OpText {
		var ok bool
		if ps.valid, ok = validText(ps.msg, ps.valid); !ok {
			return errNotUTF8()
		}
	}
	if !last || !ps.hdr.fin {
		return nil
	}
	if ps.op == OpText && ps.valid != len(ps.msg) {
		return errNotUTF8()
	}
	ps.deliver(ps.msg, s)
	return nil
}

// whole delivers a message that arrived in one piece, without a copy.
func (ps *parser) whole(data []byte, s sink) error {
	if ps.zip {
		return ps.unzip(data, s)
	}
	if ps.op == OpText && !utf8.Valid(data) {
		return errNotUTF8()
	}
	ps.deliver(data, s)
	return nil
}

// unzip delivers a compressed message.
func (ps *parser) unzip(data []byte, s sink) error {
	return inflate(data, ps.maxMessage, func(message []byte) error {
		if ps.op == OpText && !utf8.Valid(message) {
			return errNotUTF8()
		}
		ps.deliver(message, s)
		return nil
	})
}

// keep appends part to the message. The room at most doubles what has arrived;
// a final frame gets no more than it announces.
func (ps *parser) keep(part []byte) {
	need := len(ps.msg) + len(part)
	if need > cap(ps.msg) {
		room := min(uint64(max(2*need, assembleMin)), uint64(ps.maxMessage))
		if ps.hdr.fin {
			room = min(room, uint64(need)+ps.left)
		}
		grown := make([]byte, len(ps.msg), room)
		copy(grown, ps.msg)
		ps.msg = grown
	}
	ps.msg = append(ps.msg, part...)
}

// deliver ends the message and hands it on.
func (ps *parser) deliver(data []byte, s sink) {
	op := ps.op
	ps.op, ps.zip, ps.frags, ps.valid, ps.msg = opContinuation, false, 0, 0, nil
	ps.stopped = !s.message(op, data)
}

// readControl collects a control frame, which may stand between the fragments
// of a message, and hands it on.
func (ps *parser) readControl(part []byte, last bool, s sink) error {
	if !last || ps.ctl != nil {
		ps.ctl = append(ps.ctl, part...)
		part = ps.ctl
	}
	if !last {
		return nil
	}
	ps.ctl = nil
	if ps.hdr.op == OpClose {
		if err := checkClose(part); err != nil {
			return err
		}
	}
	ps.stopped = !s.control(ps.hdr.op, part)
	return nil
}

// drop frees what an incomplete message holds.
func (ps *parser) drop() { ps.msg, ps.ctl, ps.stopped = nil, nil, true }

// checkClose checks the payload of a close frame (section 5.5.1).
func checkClose(p []byte) error {
	switch {
	case len(p) == 0:
		return nil
	case len(p) == 1:
		return broken("close frame of one byte")
	case !validCode(int(binary.BigEndian.Uint16(p))):
		return broken("bad close code")
	case !utf8.Valid(p[2:]):
		return errNotUTF8()
	}
	return nil
}

// validCode reports whether code may stand in a close frame (section 7.4).
func validCode(code int) bool {
	switch {
	case code >= 3000 && code <= 4999:
		return true
	case code == 1004 || code == codeNoStatus || code == 1006:
		return false
	}
	return code >= codeNormal && code <= codeLastKnown
}

// closePayload makes the payload of a close frame: empty for code 0, the
// reason cut to what fits and made valid UTF-8. A code that must not be sent
// becomes 1011.
func closePayload(code int, reason string) []byte {
	if code == 0 {
		return nil
	}
	if !validCode(code) {
		code = codeInternal
	}
	p := binary.BigEndian.AppendUint16(make([]byte, 0, maxControl), uint16(code))
	p = append(p, reason[:min(len(reason), maxControl-2)]...)
	if valid, ok := validText(p, 2); ok {
		return p[:valid]
	}
	return append(p[:2], bytes.ToValidUTF8(p[2:], nil)...)
}

func broken(reason string) error { return &ProtocolError{codeProtocol, reason} }

func errNotUTF8() error { return &ProtocolError{codeBadData, "text is not valid UTF-8"} }
