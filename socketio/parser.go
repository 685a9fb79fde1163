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
// Both methods may be called concurrently. Encode runs while a broadcast is being handed out: it
// must neither wait nor call the server.
type Parser = siocodec.Parser

// Decoder reads the packets of one connection. It is used by one goroutine at a time.
type Decoder = siocodec.Decoder

// WireMessage is one message of a connection.
type WireMessage = siocodec.WireMessage

// Packet is one packet of Socket.IO in no particular form.
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
		c.srv.report(nil, panicked)
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
