package socketio_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// wsWire is a WebSocket.
type wsWire struct {
	conn *websocket.Conn
	net  net.Conn
}

// websocket connects a client over WebSocket alone.
func (h *harness) websocket() *client {
	h.t.Helper()
	w := h.dialWS("")
	c := &client{h.t, w}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, open, err := w.conn.Read(ctx); err != nil || len(open) == 0 || open[0] != '0' {
		h.t.Fatalf("open packet: %q, %v", open, err)
	}
	return c
}

func (h *harness) dialWS(sid string) *wsWire {
	h.t.Helper()
	query := "EIO=4&transport=websocket"
	if sid != "" {
		query += "&sid=" + sid
	}
	return h.dialWith(query, nil)
}

// dialWith dials a WebSocket; nil options are the default ones.
func (h *harness) dialWith(query string, o *websocket.DialOptions) *wsWire {
	h.t.Helper()
	w := &wsWire{}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			var err error
			w.net, err = h.dial(ctx, network, addr)
			return w.net, err
		},
	}
	if o == nil {
		o = &websocket.DialOptions{}
	}
	o.HTTPClient = &http.Client{Transport: transport}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var err error
	w.conn, _, err = websocket.Dial(ctx, "ws://"+h.host+"/socket.io/?"+query, o)
	if err != nil {
		h.t.Fatal(err)
	}
	w.conn.SetReadLimit(-1)
	if !h.loose {
		h.t.Cleanup(w.cut)
	}
	return w
}

func (w *wsWire) send(m message) error {
	if m.isBin {
		return w.conn.Write(context.Background(), websocket.MessageBinary, m.binary)
	}
	return w.conn.Write(context.Background(), websocket.MessageText, []byte("4"+m.text))
}

func (w *wsWire) receive(ctx context.Context) (message, error) {
	for {
		kind, data, err := w.conn.Read(ctx)
		switch {
		case err != nil:
			return message{}, err
		case kind == websocket.MessageBinary:
			return message{binary: data, isBin: true}, nil
		case string(data) == "2":
			if err := w.conn.Write(ctx, websocket.MessageText, []byte("3")); err != nil {
				return message{}, err
			}
		case len(data) > 0 && data[0] == '4':
			return message{text: string(data[1:])}, nil
		}
	}
}

// engine sends a packet of Engine.IO, whatever it is.
func (w *wsWire) engine(packet string) error {
	return w.conn.Write(context.Background(), websocket.MessageText, []byte(packet))
}

func (w *wsWire) close() { w.conn.Close(websocket.StatusNormalClosure, "") }

func (w *wsWire) cut() {
	w.net.Close()
	w.conn.CloseNow()
}

// pollWire is long-polling.
type pollWire struct {
	http *http.Client
	url  string
	dial func() (net.Conn, error)

	mu    sync.Mutex // guards following
	queue []message
	ended error
}

var errPollClosed = errors.New("the server closed the session")

// polling connects a client over long-polling alone.
func (h *harness) polling() *client {
	h.t.Helper()
	c, _ := h.pollingSession()
	return c
}

func (h *harness) pollingSession() (c *client, sid string) {
	h.t.Helper()
	transport := &http.Transport{DialContext: h.dial, DisableCompression: true}
	w := &pollWire{http: &http.Client{Transport: transport}}
	w.dial = func() (net.Conn, error) { return h.dial(context.Background(), "tcp", h.host) }
	h.t.Cleanup(transport.CloseIdleConnections)
	w.url = "http://" + h.host + "/socket.io/?EIO=4&transport=polling"
	body, err := w.get(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	var open struct{ SID string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(body, "0")), &open); err != nil {
		h.t.Fatalf("open packet %q: %v", body, err)
	}
	w.url += "&sid=" + open.SID
	return &client{h.t, w}, open.SID
}

func (w *pollWire) get(ctx context.Context) (string, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", w.url, nil)
	if err != nil {
		return "", err
	}
	return w.do(r)
}

func (w *pollWire) post(body string) error {
	r, err := http.NewRequest("POST", w.url, strings.NewReader(body))
	if err != nil {
		return err
	}
	_, err = w.do(r)
	return err
}

func (w *pollWire) do(r *http.Request) (string, error) {
	resp, err := w.http.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	return string(body), err
}

func (w *pollWire) send(m message) error {
	if m.isBin {
		return w.post("b" + base64.StdEncoding.EncodeToString(m.binary))
	}
	return w.post("4" + m.text)
}

func (w *pollWire) receive(ctx context.Context) (message, error) {
	for {
		if m, ok, err := w.pop(); ok || err != nil {
			return m, err
		}
		body, err := w.get(ctx)
		if err != nil {
			return message{}, err
		}
		if err := w.take(body); err != nil {
			return message{}, err
		}
	}
}

func (w *pollWire) pop() (m message, ok bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return m, false, w.ended
	}
	m = w.queue[0]
	w.queue = w.queue[1:]
	return m, true, nil
}

func (w *pollWire) take(body string) error {
	ping := false
	w.mu.Lock()
	for p := range strings.SplitSeq(body, "\x1e") {
		switch {
		case p == "2":
			ping = true
		case p == "1":
			w.ended = errPollClosed
		case strings.HasPrefix(p, "4"):
			w.queue = append(w.queue, message{text: p[1:]})
		case strings.HasPrefix(p, "b"):
			data, err := base64.StdEncoding.DecodeString(p[1:])
			if err != nil {
				w.mu.Unlock()
				return err
			}
			w.queue = append(w.queue, message{binary: data, isBin: true})
		}
	}
	w.mu.Unlock()
	if ping {
		return w.post("3")
	}
	return nil
}

// engine sends a packet of Engine.IO, whatever it is.
func (w *pollWire) engine(packet string) error { return w.post(packet) }

// pollTwice polls while a poll waits.
func (w *pollWire) pollTwice() error {
	for range 2 {
		conn, err := w.dial()
		if err != nil {
			return err
		}
		defer conn.Close()
		r, err := http.NewRequest("GET", w.url, nil)
		if err != nil {
			return err
		}
		if err := r.Write(conn); err != nil {
			return err
		}
	}
	_, err := w.get(context.Background())
	return err
}

// halfPost begins a POST and goes away before all of it is sent.
func (w *pollWire) halfPost(header http.Header) error {
	conn, err := w.beginPost(header)
	if err != nil {
		return err
	}
	return conn.Close()
}

// postTwice posts while the body of a POST is waited for.
func (w *pollWire) postTwice() error {
	conn, err := w.beginPost(http.Header{"Expect": {"100-continue"}})
	if err != nil {
		return err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	if line, err := reader.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		return fmt.Errorf("the body is not asked for: %q, %w", line, err)
	}
	if err := w.post("3"); err == nil || !strings.Contains(err.Error(), "400") {
		return fmt.Errorf("the second POST: %w", err)
	}
	return nil
}

// beginPost sends a POST but for the end of its body.
func (w *pollWire) beginPost(header http.Header) (net.Conn, error) {
	conn, err := w.dial()
	if err != nil {
		return nil, err
	}
	target := w.url[strings.Index(w.url, "/socket.io/"):]
	var text strings.Builder
	fmt.Fprintf(&text, "POST %s HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n", target)
	header.Write(&text)
	text.WriteString("\r\n42[")
	if _, err := io.WriteString(conn, text.String()); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// poll is the wire of a client that polls.
func (c *client) poll() *pollWire { return c.wire.(*pollWire) }

func (w *pollWire) close() { w.post("1") }

// cut goes away without a word, while a poll waits: one on a connection of its own, because the
// transport may close its connection before it has written what it says it wrote.
func (w *pollWire) cut() {
	conn, err := w.dial()
	if err != nil {
		return // the server is gone
	}
	defer conn.Close()
	if r, err := http.NewRequest("GET", w.url, nil); err == nil {
		r.Write(conn)
	}
}
