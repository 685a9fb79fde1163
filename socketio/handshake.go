package socketio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Handshake is what a client said when it connected: its first HTTP request, and what it gave
// as auth for the namespace.
type Handshake struct {
	URL     string    // path and query of the request
	Address string    // of the peer, or what a trusted proxy said it is
	Secure  bool      // over TLS
	XDomain bool      // the request had an Origin
	Issued  time.Time // when
	Auth    Auth
}

// Header returns a copy of the request's headers.
func (h Handshake) Header() http.Header { return nil }

// Query returns the request's query.
func (h Handshake) Query() url.Values { return nil }

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
	return json.RawMessage(a).MarshalJSON()
}
