package engineio

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"rightnow/engineio/internal/eiowire"
	"rightnow/internal/deadline"
)

// maxOpening is the size of the largest first packet on a WebTransport: "0", and perhaps the id of a session as JSON.
const maxOpening = 4096

var (
	errNoStream = errors.New("engineio: no stream, or no packet on it, within UpgradeTimeout")
	errOpening  = errors.New("engineio: the first packet on a WebTransport opens no session")
	errEnough   = errors.New("engineio: nothing more is read") // ends read, and is no reason
)

// ServeWebTransport answers the CONNECT request of a WebTransport and returns when that has ended. [WebTransport] must be
// one of Options.Transports. The request passes the same checks as that of another transport; a refusal is written to w.
// Then accept is called, once: it has to answer the request with success and to return the WebTransport. The client opens
// one stream there, whose first packet opens a session or names the one to move; it has UpgradeTimeout for that.
//
// AllowRequest decides over the CONNECT if its query names no session. A WebTransport whose query names one can only move
// that one.
func (s *Server) ServeWebTransport(w http.ResponseWriter, r *http.Request, accept func() (WebTransportSession, error)) {
	s.active.Add()
	defer s.active.Done()
	x := newExchange(s, w, r)
	l := &streamLink{srv: s, x: x, conn: &stream{srv: s}, in: eiowire.StreamReader{Max: maxOpening}}
	if refusal := l.admit(); refusal != nil {
		x.refuse(refusal)
		return
	}
	defer s.settled(l.conn)
	x.header(l.up == nil)
	session, err := accept()
	if err != nil {
		l.giveUp()
		refusal := badRequest("TRANSPORT_HANDSHAKE_ERROR")
		refusal.Context["error"] = err
		x.refuse(refusal)
		return
	}
	l.conn.session = session
	s.track(l.conn)
	defer s.untrack(l.conn)
	l.serve()
}

// streamLink joins a WebTransport to its session. But for Expire its methods run on the goroutine that reads, one at a time.
type streamLink struct {
	srv  *Server
	x    *exchange
	conn *stream
	in   eiowire.StreamReader
	due  deadline.Entry // the first packet; in the list of upgrades

	begun bool     // the first packet has come
	s     *Session // nil while it has not, and while the WebTransport is a candidate
	up    *upgrade // while it is a candidate
}

// admit checks the request, in the order of other transports. A session that is named has its upgrade under way then.
func (l *streamLink) admit() *ConnectionError {
	s, x := l.srv, l.x
	if x.transport == "" {
		x.transport = WebTransport // Node asks for no query
	}
	if x.transport != WebTransport || !slices.Contains(s.opts.Transports, WebTransport) {
		return unknownTransport(x.transport)
	}
	if foreign := s.checkOrigin(x.r, x.from); foreign != nil {
		return foreign
	}
	if x.sid != "" {
		return l.candidate(x.sid)
	}
	if refusal := s.allow(x.r); refusal != nil {
		return refusal
	}
	if x.protocol != "" && x.protocol != "4" {
		return unsupported(x.protocol)
	}
	return s.admitOpening(l.conn, x.from.address)
}

// candidate puts the upgrade of a session under way.
func (l *streamLink) candidate(sid string) *ConnectionError {
	session := l.srv.lookup(sid)
	if session == nil {
		return unknownSession(sid)
	}
	if session.old {
		return unsupported("3")
	}
	l.x.sid = sid
	up, refusal := session.admitUpgrade(l.x, WebTransport)
	if refusal == nil && up == nil {
		refusal = badRequest("UPGRADE_UNDER_WAY")
	}
	l.up = up
	return refusal
}

// begin takes the first packet, and reports whether it opens or names a session.
func (l *streamLink) begin(payload []byte, binary bool) bool {
	sid, ok := openingOf(payload, binary)
	if !ok || l.up != nil && sid != l.up.s.id {
		l.conn.Abort(errOpening)
		return false
	}
	l.begun, l.in.Max = true, l.srv.opts.MaxPayload
	l.srv.upgrades.Stop(&l.due)
	var refusal *ConnectionError
	switch {
	case sid == "":
		refusal = l.open()
	case l.up == nil:
		if refusal = l.candidate(sid); refusal == nil && !l.up.s.startUpgrade(l.up, l.conn) {
			refusal = unknownSession(sid) // it has ended meanwhile
		}
	}
	l.srv.settled(l.conn)
	if refusal != nil {
		l.refuse(refusal)
	}
	return refusal == nil
}

// openingOf reads the first packet of a WebTransport: the session that is to move there, or "" for a new one.
func openingOf(payload []byte, binary bool) (sid string, ok bool) {
	p, err := eiowire.Parse(payload)
	if err != nil || binary || p.Type != eiowire.Open {
		return "", false
	}
	if len(p.Data) == 0 {
		return "", true
	}
	var named struct {
		SID string `json:"sid"`
	}
	if json.Unmarshal(p.Data, &named) != nil {
		return "", false
	}
	return named.SID, named.SID != ""
}

// open makes a session of the WebTransport.
func (l *streamLink) open() *ConnectionError {
	s := l.srv
	session, refusal := s.newSession(l.x)
	if refusal != nil {
		return refusal
	}
	defer session.vacate()
	if refusal := s.register(session, l.conn); refusal != nil {
		return refusal
	}
	l.s = session
	if session.startOn(l.conn, false) {
		session.attach() // after a panic the session has ended and closes the connection
		l.conn.Flush()
	} else {
		l.conn.Abort(ErrClosed)
	}
	return nil
}

// refuse ends a WebTransport that was accepted and is not wanted: the client is shown why as the reason of its end.
func (l *streamLink) refuse(e *ConnectionError) {
	l.srv.refused(e, l.x.r)
	l.conn.Close(0, e.Message)
}

// giveUp ends the upgrade, if there is one.
func (l *streamLink) giveUp() {
	if l.up != nil {
		l.up.s.giveUp(l.up)
	}
}

// admitOpening makes room for a WebTransport that is to open a session: those that have not yet done so count.
func (s *Server) admitOpening(c *stream, address string) *ConnectionError {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return shuttingDown()
	case s.opts.MaxSessions > 0 && s.open+len(s.opening) >= s.opts.MaxSessions:
		return tooManySessions()
	}
	if refusal := s.admitAddressLocked(address); refusal != nil {
		return refusal
	}
	if s.opening == nil {
		s.opening = make(map[*stream]string)
	}
	s.opening[c] = address
	return nil
}

// settled gives the room back, if it has not been.
func (s *Server) settled(c *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if address, ok := s.opening[c]; ok {
		delete(s.opening, c)
		s.leaveAddressLocked(address)
	}
}

// unopened returns the WebTransports that have not opened a session yet and have been accepted.
func (s *Server) unopened() []*stream {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := slices.Collect(maps.Keys(s.opening))
	return slices.DeleteFunc(all, func(c *stream) bool {
		_, accepted := s.conns[c]
		return !accepted
	})
}

// serve reads from the WebTransport until its end.
func (l *streamLink) serve() {
	c := l.conn
	if l.up != nil && !l.up.s.startUpgrade(l.up, c) {
		l.up = nil
		c.Abort(ErrClosed)
	}
	if l.up == nil {
		l.srv.upgrades.Start(&l.due, l)
		if l.srv.isClosing() {
			c.Abort(ErrClosed) // Shutdown may not have seen it
		}
	}
	err := c.accept(l.x.r.Context())
	if err == nil {
		err = c.read(l.take)
	}
	if err == errEnough { // whoever said so has seen to the end of it
		<-c.session.Context().Done()
		err = ErrClosed
	}
	l.srv.upgrades.Stop(&l.due)
	c.Abort(err)
	l.closed(c.wait())
}

// closed ends the session, or the upgrade if the WebTransport has got no further.
func (l *streamLink) closed(cause error) {
	switch {
	case l.up != nil:
		l.giveUp()
	case l.s != nil:
		l.s.end(reasonOf(cause), cause, lost)
	}
}

// Expire implements deadline.Expirer: the first packet did not come in time.
func (l *streamLink) Expire(*deadline.Entry) { l.conn.Abort(errNoStream) }

// take takes a piece of the stream.
func (l *streamLink) take(p []byte) error {
	enough := false
	err := l.in.Feed(p, func(payload []byte, binary bool) bool {
		enough = !l.packet(payload, binary)
		return !enough
	})
	switch {
	case err != nil && l.s != nil:
		l.s.end(ReasonParseError, err, failed)
		return errEnough
	case err != nil:
		return err // no session hears of it
	case enough:
		return errEnough
	}
	return nil
}

// packet takes one payload, and reports whether more is wanted.
func (l *streamLink) packet(payload []byte, binary bool) bool {
	switch {
	case !l.conn.open():
		return true // read and dropped, until it is closed
	case !l.begun:
		return l.begin(payload, binary)
	case l.up != nil:
		if l.up.message(payload, binary) {
			l.s, l.up = l.up.s, nil
		}
		return true
	case binary:
		return l.s.deliver(payload, true)
	}
	return l.s.receiveText(payload, WebTransport)
}
