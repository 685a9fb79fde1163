package eiowire

import (
	"encoding/base64"
	"errors"
)

// Type is the first byte of a text packet.
type Type byte

const (
	Open    Type = '0' // server: 0{"sid":…}, first on each session
	Close   Type = '1' // both, long-polling only
	Ping    Type = '2' // server; 2probe is the client's first word on a WebSocket that upgrades
	Pong    Type = '3' // client; 3probe answers 2probe
	Message Type = '4' // both
	Upgrade Type = '5' // client: the upgrade is complete
	Noop    Type = '6' // server: ends a poll
)

const binaryMark = 'b'

// ErrPacket is the error for bytes that are no packet.
var ErrPacket = errors.New("eiowire: bad packet")

// Packet is one decoded packet. Data points into the bytes it was parsed from.
type Packet struct {
	Type   Type
	Binary bool // of a message
	Data   []byte
}

// Parse decodes a text packet. It decodes base64 in place, so p must not be used again; Data is a part of it. Base64 is
// read as leniently as Node reads it. That the text is UTF-8 is for the caller to check.
func Parse(p []byte) (Packet, error) {
	if len(p) == 0 {
		return Packet{}, ErrPacket
	}
	data := p[1:]
	switch t := Type(p[0]); {
	case t >= Open && t <= Noop:
		return Packet{Type: t, Data: data}, nil
	case t == binaryMark:
		return Packet{Type: Message, Binary: true, Data: decodeBase64(data)}, nil
	}
	return Packet{}, ErrPacket
}

// AppendText appends a text packet.
func AppendText(dst []byte, t Type, data []byte) []byte {
	return append(append(dst, byte(t)), data...)
}

// AppendBinary appends a binary message in its payload form.
func AppendBinary(dst []byte, data []byte) []byte {
	return base64.StdEncoding.AppendEncode(append(dst, binaryMark), data)
}

// BinarySize is the number of bytes AppendBinary appends for n bytes of data.
func BinarySize(n int) int { return 1 + base64.StdEncoding.EncodedLen(n) }
