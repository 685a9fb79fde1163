package engineio_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rightnow/engineio"

	"github.com/coder/websocket"
)

// counting counts the bytes that a client reads.
type counting struct {
	net.Conn
	read int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read += n
	return n, err
}

// A client that offers compression gets large messages compressed, small ones and those marked plain not,
// and its own compressed ones are read.
func TestDeflate(t *testing.T) {
	for name, mode := range map[string]websocket.CompressionMode{
		"context": websocket.CompressionContextTakeover, "no context": websocket.CompressionNoContextTakeover, "none": websocket.CompressionDisabled,
	} {
		t.Run(name, func(t *testing.T) {
			got := make(chan string, 1)
			sessions := make(chan *engineio.Session, 1)
			server := engineio.New(&engineio.Options{DeflateThreshold: 100, OnSession: func(s *engineio.Session) engineio.SessionHandler {
				sessions <- s
				return collecting(got)
			}})
			web := httptest.NewServer(server)
			defer web.Close()
			defer server.Shutdown(t.Context())
			var wire *counting
			client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				wire = &counting{Conn: c}
				return wire, err
			}}}
			conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(web.URL, "http")+"/?EIO=4&transport=websocket",
				&websocket.DialOptions{HTTPClient: client, CompressionMode: mode, CompressionThreshold: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			conn.SetReadLimit(1 << 20)
			if _, _, err := conn.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			s := <-sessions
			text := strings.Repeat("hello ", 2000)
			size := func(f *engineio.Frame, want string) int {
				before := wire.read
				s.Send(f)
				s.Flush()
				_, data, err := conn.Read(t.Context())
				if err != nil || string(data) != want {
					t.Fatalf("got %.20q, %v", data, err)
				}
				return wire.read - before
			}
			packs := mode != websocket.CompressionDisabled
			if n := size(engineio.TextFrame([]byte(text)), "4"+text); (n < len(text)/10) != packs {
				t.Errorf("a large message took %d bytes", n)
			}
			if n := size(engineio.BinaryFrame([]byte(text)), text); (n < len(text)/10) != packs {
				t.Errorf("a large binary message took %d bytes", n)
			}
			if n := size(engineio.TextFrame([]byte(text)).Uncompressed(), "4"+text); n < len(text) {
				t.Errorf("a plain message took %d bytes", n)
			}
			if n := size(engineio.TextFrame([]byte("aaaaaaaaaaaaaaaaaaaa")), "4aaaaaaaaaaaaaaaaaaaa"); n < 20 {
				t.Errorf("a small message took %d bytes", n)
			}
			if err := conn.Write(t.Context(), websocket.MessageText, []byte("4"+text)); err != nil {
				t.Fatal(err)
			}
			if m := <-got; m != text {
				t.Errorf("the server got %.20q", m)
			}
		})
	}
}

// collecting is a session's handler that passes messages on.
type collecting chan string

func (c collecting) OnMessage(data []byte, _ bool) { c <- string(data) }
func (collecting) OnClose(engineio.Reason, error)  {}
