package engineio

import (
	"errors"
	"net/http"
	"slices"

	"rightnow/engineio/internal/eiowire"
)

// openSession answers a handshake, or returns why it is refused.
func (s *Server) openSession(x *exchange) *ConnectionError {
	switch {
	case x.r.Method != http.MethodGet:
		return &ConnectionError{
			Code: CodeBadHandshakeMethod, Message: "Bad handshake method", Context: map[string]any{"method": x.r.Method},
		}
	case x.upgrade != (x.transport == WebSocket):
		return badRequest("TRANSPORT_HANDSHAKE_ERROR")
	}
	if refusal := s.allow(x.r); refusal != nil {
		return refusal
	}
	if x.protocol != "4" && !x.old3() {
		return unsupported(x.protocol)
	}
	session, refusal := s.newSession(x)
	if refusal != nil {
		return refusal
	}
	defer session.vacate()
	if refusal := s.register(session, nil); refusal != nil {
		return refusal
	}
	if x.transport == WebSocket {
		return session.openWebSocket(x)
	}
	return session.openPolling(x)
}

// allow asks the application.
func (s *Server) allow(r *http.Request) *ConnectionError {
	if s.opts.AllowRequest == nil {
		return nil
	}
	var err error
	if panicked := s.protect("AllowRequest", func() { err = s.opts.AllowRequest(r) }); panicked != nil {
		err = panicked
	}
	if err == nil {
		return nil
	}
	e := forbidden(err)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		e.Message = refusal.Message
	}
	return e
}

func forbidden(err error) *ConnectionError {
	return &ConnectionError{
		status: http.StatusForbidden, Code: CodeForbidden, Message: "Forbidden", Context: map[string]any{"error": err},
	}
}

// newID makes a session id.
func (s *Server) newID(r *http.Request) (id string, refusal *ConnectionError) {
	var err error
	if panicked := s.protect("GenerateID", func() { id, err = s.opts.GenerateID(r) }); panicked != nil {
		err = panicked
	}
	if err == nil && id == "" {
		err = errors.New("id is empty")
	}
	if err != nil {
		return "", idError(err)
	}
	return id, nil
}

// handshakeValue asks the application what it keeps of the request. A panic refuses the client: whoever it is must not
// pass for somebody without a value.
func (s *Server) handshakeValue(r *http.Request) (value any, refusal *ConnectionError) {
	if s.opts.HandshakeValue == nil {
		return nil, nil
	}
	if err := s.protect("HandshakeValue", func() { value = s.opts.HandshakeValue(r) }); err != nil {
		return nil, forbidden(err)
	}
	return value, nil
}

func idError(err error) *ConnectionError {
	e := badRequest("ID_GENERATION_ERROR")
	e.Context["error"] = err
	return e
}

// openPacket is the first packet of a session.
func (s *Server) openPacket(id string, first Transport) []byte {
	h := eiowire.Handshake{
		SID:          id,
		PingInterval: s.opts.PingInterval.Milliseconds(),
		PingTimeout:  s.opts.PingTimeout.Milliseconds(),
		MaxPayload:   s.opts.MaxPayload,
	}
	if first == Polling && !s.opts.DisableUpgrades {
		for _, t := range []Transport{WebSocket, WebTransport} {
			if slices.Contains(s.opts.Transports, t) {
				h.Upgrades = append(h.Upgrades, string(t))
			}
		}
	}
	return eiowire.AppendOpen(nil, h)
}

// attach gives the session its handler. The session is occupied.
func (s *Session) attach() *ConnectionError {
	if s.srv.opts.OnSession == nil {
		return nil
	}
	err := s.srv.protect("OnSession", func() {
		if h := s.srv.opts.OnSession(s); h != nil {
			s.handler = h
		}
	})
	if err == nil {
		return nil
	}
	s.end(ReasonForcedClose, err, failed)
	e := badRequest("PANIC")
	e.status, e.Context["error"] = http.StatusInternalServerError, err
	return e
}

// ignore is the handler of a session that has none.
type ignore struct{}

func (ignore) OnMessage([]byte, bool) {}
func (ignore) OnClose(Reason, error)  {}
