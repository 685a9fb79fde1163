package engineio

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/engineio/internal/eiowire"
	"rightnow/internal/memnet"
)

// wtClient is the client's end of a WebTransport in memory.
type wtClient struct {
	r       *rig
	rec     *httptest.ResponseRecorder // the answer, when accepted or done
	session *memSession                // nil: refused
	conn    *memnet.Conn               // nil: no stream is open
	in      eiowire.StreamReader
	got     []string      // that came with others
	done    chan struct{} // ServeWebTransport has returned
}

// memSession is the server's end.
type memSession struct {
	ctx     context.Context
	cancel  context.CancelFunc
	streams chan WebTransportStream
	reason  chan string // of the server's first Close
}

func (s *memSession) AcceptStream(ctx context.Context) (WebTransportStream, error) {
	select {
	case st := <-s.streams:
		context.AfterFunc(s.ctx, func() { st.(memStream).Conn.Close() })
		return st, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.ctx.Done():
		return nil, io.ErrClosedPipe
	}
}

func (s *memSession) Context() context.Context { return s.ctx }

func (s *memSession) Close(_ uint32, reason string) {
	select {
	case s.reason <- reason:
	default:
	}
	s.cancel()
}

// memStream is a stream of it.
type memStream struct{ *memnet.Conn }

func (s memStream) Close() error { return s.CloseWrite() }

// connectWT asks for a WebTransport, with "Name: value" lines, and waits for the answer. It must run in a bubble.
func (r *rig) connectWT(query string, header ...string) *wtClient {
	c := &wtClient{r: r, rec: httptest.NewRecorder(), done: make(chan struct{}), in: eiowire.StreamReader{Max: 1 << 30}}
	req := httptest.NewRequest(http.MethodConnect, "https://mem/engine.io/?"+query, nil)
	req.Host, req.TLS = "mem", &tls.ConnectionState{}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	go func() { // ends with the WebTransport
		defer close(c.done)
		r.ServeWebTransport(c.rec, req, func() (WebTransportSession, error) {
			c.session = &memSession{streams: make(chan WebTransportStream, 4), reason: make(chan string, 1)}
			c.session.ctx, c.session.cancel = context.WithCancel(context.Background())
			c.rec.WriteHeader(http.StatusOK)
			return c.session, nil
		})
	}()
	synctest.Wait()
	return c
}

// response is the answer to the CONNECT.
func (c *wtClient) response() response {
	return response{c.rec.Code, c.rec.Body.String(), c.rec.Header()}
}

// stream opens a stream that buffers size bytes each way.
func (c *wtClient) stream(size int) {
	c.r.t.Helper()
	if c.session == nil {
		c.r.t.Fatalf("refused: %+v", c.response())
	}
	var server *memnet.Conn
	c.conn, server = memnet.Pipe(size)
	c.session.streams <- memStream{server}
}

// write sends bytes as they are.
func (c *wtClient) write(p string) {
	c.r.t.Helper()
	if _, err := io.WriteString(c.conn, p); err != nil {
		c.r.t.Fatal(err)
	}
}

// text sends a text packet.
func (c *wtClient) text(p string) { c.write(string(eiowire.AppendStreamFrame(nil, []byte(p), false))) }

// binary sends a binary message.
func (c *wtClient) binary(p string) { c.write(string(eiowire.AppendStreamFrame(nil, []byte(p), true))) }

// read returns the next payload, a binary one in hex behind "0x".
func (c *wtClient) read() (string, error) {
	buf := make([]byte, 1024)
	for len(c.got) == 0 {
		n, err := c.conn.Read(buf)
		if n == 0 {
			return "", err
		}
		err = c.in.Feed(buf[:n], func(p []byte, binary bool) bool {
			if binary {
				c.got = append(c.got, fmt.Sprintf("0x%x", p))
			} else {
				c.got = append(c.got, string(p))
			}
			return true
		})
		if err != nil {
			return "", err
		}
	}
	first := c.got[0]
	c.got = c.got[1:]
	return first, nil
}

// want wants the next payloads.
func (c *wtClient) want(all ...string) {
	c.r.t.Helper()
	for _, want := range all {
		if got, err := c.read(); err != nil || got != want {
			c.r.t.Fatalf("got %.200q, %v; want %.200q", got, err, want)
		}
	}
}

// finished wants the WebTransport to have ended, with a reason for the client.
func (c *wtClient) finished(reason string) {
	c.r.t.Helper()
	<-c.done
	if got := <-c.session.reason; got != reason || c.session.ctx.Err() == nil {
		c.r.t.Errorf("ended with %q, want %q", got, reason)
	}
}

// openWT opens a session.
func (r *rig) openWT() (*tap, *wtClient) {
	r.t.Helper()
	c := r.connectWT("EIO=4&transport=webtransport")
	c.stream(0)
	c.text("0")
	open, err := c.read()
	if err != nil {
		r.t.Fatal(err)
	}
	p := r.last()
	if sid := sidOf(r.t, open); sid != p.ID() {
		r.t.Fatalf("open packet %q", open)
	}
	return p, c
}

// candidateWT has a WebTransport that names a session, as official clients do.
func (r *rig) candidateWT(p *tap) *wtClient {
	r.t.Helper()
	c := r.connectWT("EIO=4&transport=webtransport&sid=" + p.ID())
	c.stream(0)
	c.text(fmt.Sprintf(`0{"sid":%q}`, p.ID()))
	return c
}

// withWT is options that offer all transports.
func withWT(o Options) *Options {
	o.Transports = []Transport{Polling, WebSocket, WebTransport}
	return &o
}

// wtBubble is bubble with all transports.
func wtBubble(t *testing.T, name string, o Options, f func(r *rig)) {
	t.Helper()
	bubble(t, name, withWT(o), f)
}
