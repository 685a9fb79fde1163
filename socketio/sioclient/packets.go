package sioclient

import (
	"encoding/json"
	"errors"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/internal/siocall"
	"rightnow/socketio/internal/siocodec"
	"rightnow/socketio/internal/siowire"
)

var errNoSID = errors.New("sioclient: the server let us in without an id")

// receive handles one message of the connection, on its reader.
func (l *link) receive(data []byte, binary bool) {
	var p *siocodec.Packet
	err := guard("Decoder", func() (err error) {
		p, err = l.decoder.Decode(data, binary)
		return err
	})
	if err != nil {
		l.broken(err)
		return
	}
	if p == nil {
		return
	}
	l.client.mu.Lock()
	s := l.client.sockets[p.Namespace]
	l.client.mu.Unlock()
	if s != nil {
		s.receive(l, p)
	}
}

// broken ends a connection whose server broke the protocol.
func (l *link) broken(err error) {
	l.client.report(err)
	l.fault.Store(true)
	l.conn.Fail(err)
}

// send queues a packet, within the limit. The link's order is the order of the calls.
func (l *link) send(p *siocodec.Packet) error { return l.sendBy(l.conn.Send, p) }

// insist queues a packet whatever waits: CONNECT and DISCONNECT, without which client and server are not of one mind, and what
// goes in front of a DISCONNECT. That is bounded, for the next such packet of a socket comes behind an answer of the server's.
func (l *link) insist(p *siocodec.Packet) error { return l.sendBy(l.conn.SendAnyway, p) }

func (l *link) sendBy(queue func(...eioclient.Message) error, p *siocodec.Packet) error {
	messages, err := l.client.opts.Parser.Encode(p)
	if err != nil {
		return err
	}
	out := make([]eioclient.Message, len(messages))
	for i, m := range messages {
		out[i] = eioclient.Message{Data: m.Data, Binary: m.Binary}
	}
	if err = queue(out...); errors.Is(err, eioclient.ErrClosed) {
		err = ErrDisconnected
	}
	return err
}

// receive handles a packet for the socket.
func (s *Socket) receive(l *link, p *siocodec.Packet) {
	switch p.Type {
	case siocodec.PacketConnect:
		s.joined(l, p.Data)
	case siocodec.PacketConnectError:
		s.refused(l, connectError(s.nsp, p.Data))
	case siocodec.PacketDisconnect:
		s.gone(l, ReasonServerDisconnect)
		s.client.release()
	case siocodec.PacketEvent:
		s.event(l, p)
	case siocodec.PacketAck:
		if p.HasID {
			s.acknowledged(p.ID, siocall.NewArgs(p.Data, p.Blobs, 0))
		}
	}
}

// connectError reads a refusal: an object, or a bare text from old servers.
func connectError(nsp string, data json.RawMessage) error {
	e := &ConnectError{Namespace: nsp}
	var told struct {
		Message string
		Data    json.RawMessage
	}
	if json.Unmarshal(data, &told) == nil {
		e.Message, e.Data = told.Message, told.Data
	} else if json.Unmarshal(data, &e.Message) != nil {
		e.Message = "refused"
	}
	return e
}

// event has an event handled. While the inbox is full the connection's reader waits: the server
// feels that, and acknowledgements cannot arrive.
func (s *Socket) event(l *link, p *siocodec.Packet) {
	args := siocall.NewArgs(p.Data, p.Blobs, 1)
	s.mu.Lock()
	if s.link != l {
		s.mu.Unlock()
		return
	}
	offset, looks := s.offsetLocked(p, args)
	e := &Event{
		socket: s, link: l, name: siowire.EventName(p.Data), args: args, id: p.ID, wantsAck: p.HasID, hasOffset: looks > aWord, ctx: s.ctx,
	}
	s.mu.Unlock()
	if s.postEvent(l, func() { s.dispatch(e) }, packetSize(p)) {
		s.noteOffset(l, offset)
	}
}

// postEvent has f called on the goroutine of the handlers. It is called on the reader of l, and waits
// while the inbox is full, but not beyond the end of l: then it reports false.
func (s *Socket) postEvent(l *link, f func(), size int) bool {
	if s.inbox.offer(f, size) {
		return true
	}
	l.stall()
	defer l.stalled.Store(false)
	for {
		select {
		case <-s.inbox.room:
			if s.inbox.offer(f, size) {
				return true
			}
		case <-l.conn.Context().Done():
			return false
		}
	}
}

// stall says that the reader has to wait. Whoever waits for an acknowledgement, in whatever namespace, is
// told: a handler that does may be what the reader waits for.
func (l *link) stall() {
	l.stalled.Store(true)
	for _, s := range l.client.snapshot() {
		s.mu.Lock()
		var failed []*waiting
		if s.link == l {
			failed = s.takeAcksLocked()
		}
		s.mu.Unlock()
		for _, w := range failed {
			w.fail(ErrBackpressure)
		}
	}
}
