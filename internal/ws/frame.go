package ws

import "encoding/binary"

// A frame on the wire (RFC 6455 section 5.2):
//
//	byte 0   FIN 0x80 | RSV1-3 0x70 | opcode 0x0F
//	byte 1   MASK 0x80 | length 0-125, or 126: 16 bits follow, 127: 64 bits follow
//	         length, big endian, in the shortest of the three forms
//	         masking key, 4 bytes, in frames of a client only
//	         payload
const (
	bitFin  = 0x80
	bitsRSV = 0x70
	bitRSV1 = 0x40 // the message is compressed (RFC 7692 section 6)
	bitsOp  = 0x0f
	bitMask = 0x80

	len16 = 126
	len64 = 127

	maxControl = 125 // section 5.5: payload of a control frame
	maxHeader  = 2 + 8 + 4
)

// Opcode is the frame type of RFC 6455 section 5.2.
type Opcode byte

// The opcodes. 0x3-0x7 and 0xB-0xF are reserved and refused.
const (
	opContinuation Opcode = 0x0
	OpText         Opcode = 0x1
	OpBinary       Opcode = 0x2
	OpClose        Opcode = 0x8
	OpPing         Opcode = 0x9
	OpPong         Opcode = 0xA
)

// control reports whether op is a control opcode, reserved ones included.
func (op Opcode) control() bool { return op&0x8 != 0 }

// known reports whether RFC 6455 defines op.
func (op Opcode) known() bool { return op <= OpBinary || op >= OpClose && op <= OpPong }

// AppendFrame appends one final, unmasked frame, as a server sends it, to dst.
// The result may be pushed to any number of connections.
func AppendFrame(dst []byte, op Opcode, payload []byte) []byte {
	dst = appendHeader(dst, bitFin|byte(op), 0, len(payload))
	return append(dst, payload...)
}

// AppendMasked appends one final, masked frame, as a client sends it, to dst.
func AppendMasked(dst []byte, op Opcode, payload []byte, key [4]byte) []byte {
	return appendMasked(dst, bitFin|byte(op), payload, key)
}

// appendMasked is AppendMasked with the whole first byte given.
func appendMasked(dst []byte, first byte, payload []byte, key [4]byte) []byte {
	dst = appendHeader(dst, first, bitMask, len(payload))
	dst = append(dst, key[:]...)
	start := len(dst)
	dst = append(dst, payload...)
	unmask(dst[start:], key, 0)
	return dst
}

// appendHeader appends the first two bytes and the length.
func appendHeader(dst []byte, first, mask byte, n int) []byte {
	switch {
	case n < len16:
		return append(dst, first, mask|byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(dst, first, mask|len16), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, mask|len64), uint64(n))
	}
}

// header is what stands before a payload.
type header struct {
	op     Opcode
	fin    bool
	long   bool    // the length is not in its shortest form
	key    [4]byte // zero in a frame that is not masked
	length uint64  // 0 to 2^64-1: not to be trusted
}

// headerSize returns how many bytes the header starting with p[0], p[1] has.
func headerSize(p []byte) int {
	n := 2
	switch p[1] &^ bitMask {
	case len16:
		n += 2
	case len64:
		n += 8
	}
	if p[1]&bitMask != 0 {
		n += 4
	}
	return n
}

// parseHeader reads a header of which p holds exactly headerSize bytes.
func parseHeader(p []byte) header {
	h := header{
		op:     Opcode(p[0] & bitsOp),
		fin:    p[0]&bitFin != 0,
		length: uint64(p[1] &^ bitMask),
	}
	switch h.length {
	case len16:
		h.length = uint64(binary.BigEndian.Uint16(p[2:]))
		h.long = h.length < len16
	case len64:
		h.length = binary.BigEndian.Uint64(p[2:])
		h.long = h.length <= 0xffff
	}
	if p[1]&bitMask != 0 {
		copy(h.key[:], p[len(p)-4:])
	}
	return h
}

// unmask applies key to p in place; pos is p's place in the payload. Masking
// and unmasking are the same (section 5.3).
func unmask(p []byte, key [4]byte, pos int) {
	key = [4]byte{key[pos&3], key[(pos+1)&3], key[(pos+2)&3], key[(pos+3)&3]}
	k4 := binary.LittleEndian.Uint32(key[:])
	k8 := uint64(k4)<<32 | uint64(k4)
	le := binary.LittleEndian
	for len(p) >= 32 {
		q := p[:32]
		le.PutUint64(q[0:8], le.Uint64(q[0:8])^k8)
		le.PutUint64(q[8:16], le.Uint64(q[8:16])^k8)
		le.PutUint64(q[16:24], le.Uint64(q[16:24])^k8)
		le.PutUint64(q[24:32], le.Uint64(q[24:32])^k8)
		p = p[32:]
	}
	for len(p) >= 8 {
		le.PutUint64(p, le.Uint64(p)^k8)
		p = p[8:]
	}
	for i := range p {
		p[i] ^= key[i&3]
	}
}
