package siocodec

import (
	"bytes"
	"errors"

	"rightnow/socketio/internal/siowire"
)

// JSON returns the parser that clients speak by default, with limits for what it reads; nil are the
// default ones. (The server has a faster way of its own for the same.)
func JSON(limits *siowire.Limits) Parser { return jsonParser{limits} }

type jsonParser struct{ limits *siowire.Limits }

// Encode implements Parser.
func (jsonParser) Encode(p *Packet) ([]WireMessage, error) {
	w := p.Wire()
	text := siowire.AppendPacket(nil, w.Type, w.Namespace, w.AckID, w.HasAck, len(p.Blobs), w.Data)
	messages := make([]WireMessage, 1, 1+len(p.Blobs))
	messages[0].Data = text
	for _, b := range p.Blobs {
		messages = append(messages, WireMessage{Data: b, Binary: true})
	}
	return messages, nil
}

// NewDecoder implements Parser.
func (j jsonParser) NewDecoder() Decoder { return &jsonDecoder{limits: j.limits} }

// jsonDecoder remembers a packet whose attachments are still to come.
type jsonDecoder struct {
	limits  *siowire.Limits
	partial *Packet
	due     int
}

// Decode implements Decoder.
func (d *jsonDecoder) Decode(data []byte, binary bool) (*Packet, error) {
	switch {
	case binary && d.partial == nil:
		return nil, errStrayBinary
	case binary:
		return d.attach(data), nil
	case d.partial != nil:
		return nil, errAttachmentDue
	}
	w, err := siowire.Decode(data, d.limits)
	if err != nil {
		return nil, err
	}
	p := &Packet{
		Type: PacketType(w.Type.Plain()), Namespace: w.Namespace, ID: w.AckID, HasID: w.HasAck,
		Data: bytes.Clone(w.Data),
	}
	if w.Attachments > 0 {
		d.partial, d.due = p, w.Attachments
		return nil, nil
	}
	return p, nil
}

// attach adds an attachment, and returns the packet when that was the last one.
func (d *jsonDecoder) attach(data []byte) *Packet {
	p := d.partial
	p.Blobs = append(p.Blobs, bytes.Clone(data))
	if len(p.Blobs) < d.due {
		return nil
	}
	d.partial = nil
	return p
}

var (
	errAttachmentDue = errors.New("text where an attachment was due")
	errStrayBinary   = errors.New("binary where none was due")
)
