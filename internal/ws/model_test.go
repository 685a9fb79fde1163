package ws

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// model reads frames as RFC 6455 tells it, one step after the other with all bytes
// at hand, to be compared with the parser. It returns what a transcript of the
// parser holds, with the code alone of a broken rule.
type model struct {
	maxMessage, maxFragments int

	wire   []byte
	events []string
	op     byte // of the message that has begun; 0: none
	frags  int
	msg    []byte
}

func (m *model) read(wire []byte) []string {
	m.wire = wire
	for m.frame() {
	}
	return m.events
}

// broken notes a broken rule, after which nothing is read.
func (m *model) broken(code int) bool {
	m.events = append(m.events, fmt.Sprint(code))
	return false
}

// frame reads one frame. It reports whether another may follow.
func (m *model) frame() bool {
	if len(m.wire) < 2 {
		return false
	}
	fin, op, size := m.wire[0]&0x80 != 0, m.wire[0]&0x0f, uint64(m.wire[1]&0x7f)
	control := op >= 8
	switch {
	case m.wire[0]&0x70 != 0, m.wire[1]&0x80 == 0: // reserved bits, no mask
		return m.broken(1002)
	case op > 2 && op < 8, op > 10: // reserved opcodes
		return m.broken(1002)
	case control && (!fin || size > 125):
		return m.broken(1002)
	case !control && (op == 0) != (m.op != 0): // a continuation of nothing, or none of something
		return m.broken(1002)
	}
	rest := m.wire[2:]
	if extra := map[uint64]int{126: 2, 127: 8}[size]; extra > 0 {
		if len(rest) < extra+4 {
			return false
		}
		form := size
		size = binary.BigEndian.Uint64(append(make([]byte, 8-extra), rest[:extra]...))
		if form == 126 && size < 126 || form == 127 && size < 1<<16 || size >= 1<<63 {
			return m.broken(1002)
		}
		rest = rest[extra:]
	}
	if len(rest) < 4 {
		return false
	}
	key, rest := rest[:4], rest[4:]
	if !control {
		if size > uint64(m.maxMessage-len(m.msg)) {
			return m.broken(1009)
		}
		if m.frags++; m.frags > m.maxFragments {
			return m.broken(1008)
		}
	}
	whole := uint64(len(rest)) >= size
	if !whole {
		size = uint64(len(rest))
	}
	payload := make([]byte, size)
	for i := range payload {
		payload[i] = rest[i] ^ key[i%4]
	}
	m.wire = rest[size:]
	if control {
		return whole && m.control(op, payload)
	}
	if op != 0 {
		m.op = op
	}
	m.msg = append(m.msg, payload...)
	return m.message(whole && fin) && whole
}

func (m *model) control(op byte, payload []byte) bool {
	if op == 8 && len(payload) > 0 {
		if len(payload) == 1 {
			return m.broken(1002)
		}
		switch code := binary.BigEndian.Uint16(payload); {
		case code < 1000, code > 4999, code >= 1015 && code < 3000, code >= 1004 && code <= 1006:
			return m.broken(1002)
		}
		if !utf8.Valid(payload[2:]) {
			return m.broken(1007)
		}
	}
	m.events = append(m.events, fmt.Sprintf("control %d %q", op, payload))
	return op != 8
}

// message looks at what has come of a message.
func (m *model) message(complete bool) bool {
	if m.op == 1 && !utf8.Valid(m.msg) && (complete || !mayBecomeValid(m.msg)) {
		return m.broken(1007)
	}
	if complete {
		m.events = append(m.events, fmt.Sprintf("message %d %q", m.op, m.msg))
		m.op, m.frags, m.msg = 0, 0, nil
	}
	return true
}

// mayBecomeValid reports whether bytes that follow p can make it valid UTF-8.
func mayBecomeValid(p []byte) bool {
	for cut := 1; cut < utf8.UTFMax && cut <= len(p); cut++ {
		if tail := p[len(p)-cut:]; !utf8.FullRune(tail) && utf8.Valid(p[:len(p)-cut]) {
			return true
		}
	}
	return false
}

// codesOnly puts the code in the place of an error at the end.
func codesOnly(events []string, err error) []string {
	var rule *ProtocolError
	if !errors.As(err, &rule) {
		return events
	}
	return append(events[:len(events)-1:len(events)-1], fmt.Sprint(rule.Code))
}
