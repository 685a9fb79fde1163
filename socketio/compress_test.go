package socketio_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"rightnow/socketio"
)

// emits are the ways to emit, each with whether it may be compressed.
func emits(h *harness, s *socketio.Socket) []struct {
	emit  func(string, ...any) error
	plain bool
} {
	return []struct {
		emit  func(string, ...any) error
		plain bool
	}{
		{s.Emit, false},
		{s.Compress(false).Emit, true},
		{s.Emit, false}, // the flag was for that one
		{h.io.Emit, false},
		{h.io.Compress(false).Emit, true},
		{h.io.To(s.ID()).Compress(false).Emit, true},
		{h.io.To(s.ID()).Emit, false},
		{s.Compress(false).Compress(true).Emit, false},
	}
}

// checklist: 157
func TestJ157CompressOverPolling(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).polling)
	p := c.wire.(*pollWire)
	for i, e := range emits(h, s) {
		if err := e.emit("e", strings.Repeat("long ", 1000)); err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest("GET", p.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip")
		res, err := p.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if compressed := res.Header.Get("Content-Encoding") == "gzip"; compressed == e.plain {
			t.Errorf("emit %d: compressed %v", i, compressed)
		}
	}
}

// checklist: 157
func TestJ157CompressOverWebSocket(t *testing.T) {
	h := serve(t, &socketio.Options{DeflateThreshold: 100})
	w := h.rawWS(t, "Sec-WebSocket-Extensions: permessage-deflate")
	t.Cleanup(func() { w.Close() })
	waitFor(t, func() bool { return h.io.SocketsCount() == 1 })
	for i, e := range emits(h, h.io.Sockets()[0]) {
		if err := e.emit("e", strings.Repeat("long ", 1000)); err != nil {
			t.Fatal(err)
		}
		const fin, rsv1, text = 0x80, 0x40, 1
		want := byte(fin | rsv1 | text)
		if e.plain {
			want = fin | text
		}
		if got := w.frame(t); got != want {
			t.Errorf("emit %d: the frame begins with %#x, want %#x", i, got, want)
		}
	}
}
