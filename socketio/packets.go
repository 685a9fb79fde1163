package socketio

import (
	"errors"

	"rightnow/engineio"
	"rightnow/hub"
	"rightnow/socketio/internal/siowire"
)

// packetRoom is the size of packets that are put together on the stack: most are smaller.
const packetRoom = 512

var errBadShape = errors.New("socketio: a Parser's packet is one text message, with binary ones behind it, or one binary message")

// eventFrame makes the frame of an event, text and attachments together. It fails only with a custom
// parser.
func (s *Server) eventFrame(nsp string, m *hub.Message) (*engineio.Frame, error) {
	if s.opts.Parser != nil {
		f, err := s.customFrame(&Packet{
			Type: PacketEvent, Namespace: nsp, ID: m.AckID, HasID: m.WantAck,
			Data: siowire.AppendEvent(nil, m.Event, m.Args, m.Offset), Blobs: m.Blobs,
		})
		if err == nil && m.Plain {
			f.Uncompressed()
		}
		return f, err
	}
	t := siowire.Event
	if len(m.Blobs) > 0 {
		t = siowire.BinaryEvent
	}
	var few [packetRoom]byte
	text := few[:0]
	if size := len(nsp) + len(m.Event) + len(m.Args) + len(m.Offset) + 32; size > len(few) {
		text = make([]byte, 0, size)
	}
	text = siowire.AppendPacket(text, t, nsp, m.AckID, m.WantAck, len(m.Blobs), nil)
	text = siowire.AppendEvent(text, m.Event, m.Args, m.Offset)
	f := engineio.TextFrame(text, m.Blobs...)
	if m.Plain {
		f.Uncompressed()
	}
	return f, nil
}

// ackFrame makes the frame of an acknowledgement.
func (s *Server) ackFrame(nsp string, id uint64, raw []byte, blobs [][]byte) (*engineio.Frame, error) {
	if s.opts.Parser != nil {
		return s.customFrame(&Packet{Type: PacketAck, Namespace: nsp, ID: id, HasID: true, Data: raw, Blobs: blobs})
	}
	t := siowire.Ack
	if len(blobs) > 0 {
		t = siowire.BinaryAck
	}
	var few [packetRoom]byte
	return engineio.TextFrame(siowire.AppendPacket(few[:0], t, nsp, id, true, len(blobs), raw), blobs...), nil
}

// sendControl queues a packet that is about the namespace itself. A custom parser that cannot encode it
// ends the connection, since the client would wait for ever.
func (c *client) sendControl(t siowire.Type, nsp string, data []byte) (dirty bool) {
	var f *engineio.Frame
	if c.srv.opts.Parser == nil {
		f = engineio.TextFrame(siowire.AppendPacket(nil, t, nsp, 0, false, 0, data))
	} else {
		var err error
		if f, err = c.srv.customFrame(&Packet{Type: PacketType(t), Namespace: nsp, Data: data}); err != nil {
			c.srv.report(nil, err)
			c.sess.Close(engineio.ReasonForcedClose)
			return false
		}
	}
	dirty, _ = c.sess.Send(f) // fails only with the connection
	return dirty
}

// connectData is what a CONNECT is answered with.
func (s *Socket) connectData(pid string) []byte {
	if s.conn.old() {
		return nil
	}
	data := append([]byte(`{"sid":`), siowire.AppendString(nil, s.id)...)
	if pid != "" {
		data = append(data, `,"pid":`...)
		data = siowire.AppendString(data, pid)
	}
	return append(data, '}')
}
