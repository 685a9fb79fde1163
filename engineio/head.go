package engineio

import "bytes"

// maxHead is the longest head of a poll that is remembered.
const maxHead = 8 << 10

// head is a request that has passed net/http, and all that the application put before the server, byte for byte. Another
// one that differs in nothing but the value of the query parameter t, with which clients get round caches, would pass in
// the same way. It is immutable; the zero value matches nothing.
type head struct {
	raw      []byte
	from, to int // where the value of t stands in raw; from 0: there is none
}

// newHead remembers raw, which must be one whole head. It takes ownership of the bytes.
func newHead(raw []byte) head {
	h := head{raw: raw}
	line, _, _ := bytes.Cut(raw, []byte("\r\n"))
	query := bytes.IndexByte(line, '?')
	if query < 0 {
		return h
	}
	for at := query + 1; at <= len(line); {
		end := at + tokenEnd(line[at:])
		if bytes.HasPrefix(line[at:], []byte("t=")) {
			if to := at + 2 + valueEnd(line[at+2:]); to == end {
				h.from, h.to = at+2, to
			}
			return h
		}
		if end == len(line) || line[end] != '&' {
			return h
		}
		at = end + 1
	}
	return h
}

// tokenEnd is where a parameter of a query ends.
func tokenEnd(p []byte) int {
	if i := bytes.IndexAny(p, "& "); i >= 0 {
		return i
	}
	return len(p)
}

// valueEnd is the end of the characters that mean nothing but themselves in a query (RFC 3986 section 2.3): no value made
// of them changes what stands around it.
func valueEnd(p []byte) int {
	for i, c := range p {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
		default:
			return i
		}
	}
	return len(p)
}

// matches reports that p is the remembered request once more, and nothing else.
func (h *head) matches(p []byte) bool {
	if h.from == 0 {
		return len(h.raw) > 0 && bytes.Equal(p, h.raw)
	}
	if len(p) < h.from || !bytes.Equal(p[:h.from], h.raw[:h.from]) {
		return false
	}
	p = p[h.from:]
	return bytes.Equal(p[valueEnd(p):], h.raw[h.to:])
}

// asksFor reports that p is one whole head, nothing more and nothing less, of a GET in whose target the session's id
// stands: the first request that net/http finds in p then ends where p does.
func asksFor(p []byte, sid string) bool {
	if len(p) > maxHead || !bytes.HasPrefix(p, []byte("GET ")) || !bytes.HasSuffix(p, []byte("\r\n\r\n")) {
		return false
	}
	line, lines, _ := bytes.Cut(p, []byte("\r\n"))
	if !bytes.Contains(line, []byte(sid)) {
		return false
	}
	for i, c := range lines { // a line feed alone would end a line for net/http too, and the head
		if c == '\n' && (i == 0 || lines[i-1] != '\r') {
			return false
		}
	}
	return bytes.IndexByte(line, '\n') < 0 && bytes.Index(p, []byte("\r\n\r\n")) == len(p)-4
}
