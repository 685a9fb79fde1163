package engineio

import (
	"errors"
	"net/http"
	"strings"

	"rightnow/engineio/internal/eiowire"
	"rightnow/internal/ws"
)

// queueSlack is the room a WebSocket's queue has beyond QueueLimit, for answers to probes, so that a full queue fits
// when the session moves.
const queueSlack = 4096

// link joins a WebSocket to its session. Its methods run on the goroutine that reads from the connection, one at a time.
type link struct {
	s    *Session
	conn *ws.Conn
	up   *upgrade // while the WebSocket is a candidate only; owned by whoever reads
}

var _ ws.Handler = (*link)(nil)

// Message takes one WebSocket message, which is one packet.
func (l *link) Message(op ws.Opcode, data []byte) {
	switch {
	case l.up != nil:
		if l.up.message(data, op == ws.OpBinary) {
			l.up = nil
		}
	case l.s.old:
		l.message3(op, data)
	case op == ws.OpBinary:
		l.s.deliver(data, true)
	default:
		l.s.receiveText(data, WebSocket)
	}
}

// Closed ends the session, or the upgrade if the WebSocket has got no further.
func (l *link) Closed(err error) {
	l.s.srv.untrack(l.conn)
	if l.up != nil {
		l.s.giveUp(l.up)
		return
	}
	l.s.end(reasonOf(err), err, lost)
}

// reasonOf tells why a WebSocket ended, as Node would.
func reasonOf(err error) Reason {
	var broken *ws.ProtocolError
	switch {
	case errors.As(err, &broken):
		return ReasonTransportError
	case errors.Is(err, ws.ErrSlow):
		return ReasonSlowConsumer
	}
	return ReasonTransportClose
}

// openWebSocket answers a handshake.
func (s *Session) openWebSocket(x *exchange) *ConnectionError {
	conn, refusal := x.acceptWebSocket(true)
	if conn == nil {
		s.end(ReasonTransportError, errAborted, lost) // nobody knows of the session yet
		return refusal
	}
	l := &link{s: s, conn: conn}
	if s.startOn(conn, x.base64) {
		s.attach() // after a panic the session has ended and closes the connection
		conn.Flush()
	} else {
		conn.Close(0, "")
	}
	conn.Serve(l)
	return nil
}

// startOn makes c carry the session from its first packet on, unless the session has ended before.
func (s *Session) startOn(c carrier, textOnly bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connDue = false
	first := s.connectLocked(c, textOnly)
	if s.ended {
		return false
	}
	open := s.srv.openPacket(s.id, s.transportLocked())
	c.Push(first(newFrame(eiowire.Open, open[1:], nil))) // its queue is empty
	if p := s.srv.opts.InitialPacket; p != nil {
		c.Push(first(TextFrame(p)))
	}
	s.resendLocked()
	s.startHeartbeatLocked()
	return true
}

// connectLocked makes c carry the session, and returns how frames are put for it; textOnly says that its client takes no
// bytes. s.mu must be held.
func (s *Session) connectLocked(c carrier, textOnly bool) (form func(*Frame) []byte) {
	s.text = textOnly
	if st, ok := c.(*stream); ok {
		s.stream = st
		return (*Frame).webTransport
	}
	s.conn = c.(*ws.Conn)
	s.shown.Store(s.conn)
	return func(f *Frame) []byte { return f.ws }
}

// resendLocked gives what is queued to the connection. s.mu must be held.
func (s *Session) resendLocked() {
	queue := s.queue
	s.queue, s.queued = nil, 0
	for _, f := range queue {
		if s.pushLocked(f) != nil {
			return // the session ends for it
		}
	}
}

// acceptWebSocket turns the request into a WebSocket. Without one, the refusal is what to answer, nil when the
// connection is gone.
func (x *exchange) acceptWebSocket(initial bool) (*ws.Conn, *ConnectionError) {
	opts := &ws.Options{
		MaxMessage:   x.srv.opts.MaxPayload,
		QueueLimit:   x.srv.opts.QueueLimit + queueSlack,
		WriteTimeout: writeTimeout,
		Poller:       &x.srv.poller,
		Deflate:      x.srv.opts.DeflateThreshold > 0 && !x.old3() && !x.base64,
		Subprotocol:  firstSubprotocol(x.r),
	}
	conn, err := ws.Upgrade(hijacker{x.w}, x.r, x.header(initial), opts)
	var bad *ws.HandshakeError
	switch {
	case err == nil:
		x.srv.track(conn)
		return conn, nil
	case errors.As(err, &bad):
		if bad.Status >= 500 {
			x.srv.opts.Logger.Error("engineio: no WebSockets: what wraps the ResponseWriter must have Hijack or Unwrap", "error", err)
		}
		e := badRequest("TRANSPORT_HANDSHAKE_ERROR")
		e.Context["error"] = err
		return nil, e
	}
	return nil, nil
}

// firstSubprotocol is what Node's server agrees to.
func firstSubprotocol(r *http.Request) string {
	return first(strings.Join(r.Header["Sec-Websocket-Protocol"], ","))
}

// track counts a connection until its Closed.
func (s *Server) track(conn carrier) {
	s.active.Add()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[conn] = struct{}{}
}

// untrack ends it. It is done last, so that Shutdown returns after all else.
func (s *Server) untrack(conn carrier) {
	s.mu.Lock()
	delete(s.conns, conn)
	s.count.closed(conn)
	s.mu.Unlock()
	s.active.Done()
}

// turnedAway handles a WebSocket that comes while the session has one, or has one in sight. Like Node it gets its 101
// and is closed: clients take any other answer for a server that has no WebSockets.
type turnedAway struct {
	srv  *Server
	conn *ws.Conn
}

// Message implements ws.Handler.
func (turnedAway) Message(ws.Opcode, []byte) {}

// Closed implements ws.Handler.
func (t turnedAway) Closed(error) { t.srv.untrack(t.conn) }

// isProbe reports the first word on a WebSocket that upgrades.
func isProbe(p eiowire.Packet) bool {
	return p.Type == eiowire.Ping && string(p.Data) == "probe"
}
