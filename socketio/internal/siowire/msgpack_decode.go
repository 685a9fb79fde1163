package siowire

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// DecodeMsgpack reads a packet. Its Data is JSON with placeholders for blobs,
// which are copies; what they say is still to be checked, by [Check]. Any error
// is a *PacketError.
func DecodeMsgpack(b []byte) (Packet, [][]byte, error) {
	d := msgpackDecoder{b: b}
	p := Packet{Type: 0xff}
	n, err := d.mapHead()
	for ; n > 0 && err == nil; n-- {
		err = d.field(&p)
	}
	switch {
	case err != nil:
		return Packet{}, nil, err
	case len(d.b) > 0:
		return Packet{}, nil, &PacketError{"bytes behind the packet"}
	case p.Type > ConnectError:
		return Packet{}, nil, &PacketError{"unknown type"}
	case len(d.blobs) > 0 && d.lookalike:
		return Packet{}, nil, &PacketError{"an object that looks like an attachment"}
	}
	p.Attachments = len(d.blobs)
	return p, d.blobs, nil
}

// Check checks a packet that was not read by Decode: Data, which may be nil, must
// be JSON of the shape that the type demands, and its placeholders those of
// p.Attachments. Any error is a *PacketError.
func Check(p *Packet, limits *Limits) error {
	lim := limits.withDefaults()
	switch {
	case p.Type > BinaryAck:
		return &PacketError{"unknown type"}
	case p.Namespace == "" || p.Namespace[0] != '/' || !utf8.ValidString(p.Namespace):
		return &PacketError{"illegal namespace"}
	case len(p.Namespace) > lim.MaxNamespace:
		return &PacketError{"namespace too long"}
	case p.Attachments > lim.MaxAttachments:
		return tooManyAttachments(lim.MaxAttachments)
	case p.Attachments > 0 != p.Type.Binary():
		return &PacketError{"attachments where none may be"}
	case len(p.Data) == 0 && p.Type != Connect && p.Type != Disconnect:
		return &PacketError{"no payload for " + p.Type.String()}
	case len(p.Data) == 0:
		return nil
	}
	return checkPayload(p, p.Data, &lim)
}

// msgpackDecoder turns MessagePack into JSON.
type msgpackDecoder struct {
	b         []byte // what is left
	depth     int
	blobs     [][]byte
	lookalike bool // an object of the peer's would be taken for a placeholder
}

var (
	errShort   = &PacketError{"MessagePack ends too early"}
	errMsgpack = &PacketError{"MessagePack that has no place in a packet"}
	errDeep    = &PacketError{"too deep"}
)

// field reads one member of the outermost map.
func (d *msgpackDecoder) field(p *Packet) error {
	key, err := d.str()
	if err != nil {
		return err
	}
	switch string(key) {
	case "type":
		t, err := d.uint()
		p.Type = Type(min(t, 0xff))
		return err
	case "nsp":
		nsp, err := d.str()
		p.Namespace = string(nsp)
		return err
	case "id":
		if d.undefined() {
			return nil
		}
		p.HasAck = true
		p.AckID, err = d.uint()
		return err
	case "data":
		if d.undefined() {
			return nil
		}
		if p.Data != nil {
			return errMsgpack // its blobs would be counted twice
		}
		p.Data, err = d.value(make([]byte, 0, len(d.b)+32))
		return err
	}
	skipped := msgpackDecoder{b: d.b}
	_, err = skipped.value(nil)
	d.b = skipped.b
	return err
}

// undefined takes an undefined, if that is what comes.
func (d *msgpackDecoder) undefined() bool {
	rest, ok := bytes.CutPrefix(d.b, []byte{0xd4, 0, 0})
	if ok {
		d.b = rest
	}
	return ok
}

// take takes n bytes.
func (d *msgpackDecoder) take(n uint64) ([]byte, error) {
	if n > uint64(len(d.b)) {
		return nil, errShort
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p, nil
}

// number takes a big-endian number of 1, 2, 4 or 8 bytes.
func (d *msgpackDecoder) number(size uint64) (uint64, error) {
	p, err := d.take(size)
	if err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return uint64(p[0]), nil
	case 2:
		return uint64(binary.BigEndian.Uint16(p)), nil
	case 4:
		return uint64(binary.BigEndian.Uint32(p)), nil
	}
	return binary.BigEndian.Uint64(p), nil
}

// head takes the first byte of a value.
func (d *msgpackDecoder) head() (byte, error) {
	p, err := d.take(1)
	if err != nil {
		return 0, err
	}
	return p[0], nil
}

// uint reads a number that is not negative.
func (d *msgpackDecoder) uint() (uint64, error) {
	h, err := d.head()
	switch {
	case err != nil:
		return 0, err
	case h < 0x80:
		return uint64(h), nil
	case h >= 0xcc && h <= 0xcf:
		return d.number(1 << (h - 0xcc))
	}
	return 0, errMsgpack
}

// str reads a string.
func (d *msgpackDecoder) str() ([]byte, error) {
	h, err := d.head()
	if err != nil {
		return nil, err
	}
	return d.strOf(h)
}

// strOf is str behind its first byte.
func (d *msgpackDecoder) strOf(h byte) ([]byte, error) {
	n := uint64(h & 0x1f)
	if h>>5 != 5 {
		if h < 0xd9 || h > 0xdb {
			return nil, errMsgpack
		}
		var err error
		if n, err = d.number(1 << (h - 0xd9)); err != nil {
			return nil, err
		}
	}
	return d.take(n)
}

// mapHead reads the beginning of a map.
func (d *msgpackDecoder) mapHead() (n uint64, err error) {
	h, err := d.head()
	switch {
	case err != nil:
		return 0, err
	case h>>4 == 8:
		return uint64(h & 15), nil
	case h == 0xde || h == 0xdf:
		return d.number(2 << (h - 0xde))
	}
	return 0, errMsgpack
}

// value appends the next value as JSON; undefined, outside of a map, as null.
func (d *msgpackDecoder) value(dst []byte) ([]byte, error) {
	h, err := d.head()
	if err != nil {
		return nil, err
	}
	switch {
	case h < 0x80:
		return strconv.AppendUint(dst, uint64(h), 10), nil
	case h>>4 == 8:
		return d.object(dst, uint64(h&15))
	case h>>4 == 9:
		return d.array(dst, uint64(h&15))
	case h >= 0xe0:
		return strconv.AppendInt(dst, int64(int8(h)), 10), nil
	case h>>5 == 5, h >= 0xd9 && h <= 0xdb:
		s, err := d.strOf(h)
		if err != nil {
			return nil, err
		}
		return AppendString(dst, string(s)), nil
	}
	return d.wide(dst, h)
}

// wide is value for those that say more than their first byte.
func (d *msgpackDecoder) wide(dst []byte, h byte) ([]byte, error) {
	switch h {
	case 0xc0:
		return append(dst, "null"...), nil
	case 0xc2:
		return append(dst, "false"...), nil
	case 0xc3:
		return append(dst, "true"...), nil
	}
	sized := func(first byte, smallest uint64) (uint64, error) { return d.number(smallest << (h - first)) }
	switch {
	case h >= 0xc4 && h <= 0xc6:
		n, err := sized(0xc4, 1)
		if err != nil {
			return nil, err
		}
		return d.blob(dst, n)
	case h >= 0xc7 && h <= 0xc9:
		n, err := sized(0xc7, 1)
		if err != nil {
			return nil, err
		}
		return d.ext(dst, n, false)
	case h == 0xca:
		n, err := d.number(4)
		return AppendNumber(dst, float64(math.Float32frombits(uint32(n)))), err
	case h == 0xcb:
		n, err := d.number(8)
		return AppendNumber(dst, math.Float64frombits(n)), err
	case h >= 0xcc && h <= 0xcf:
		n, err := sized(0xcc, 1)
		return strconv.AppendUint(dst, n, 10), err
	case h >= 0xd0 && h <= 0xd3:
		n, err := sized(0xd0, 1)
		return strconv.AppendInt(dst, signed(n, h-0xd0), 10), err
	case h >= 0xd4 && h <= 0xd8:
		return d.ext(dst, 1<<(h-0xd4), true)
	case h == 0xdc || h == 0xdd:
		n, err := sized(0xdc, 2)
		if err != nil {
			return nil, err
		}
		return d.array(dst, n)
	case h == 0xde || h == 0xdf:
		n, err := sized(0xde, 2)
		if err != nil {
			return nil, err
		}
		return d.object(dst, n)
	}
	return nil, errMsgpack
}

// signed reads n as a number of 8, 16, 32 or 64 bits with a sign.
func signed(n uint64, log byte) int64 {
	shift := 64 - 8<<log
	return int64(n<<shift) >> shift
}

// enter begins an array or a map of n values, of which each has a byte at least.
func (d *msgpackDecoder) enter(n uint64) error {
	if d.depth++; d.depth > defaultDepth {
		return errDeep
	}
	if n > uint64(len(d.b)) {
		return errShort
	}
	return nil
}

func (d *msgpackDecoder) array(dst []byte, n uint64) ([]byte, error) {
	if err := d.enter(n); err != nil {
		return nil, err
	}
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if d.undefined() {
			dst = append(dst, "null"...)
			continue
		}
		var err error
		if dst, err = d.value(dst); err != nil {
			return nil, err
		}
	}
	d.depth--
	return append(dst, ']'), nil
}

func (d *msgpackDecoder) object(dst []byte, n uint64) ([]byte, error) {
	if err := d.enter(n); err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	for first := true; n > 0; n-- {
		key, err := d.str()
		if err != nil {
			return nil, err
		}
		if d.undefined() {
			continue // as JSON.stringify does
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		d.lookalike = d.lookalike || string(key) == "_placeholder"
		dst = append(AppendString(dst, string(key)), ':')
		if dst, err = d.value(dst); err != nil {
			return nil, err
		}
	}
	d.depth--
	return append(dst, '}'), nil
}

// blob takes n bytes as the next blob.
func (d *msgpackDecoder) blob(dst []byte, n uint64) ([]byte, error) {
	p, err := d.take(n)
	if err != nil {
		return nil, err
	}
	d.blobs = append(d.blobs, append(make([]byte, 0, n), p...))
	return AppendPlaceholder(dst, len(d.blobs)-1), nil
}

// ext takes an extension of n bytes; fixed is its form.
func (d *msgpackDecoder) ext(dst []byte, n uint64, fixed bool) ([]byte, error) {
	kind, err := d.head()
	if err != nil {
		return nil, err
	}
	if kind == 0 && !fixed {
		return d.blob(dst, n)
	}
	p, err := d.take(n)
	if err != nil {
		return nil, err
	}
	switch {
	case kind == 0 && n == 1 && p[0] == 0:
		return append(dst, "null"...), nil
	case kind == 0 && n == 8:
		return appendDate(dst, time.UnixMilli(int64(binary.BigEndian.Uint64(p)))), nil
	case kind == 0xff && n == 4:
		return appendDate(dst, time.Unix(int64(binary.BigEndian.Uint32(p)), 0)), nil
	case kind == 0xff && n == 8:
		v := binary.BigEndian.Uint64(p)
		return appendDate(dst, time.Unix(int64(v&(1<<34-1)), int64(v>>34))), nil
	case kind == 0xff && n == 12:
		return appendDate(dst, time.Unix(int64(binary.BigEndian.Uint64(p[4:])), int64(binary.BigEndian.Uint32(p)))), nil
	}
	return nil, errMsgpack
}

// appendDate appends what JSON.stringify makes of a Date; one outside the years
// that ISO 8601 spells with four digits is null.
func appendDate(dst []byte, t time.Time) []byte {
	t = t.UTC()
	if year := t.Year(); year < 0 || year > 9999 {
		return append(dst, "null"...)
	}
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	return append(dst, '"')
}
