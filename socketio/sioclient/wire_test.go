package sioclient_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/sioclient"
)

// wire is the server's end of a client's WebSocket, spoken by hand.
type wire struct {
	t     testing.TB
	conn  *websocket.Conn
	heard chan string // closed when the client is gone
}

// byHand returns options of clients whose server is the test, and the connections that they make. It is for bubbles.
func byHand(t testing.TB) (*sioclient.Options, <-chan *wire) {
	wires := make(chan *wire, 10)
	client := hostile(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		own := &wire{t, conn, make(chan string, 100)}
		t.Cleanup(func() { conn.CloseNow() })
		go own.listen() // ends with the connection
		own.say(`0{"sid":"s","upgrades":[],"pingInterval":60000,"pingTimeout":60000,"maxPayload":1000}`)
		wires <- own
	})
	return &sioclient.Options{
		HTTPClient: client, Transports: []eioclient.Transport{eioclient.WebSocket}, Logger: slog.New(slog.DiscardHandler),
		ReconnectDelay: time.Second, RandomizationFactor: -1,
	}, wires
}

func (w *wire) listen() {
	defer close(w.heard)
	for {
		_, text, err := w.conn.Read(context.Background())
		if err != nil {
			return
		}
		w.heard <- string(text)
	}
}

func (w *wire) say(packets ...string) {
	for _, p := range packets {
		if err := w.conn.Write(context.Background(), websocket.MessageText, []byte(p)); err != nil {
			w.t.Error(err)
		}
	}
}

// hears wants these packets of the client, and no more by now.
func (w *wire) hears(want ...string) {
	w.t.Helper()
	for _, p := range want {
		if got := receive(w.t, w.heard); got != p {
			w.t.Errorf("heard %q, want %q", got, p)
		}
	}
	synctest.Wait()
	for len(w.heard) > 0 {
		w.t.Errorf("heard %q, too", <-w.heard)
	}
}
