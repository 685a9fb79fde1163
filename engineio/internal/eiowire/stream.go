package eiowire

import "encoding/binary"

// A WebTransport carries packets on one stream of bytes, each behind a header like that of a WebSocket frame:
//
//	byte 0    bit 7: the payload is a binary message; else it is a text packet
//	          low 7 bits: the length of the payload, or
//	          126: the length is in the next 2 bytes, big-endian
//	          127: the length is in the next 8 bytes, big-endian
//	payload   at least one byte
const (
	binaryBit  = 0x80
	length16   = 126
	length64   = 127
	maxHeader  = 9
	firstGrown = 4096 // what is allocated for a payload before its first bytes are there
)

// StreamHeaderSize is the size of the header of a payload of n bytes.
func StreamHeaderSize(n int) int {
	switch {
	case n < length16:
		return 1
	case n <= 0xffff:
		return 3
	}
	return maxHeader
}

// AppendStreamFrame appends a packet as a WebTransport has it. A binary message without a byte, which has no frame of its
// own, becomes the text packet that stands for it in a long-polling payload.
func AppendStreamFrame(dst, payload []byte, isBinary bool) []byte {
	if isBinary && len(payload) == 0 {
		return append(dst, 1, binaryMark)
	}
	var first byte
	if isBinary {
		first = binaryBit
	}
	switch n := len(payload); StreamHeaderSize(n) {
	case 1:
		dst = append(dst, first|byte(n))
	case 3:
		dst = binary.BigEndian.AppendUint16(append(dst, first|length16), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, first|length64), uint64(n))
	}
	return append(dst, payload...)
}

// StreamReader cuts what comes on a WebTransport's stream into payloads. It allocates for bytes that have come, never for
// those that a header promises.
type StreamReader struct {
	Max int64 // bytes of the largest payload

	head   [maxHeader]byte
	have   int    // bytes of head
	inside bool   // the header is complete
	size   int    // of the payload
	part   []byte // of the payload, when it did not come in one piece
}

// Feed takes the next piece of the stream and calls take for each payload that it completes. The payload is valid until
// take returns, which may change it; it is a part of p wherever p has it in one piece. When take returns false Feed returns
// at once, and so it does, with ErrPacket, at a payload that is empty or larger than Max: nothing more may be fed then.
func (r *StreamReader) Feed(p []byte, take func(payload []byte, isBinary bool) bool) error {
	for len(p) > 0 {
		if !r.inside {
			if p = r.fillHead(p); !r.inside {
				return nil
			}
			if err := r.readSize(); err != nil {
				return err
			}
			continue
		}
		payload := p[:min(len(p), r.size-len(r.part))]
		p = p[len(payload):]
		if len(r.part) > 0 || len(payload) < r.size {
			r.keep(payload)
			payload = r.part
		}
		if len(payload) < r.size {
			return nil
		}
		isBinary := r.head[0]&binaryBit != 0
		r.inside, r.have, r.part = false, 0, nil
		if !take(payload, isBinary) {
			return nil
		}
	}
	return nil
}

// fillHead moves bytes of p into the header, until that is complete, and returns the others.
func (r *StreamReader) fillHead(p []byte) []byte {
	for len(p) > 0 {
		r.head[r.have] = p[0]
		r.have++
		p = p[1:]
		if r.have == headerSize(r.head[0]) {
			r.inside = true
			break
		}
	}
	return p
}

// headerSize is the size of the header that begins with a byte.
func headerSize(first byte) int {
	switch first &^ binaryBit {
	case length16:
		return 3
	case length64:
		return maxHeader
	}
	return 1
}

// readSize reads the header.
func (r *StreamReader) readSize() error {
	var size uint64
	switch r.have {
	case 1:
		size = uint64(r.head[0] &^ binaryBit)
	case 3:
		size = uint64(binary.BigEndian.Uint16(r.head[1:]))
	default:
		size = binary.BigEndian.Uint64(r.head[1:])
	}
	if size == 0 || size > uint64(r.Max) {
		return ErrPacket
	}
	r.size = int(size)
	return nil
}

// keep appends to the payload that has begun.
func (r *StreamReader) keep(p []byte) {
	if r.part == nil {
		r.part = make([]byte, 0, min(r.size, max(firstGrown, len(p))))
	}
	if need := len(r.part) + len(p); need > cap(r.part) {
		grown := make([]byte, len(r.part), min(r.size, max(need, 2*cap(r.part))))
		copy(grown, r.part)
		r.part = grown
	}
	r.part = append(r.part, p...)
}
