package engineio

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"rightnow/internal/ws"
)

// wsClient is the client's end of a WebSocket, frame by frame.
type wsClient struct {
	t testing.TB
	net.Conn
	r      *bufio.Reader
	header http.Header // of the answer to the handshake
}

// tryWS asks for a WebSocket. The client is nil unless the answer is 101.
func (r *rig) tryWS(query string, header ...string) (*wsClient, response) {
	r.t.Helper()
	c, br := r.raw(rawRequest("GET", query, append([]string{
		"Upgrade: websocket", "Connection: keep-alive, Upgrade", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	}, header...)...))
	res, err := http.ReadResponse(br, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if res.StatusCode == http.StatusSwitchingProtocols {
		return &wsClient{r.t, c, br, res.Header}, response{status: 101, header: res.Header}
	}
	defer c.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if res.Close { // ReadResponse takes the header away
		res.Header.Set("Connection", "close")
	}
	return nil, response{res.StatusCode, string(body), res.Header}
}

// ws wants a WebSocket.
func (r *rig) ws(query string, header ...string) *wsClient {
	r.t.Helper()
	w, res := r.tryWS(query, header...)
	if w == nil {
		r.t.Fatalf("handshake: %+v", res)
	}
	r.t.Cleanup(func() { w.Close() })
	return w
}

// openWS opens a session on a WebSocket.
func (r *rig) openWS(header ...string) (*tap, *wsClient) {
	r.t.Helper()
	w := r.ws("EIO=4&transport=websocket", header...)
	sidOf(r.t, w.next())
	return r.last(), w
}

// candidate asks for a WebSocket for a session.
func (r *rig) candidate(p *tap) *wsClient {
	r.t.Helper()
	return r.ws("EIO=4&transport=websocket&sid=" + p.ID())
}

// upgraded moves a session.
func (r *rig) upgraded(p *tap) *wsClient {
	r.t.Helper()
	w := r.candidate(p)
	w.text("2probe")
	w.want("3probe")
	w.text("5")
	return w
}

// frame sends one masked frame. That the server has gone meanwhile is no failure.
func (w *wsClient) frame(op ws.Opcode, payload string) {
	w.Write(ws.AppendMasked(nil, op, []byte(payload), [4]byte{1, 2, 3, 4}))
}

func (w *wsClient) text(s string) { w.frame(ws.OpText, s) }

// read returns the next message: text as it is, binary in hex behind "0x", or the error of the end: a *closed or the
// network's.
func (w *wsClient) read() (string, error) {
	var h [10]byte
	if _, err := io.ReadFull(w.r, h[:2]); err != nil {
		return "", err
	}
	n := uint64(h[1])
	switch n {
	case 126:
		io.ReadFull(w.r, h[2:4])
		n = uint64(binary.BigEndian.Uint16(h[2:]))
	case 127:
		io.ReadFull(w.r, h[2:10])
		n = binary.BigEndian.Uint64(h[2:])
	}
	if h[1]&0x80 != 0 || n > 64<<20 {
		return "", fmt.Errorf("bad frame % x", h)
	}
	p := make([]byte, n)
	if _, err := io.ReadFull(w.r, p); err != nil {
		return "", err
	}
	switch h[0] {
	case 0x81:
		return string(p), nil
	case 0x82:
		return fmt.Sprintf("0x%x", p), nil
	case 0xc1:
		return "deflated " + unzip(w.t, p), nil
	case 0x88:
		return "", closedBy(p)
	case 0x8a:
		return "pong " + string(p), nil
	}
	return "", fmt.Errorf("bad frame % x", h)
}

// zip compresses a message as permessage-deflate does, unzip undoes it.
func zip(t testing.TB, message string) string {
	t.Helper()
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(z, message)
	z.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func unzip(t testing.TB, packed []byte) string {
	t.Helper()
	message, err := io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(packed), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))))
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

// zipped sends a message of one compressed frame.
func (w *wsClient) zipped(op ws.Opcode, message string) {
	w.t.Helper()
	frame := ws.AppendMasked(nil, op, []byte(zip(w.t, message)), [4]byte{1, 2, 3, 4})
	frame[0] |= 0x40
	w.Write(frame)
}

// closed is the server's close frame.
type closed struct {
	code   int // 1005: an empty frame
	reason string
}

func (c *closed) Error() string { return fmt.Sprintf("close %d %q", c.code, c.reason) }

func closedBy(p []byte) error {
	if len(p) < 2 {
		return &closed{code: 1005}
	}
	return &closed{int(binary.BigEndian.Uint16(p)), string(p[2:])}
}

// next wants a message and returns it.
func (w *wsClient) next() string {
	w.t.Helper()
	m, err := w.read()
	if err != nil {
		w.t.Fatalf("read: %v", err)
	}
	return m
}

func (w *wsClient) want(messages ...string) {
	w.t.Helper()
	for _, want := range messages {
		if got := w.next(); got != want {
			w.t.Fatalf("got %.200q, want %.200q", got, want)
		}
	}
}

// wantClose wants a close frame next, answers it and wants the end of the stream.
func (w *wsClient) wantClose(code int) {
	w.t.Helper()
	m, err := w.read()
	var c *closed
	if !errors.As(err, &c) || c.code != code {
		w.t.Fatalf("got %q, %v; want close %d", m, err, code)
	}
	w.frame(ws.OpClose, "")
	if m, err := w.read(); err == nil {
		w.t.Fatalf("%q after the close frame", m)
	}
	w.Close()
}
