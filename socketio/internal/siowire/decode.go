package siowire

import (
	"math"
	"unicode/utf8"
)

// maxAckDigits bounds the digits of an ack id: 2^64-1 has twenty.
const maxAckDigits = 20

// Decode reads a text packet. Any error is a *PacketError and means that the
// peer broke the protocol.
//
// The rules are those of the official decoder, with these differences: an
// attachment count is a plain decimal up to the limit and nothing else, an
// ack id that does not fit into 64 bits is an error, and the places of
// attachments in the JSON are checked here already, before the attachments
// come. A binary packet that announces no attachment is a plain one. An event
// without any payload is accepted and has nil Data.
func Decode(text []byte, limits *Limits) (Packet, error) {
	lim := limits.withDefaults()
	p, rest, err := decodeHeader(text, &lim)
	if err != nil {
		return Packet{}, err
	}
	data := trimSpace(rest)
	if len(data) == 0 {
		if len(rest) > 0 {
			return Packet{}, &PacketError{"white space instead of a payload"}
		}
		return p, nil
	}
	if err := checkPayload(&p, data, &lim); err != nil {
		return Packet{}, err
	}
	p.Data = data
	return p, nil
}

// decodeHeader reads everything in front of the JSON.
func decodeHeader(text []byte, lim *Limits) (p Packet, rest []byte, err error) {
	if len(text) == 0 || text[0] < '0' || text[0] > '6' {
		return p, nil, &PacketError{"unknown type"}
	}
	p.Type = Type(text[0] - '0')
	rest = text[1:]
	if p.Type.Binary() {
		if p.Attachments, rest, err = cutAttachments(rest, lim.MaxAttachments); err != nil {
			return p, nil, err
		}
		if p.Attachments == 0 {
			p.Type = p.Type.Plain()
		}
	}
	if p.Namespace, rest, err = cutNamespace(rest, lim.MaxNamespace); err != nil {
		return p, nil, err
	}
	p.AckID, p.HasAck, rest, err = cutAckID(rest)
	return p, rest, err
}

// cutAttachments reads "<n>-".
func cutAttachments(b []byte, limit int) (n int, rest []byte, err error) {
	i := 0
	for ; i < len(b) && isDigit(b[i]); i++ {
		if n = n*10 + int(b[i]-'0'); n > limit {
			return 0, nil, tooManyAttachments(limit)
		}
	}
	if i == 0 || i == len(b) || b[i] != '-' || b[0] == '0' && i > 1 {
		return 0, nil, &PacketError{"illegal number of attachments"}
	}
	return n, b[i+1:], nil
}

// cutNamespace reads "/name," or a "/name" that ends the packet.
func cutNamespace(b []byte, limit int) (name string, rest []byte, err error) {
	if len(b) == 0 || b[0] != '/' {
		return "/", b, nil
	}
	end := 1
	for end < len(b) && b[end] != ',' {
		if end++; end > limit {
			return "", nil, &PacketError{"namespace too long"}
		}
	}
	if rest = b[end:]; len(rest) > 0 {
		rest = rest[1:]
	}
	if end == 1 {
		return "/", rest, nil
	}
	if !utf8.Valid(b[:end]) {
		return "", nil, &PacketError{"namespace is no UTF-8"}
	}
	return string(b[:end]), rest, nil
}

// cutAckID reads the digits of an ack id, if there are any.
func cutAckID(b []byte) (id uint64, has bool, rest []byte, err error) {
	i := 0
	for ; i < len(b) && isDigit(b[i]); i++ {
		d := uint64(b[i] - '0')
		if i == maxAckDigits || id > (math.MaxUint64-d)/10 {
			return 0, false, nil, &PacketError{"ack id too long"}
		}
		id = id*10 + d
	}
	return id, i > 0, b[i:], nil
}

// checkPayload checks that data is JSON of the shape that the packet's type
// demands. data is not empty.
func checkPayload(p *Packet, data []byte, lim *Limits) error {
	if !shapeFits(p.Type, data[0]) {
		return &PacketError{"invalid payload for " + p.Type.String()}
	}
	c := checker{data: data, maxDepth: lim.MaxDepth, maxElems: lim.MaxArgs}
	if err := c.run(); err != nil {
		return &PacketError{err.Error()}
	}
	if p.Type == Event || p.Type == BinaryEvent {
		if err := checkEventName(data); err != nil {
			return err
		}
	}
	if p.Type.Binary() {
		var few [16]Placeholder
		_, err := Placeholders(few[:0], data, p.Attachments)
		return err
	}
	return nil
}

// shapeFits tells by its first byte whether a JSON value may be the payload of
// a packet of type t.
func shapeFits(t Type, first byte) bool {
	switch t {
	case Connect:
		return first == '{'
	case ConnectError:
		return first == '{' || first == '"'
	case Disconnect:
		return false
	}
	return first == '['
}

// checkEventName checks the first element of an event's array.
func checkEventName(data []byte) error {
	raw, ok := firstElement(data)
	if !ok {
		return &PacketError{"event without a name"}
	}
	switch c := raw[0]; {
	case c == '"':
		if reservedName(raw) {
			return &PacketError{"reserved event name"}
		}
	case c != '-' && !isDigit(c):
		return &PacketError{"event name is neither string nor number"}
	}
	return nil
}

// reservedName is Reserved of a string still in its JSON form.
func reservedName(raw []byte) bool {
	if body := quoted(raw); !hasEscape(body) {
		return Reserved(string(body))
	}
	var few [32]byte
	return Reserved(string(appendUnquoted(few[:0], raw)))
}
