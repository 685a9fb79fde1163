package loadgen

import (
	"bytes"
	"strings"
	"testing"
)

func TestParseResponse(t *testing.T) {
	ok := "HTTP/1.1 200 OK\r\n"
	long := strings.Repeat("x", maxHead)
	for name, test := range map[string]struct {
		data   string
		status int
		body   string
		closes bool
		rest   string // what follows the answer
		part   bool
		err    error
	}{
		"nothing":               {part: true},
		"beginning":             {data: "HTT", part: true},
		"head without end":      {data: ok + "A: b\r\n", part: true},
		"length":                {data: ok + "Content-Length: 2\r\n\r\nok", status: 200, body: "ok"},
		"length, other case":    {data: ok + "content-length:2\r\n\r\nok", status: 200, body: "ok"},
		"length, more follows":  {data: ok + "Content-Length: 2\r\n\r\nokHTTP", status: 200, body: "ok", rest: "HTTP"},
		"length, body cut":      {data: ok + "Content-Length: 2\r\n\r\no", part: true},
		"empty body":            {data: ok + "Content-Length: 0\r\n\r\n", status: 200},
		"closes":                {data: ok + "Connection: close\r\nContent-Length: 0\r\n\r\n", status: 200, closes: true},
		"HTTP/1.0":              {data: "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, closes: true},
		"chunks":                {data: ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n42\r\n10;a=b\r\n0123456789abcdef\r\n0\r\n\r\n", status: 200, body: "420123456789abcdef"},
		"chunks with a trailer": {data: ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n42\r\n0\r\nA: b\r\n\r\nrest", status: 200, body: "42", rest: "rest"},
		"no chunk":              {data: ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", status: 200},
		"chunks without end":    {data: ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n42\r\n", part: true},
		"chunk cut":             {data: ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n4", part: true},
		"chunks beat length":    {data: ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", status: 200},
		"chunk of no length":    {data: ok + "Transfer-Encoding: chunked\r\n\r\nxy\r\n", err: errChunk},
		"chunk that goes on":    {data: ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n42xx0\r\n\r\n", err: errChunk},
		"endless chunk":         {data: ok + "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", err: errChunk},
		"endless chunk length":  {data: ok + "Transfer-Encoding: chunked\r\n\r\n" + long + "0", err: errChunk},
		"endless trailer":       {data: ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + long + "0", err: errHead},
		"101":                   {data: "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x00", status: 101, rest: "\x81\x00"},
		"204":                   {data: "HTTP/1.1 204 No Content\r\n\r\n", status: 204},
		"error":                 {data: "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}", status: 400, body: "{}"},
		"error without length":  {data: "HTTP/1.1 503 No\r\n\r\nbusy", status: 503, closes: true},
		"no length":             {data: ok + "\r\nbody", err: errLength},
		"length of words":       {data: ok + "Content-Length: two\r\n\r\n", err: errAny},
		"length below 0":        {data: ok + "Content-Length: -2\r\n\r\n", err: errAny},
		"length beyond":         {data: ok + "Content-Length: 99999999\r\n\r\n", err: errTooLong},
		"garbage":               {data: "SSH-2.0-OpenSSH_9.6\r\n", err: errNoHTTP},
		"garbage at once":       {data: "S", err: errNoHTTP},
		"status of words":       {data: "HTTP/1.1 two OK\r\n\r\n", err: errNoHTTP},
		"short status line":     {data: "HTTP/1.1 20\r\n\r\n", err: errNoHTTP},
		"endless head":          {data: ok + long, err: errHead},
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(test.data)
			r, n, err := parseResponse(data)
			if !matches(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if (n == 0) != (test.part || test.err != nil) {
				t.Fatalf("%d bytes of %d", n, len(data))
			}
			if r.status != test.status || string(r.body) != test.body || r.closes != test.closes {
				t.Errorf("%+v, want %+v", r, test)
			}
			if n > 0 && string(data[n:]) != test.rest {
				t.Errorf("%q follows, want %q", data[n:], test.rest)
			}
		})
	}
}

// FuzzParseResponse wants the same of a stream however it is cut.
func FuzzParseResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), 40)
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n42\r\n0\r\n\r\n"), 50)
	f.Add([]byte("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n\r\n"), 3)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		if cut < 0 || cut >= len(data) {
			return
		}
		first := bytes.Clone(data[:cut])
		whole, n, err := parseResponse(data)
		if n < 0 || n > len(data) || len(whole.body) > n {
			t.Fatalf("%d bytes with a body of %d, from %d", n, len(whole.body), len(data))
		}
		part, m, partErr := parseResponse(first)
		switch {
		case partErr != nil && err == nil && n > 0:
			t.Fatalf("the first %d bytes are wrong: %v", cut, partErr)
		case m > 0 && part.status < 400 && (m != n || !bytes.Equal(part.body, whole.body)):
			t.Fatalf("the first %d bytes are another answer: %v, not %v", cut, part, whole)
		}
	})
}
