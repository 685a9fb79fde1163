package siowire

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// AppendPacket appends a packet: attachments count only for binary types, the
// namespace "/" (or "") is left out, the ack id goes in only with hasAck. data
// is JSON, or empty for a packet without any or to be appended afterwards.
func AppendPacket(dst []byte, t Type, namespace string, ackID uint64, hasAck bool, attachments int, data []byte) []byte {
	dst = append(dst, '0'+byte(t))
	if t.Binary() {
		dst = strconv.AppendInt(dst, int64(attachments), 10)
		dst = append(dst, '-')
	}
	if namespace != "/" && namespace != "" {
		dst = append(dst, namespace...)
		dst = append(dst, ',')
	}
	if hasAck {
		dst = strconv.AppendUint(dst, ackID, 10)
	}
	return append(dst, data...)
}

// AppendEvent appends the JSON array [event,args...,offset]. args is a JSON
// array (empty or nil: none); offset is left out when it is empty.
func AppendEvent(dst []byte, event string, args []byte, offset string) []byte {
	dst = append(dst, '[')
	dst = AppendString(dst, event)
	if args = trimSpace(args); len(args) > 2 {
		if args = trimSpace(args[1 : len(args)-1]); len(args) > 0 {
			dst = append(dst, ',')
			dst = append(dst, args...)
		}
	}
	if offset != "" {
		dst = append(dst, ',')
		dst = AppendString(dst, offset)
	}
	return append(dst, ']')
}

// AppendString appends s as a JSON string exactly as JSON.stringify writes it.
// Bytes that are no UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		case c < ' ', c == '"', c == '\\':
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			start = i + 1
		}
		i++
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// AppendNumber appends f exactly as JSON.stringify writes it: null for what is
// no finite number, 0 for minus zero.
func AppendNumber(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(dst, "null"...)
	case f == 0:
		return append(dst, '0')
	case abs >= 1e-6 && abs < 1e21:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); dst[n-4] == 'e' && dst[n-2] == '0' { // e-07 is e-7 in JavaScript
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}
