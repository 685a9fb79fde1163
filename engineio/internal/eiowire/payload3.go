package eiowire

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"unicode/utf8"
)

// Protocol 3 frames the packets of a payload by their length instead of
// separating them:
//
//	text payload    { <length>:<packet> }, length in UTF-16 code units; a binary
//	                message is b4 and base64
//	binary payload  { <0 text, 1 binary> <digits of length as bytes 0 to 9> <255> <packet> },
//	                length in bytes; a binary message begins with the byte 4
//
// On a WebSocket a binary message begins with the byte 4 too.

// BinaryType is the first byte of a binary message where protocol 3 has bytes.
const BinaryType = 4

const (
	frameText   = 0
	frameBinary = 1
	frameEnd    = 255
	// maxDigits bounds the digits of a length.
	maxDigits = 10
)

// AppendText3 appends a text packet to a text payload.
func AppendText3(dst []byte, t Type, data []byte) []byte {
	dst = strconv.AppendInt(dst, int64(1+utf16Len(data)), 10)
	dst = append(dst, ':', byte(t))
	return append(dst, data...)
}

// AppendBinary3 appends a binary message to a text payload.
func AppendBinary3(dst, data []byte) []byte {
	dst = strconv.AppendInt(dst, int64(2+base64.StdEncoding.EncodedLen(len(data))), 10)
	return AppendBase64(append(dst, ':'), data)
}

// AppendBase64 appends a binary message as a text packet.
func AppendBase64(dst, data []byte) []byte {
	return base64.StdEncoding.AppendEncode(append(dst, binaryMark, byte(Message)), data)
}

// AppendTextFrame3 appends a text packet to a binary payload.
func AppendTextFrame3(dst []byte, t Type, data []byte) []byte {
	dst = appendFrameHead(dst, frameText, 1+len(data))
	return append(append(dst, byte(t)), data...)
}

// AppendBinaryFrame3 appends a binary message to a binary payload.
func AppendBinaryFrame3(dst, data []byte) []byte {
	dst = appendFrameHead(dst, frameBinary, 1+len(data))
	return append(append(dst, BinaryType), data...)
}

func appendFrameHead(dst []byte, kind byte, n int) []byte {
	dst = append(dst, kind)
	start := len(dst)
	dst = strconv.AppendInt(dst, int64(n), 10)
	for i := start; i < len(dst); i++ {
		dst[i] -= '0'
	}
	return append(dst, frameEnd)
}

// utf16Len is the length of UTF-8 text as JavaScript counts it.
func utf16Len(text []byte) int {
	n := 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// Cut3 takes the first packet off a text payload. It fails for what is none, and for an
// empty payload. The packet points into the payload; see Parse3.
func Cut3(payload []byte) (packet, rest []byte, err error) {
	i := bytes.IndexByte(payload[:min(len(payload), maxDigits+1)], ':')
	if i < 1 {
		return nil, nil, ErrPacket
	}
	n, err := length(payload[:i], '0')
	if err != nil {
		return nil, nil, err
	}
	body := payload[i+1:]
	end := 0
	for n > 0 && end < len(body) {
		r, size := utf8.DecodeRune(body[end:])
		if n--; r > 0xffff {
			n--
		}
		end += size
	}
	if n != 0 {
		return nil, nil, ErrPacket // too short, or cut within a character
	}
	return body[:end], body[end:], nil
}

// length reads digits; zero is the byte of the digit 0.
func length(digits []byte, zero byte) (n int, err error) {
	if len(digits) == 0 || len(digits) > maxDigits {
		return 0, ErrPacket
	}
	for _, d := range digits {
		if d -= zero; d > 9 {
			return 0, ErrPacket
		}
		n = n*10 + int(d)
	}
	return n, nil
}

// Parse3 decodes a text packet of protocol 3, as Parse does; a binary message is b, the
// type, and base64.
func Parse3(p []byte) (Packet, error) {
	if len(p) == 0 || p[0] != binaryMark {
		return Parse(p)
	}
	if len(p) < 2 || Type(p[1]) != Message {
		return Packet{}, ErrPacket
	}
	return Packet{Type: Message, Binary: true, Data: decodeBase64(p[2:])}, nil
}

// CutFrame3 takes the first packet off a binary payload and decodes it. That its text is UTF-8 is for the caller to
// check.
func CutFrame3(payload []byte) (p Packet, rest []byte, err error) {
	if len(payload) < 3 || payload[0] > frameBinary {
		return Packet{}, nil, ErrPacket
	}
	i := bytes.IndexByte(payload[:min(len(payload), maxDigits+2)], frameEnd)
	if i < 0 {
		return Packet{}, nil, ErrPacket
	}
	n, err := length(payload[1:i], 0)
	body := payload[i+1:]
	if err != nil || n > len(body) || n == 0 {
		return Packet{}, nil, ErrPacket
	}
	rest = body[n:]
	if payload[0] == frameText {
		p, err = Parse3(body[:n])
		return p, rest, err
	}
	p, err = ParseBinary3(body[:n])
	return p, rest, err
}

// ParseBinary3 decodes a binary packet: a message on a WebSocket, or in a binary payload.
func ParseBinary3(p []byte) (Packet, error) {
	if len(p) == 0 || p[0] != BinaryType {
		return Packet{}, ErrPacket
	}
	return Packet{Type: Message, Binary: true, Data: p[1:]}, nil
}
