package engineio

import (
	"net/http"
	"strings"
)

// origins is the policy of Options.Origins: which pages of other origins may connect. It is immutable.
type origins struct {
	any     bool
	exact   map[string]bool
	domains []domainPattern
}

// domainPattern is an origin with a wildcard for one or more leading labels: prefix "https://", suffix
// ".example.com".
type domainPattern struct {
	prefix, suffix string
}

// parseOrigins reads the option; bad are the entries that can never match.
func parseOrigins(entries []string) (o origins, bad []string) {
	o.exact = make(map[string]bool)
	for _, entry := range entries {
		if entry == "*" {
			o.any = true
			continue
		}
		plain := strings.Replace(strings.TrimSuffix(entry, "/"), "://*.", "://", 1)
		origin, ok := canonicalOrigin(plain)
		switch {
		case !ok:
			bad = append(bad, entry)
		case strings.Contains(entry, "://*."):
			scheme, domain, _ := strings.Cut(origin, "://")
			o.domains = append(o.domains, domainPattern{scheme + "://", "." + domain})
		default:
			o.exact[origin] = true
		}
	}
	return o, bad
}

// allows reports whether the list lets an origin in, given in its canonical form.
func (o *origins) allows(origin string) bool {
	if o.any || o.exact[origin] {
		return true
	}
	for _, d := range o.domains {
		if d.matches(origin) {
			return true
		}
	}
	return false
}

func (d domainPattern) matches(origin string) bool {
	labels, ok := strings.CutPrefix(origin, d.prefix)
	if !ok {
		return false
	}
	labels, ok = strings.CutSuffix(labels, d.suffix)
	if !ok || labels == "" || strings.Contains("."+labels+".", "..") {
		return false
	}
	return strings.Trim(labels, "abcdefghijklmnopqrstuvwxyz0123456789-._") == ""
}

// canonicalOrigin checks that s is an origin, nothing more, and brings it into the form in which equal origins are
// equal strings: lower case, without the scheme's own port.
func canonicalOrigin(s string) (string, bool) {
	scheme, host, ok := strings.Cut(strings.ToLower(s), "://")
	if !ok || scheme == "" || host == "" || strings.ContainsAny(host, "/?#@\\*, \t") {
		return "", false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return "", false
		}
	}
	switch scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return scheme + "://" + host, host != ""
}

// sameOrigin reports whether a page of origin (canonical) was loaded from the server that the request asks for. Where
// TLS may have been taken off on the way, both schemes are the server's own.
func sameOrigin(origin string, p peer) bool {
	for _, scheme := range []string{"http", "https"} {
		if p.scheme != "" && p.scheme != scheme {
			continue
		}
		if own, ok := canonicalOrigin(scheme + "://" + p.host); ok && own == origin {
			return true
		}
	}
	return false
}

// badHeaderBytes reports bytes that no header value may have.
func badHeaderBytes(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// checkOrigin decides over the request's Origin. Without one it is no browser, or no request across origins.
func (s *Server) checkOrigin(r *http.Request, p peer) *ConnectionError {
	values := r.Header["Origin"]
	if len(values) == 0 {
		return nil
	}
	origin := values[0]
	if len(values) > 1 || badHeaderBytes(origin) {
		return badRequest("INVALID_ORIGIN")
	}
	canonical, ok := canonicalOrigin(origin)
	if s.origins.any || ok && (sameOrigin(canonical, p) || s.origins.allows(canonical)) {
		return nil
	}
	return s.foreignOrigin(origin)
}
