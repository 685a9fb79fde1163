package socketio_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"rightnow/socketio"

	"github.com/coder/websocket"
)

// client returns an HTTP client for the harness that decodes nothing.
func (h *harness) client(t testing.TB) *http.Client {
	transport := &http.Transport{DialContext: h.dial, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// deflating connects a client that takes compressed messages.
func (h *harness) deflating() *client {
	h.t.Helper()
	w := h.dialWith("EIO=4&transport=websocket", &websocket.DialOptions{CompressionMode: websocket.CompressionNoContextTakeover})
	if _, _, err := w.conn.Read(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	return &client{h.t, w}
}

// However many clients a broadcast has, it is compressed once, and not at all when it is not worth it.
func TestABroadcastIsDeflatedOnce(t *testing.T) {
	for name, parser := range map[string]socketio.Parser{"JSON": nil, "MessagePack": socketio.MessagePack()} {
		t.Run(name, func(t *testing.T) {
			h := serve(t, &socketio.Options{DeflateThreshold: 100, Parser: parser})
			clients := make([]*client, 30)
			for i := range clients {
				clients[i] = h.deflating()
				if parser == nil {
					clients[i].write("0")
				} else {
					wire, _ := parser.Encode(&socketio.Packet{Type: socketio.PacketConnect, Namespace: "/"})
					clients[i].writeBinary(wire[0].Data)
				}
				clients[i].read()
			}
			text := strings.Repeat("hello ", 1000)
			all := func(emit func()) {
				t.Helper()
				emit()
				for _, c := range clients {
					if got := c.read(); len(got) < len(text) {
						t.Fatalf("got %.100q", got)
					}
				}
			}
			deflated := func(want uint64) {
				t.Helper()
				if got := h.io.Engine().Stats().Deflated; got != want {
					t.Errorf("%d frames were compressed, want %d", got, want)
				}
			}
			all(func() { h.io.Emit("x", text) })
			deflated(1)
			all(func() { h.io.Emit("x", text) })
			deflated(2)
			all(func() { h.io.Compress(false).Emit("x", text) })
			deflated(2)
			for _, s := range h.io.Sockets() {
				s.Compress(false).Emit("x", text)
			}
			all(func() {})
			deflated(2)
		})
	}
}

// checklist: 44, 45, 46, 157
func TestPollsAreCompressed(t *testing.T) {
	text := strings.Repeat("hello ", 1000)
	for name, c := range map[string]struct {
		options socketio.Options
		emit    func(s *socketio.Socket)
		gzip    bool
	}{
		"by default":             {emit: func(s *socketio.Socket) { s.Emit("x", text) }, gzip: true},
		"not on request":         {emit: func(s *socketio.Socket) { s.Compress(false).Emit("x", text) }},
		"not on request, to all": {emit: func(s *socketio.Socket) { s.Namespace().Compress(false).Emit("x", text) }},
		"one of them may be": {emit: func(s *socketio.Socket) {
			s.Compress(false).Emit("x", text)
			s.Emit("x", text)
		}, gzip: true},
		"small ones are not": {emit: func(s *socketio.Socket) { s.Emit("x", "hello") }},
		"switched off":       {socketio.Options{CompressThreshold: -1}, func(s *socketio.Socket) { s.Emit("x", text) }, false},
		"another threshold":  {socketio.Options{CompressThreshold: 10}, func(s *socketio.Socket) { s.Emit("x", "hello") }, true},
		"for MessagePack, not on request": {socketio.Options{Parser: socketio.MessagePack()}, func(s *socketio.Socket) {
			s.Compress(false).Emit("x", text)
		}, false},
		"the flag is for one event": {emit: func(s *socketio.Socket) {
			flagged := s.Compress(false)
			flagged.Compress(true).Emit("x", text)
		}, gzip: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := c.options
			o.AllowEIO3 = true // whose clients join without asking
			h := serve(t, &o)
			joined := make(chan *socketio.Socket, 1)
			h.io.OnConnect(func(s *socketio.Socket) { joined <- s })
			p := h.polling3()
			s := receive(t, joined)
			p.read()
			c.emit(s)
			r, err := http.NewRequest("GET", p.wire.(*poll3Wire).url, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept-Encoding", "gzip, deflate, br")
			res, err := h.client(t).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if got := res.Header.Get("Content-Encoding") == "gzip"; got != c.gzip {
				t.Errorf("encoding %q", res.Header.Get("Content-Encoding"))
			}
			var body io.Reader = res.Body
			if c.gzip {
				if body, err = gzip.NewReader(body); err != nil {
					t.Fatal(err)
				}
			}
			if all, err := io.ReadAll(body); err != nil || !strings.Contains(string(all), "hello") && o.Parser == nil {
				t.Errorf("got %.100q, %v", all, err)
			}
		})
	}
}
