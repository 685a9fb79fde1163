package ws

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
)

// permessage-deflate (RFC 7692), in the form in which every message is
// compressed by itself (no context takeover, either way): so a message for many
// connections is compressed once, and no connection holds a window.

// deflateAnswer is what an offer is accepted with.
const deflateAnswer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

// maxOffers bounds the offers that are looked at.
const maxOffers = 16

// offersDeflate reports whether one of the offers of a handshake can be accepted
// (section 7.1).
func offersDeflate(extensions []string) bool {
	n := 0
	for offer := range tokens(extensions) {
		if n++; n > maxOffers {
			return false
		}
		if acceptable(offer) {
			return true
		}
	}
	return false
}

// acceptable reports whether an offer asks for nothing that we do not do. Our
// window has always 15 bits; the client may choose its own.
func acceptable(offer string) bool {
	parts := strings.Split(offer, ";")
	if !strings.EqualFold(strings.TrimSpace(parts[0]), "permessage-deflate") {
		return false
	}
	var seen []string
	for _, part := range parts[1:] {
		name, value, given := strings.Cut(strings.TrimSpace(part), "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.Trim(strings.TrimSpace(value), `"`)
		if slices.Contains(seen, name) {
			return false
		}
		seen = append(seen, name)
		switch name {
		case "server_no_context_takeover", "client_no_context_takeover":
			if given {
				return false
			}
		case "client_max_window_bits":
			if given && !windowBits(value) {
				return false
			}
		case "server_max_window_bits":
			if value != "15" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// windowBits reports whether v is a number from 8 to 15.
func windowBits(v string) bool {
	switch v {
	case "8", "9", "10", "11", "12", "13", "14", "15":
		return true
	}
	return false
}

// deflateTail ends each message; it is not sent (section 7.2.1). What is behind
// it here lets a flate reader see the end.
const (
	deflateTail = "\x00\x00\xff\xff"
	inflateTail = deflateTail + "\x01\x00\x00\xff\xff"
)

// deflater compresses one message at a time.
type deflater struct {
	out bytes.Buffer
	w   *flate.Writer
}

var deflaters = sync.Pool{New: func() any {
	d := &deflater{}
	w, err := flate.NewWriter(&d.out, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a good one
	}
	d.w = w
	return d
}}

// AppendDeflated appends a final, unmasked frame whose payload is compressed, or, where that
// makes it no smaller, as AppendFrame does. It may be pushed to connections that Deflate.
func AppendDeflated(dst []byte, op Opcode, payload []byte) []byte {
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.out.Reset()
	d.w.Reset(&d.out)
	_, _ = d.w.Write(payload) // a bytes.Buffer does not fail
	_ = d.w.Flush()
	packed := bytes.TrimSuffix(d.out.Bytes(), []byte(deflateTail))
	if len(packed) >= len(payload) {
		return AppendFrame(dst, op, payload)
	}
	dst = appendHeader(dst, bitFin|bitRSV1|byte(op), 0, len(packed))
	return append(dst, packed...)
}

// inflater reads one compressed message at a time.
type inflater struct {
	in  packed
	r   io.ReadCloser
	out bytes.Buffer
}

// packed is a compressed message with its tail.
type packed struct {
	bytes.Reader
	tail strings.Reader
}

// Read implements io.Reader.
func (p *packed) Read(b []byte) (int, error) {
	if p.Reader.Len() > 0 {
		return p.Reader.Read(b)
	}
	return p.tail.Read(b)
}

// ReadByte implements io.ByteReader.
func (p *packed) ReadByte() (byte, error) {
	if p.Reader.Len() > 0 {
		return p.Reader.ReadByte()
	}
	return p.tail.ReadByte()
}

var inflaters = sync.Pool{New: func() any {
	f := &inflater{}
	f.r = flate.NewReader(&f.in)
	return f
}}

// maxPooledInflated is the largest buffer that an inflater keeps.
const maxPooledInflated = 64 << 10

// inflate calls take with the message that data is compressed; it is valid until take returns. A
// message over the limit is not read further.
func inflate(data []byte, limit int64, take func([]byte) error) error {
	f := inflaters.Get().(*inflater)
	defer f.release()
	f.in.Reader.Reset(data)
	f.in.tail.Reset(inflateTail)
	if err := f.r.(flate.Resetter).Reset(&f.in, nil); err != nil {
		return broken("bad compression")
	}
	n, err := io.Copy(&f.out, io.LimitReader(f.r, limit+1))
	switch {
	case n > limit:
		return &ProtocolError{codeTooBig, "message too big"}
	case err != nil && !errors.Is(err, io.EOF):
		return broken("bad compression")
	}
	return take(f.out.Bytes())
}

func (f *inflater) release() {
	f.in.Reader.Reset(nil)
	if f.out.Cap() > maxPooledInflated {
		return
	}
	f.out.Reset()
	inflaters.Put(f)
}
