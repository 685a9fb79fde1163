package ws

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/memnet"
)

// untouched is a ResponseWriter that must not be used.
type untouched struct{ t *testing.T }

func (u untouched) Header() http.Header       { u.t.Error("header touched"); return http.Header{} }
func (u untouched) Write([]byte) (int, error) { u.t.Error("written"); return 0, nil }
func (u untouched) WriteHeader(int)           { u.t.Error("status written") }
func (u untouched) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	u.t.Error("hijacked")
	return nil, nil, http.ErrNotSupported
}

// asked is a good handshake, changed by the pairs of header and value given; an
// empty value removes the header.
func asked(changes ...string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header = http.Header{
		"Connection":            {"Upgrade"},
		"Upgrade":               {"websocket"},
		"Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key":     {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	for i := 0; i < len(changes); i += 2 {
		r.Header.Del(changes[i])
		if changes[i+1] != "" {
			r.Header[changes[i]] = strings.Split(changes[i+1], "\n")
		}
	}
	return r
}

func TestHandshakeRefused(t *testing.T) {
	const conn, upg, ver, key = "Connection", "Upgrade", "Sec-Websocket-Version", "Sec-Websocket-Key"
	post := asked()
	post.Method = "POST"
	old := asked()
	old.ProtoMinor = 0
	body := asked()
	body.ContentLength = 5
	chunked := asked()
	chunked.ContentLength = -1
	for name, test := range map[string]struct {
		r      *http.Request
		status int
	}{
		"post":                   {post, 405},
		"http 1.0":               {old, 400},
		"body":                   {body, 400},
		"chunked body":           {chunked, 400},
		"no connection":          {asked(conn, ""), 400},
		"keep-alive":             {asked(conn, "keep-alive"), 400},
		"upgrade in a word":      {asked(conn, "no-upgrade, upgrades"), 400},
		"no upgrade":             {asked(upg, ""), 400},
		"h2c":                    {asked(upg, "h2c"), 400},
		"upgrade to a prefix":    {asked(upg, "websocket2"), 400},
		"no version":             {asked(ver, ""), 426},
		"version 8":              {asked(ver, "8"), 426},
		"two versions":           {asked(ver, "13\n8"), 426},
		"two versions in one":    {asked(ver, "13, 8"), 426},
		"no key":                 {asked(key, ""), 400},
		"two keys":               {asked(key, "dGhlIHNhbXBsZSBub25jZQ==\ndGhlIHNhbXBsZSBub25jZQ=="), 400},
		"short key":              {asked(key, "dGhlIHNhbXBsZSBub25j"), 400},
		"long key":               {asked(key, strings.Repeat("dGhlIHNhbXBsZSBub25j", 4000)), 400},
		"key not base64":         {asked(key, "dGhlIHNhbXBsZSBub25jZ!=="), 400},
		"key of 17 bytes":        {asked(key, "dGhlIHNhbXBsZSBub25jZWU="), 400},
		"key of 18 bytes":        {asked(key, "dGhlIHNhbXBsZSBub25jZWVl"), 400},
		"nothing of it":          {httptest.NewRequest("GET", "/", nil), 400},
		"list that never starts": {asked(conn, strings.Repeat(" ,\t,", 100_000)), 400},
	} {
		c, err := Upgrade(untouched{t}, test.r, nil, nil)
		var refused *HandshakeError
		if c != nil || !errors.As(err, &refused) || refused.Status != test.status || refused.Reason == "" {
			t.Errorf("%s: %v, want %d", name, err, test.status)
		}
	}
}

func TestHandshakeErrorHeader(t *testing.T) {
	h := http.Header{}
	(&HandshakeError{Status: 426}).SetHeader(h)
	if h.Get("Sec-WebSocket-Version") != "13" || h.Get("Upgrade") != "websocket" {
		t.Errorf("426 with %v", h)
	}
	h = http.Header{}
	(&HandshakeError{Status: 405}).SetHeader(h)
	if h.Get("Allow") != "GET" {
		t.Errorf("405 with %v", h)
	}
}

func TestHandshakeAccepted(t *testing.T) {
	for name, r := range map[string]*http.Request{
		"plain":         asked(),
		"firefox":       asked("Connection", "keep-alive, Upgrade"),
		"two lines":     asked("Connection", "keep-alive\nUPGRADE"),
		"any case":      asked("Connection", "uPGRADE", "Upgrade", "WebSocket"),
		"empty members": asked("Connection", ", ,\tupgrade ,"),
		"more upgrades": asked("Upgrade", "h2c, websocket"),
		"extensions":    asked("Sec-Websocket-Extensions", `permessage-deflate; x="unclosed`),
	} {
		if err := checkHandshake(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := acceptKey("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // RFC 6455 section 1.3
		t.Errorf("accept key %s", got)
	}
}

func TestSubprotocols(t *testing.T) {
	for _, test := range []struct {
		header string
		want   []string
	}{
		{"", nil},
		{"chat", []string{"chat"}},
		{"actioncable-v1-json, actioncable-unsupported", []string{"actioncable-v1-json", "actioncable-unsupported"}},
		{" a ,,\tb\nc", []string{"a", "b", "c"}},
		{"constructor, __proto__", []string{"constructor", "__proto__"}},
		{`a, b c, d`, []string{"a"}},
		{`"quoted", b`, nil},
		{`"unclosed, b`, nil},
		{strings.Repeat(",", 1<<20), nil},
		{strings.Repeat("x,", 1000), slices.Repeat([]string{"x"}, maxSubprotocols)},
	} {
		if got := Subprotocols(asked("Sec-Websocket-Protocol", test.header)); !slices.Equal(got, test.want) {
			t.Errorf("%.40q: %q, want %q", test.header, got, test.want)
		}
	}
}

// httpServer serves f over memnet and returns how to connect.
func httpServer(t *testing.T, l net.Listener, f http.HandlerFunc) {
	srv := &http.Server{Handler: f, ReadTimeout: time.Second, WriteTimeout: time.Second}
	done := make(chan bool)
	go func() { srv.Serve(l); close(done) }()
	t.Cleanup(func() { srv.Close(); <-done })
}

// TestUpgrade goes through net/http: the answer's bytes, frames sent in the
// same write as the request, and no deadline of the HTTP server left over.
func TestUpgrade(t *testing.T) { synctest.Test(t, testUpgrade) }

func testUpgrade(t *testing.T) {
	l := memnet.Listen()
	ended := make(chan error, 1)
	httpServer(t, l, func(w http.ResponseWriter, r *http.Request) {
		extra := http.Header{
			"X-Session": {"one", "two"}, "X-Bad": {"a\r\nInjected: b"}, "Connection": {"close"},
			"Sec-Websocket-Extensions": {"permessage-deflate"}, "Bad Name": {"x"},
		}
		c, err := Upgrade(w, r, extra, &Options{Subprotocol: "chat"})
		if err != nil {
			t.Error(err)
			return
		}
		c.Serve(&echoHandler{c: c, ended: ended})
	})
	nc, err := l.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	request := strings.Replace(fmt.Sprintf(handshake, "/"), "\r\n\r\n", "\r\nSec-WebSocket-Protocol: other, chat\r\n\r\n", 1)
	c := newClient(t, nc)
	c.send(join([]byte(request), raw(0x81, "early"), raw(0x81, "half a frame")[:5]), 0)
	const want = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n" +
		"X-Bad: a  Injected: b\r\nX-Session: one\r\nX-Session: two\r\n\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c.r, got); err != nil || string(got) != want {
		t.Fatalf("%v, answer:\n%s", err, got)
	}
	c.want(text("early"))
	time.Sleep(time.Hour) // beyond the timeouts of the HTTP server
	c.send(raw(0x81, "half a frame")[5:], 0)
	c.want(text("half a frame"))
	c.send(closeFrame(1000, ""), 0)
	c.wantClose(1000)
	c.wantEnd()
	<-ended
}

// TestUpgradeUnoffered wants no subprotocol that the client did not offer.
func TestUpgradeUnoffered(t *testing.T) {
	answer := string(handshakeAnswer(asked("Sec-Websocket-Protocol", "other"), nil, &Options{Subprotocol: "chat"}))
	if strings.Contains(answer, "chat") || !strings.HasSuffix(answer, "=\r\n\r\n") {
		t.Errorf("answer:\n%s", answer)
	}
}

// noHijack is a ResponseWriter whose connection cannot be taken over.
type noHijack struct{ http.ResponseWriter }

func TestUpgradeNotHijackable(t *testing.T) {
	rec := httptest.NewRecorder()
	_, err := Upgrade(noHijack{rec}, asked(), nil, nil)
	var refused *HandshakeError
	if !errors.As(err, &refused) || refused.Status != 500 {
		t.Errorf("%v", err)
	}
	if rec.Body.Len() != 0 || len(rec.Header()) != 0 {
		t.Error("something was written")
	}
}

// hijacked hands out a connection, with bytes read beyond the request.
type hijacked struct {
	http.ResponseWriter
	nc    net.Conn
	early string
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	br := bufio.NewReaderSize(strings.NewReader(h.early), len(h.early)+16)
	br.Peek(len(h.early))
	return h.nc, bufio.NewReadWriter(br, nil), nil
}

// TestUpgradeFails wants the connection closed after an error behind the
// hijack, and no *HandshakeError, because there is nothing to answer on.
func TestUpgradeFails(t *testing.T) {
	for name, test := range map[string]struct {
		early string
		spoil func(*memnet.Conn)
	}{
		"flood": {strings.Repeat("x", maxEarly+1), func(*memnet.Conn) {}},
		"reset": {"", func(c *memnet.Conn) { c.Reset() }},
		"gone":  {"", func(c *memnet.Conn) { c.Close() }},
	} {
		a, b := memnet.Pipe(0)
		test.spoil(b)
		_, err := Upgrade(hijacked{nil, a, test.early}, asked(), nil, nil)
		var refused *HandshakeError
		if err == nil || errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := a.Write([]byte("x")); err == nil {
			t.Errorf("%s: not closed", name)
		}
	}
}

// tlsConfig borrows the certificate of httptest.
func tlsConfig() *tls.Config {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	return &tls.Config{Certificates: s.TLS.Certificates, InsecureSkipVerify: true}
}

func tlsPair(t *testing.T) (server, client *tls.Conn, below net.Conn) {
	a, b := smallPair(t)
	conf := tlsConfig()
	server, client = tls.Server(a, conf), tls.Client(b, conf)
	done := make(chan error, 1)
	go func() { done <- server.Handshake() }()
	if err := errors.Join(client.Handshake(), <-done); err != nil {
		t.Fatal(err)
	}
	return server, client, b
}

func TestTLS(t *testing.T) {
	t.Run("echo", func(t *testing.T) {
		server, other, _ := tlsPair(t)
		c, h := serveEcho(t, server, other, &Options{QueueLimit: 16 << 20})
		for _, n := range []int{0, 1, smallRead - 6, smallRead, readSize, 100_000, 900_000} {
			p := strings.Repeat("x", n)
			go c.send(raw(0x81, p), 0)
			c.want(text(p))
		}
		c.send(closeFrame(1000, ""), 0)
		c.wantClose(1000)
		if _, err := c.r.ReadByte(); err != io.EOF { // not io.ErrUnexpectedEOF: TLS said goodbye
			t.Errorf("end: %v", err)
		}
		<-h.ended
	})
	t.Run("abort while stuck", func(t *testing.T) {
		server, other, below := tlsPair(t)
		defer other.Close()
		c, h := serveEcho(t, server, below, &Options{QueueLimit: 16 << 20})
		h.c.Push(make([]byte, 10<<20))
		h.c.Flush()
		start := time.Now()
		h.c.Abort(io.ErrNoProgress)
		if err := <-h.ended; err != io.ErrNoProgress {
			t.Error(err)
		}
		if took := time.Since(start); took > 4*time.Second { // TLS would wait for 5 s
			t.Errorf("took %v", took)
		}
		c.Close()
	})
	t.Run("slow", func(t *testing.T) {
		server, other, below := tlsPair(t)
		defer other.Close()
		_, h := serveEcho(t, server, below, &Options{QueueLimit: 16 << 20, WriteTimeout: 20 * time.Millisecond})
		h.c.Push(make([]byte, 10<<20))
		h.c.Flush()
		if err := <-h.ended; err != ErrSlow {
			t.Error(err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		server, other, _ := tlsPair(t)
		c, h := serveEcho(t, server, other, nil)
		c.send(join(raw(0xff, ""), raw(0x81, strings.Repeat("x", 20_000))), 0)
		c.wantClose(1002)
		c.wantEnd()
		c.Close()
		<-h.ended
	})
}

// FuzzHandshake wants the header parsers to agree with each other and the
// answer to hold what was asked for, whatever the headers are.
func FuzzHandshake(f *testing.F) {
	f.Add("Upgrade", "websocket", "13", "dGhlIHNhbXBsZSBub25jZQ==", "chat", "permessage-deflate; client_max_window_bits")
	f.Add("keep-alive, Upgrade", "h2c,websocket", "8", "", "a, b ,c", "")
	f.Add(",,\t ,upgrade", "WebSocket\x00", "13\r\n", "====", `"unclosed, chat`, `a; b="\"unclosed`)
	f.Add("constructor", "__proto__", "", "dGhlIHNhbXBsZSBub25jZWU=", "é,chat", "constructor, __proto__")
	f.Fuzz(func(t *testing.T, connection, upgrade, version, key, protocols, extensions string) {
		r := asked()
		r.Header = http.Header{
			"Connection": {connection}, "Upgrade": {upgrade}, "Sec-Websocket-Version": {version},
			"Sec-Websocket-Key": {key}, "Sec-Websocket-Protocol": {protocols}, "Sec-Websocket-Extensions": {extensions},
		}
		err := checkHandshake(r)
		var refused *HandshakeError
		if err != nil && (!errors.As(err, &refused) || refused.Status < 400) {
			t.Errorf("refused with %v", err)
		}
		offered := Subprotocols(r)
		for _, p := range offered {
			if !isToken(p) || !hasToken([]string{protocols}, p) {
				t.Errorf("offered %q out of %q", p, protocols)
			}
		}
		if err != nil {
			return
		}
		answer := string(handshakeAnswer(r, nil, &Options{Subprotocol: "chat"}))
		if slices.Contains(offered, "chat") != strings.Contains(answer, "Protocol: chat\r\n") {
			t.Errorf("%q offered, answer:\n%s", offered, answer)
		}
		resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
		if err != nil || resp.StatusCode != 101 || resp.Header.Get("Sec-Websocket-Accept") != acceptKey(key) ||
			resp.Header.Get("Sec-Websocket-Extensions") != "" {
			t.Errorf("%v, answer:\n%s", err, answer)
		}
	})
}
