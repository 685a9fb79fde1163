package socketio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rightnow/internal/memnet"
	"rightnow/socketio"
)

// patience is how long a test waits for what has to come.
const patience = 10 * time.Second

// harness is a Socket.IO server on a network inside the process, or on TCP.
type harness struct {
	t    testing.TB
	io   *socketio.Server
	http *http.Server
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
	host string

	loose bool // clients are not cut when the test ends: it does that itself

	errs chan error // what OnError was told; overflow is lost
}

// serve starts a server in memory. It is shut down when the test ends.
func serve(t testing.TB, o *socketio.Options) *harness {
	l := memnet.Listen()
	return serveOn(t, o, l, l.DialContext)
}

// serveTCP starts a server on the loopback interface.
func serveTCP(t testing.TB, o *socketio.Options) *harness {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, o, l, (&net.Dialer{}).DialContext)
}

func serveOn(t testing.TB, o *socketio.Options, l net.Listener, dial func(context.Context, string, string) (net.Conn, error)) *harness {
	t.Helper()
	if o == nil {
		o = &socketio.Options{}
	}
	h := &harness{t: t, dial: dial, host: "test", errs: make(chan error, 100)}
	if l.Addr().Network() == "tcp" {
		h.host = l.Addr().String()
	}
	own := *o
	own.OnError = func(s *socketio.Socket, err error) {
		select {
		case h.errs <- err:
		default:
		}
		if o.OnError != nil {
			o.OnError(s, err)
		}
	}
	if own.Logger == nil {
		own.Logger = slog.New(slog.DiscardHandler)
	}
	h.io = socketio.New(&own)
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", h.io)
	h.http = &http.Server{Handler: mux}
	served := make(chan error, 1)
	go func() { served <- h.http.Serve(l) }()
	t.Cleanup(func() {
		// Ended sessions whose client polls no more keep Shutdown waiting: that is no error here.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		h.io.Shutdown(ctx)
		h.http.Close()
		<-served
	})
	return h
}

func (h *harness) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.io.Shutdown(ctx); err != nil {
		h.t.Errorf("Shutdown: %v", err)
	}
}

// wantError waits for the next error that OnError was told.
func (h *harness) wantError() error {
	h.t.Helper()
	return receive(h.t, h.errs)
}

// receive waits for a value.
func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// message is one Socket.IO message, text or binary, as a test sees it.
type message struct {
	text   string
	binary []byte
	isBin  bool
}

func (m message) String() string {
	if m.isBin {
		return fmt.Sprintf("<%x>", m.binary)
	}
	return m.text
}

// wire carries messages to the server and back.
type wire interface {
	send(m message) error
	receive(ctx context.Context) (message, error)
	engine(packet string) error // of Engine.IO
	close()                     // as a client does that wants to go
	cut()                       // as a network does
}

// client is a raw client: it speaks to the server in packets.
type client struct {
	t testing.TB
	wire
}

// transports are the ways to connect that most tests run over.
func transports(t *testing.T, f func(t *testing.T, connect func(*harness) *client)) {
	for name, connect := range map[string]func(*harness) *client{
		"websocket": (*harness).websocket,
		"polling":   (*harness).polling,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, connect)
		})
	}
}

func (c *client) write(packets ...string) {
	c.t.Helper()
	for _, p := range packets {
		if err := c.send(message{text: p}); err != nil {
			c.t.Fatalf("send %s: %v", p, err)
		}
	}
}

func (c *client) writeBinary(b []byte) {
	c.t.Helper()
	if err := c.send(message{binary: b, isBin: true}); err != nil {
		c.t.Fatalf("send binary: %v", err)
	}
}

// read returns the next message.
func (c *client) read() string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := c.receive(ctx)
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return m.String()
}

// want reads messages and compares them.
func (c *client) want(packets ...string) {
	c.t.Helper()
	for _, p := range packets {
		if got := c.read(); got != p {
			c.t.Fatalf("got %s, want %s", got, p)
		}
	}
}

// wantClosed reads up to the end of the connection, and returns what came before.
func (c *client) wantClosed() []string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var before []string
	for {
		m, err := c.receive(ctx)
		if ctx.Err() != nil {
			c.t.Fatalf("not closed; got %q", before)
		}
		if err != nil {
			return before
		}
		before = append(before, m.String())
	}
}

// join joins a namespace and returns the socket's id. auth is JSON or empty.
func (c *client) join(nsp, auth string) (sid string) {
	c.t.Helper()
	prefix := ""
	if nsp != "/" {
		prefix = nsp + ","
	}
	c.write("0" + prefix + auth)
	return c.wantJoined(nsp)
}

// wantJoined reads the answer to a CONNECT.
func (c *client) wantJoined(nsp string) (sid string) {
	c.t.Helper()
	got, prefix := c.read(), "0"
	if nsp != "/" {
		prefix = "0" + nsp + ","
	}
	var body map[string]string
	data, ok := strings.CutPrefix(got, prefix)
	if err := json.Unmarshal([]byte(data), &body); !ok || err != nil || len(body) != 1 || len(body["sid"]) != 20 {
		c.t.Fatalf("got %s, want %s{\"sid\":…}", got, prefix)
	}
	return body["sid"]
}

// fence makes sure that all that the server had to say before has been read: it asks for an
// acknowledgement, and that is what must come next. The server's socket needs answerFence.
func (c *client) fence() {
	c.t.Helper()
	c.write(`2999["fence"]`)
	c.want(`3999[]`)
}

func answerFence(s *socketio.Socket) {
	s.On("fence", func(ack socketio.Ack) { ack() })
}

// joined connects a client that joins "/", and returns the server's socket too.
func (h *harness) joined(connect func(*harness) *client) (*client, *socketio.Socket) {
	h.t.Helper()
	c := connect(h)
	sid := c.join("/", "")
	return c, h.socket("/", sid)
}

// socket finds a socket by its id.
func (h *harness) socket(nsp, sid string) *socketio.Socket {
	h.t.Helper()
	for _, s := range h.io.Of(nsp).Sockets() {
		if s.ID() == sid {
			return s
		}
	}
	h.t.Fatalf("no socket %s in %s", sid, nsp)
	return nil
}

// background runs f and waits for it when the test ends.
func background(t testing.TB, f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	t.Cleanup(wg.Wait)
}
