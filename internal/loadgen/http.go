package loadgen

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// maxHead is the longest head of an HTTP answer in bytes.
const maxHead = 16 << 10

// A response is one answer of an HTTP/1.1 server. The bytes are part of those it
// was parsed from.
type response struct {
	status int
	body   []byte
	accept []byte // Sec-WebSocket-Accept
	closes bool   // the server closes the connection after it
}

var (
	errNoHTTP   = errors.New("no HTTP/1.1")
	errHead     = fmt.Errorf("an HTTP head of more than %d bytes", maxHead)
	errLength   = errors.New("an HTTP answer without its length")
	errChunk    = errors.New("an HTTP chunk without a good length")
	errTooLong  = fmt.Errorf("an HTTP answer of more than %d bytes", maxMessage)
	httpVersion = []byte("HTTP/1.")
	endOfHead   = []byte("\r\n\r\n")
	endOfLine   = []byte("\r\n")
)

// parseResponse parses the first answer in data. n is its length, or 0 when data
// holds only a part of it. Chunks are joined within data.
func parseResponse(data []byte) (r response, n int, err error) {
	if m := min(len(data), len(httpVersion)); !bytes.Equal(data[:m], httpVersion[:m]) {
		return response{}, 0, fmt.Errorf("%w, but %s", errNoHTTP, quote(data))
	}
	head := bytes.Index(data, endOfHead)
	switch {
	case head < 0 && len(data) > maxHead, head > maxHead:
		return response{}, 0, errHead
	case head < 0:
		return response{}, 0, nil
	}
	r, length, err := parseHead(data[:head])
	if err != nil {
		return response{}, 0, err
	}
	n = head + len(endOfHead)
	switch {
	case r.status < 200 || r.status == 204 || r.status == 304: // have no body
		return r, n, nil
	case length == chunked:
		r.body, length, err = joinChunks(data[n:])
		if err != nil || length == 0 {
			return response{}, 0, err
		}
		return r, n + length, nil
	case length == unknown && r.status >= 400: // what it says matters less than that it says no
		r.closes = true
		return r, len(data), nil
	case length == unknown:
		return response{}, 0, errLength
	case length > maxMessage:
		return response{}, 0, errTooLong
	case len(data) < n+length:
		return response{}, 0, nil
	}
	r.body = data[n : n+length]
	return r, n + length, nil
}

// Lengths of bodies that have none in their head.
const (
	unknown = -1
	chunked = -2
)

// parseHead parses the status line and the headers that matter here. length is
// the body's.
func parseHead(head []byte) (r response, length int, err error) {
	line, rest, _ := bytes.Cut(head, endOfLine)
	if len(line) < len("HTTP/1.1 200") {
		return r, 0, fmt.Errorf("%w, but %s", errNoHTTP, quote(line))
	}
	r.status, err = strconv.Atoi(string(line[9:12]))
	if err != nil || r.status < 100 {
		return r, 0, fmt.Errorf("%w, but %s", errNoHTTP, quote(line))
	}
	r.closes = line[7] == '0' // HTTP/1.0
	length = unknown
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, endOfLine)
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")) && length != chunked:
			length, err = strconv.Atoi(string(value))
			if err != nil || length < 0 {
				return r, 0, fmt.Errorf("a Content-Length of %s", quote(value))
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")) && bytes.EqualFold(value, []byte("chunked")):
			length = chunked
		case bytes.EqualFold(name, []byte("Connection")) && bytes.EqualFold(value, []byte("close")):
			r.closes = true
		case bytes.EqualFold(name, []byte("Sec-WebSocket-Accept")):
			r.accept = value
		}
	}
	return r, length, nil
}

// joinChunks joins the chunks of a body (RFC 9112, 7.1) at the beginning of data,
// once all are there. n is their length with everything around them, 0 for a part.
func joinChunks(data []byte) (body []byte, n int, err error) {
	if n, err = walkChunks(data, func([]byte) {}); n == 0 || err != nil {
		return nil, 0, err
	}
	end := 0
	_, _ = walkChunks(data, func(chunk []byte) { end += copy(data[end:], chunk) }) // it went well before
	return data[:end], n, nil
}

// walkChunks shows each chunk to visit. n is 0 when the last one is not there yet.
// A visit may overwrite what lies before the end of its chunk.
func walkChunks(data []byte, visit func([]byte)) (n int, err error) {
	for {
		line := bytes.Index(data[n:], endOfLine)
		if line < 0 {
			if len(data)-n > maxHead {
				return 0, errChunk
			}
			return 0, nil
		}
		digits, _, _ := bytes.Cut(data[n:n+line], []byte(";"))
		size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 32)
		if err != nil || size > maxMessage {
			return 0, errChunk
		}
		n += line + len(endOfLine)
		if size == 0 {
			return endOfTrailer(data, n)
		}
		if len(data) < n+int(size)+len(endOfLine) {
			return 0, nil
		}
		chunk := data[n : n+int(size)]
		n += int(size)
		if !bytes.HasPrefix(data[n:], endOfLine) {
			return 0, errChunk
		}
		n += len(endOfLine)
		visit(chunk)
	}
}

// endOfTrailer is where the trailer that begins at n ends: with an empty line.
func endOfTrailer(data []byte, n int) (int, error) {
	for {
		line := bytes.Index(data[n:], endOfLine)
		if line < 0 {
			if len(data)-n > maxHead {
				return 0, errHead
			}
			return 0, nil
		}
		n += line + len(endOfLine)
		if line == 0 {
			return n, nil
		}
	}
}

// packetSeparator stands between the packets of a polling payload.
var packetSeparator = []byte{0x1e}
