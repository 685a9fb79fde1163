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
	l.conn.Abort()
}

// send queues a packet. The link's order is the order of the calls.
func (l *link) send(p *siocodec.Packet) error {
	messages, err := l.client.opts.Parser.Encode(p)
	if err != nil {
		return err
	}
	out := make([]eioclient.Message, len(messages))
	for i, m := range messages {
		out[i] = eioclient.Message{Data: m.Data, Binary: m.Binary}
	}
	err = l.conn.Send(out...)
	if errors.Is(err, eioclient.ErrClosed) {
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
	e := &Event{socket: s, link: l, name: siowire.EventName(p.Data), args: args, id: p.ID, wantsAck: p.HasID, ctx: s.ctx}
	s.noteOffsetLocked(args)
	s.mu.Unlock()
	s.postFrom(l, func() { s.dispatch(e) })
}

// noteOffsetLocked remembers from where on events are missed: the last argument of an event, where the
// server keeps sessions. s.mu must be held.
func (s *Socket) noteOffsetLocked(args Args) {
	var offset string
	if n := args.Len(); s.pid != "" && n > 0 && json.Unmarshal(args.Raw(n-1), &offset) == nil && args.Raw(n - 1)[0] == '"' {
		s.offset = offset
	}
}

// postFrom has f called on the goroutine of the handlers. It is called on the reader of l, and waits
// while the inbox is full, but not beyond the end of l.
func (s *Socket) postFrom(l *link, f func()) {
	select {
	case s.inbox <- f:
		return
	default:
	}
	s.stall(true)
	defer s.stall(false)
	select {
	case s.inbox <- f:
	case <-l.conn.Context().Done():
	}
}

// post has f called on the goroutine of the handlers, soon. It never waits.
func (s *Socket) post(f func()) {
	select {
	case s.inbox <- f:
	default:
		s.client.work.Go(func() { // ends when there is room, or with Close
			select {
			case s.inbox <- f:
			case <-s.client.ctx.Done():
			}
		})
	}
}

// stall says that the reader has to wait, or no longer. Whoever waits for an acknowledgement is told:
// a handler that does may be what the reader waits for.
func (s *Socket) stall(on bool) {
	s.mu.Lock()
	s.stalled = on
	var failed []*waiting
	if on {
		failed = s.takeAcksLocked()
	}
	s.mu.Unlock()
	for _, w := range failed {
		w.fail(ErrBackpressure)
	}
}
