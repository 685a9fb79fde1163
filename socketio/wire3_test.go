package socketio_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"rightnow/socketio"

	"github.com/coder/websocket"
)

// ways3 are the ways of the clients of Socket.IO 2.
var ways3 = map[string]func(*harness) *client{"websocket": (*harness).websocket3, "polling": (*harness).polling3}

// transports3 runs a test over each, with a server that takes them.
func transports3(t *testing.T, o *socketio.Options, f func(t *testing.T, h *harness, connect func() *client)) {
	for name, connect := range ways3 {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := socketio.Options{}
			if o != nil {
				options = *o
			}
			options.AllowEIO3 = true
			h := serve(t, &options)
			f(t, h, func() *client { return connect(h) })
		})
	}
}

// ws3Wire is a WebSocket of Engine.IO 3.
type ws3Wire struct{ *wsWire }

func (h *harness) websocket3() *client {
	h.t.Helper()
	w := h.dialWith("EIO=3&transport=websocket", nil)
	_, open, err := w.conn.Read(context.Background())
	if err != nil || len(open) == 0 || open[0] != '0' {
		h.t.Fatalf("open packet: %q, %v", open, err)
	}
	return &client{h.t, ws3Wire{w}}
}

func (w ws3Wire) send(m message) error {
	if m.isBin {
		return w.conn.Write(context.Background(), websocket.MessageBinary, append([]byte{4}, m.binary...))
	}
	return w.wsWire.send(m)
}

var errNoType = errors.New("a binary message without its type")

func (w ws3Wire) receive(ctx context.Context) (message, error) {
	m, err := w.wsWire.receive(ctx)
	if err != nil || !m.isBin {
		return m, err
	}
	if len(m.binary) == 0 || m.binary[0] != 4 {
		return m, errNoType
	}
	m.binary = m.binary[1:]
	return m, nil
}

// poll3Wire is long-polling of Engine.IO 3, with base64.
type poll3Wire struct {
	*pollWire
	queue []string
}

func (h *harness) polling3() *client {
	h.t.Helper()
	transport := &http.Transport{DialContext: h.dial, DisableCompression: true}
	h.t.Cleanup(transport.CloseIdleConnections)
	w := &poll3Wire{pollWire: &pollWire{http: &http.Client{Transport: transport}}}
	w.dial = func() (net.Conn, error) { return h.dial(context.Background(), "tcp", h.host) }
	w.url = "http://" + h.host + "/socket.io/?EIO=3&transport=polling&b64=1"
	open, err := w.next(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	var shake struct{ SID string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(open, "0")), &shake); err != nil {
		h.t.Fatalf("open packet %q: %v", open, err)
	}
	w.url += "&sid=" + shake.SID
	return &client{h.t, w}
}

func (w *poll3Wire) send(m message) error {
	if m.isBin {
		return w.packet("b4" + base64.StdEncoding.EncodeToString(m.binary))
	}
	return w.packet("4" + m.text)
}

// packet posts one packet, framed by its length.
func (w *poll3Wire) packet(p string) error { return w.post(strconv.Itoa(units(p)) + ":" + p) }

// units is the length of text as JavaScript counts it.
func units(text string) (n int) {
	for _, r := range text {
		n += 1 + len(utf8.AppendRune(nil, r))/4
	}
	return n
}

func (w *poll3Wire) receive(ctx context.Context) (message, error) {
	for {
		p, err := w.next(ctx)
		if err != nil {
			return message{}, err
		}
		if data, ok := strings.CutPrefix(p, "b4"); ok {
			b, err := base64.StdEncoding.DecodeString(data)
			return message{binary: b, isBin: true}, err
		}
		if text, ok := strings.CutPrefix(p, "4"); ok {
			return message{text: text}, nil
		}
		if p == "1" {
			return message{}, errPollClosed
		}
	}
}

// next takes packets off payloads.
func (w *poll3Wire) next(ctx context.Context) (string, error) {
	if len(w.queue) == 0 {
		body, err := w.get(ctx)
		if err != nil {
			return "", err
		}
		for body != "" {
			length, rest, _ := strings.Cut(body, ":")
			n, err := strconv.Atoi(length)
			if err != nil {
				return "", err
			}
			end := 0
			for n > 0 && end < len(rest) {
				_, size := utf8.DecodeRuneInString(rest[end:])
				end += size
				n -= 1 + size/4
			}
			if n != 0 {
				return "", io.ErrUnexpectedEOF
			}
			w.queue = append(w.queue, rest[:end])
			body = rest[end:]
		}
	}
	p := w.queue[0]
	w.queue = w.queue[1:]
	return p, nil
}

func (w *poll3Wire) close() { w.packet("1") }
