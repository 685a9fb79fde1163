package eiowebtransport

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/webtransport-go"

	"rightnow/engineio"
)

// patience bounds what a test waits for.
const patience = 20 * time.Second

// rig is an engine with an HTTP/3 server on loopback.
type rig struct {
	t       testing.TB
	engine  *engineio.Server
	server  *Server
	addr    string
	roots   *x509.CertPool
	opened  chan *tap
	refused chan *engineio.ConnectionError
}

// tap is a session with what its handler was told.
type tap struct {
	*engineio.Session
	messages chan string // binary ones in hex behind "0x"
	closed   chan engineio.Reason
}

func (p *tap) OnMessage(data []byte, binary bool) {
	if binary {
		p.messages <- fmt.Sprintf("0x%x", data)
	} else {
		p.messages <- string(data)
	}
}

func (p *tap) OnClose(reason engineio.Reason, _ error) { p.closed <- reason }

// newRig serves o, with WebTransport, until the test ends.
func newRig(t testing.TB, o engineio.Options) *rig {
	r := &rig{t: t, opened: make(chan *tap, 100), refused: make(chan *engineio.ConnectionError, 100)}
	o.Transports = []engineio.Transport{engineio.Polling, engineio.WebSocket, engineio.WebTransport}
	o.OnSession = func(s *engineio.Session) engineio.SessionHandler {
		p := &tap{s, make(chan string, 1000), make(chan engineio.Reason, 2)}
		r.opened <- p
		return p
	}
	o.OnConnectionError = func(e *engineio.ConnectionError) { r.refused <- e }
	r.engine = engineio.New(&o)
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = udp.LocalAddr().String()
	cert, roots := certificate(t)
	r.roots = roots
	r.server = &Server{Engine: r.engine, H3: &http3.Server{TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}}}
	served := make(chan error, 1)
	go func() { served <- r.server.Serve(udp) }() // ends with Close
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := r.engine.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		r.server.Close()
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
		udp.Close()
	})
	return r
}

// certificate makes one for loopback, and what trusts it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "test"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(10 * 24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// client is a WebTransport of a client.
type client struct {
	r       *rig
	conn    *quic.Conn
	session *webtransport.Session
	stream  *webtransport.Stream
}

// dial asks for a WebTransport with "Name: value" lines. The response is nil when there is none.
func (r *rig) dial(query string, header ...string) (*client, *http.Response) {
	r.t.Helper()
	h := http.Header{}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	c := &client{r: r}
	transport := &webtransport.Transport{
		TLSClientConfig: &tls.Config{RootCAs: r.roots},
		DialAddr: func(ctx context.Context, addr string, t *tls.Config, q *quic.Config) (*quic.Conn, error) {
			conn, err := quic.DialAddr(ctx, addr, t, q)
			c.conn = conn
			return conn, err
		},
	}
	r.t.Cleanup(func() {
		if c.conn != nil {
			c.conn.CloseWithError(0, "")
		}
	})
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	res, session, err := transport.Dial(ctx, "https://"+r.addr+"/engine.io/?"+query, h)
	if err != nil {
		if res == nil {
			r.t.Fatalf("dial: %v", err)
		}
		return nil, res
	}
	c.session = session
	return c, res
}

// openStream opens the stream.
func (c *client) openStream() {
	c.r.t.Helper()
	stream, err := c.session.OpenStreamSync(c.r.t.Context())
	if err != nil {
		c.r.t.Fatal(err)
	}
	stream.SetReadDeadline(time.Now().Add(patience))
	stream.SetWriteDeadline(time.Now().Add(patience))
	c.stream = stream
}

// write sends bytes as they are.
func (c *client) write(p string) {
	c.r.t.Helper()
	if _, err := io.WriteString(c.stream, p); err != nil {
		c.r.t.Fatal(err)
	}
}

// frame puts a payload of at most 65,535 bytes into a frame.
func frame(payload string, binary bool) string {
	var first byte
	if binary {
		first = 0x80
	}
	if n := len(payload); n >= 126 {
		return string([]byte{first | 126, byte(n >> 8), byte(n)}) + payload
	}
	return string([]byte{first | byte(len(payload))}) + payload
}

// text sends a text packet.
func (c *client) text(p string) { c.write(frame(p, false)) }

// read returns the next payload.
func (c *client) read() (payload string, binary bool, err error) {
	var head [9]byte
	if _, err := io.ReadFull(c.stream, head[:1]); err != nil {
		return "", false, err
	}
	size := int(head[0] & 0x7f)
	more := map[int]int{126: 2, 127: 8}[size]
	if _, err := io.ReadFull(c.stream, head[1:1+more]); err != nil {
		return "", false, err
	}
	if more > 0 {
		size = int(new(big.Int).SetBytes(head[1 : 1+more]).Int64())
	}
	body := make([]byte, size)
	_, err = io.ReadFull(c.stream, body)
	return string(body), head[0]&0x80 != 0, err
}

// want wants a text packet.
func (c *client) want(packet string) {
	c.r.t.Helper()
	got, binary, err := c.read()
	if err != nil || binary || got != packet {
		c.r.t.Fatalf("got %.100q, binary %v, %v; want %.100q", got, binary, err, packet)
	}
}

// ended wants the server to end the WebTransport, with a reason.
func (c *client) ended(reason string) {
	c.r.t.Helper()
	ctx, cancel := context.WithTimeout(c.r.t.Context(), patience)
	defer cancel()
	_, err := c.session.AcceptStream(ctx)
	if closed, ok := err.(*webtransport.SessionError); !ok || !closed.Remote || closed.Message != reason || closed.ErrorCode != 0 {
		c.r.t.Fatalf("ended with %#v, want %q", err, reason)
	}
}

// open opens a session.
func (r *rig) open() (*tap, *client) {
	r.t.Helper()
	c, res := r.dial("EIO=4&transport=webtransport")
	if c == nil {
		r.t.Fatalf("refused: %s", res.Status)
	}
	c.openStream()
	c.text("0")
	packet, _, err := c.read()
	if err != nil || sidOf(r.t, packet) == "" {
		r.t.Fatalf("%q, %v", packet, err)
	}
	return r.next(), c
}

// next is the next session that was opened.
func (r *rig) next() *tap { return receive(r.t, r.opened) }

// sidOf reads an open packet.
func sidOf(t testing.TB, packet string) string {
	t.Helper()
	var h struct{ SID string }
	if err := json.Unmarshal(bytes.TrimPrefix([]byte(packet), []byte("0")), &h); err != nil {
		t.Fatalf("%q: %v", packet, err)
	}
	return h.SID
}

// receive takes the next of a channel.
func receive[T any](t testing.TB, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		t.Fatal("nothing comes")
	}
	return v
}

// want compares.
func want[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// http3 is a client of plain HTTP/3.
func (r *rig) http3() *http3.Transport {
	return &http3.Transport{TLSClientConfig: &tls.Config{RootCAs: r.roots}}
}
