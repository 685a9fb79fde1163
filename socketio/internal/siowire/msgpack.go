package siowire

import (
	"encoding/binary"
	"math"
	"strconv"
)

// The other form of packets, that of socket.io-msgpack-parser: one MessagePack
// map in one binary message,
//
//	{"type": 0 to 4, "nsp": "/…", "id": ack id, "data": …}
//
// in which keys without a value are absent, and binary values stand where they
// belong. An event with binary values is an EVENT like any other. Numbers,
// strings, arrays and maps are those of https://github.com/msgpack/msgpack/blob/master/spec.md;
// what JavaScript has beyond them is what notepack 2 makes of it:
//
//	undefined    fixext 1, type 0, a zero byte
//	Date         fixext 8, type 0, milliseconds since 1970 as int64
//	ArrayBuffer  ext 8, 16 or 32, type 0

// AppendMsgpack appends a packet. p.Data is JSON with placeholders for blobs.
// It fails when the placeholders do not fit the blobs.
func AppendMsgpack(dst []byte, p Packet, blobs [][]byte) ([]byte, error) {
	e := msgpackEncoder{data: p.Data, blobs: blobs}
	if len(blobs) > 0 {
		var err error
		if e.places, err = Placeholders(nil, p.Data, len(blobs)); err != nil {
			return dst, err
		}
	}
	keys := 2
	if len(p.Data) > 0 {
		keys++
	}
	if p.HasAck {
		keys++
	}
	dst = append(dst, 0x80|byte(keys))
	dst = append(appendMsgpackString(dst, "type"), byte(p.Type.Plain()))
	if len(p.Data) > 0 {
		e.count()
		dst = e.append(appendMsgpackString(dst, "data"))
	}
	dst = appendMsgpackString(appendMsgpackString(dst, "nsp"), p.Namespace)
	if p.HasAck {
		dst = appendMsgpackUint(appendMsgpackString(dst, "id"), p.AckID)
	}
	return dst, nil
}

// Plain is the type without the word about attachments.
func (t Type) Plain() Type {
	switch t {
	case BinaryEvent:
		return Event
	case BinaryAck:
		return Ack
	}
	return t
}

// msgpackEncoder turns valid JSON into MessagePack, in two passes: arrays and
// maps begin with the number of their elements.
type msgpackEncoder struct {
	data   []byte
	blobs  [][]byte
	places []Placeholder // in order
	sizes  []int         // of arrays and objects, in the order of their beginnings
}

// count finds the sizes.
func (e *msgpackEncoder) count() {
	var open []int // indexes in sizes
	places := e.places
	element := func() {
		if n := len(open); n > 0 {
			e.sizes[open[n-1]]++
		}
	}
	for i := 0; i < len(e.data); {
		switch b := e.data[i]; b {
		case '{', '[':
			element()
			if len(places) > 0 && places[0].Start == i {
				i, places = places[0].End, places[1:]
				continue
			}
			open = append(open, len(e.sizes))
			e.sizes = append(e.sizes, 0)
			i++
		case '}', ']':
			open = open[:len(open)-1]
			i++
		case ',', ':', ' ', '\n', '\r', '\t':
			i++
		case '"':
			i = skipString(e.data, i)
			element()
		default:
			i = skipScalar(e.data, i)
			element()
		}
	}
}

// append writes what count has counted. The members of an object were counted
// as two: a key and a value.
func (e *msgpackEncoder) append(dst []byte) []byte {
	places, sizes := e.places, e.sizes
	for i := 0; i < len(e.data); {
		switch b := e.data[i]; b {
		case '{', '[':
			if len(places) > 0 && places[0].Start == i {
				dst = appendMsgpackBlob(dst, e.blobs[places[0].Num])
				i, places = places[0].End, places[1:]
				continue
			}
			if b == '{' {
				dst = appendMsgpackHead(dst, sizes[0]/2, 0x80, 0xde)
			} else {
				dst = appendMsgpackHead(dst, sizes[0], 0x90, 0xdc)
			}
			sizes = sizes[1:]
			i++
		case '}', ']', ',', ':', ' ', '\n', '\r', '\t':
			i++
		case '"':
			end := skipString(e.data, i)
			dst = appendMsgpackJSONString(dst, e.data[i:end])
			i = end
		default:
			end := skipScalar(e.data, i)
			dst = appendMsgpackScalar(dst, e.data[i:end])
			i = end
		}
	}
	return dst
}

// appendMsgpackHead begins an array or a map; wide is the byte of the form with
// 16 bits, the next one that with 32.
func appendMsgpackHead(dst []byte, n int, fix, wide byte) []byte {
	switch {
	case n < 16:
		return append(dst, fix|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, wide), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, wide+1), uint32(n))
}

func appendMsgpackString(dst []byte, s string) []byte {
	return append(appendMsgpackStringHead(dst, len(s)), s...)
}

func appendMsgpackStringHead(dst []byte, n int) []byte {
	switch {
	case n < 32:
		return append(dst, 0xa0|byte(n))
	case n <= math.MaxUint8:
		return append(dst, 0xd9, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 0xda), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, 0xdb), uint32(n))
}

func appendMsgpackJSONString(dst, raw []byte) []byte {
	body := quoted(raw)
	if hasEscape(body) {
		body = appendUnquoted(nil, raw)
	}
	return append(appendMsgpackStringHead(dst, len(body)), body...)
}

func appendMsgpackBlob(dst, blob []byte) []byte {
	switch n := len(blob); {
	case n <= math.MaxUint8:
		dst = append(dst, 0xc4, byte(n))
	case n <= math.MaxUint16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0xc5), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint32(append(dst, 0xc6), uint32(n))
	}
	return append(dst, blob...)
}

// appendMsgpackScalar appends a number, true, false or null.
func appendMsgpackScalar(dst, raw []byte) []byte {
	switch raw[0] {
	case 'n':
		return append(dst, 0xc0)
	case 'f':
		return append(dst, 0xc2)
	case 't':
		return append(dst, 0xc3)
	}
	text := string(raw)
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		if i >= 0 {
			return appendMsgpackUint(dst, uint64(i))
		}
		return appendMsgpackNegative(dst, i)
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return appendMsgpackUint(dst, u)
	}
	f, _ := strconv.ParseFloat(text, 64) // out of range: infinite, as in JavaScript
	return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(f))
}

func appendMsgpackUint(dst []byte, u uint64) []byte {
	switch {
	case u < 128:
		return append(dst, byte(u))
	case u <= math.MaxUint8:
		return append(dst, 0xcc, byte(u))
	case u <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 0xcd), uint16(u))
	case u <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0xce), uint32(u))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xcf), u)
}

func appendMsgpackNegative(dst []byte, i int64) []byte {
	switch {
	case i >= -32:
		return append(dst, byte(i))
	case i >= math.MinInt8:
		return append(dst, 0xd0, byte(i))
	case i >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, 0xd1), uint16(i))
	case i >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, 0xd2), uint32(i))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(i))
}
