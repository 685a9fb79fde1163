package ws_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"

	"rightnow/internal/memnet"
	"rightnow/internal/ws"
)

// echo is a handler as a user of this package writes it.
type echo struct {
	conn  *ws.Conn
	ended chan error
}

func (e *echo) Message(op ws.Opcode, data []byte) {
	if err := e.conn.Push(ws.AppendFrame(nil, op, data)); err != nil {
		e.conn.Abort(err)
		return
	}
	e.conn.Flush()
}

func (e *echo) Closed(err error) { e.ended <- err }

// TestForeignClient talks to a client that others wrote, over net/http.
func TestForeignClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		ended := make(chan error, 1)
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := ws.Upgrade(w, r, nil, &ws.Options{Subprotocol: "echo"})
			var refused *ws.HandshakeError
			if errors.As(err, &refused) {
				refused.SetHeader(w.Header())
				http.Error(w, refused.Reason, refused.Status)
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			if c.NetConn().RemoteAddr().String() != r.RemoteAddr {
				t.Errorf("%v is not %v", c.NetConn().RemoteAddr(), r.RemoteAddr)
			}
			c.Serve(&echo{c, ended})
		})}
		go srv.Serve(l)
		defer srv.Close()
		tr := &http.Transport{DialContext: l.DialContext}
		defer tr.CloseIdleConnections()
		talk(t, &http.Client{Transport: tr})
		var closed *ws.CloseError
		if err := <-ended; !errors.As(err, &closed) || *closed != (ws.CloseError{Code: 4002, Reason: "enough"}) {
			t.Errorf("ended by %v", err)
		}
		resp, err := (&http.Client{Transport: tr}).Get("http://server/")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("a plain request: %v", resp.Status)
		}
	})
}

func talk(t *testing.T, client *http.Client) {
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, "ws://server/", &websocket.DialOptions{
		HTTPClient: client, Subprotocols: []string{"other", "echo"}, CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadLimit(-1)
	if c.Subprotocol() != "echo" {
		t.Errorf("subprotocol %q", c.Subprotocol())
	}
	for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
		for _, n := range []int{0, 5, 126, 70_000, 999_999} {
			p := strings.Repeat("x", n)
			// In several writes, which this client sends as fragments.
			w, err := c.Writer(ctx, kind)
			if err != nil {
				t.Fatal(err)
			}
			w.Write([]byte(p[:n/2]))
			w.Write([]byte(p[n/2:]))
			w.Close()
			got, data, err := c.Read(ctx)
			if err != nil || got != kind || string(data) != p {
				t.Fatalf("%v of %d bytes: %v, %d bytes, %v", kind, n, got, len(data), err)
			}
		}
	}
	// Ping waits for the pong, which only a reader finds; CloseRead is one.
	c.CloseRead(ctx)
	if err := c.Ping(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Close(4002, "enough"); err != nil {
		t.Error(err)
	}
}
