package socketio

import (
	"rightnow/engineio"
	"rightnow/socketio/internal/siocodec"
	"rightnow/socketio/internal/siowire"
)

// Parser is how packets travel. The default is the JSON of protocol 5, which clients speak unless
// they are told otherwise; server and clients must agree. [MessagePack] is the other one that
// official clients have.
//
//	type Parser interface {
//		// Encode returns the packet as one text message, perhaps with binary ones behind it, or
//		// as one binary message. p is read-only.
//		Encode(p *Packet) ([]WireMessage, error)
//		// NewDecoder returns what reads the packets of one connection.
//		NewDecoder() Decoder
//	}
//
// Both methods may be called concurrently. Encode runs while a broadcast is being handed out: it
// must neither wait nor call the server. A sioclient.Parser is the same.
type Parser = siocodec.Parser

// Decoder reads the packets of one connection. It is used by one goroutine at a time.
//
//	type Decoder interface {
//		Decode(data []byte, binary bool) (*Packet, error)
//	}
//
// Decode takes the next message of the connection and returns the packet that is complete with it, nil
// when more has to come. An error breaks the protocol: the connection is closed. data is valid only until
// Decode returns, the packet is the caller's. What it says is checked as if it came as JSON.
type Decoder = siocodec.Decoder

// WireMessage is one message of a connection.
//
//	type WireMessage struct {
//		Data   []byte
//		Binary bool
//	}
type WireMessage = siocodec.WireMessage

// Packet is one packet of Socket.IO in no particular form.
//
//	type Packet struct {
//		Type      PacketType
//		Namespace string // with its slash
//		ID        uint64 // the acknowledgement's number, of an event that wants one and of an
//		HasID     bool   // acknowledgement
//		Data      json.RawMessage
//		Blobs     [][]byte
//	}
//
// Data is an object for the two kinds of CONNECT, an array for an event (its name is the first element) and
// an acknowledgement, and nil, not null, where there is none. A binary value in it is
// {"_placeholder":true,"num":N}, N an index of Blobs; without Blobs such an object is data.
type Packet = siocodec.Packet

// PacketType is the kind of a packet.
type PacketType = siocodec.PacketType

// The kinds, with the numbers that they have in protocol 5. Whether there are binary values does not
// matter to a Parser.
const (
	PacketConnect      = siocodec.PacketConnect
	PacketDisconnect   = siocodec.PacketDisconnect
	PacketEvent        = siocodec.PacketEvent
	PacketAck          = siocodec.PacketAck
	PacketConnectError = siocodec.PacketConnectError
)

// MessagePack returns the parser that speaks the binary format of socket.io-msgpack-parser. Its
// packets are smaller where they hold numbers and binary values.
func MessagePack() Parser { return siocodec.MessagePack() }

// parse takes a message apart by the custom parser.
func (c *client) parse(data []byte, binary bool) (nsp string, err error) {
	var p *Packet
	panicked := (*Socket)(nil).guard("Decoder", func() error {
		p, err = c.decoder.Decode(data, binary)
		return nil
	})
	if panicked != nil {
		return "", panicked
	}
	if err != nil || p == nil {
		return "", err
	}
	w := p.Wire()
	if err := siowire.Check(&w, &c.srv.limits); err != nil {
		return p.Namespace, err
	}
	if w.Type == siowire.Connect {
		return w.Namespace, c.connectAs(w.Namespace, w.Data)
	}
	w.Namespace = c.nameOf(w.Namespace)
	s, err := c.addressed(w)
	if err != nil {
		return w.Namespace, err
	}
	c.deliver(s, w, p.Blobs)
	return "", nil
}

// customFrame makes a frame by the custom parser.
func (s *Server) customFrame(p *Packet) (f *engineio.Frame, err error) {
	panicked := (*Socket)(nil).guard("Parser", func() error {
		var messages []WireMessage
		if messages, err = s.opts.Parser.Encode(p); err == nil {
			f, err = frameOf(messages)
		}
		return nil
	})
	if panicked != nil {
		return nil, panicked
	}
	return f, err
}

// frameOf joins the messages of a packet.
func frameOf(messages []WireMessage) (*engineio.Frame, error) {
	if len(messages) == 1 && messages[0].Binary {
		return engineio.BinaryFrame(messages[0].Data), nil
	}
	if len(messages) == 0 || messages[0].Binary {
		return nil, errBadShape
	}
	attachments := make([][]byte, len(messages)-1)
	for i, m := range messages[1:] {
		if !m.Binary {
			return nil, errBadShape
		}
		attachments[i] = m.Data
	}
	return engineio.TextFrame(messages[0].Data, attachments...), nil
}
