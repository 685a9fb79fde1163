package ws

import (
	"net/http"
	"strings"
)

// maxSubprotocols bounds what Subprotocols returns; nobody offers as many.
const maxSubprotocols = 64

// Subprotocols returns what the client offers in Sec-WebSocket-Protocol, in its
// order of preference, at most 64. What is no token ends the list.
func Subprotocols(r *http.Request) []string {
	var list []string
	for t := range tokens(r.Header["Sec-Websocket-Protocol"]) {
		if !isToken(t) || len(list) == maxSubprotocols {
			break
		}
		list = append(list, t)
	}
	return list
}

// hasToken reports whether the comma-separated lists hold token, in any case.
func hasToken(lists []string, token string) bool {
	for t := range tokens(lists) {
		if strings.EqualFold(t, token) {
			return true
		}
	}
	return false
}

// tokens yields the elements of comma-separated lists (RFC 9110 section 5.6.1):
// without the white space around them, and without empty ones. It looks at each
// byte a constant number of times.
func tokens(lists []string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, list := range lists {
			for t := range strings.SplitSeq(list, ",") {
				if t = strings.Trim(t, " \t"); t != "" && !yield(t) {
					return
				}
			}
		}
	}
}

// isToken reports whether s is a token of RFC 9110 section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
