package loadgen

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The opcodes of WebSocket frames (RFC 6455, 5.2).
const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

// maxMessage is the longest frame, message or HTTP answer in bytes that a server
// may send. A broadcast of the longest text is far below it.
const maxMessage = 16 << 20

// A frame is one frame of a server. The payload is part of the bytes that it was
// parsed from.
type frame struct {
	op      byte
	final   bool // the last frame of its message
	payload []byte
}

// parseFrame parses the first frame of data, which stays as it is: frames of
// servers are not masked. n is its length, or 0 when data holds only a part of it.
func parseFrame(data []byte) (f frame, n int, err error) {
	if len(data) < 2 {
		return frame{}, 0, nil
	}
	f.op, f.final = data[0]&0x0f, data[0]&0x80 != 0
	head, length := 2, uint64(data[1]&0x7f)
	switch length {
	case 126:
		if len(data) < 4 {
			return frame{}, 0, nil
		}
		head, length = 4, uint64(binary.BigEndian.Uint16(data[2:]))
	case 127:
		if len(data) < 10 {
			return frame{}, 0, nil
		}
		head, length = 10, binary.BigEndian.Uint64(data[2:])
	}
	if err := checkHead(data[0], data[1], length); err != nil {
		return frame{}, 0, err
	}
	n = head + int(length)
	if len(data) < n {
		return frame{}, 0, nil
	}
	f.payload = data[head:n]
	return f, n, nil
}

var (
	errMasked   = errors.New("a WebSocket frame that is masked")
	errReserved = errors.New("a WebSocket frame with a reserved bit")
	errControl  = errors.New("a WebSocket control frame in parts or of more than 125 bytes")
)

// checkHead refuses what a server must not send. No extension was asked for, so
// the three reserved bits are 0.
func checkHead(first, second byte, length uint64) error {
	op := first & 0x0f
	switch {
	case first&0x70 != 0:
		return errReserved
	case second&0x80 != 0:
		return errMasked
	case length > maxMessage:
		return fmt.Errorf("a WebSocket frame of %d bytes", length)
	case op > opBinary && op < opClose || op > opPong:
		return fmt.Errorf("a WebSocket frame with the unknown opcode %d", op)
	case op >= opClose && (length > 125 || first&0x80 == 0):
		return errControl
	}
	return nil
}

// maskKey masks all frames of all clients. Random keys protect proxies from the
// bytes that a web page chooses (RFC 6455, 10.3); here no page chooses any, and a
// key that is known lets a frame be made once and sent by everybody. It is not
// zero because there are servers that do less for a zero key (ws of Node is one)
// than for any real client's.
var maskKey = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// appendFrame appends the masked frame of a client, whole in one.
func appendFrame(dst []byte, op byte, payload []byte) []byte {
	dst = append(dst, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0x80|127), uint64(n))
	}
	dst = append(dst, maskKey[:]...)
	for i, b := range payload {
		dst = append(dst, b^maskKey[i&3])
	}
	return dst
}

// closeReason is what a close frame says.
func closeReason(payload []byte) string {
	if len(payload) < 2 {
		return "without a reason"
	}
	return fmt.Sprintf("%d %s", binary.BigEndian.Uint16(payload), quote(payload[2:]))
}

// quote shows the beginning of what a server sent.
func quote(b []byte) string {
	const most = 60
	if len(b) > most {
		return fmt.Sprintf("%q…", b[:most])
	}
	return fmt.Sprintf("%q", b)
}
