package ws

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"
)

const (
	version = "13"                                   // section 4.1
	keyGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" // section 1.3
	keySize = 16
	// maxEarly bounds what a client may send before it has seen the answer.
	// net/http buffers 4 KiB; only a foreign server could hold more.
	maxEarly = 64 << 10
)

// ourHeaders are the headers of the answer that extra must not set.
var ourHeaders = map[string]bool{
	"Upgrade": true, "Connection": true, "Content-Length": true, "Transfer-Encoding": true,
	"Sec-Websocket-Accept": true, "Sec-Websocket-Extensions": true,
	"Sec-Websocket-Protocol": true, "Sec-Websocket-Version": true,
}

// Upgrade checks the WebSocket handshake in r, takes the connection over from
// net/http and answers 101 with the extra header. A bad handshake is a
// *HandshakeError, and then nothing has been written: the caller answers. After
// any other error the connection is closed already. Nothing of w and r is kept.
// The origin of the request is not looked at.
func Upgrade(w http.ResponseWriter, r *http.Request, extra http.Header, opts *Options) (*Conn, error) {
	if err := checkHandshake(r); err != nil {
		return nil, err
	}
	o := opts.withDefaults()
	o.Deflate = o.Deflate && offersDeflate(r.Header["Sec-Websocket-Extensions"])
	answer := handshakeAnswer(r, extra, &o)
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, &HandshakeError{http.StatusInternalServerError, "connection cannot be taken over"}
	}
	early, err := takeEarly(rw.Reader)
	if err == nil {
		err = writeAnswer(nc, answer, o.WriteTimeout)
	}
	if err != nil {
		_ = nc.Close()
		return nil, fmt.Errorf("ws: upgrade: %w", err)
	}
	return NewConn(nc, early, &o), nil
}

// checkHandshake checks what section 4.2.1 asks of the request.
func checkHandshake(r *http.Request) error {
	refuse := func(status int, reason string) error { return &HandshakeError{status, reason} }
	h := r.Header
	switch {
	case r.Method != http.MethodGet:
		return refuse(http.StatusMethodNotAllowed, "method is not GET")
	case !r.ProtoAtLeast(1, 1):
		return refuse(http.StatusBadRequest, "HTTP before 1.1")
	case !hasToken(h["Connection"], "upgrade"):
		return refuse(http.StatusBadRequest, "no upgrade in the Connection header")
	case !hasToken(h["Upgrade"], "websocket"):
		return refuse(http.StatusBadRequest, "no websocket in the Upgrade header")
	case r.ContentLength != 0:
		return refuse(http.StatusBadRequest, "request has a body")
	case !slices.Equal(h["Sec-Websocket-Version"], []string{version}):
		return refuse(http.StatusUpgradeRequired, "Sec-WebSocket-Version is not 13")
	case !validKey(h["Sec-Websocket-Key"]):
		return refuse(http.StatusBadRequest, "bad Sec-WebSocket-Key")
	}
	return nil
}

// validKey reports whether there is one key, of 16 bytes in base64.
func validKey(keys []string) bool {
	if len(keys) != 1 || len(keys[0]) != base64.StdEncoding.EncodedLen(keySize) {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(keys[0])
	return err == nil && len(key) == keySize
}

// acceptKey answers a key (section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + keyGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// handshakeAnswer makes the answer to a handshake that has been checked.
func handshakeAnswer(r *http.Request, extra http.Header, o *Options) []byte {
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
	b.WriteString(acceptKey(r.Header["Sec-Websocket-Key"][0]))
	b.WriteString("\r\n")
	if o.Subprotocol != "" && slices.Contains(Subprotocols(r), o.Subprotocol) {
		b.WriteString("Sec-WebSocket-Protocol: " + o.Subprotocol + "\r\n")
	}
	if o.Deflate {
		b.WriteString("Sec-WebSocket-Extensions: " + deflateAnswer + "\r\n")
	}
	_ = extra.WriteSubset(&b, ourHeaders) // a bytes.Buffer does not fail; line breaks become spaces
	b.WriteString("\r\n")
	return b.Bytes()
}

// takeEarly copies what net/http has read beyond the request, so that its
// buffers can go.
func takeEarly(br *bufio.Reader) ([]byte, error) {
	n := br.Buffered()
	if n > maxEarly {
		return nil, fmt.Errorf("%d bytes before the answer", n)
	}
	p, err := br.Peek(n)
	return bytes.Clone(p), err
}

// writeAnswer sends the answer and leaves nc without deadlines, which net/http
// or the caller may have set.
func writeAnswer(nc net.Conn, answer []byte, timeout time.Duration) error {
	if err := nc.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	if _, err := nc.Write(answer); err != nil {
		return err
	}
	return nc.SetDeadline(time.Time{})
}
