package ws

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

// AppendFrame appends one final, unmasked frame, as a server sends it, to dst.
// The result may be pushed to any number of connections.
func AppendFrame(dst []byte, op Opcode, payload []byte) []byte { return dst }

// AppendMasked appends one final, masked frame, as a client sends it, to dst.
func AppendMasked(dst []byte, op Opcode, payload []byte, key [4]byte) []byte { return dst }
