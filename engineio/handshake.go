package engineio

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Handshake describes the request that opened a session. It is immutable. It keeps one string, not the request;
// Query and Header decode it anew at each call.
type Handshake struct {
	URL     string    // the request's target, path and query
	Address string    // the client's IP address; from X-Forwarded-For behind a trusted proxy
	Secure  bool      // TLS; from X-Forwarded-Proto behind a trusted proxy
	Issued  time.Time // when the session was made
	Value   any       // what Options.HandshakeValue kept of the request

	header string // lines: name, value, name, value, …
}

// newHandshake copies what is kept of r into one string.
func newHandshake(r *http.Request, from peer, value any) *Handshake {
	target := r.URL.RequestURI()
	size := len(target) + len(from.address)
	eachHeader(r, func(name, value string) { size += len(name) + len(value) + 2 })
	var b strings.Builder
	b.Grow(size)
	b.WriteString(target)
	b.WriteString(from.address)
	eachHeader(r, func(name, value string) {
		b.WriteString(name)
		b.WriteByte('\n')
		b.WriteString(value)
		b.WriteByte('\n')
	})
	all := b.String()
	return &Handshake{
		URL:     all[:len(target)],
		Address: all[len(target):][:len(from.address)],
		Secure:  from.scheme == "https",
		Issued:  time.Now(),
		Value:   value,
		header:  all[len(target)+len(from.address):],
	}
}

// eachHeader calls f for each line of the header; net/http keeps Host apart.
func eachHeader(r *http.Request, f func(name, value string)) {
	if r.Host != "" {
		f("Host", r.Host)
	}
	for name, values := range r.Header {
		for _, value := range values {
			f(name, value)
		}
	}
}

// Query decodes the query of the URL. Of a repeated key the last value counts for Engine.IO.
func (h *Handshake) Query() url.Values {
	_, raw, _ := strings.Cut(h.URL, "?")
	q, _ := url.ParseQuery(raw) // what cannot be decoded is left out
	return q
}

// Header decodes the request's header, Host included.
func (h *Handshake) Header() http.Header {
	header := http.Header{}
	for rest := h.header; rest != ""; {
		var name, value string
		name, rest, _ = strings.Cut(rest, "\n")
		value, rest, _ = strings.Cut(rest, "\n")
		header[name] = append(header[name], value)
	}
	return header
}
