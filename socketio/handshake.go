package socketio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rightnow/engineio"
)

// Handshake is what a client said when it connected: its first HTTP request, and what it gave
// as auth for the namespace. Its JSON is that of Node's handshake object.
type Handshake struct {
	URL     string    // path and query of the request
	Address string    // IP address of the client; what a trusted proxy said it is
	Secure  bool      // over TLS
	Issued  time.Time // when
	Auth    Auth
	Value   any // what Options.HandshakeValue kept of the request; no part of the JSON

	request *engineio.Handshake
}

// Handshake returns what the client said when it connected.
func (s *Socket) Handshake() Handshake {
	h := s.sess.Handshake()
	return Handshake{
		URL:     h.URL,
		Address: h.Address,
		Secure:  h.Secure,
		Issued:  h.Issued,
		Auth:    s.auth,
		Value:   h.Value,
		request: h,
	}
}

// Header decodes the request's headers anew at each call.
func (h Handshake) Header() http.Header {
	if h.request == nil {
		return http.Header{}
	}
	return h.request.Header()
}

// Query decodes the request's query anew at each call.
func (h Handshake) Query() url.Values {
	if h.request == nil {
		return url.Values{}
	}
	return h.request.Query()
}

// nodeHandshake is Node's handshake object.
type nodeHandshake struct {
	Headers map[string]string `json:"headers"`
	Time    string            `json:"time"`
	Address string            `json:"address"`
	XDomain bool              `json:"xdomain"`
	Secure  bool              `json:"secure"`
	Issued  int64             `json:"issued"`
	URL     string            `json:"url"`
	Query   map[string]string `json:"query"`
	Auth    Auth              `json:"auth"`
}

// MarshalJSON returns Node's handshake object: header names in lower case, one string for each
// header and each key of the query, of which the last value counts.
func (h Handshake) MarshalJSON() ([]byte, error) {
	n := nodeHandshake{
		Headers: make(map[string]string),
		Time:    h.Issued.UTC().Format("Mon Jan 02 2006 15:04:05 GMT-0700 (Coordinated Universal Time)"),
		Address: h.Address,
		Secure:  h.Secure,
		Issued:  h.Issued.UnixMilli(),
		URL:     h.URL,
		Query:   make(map[string]string),
		Auth:    h.Auth,
	}
	for name, values := range h.Header() {
		separator := ", "
		if name == "Cookie" {
			separator = "; "
		}
		n.Headers[strings.ToLower(name)] = strings.Join(values, separator)
	}
	_, n.XDomain = n.Headers["origin"]
	for key, values := range h.Query() {
		n.Query[key] = values[len(values)-1]
	}
	return json.Marshal(n)
}

// Auth is the JSON object that a client gave as auth; nil when it gave none.
type Auth json.RawMessage

// Decode decodes the object into v, a pointer; without an object it leaves v alone.
func (a Auth) Decode(v any) error {
	if a == nil {
		return nil
	}
	return json.Unmarshal(a, v)
}

// MarshalJSON returns the object, {} when there is none.
func (a Auth) MarshalJSON() ([]byte, error) {
	if a == nil {
		return []byte("{}"), nil
	}
	return a, nil
}
