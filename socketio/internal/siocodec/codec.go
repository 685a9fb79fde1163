// Package siocodec is packets as the messages of a connection, both ways: the
// two forms that official clients have, and what another form must do.
package siocodec

import (
	"encoding/json"
	"errors"

	"rightnow/socketio/internal/siowire"
)

// Parser is how packets travel. The default is the JSON of protocol 5, which clients speak unless
// they are told otherwise; server and clients must agree. MessagePack is the other one that
// official clients have.
//
// Both methods may be called concurrently. Encode runs while a broadcast is being handed out: it
// must neither wait nor call the server.
type Parser interface {
	// Encode returns the packet as one text message, perhaps with binary ones behind it, or as
	// one binary message. p is read-only.
	Encode(p *Packet) ([]WireMessage, error)
	// NewDecoder returns what reads the packets of one connection.
	NewDecoder() Decoder
}

// Decoder reads the packets of one connection. It is used by one goroutine at a time.
type Decoder interface {
	// Decode takes the next message of the connection and returns the packet that is complete with it;
	// nil when more has to come. An error breaks the protocol: the connection is closed. data is
	// valid only until Decode returns, the packet is the caller's. What it says is checked as if it
	// came as JSON.
	Decode(data []byte, binary bool) (*Packet, error)
}

// WireMessage is one message of a connection.
type WireMessage struct {
	Data   []byte
	Binary bool
}

// PacketType is the kind of a packet.
type PacketType uint8

// The kinds, with the numbers that they have in protocol 5. Whether there are binary values does not
// matter to a Parser.
const (
	PacketConnect      = PacketType(siowire.Connect)
	PacketDisconnect   = PacketType(siowire.Disconnect)
	PacketEvent        = PacketType(siowire.Event)
	PacketAck          = PacketType(siowire.Ack)
	PacketConnectError = PacketType(siowire.ConnectError)
)

// Packet is one packet of Socket.IO in no particular form.
type Packet struct {
	Type      PacketType
	Namespace string // with its slash
	// ID is the acknowledgement's number, of an event that wants one and of an acknowledgement.
	ID    uint64
	HasID bool
	// Data is JSON: an object for the two kinds of CONNECT, an array for an event (its name is the
	// first element) and an acknowledgement, nil where there is none. A binary value in it is
	// {"_placeholder":true,"num":N}, N an index of Blobs; without Blobs such an object is data.
	Data  json.RawMessage
	Blobs [][]byte
}

// MessagePack returns the parser that speaks the binary format of socket.io-msgpack-parser. Its
// packets are smaller where they hold numbers and binary values.
func MessagePack() Parser { return msgpackParser{} }

type msgpackParser struct{}

// Encode implements Parser.
func (msgpackParser) Encode(p *Packet) ([]WireMessage, error) {
	b, err := siowire.AppendMsgpack(nil, p.Wire(), p.Blobs)
	if err != nil {
		return nil, err
	}
	return []WireMessage{{Data: b, Binary: true}}, nil
}

// NewDecoder implements Parser. A packet is one message: there is nothing to remember.
func (msgpackParser) NewDecoder() Decoder { return msgpackParser{} }

// Decode implements Decoder.
func (msgpackParser) Decode(data []byte, binary bool) (*Packet, error) {
	if !binary {
		return nil, errTextPacket
	}
	w, blobs, err := siowire.DecodeMsgpack(data)
	if err != nil {
		return nil, err
	}
	return &Packet{
		Type: PacketType(w.Type), Namespace: w.Namespace, ID: w.AckID, HasID: w.HasAck, Data: w.Data, Blobs: blobs,
	}, nil
}

// Wire is the packet as siowire has it.
func (p *Packet) Wire() siowire.Packet {
	w := siowire.Packet{
		Type: siowire.Type(p.Type), Namespace: p.Namespace, AckID: p.ID, HasAck: p.HasID,
		Attachments: len(p.Blobs), Data: p.Data,
	}
	if len(p.Blobs) > 0 {
		switch w.Type {
		case siowire.Event:
			w.Type = siowire.BinaryEvent
		case siowire.Ack:
			w.Type = siowire.BinaryAck
		}
	}
	return w
}

var errTextPacket = errors.New("a text message where packets are binary")
