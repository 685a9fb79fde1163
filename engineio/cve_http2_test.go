package engineio

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// h2Rig is the server as TLS gives it HTTP/2: with nothing but net/http in front, and its limits.
type h2Rig struct {
	*Server
	web *httptest.Server

	mu      sync.Mutex     // guards following
	running map[string]int // handlers by connection
	most    int            // of one connection at a time
}

// h2Streams is what the http.Server is told.
const h2Streams = 50

func newH2Rig(t *testing.T, o *Options) *h2Rig {
	r := &h2Rig{Server: New(o), running: map[string]int{}}
	r.web = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.count(req.RemoteAddr, 1)
		defer r.count(req.RemoteAddr, -1)
		r.ServeHTTP(w, req)
	}))
	r.web.EnableHTTP2 = true
	r.web.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: h2Streams}
	r.web.Config.ErrorLog = log.New(io.Discard, "", 0)
	r.web.StartTLS()
	t.Cleanup(func() {
		r.Shutdown(t.Context())
		r.web.Close()
	})
	return r
}

// count counts a handler that begins or ends.
func (r *h2Rig) count(connection string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running[connection] += n
	r.most = max(r.most, r.running[connection])
	if r.running[connection] == 0 {
		delete(r.running, connection)
	}
}

// handlers tells for how many connections some run, and the most that ran at a time for one connection.
func (r *h2Rig) handlers() (connections, most int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.running), r.most
}

// do sends a request as a browser does and reads the answer.
func (r *h2Rig) do(t *testing.T, method, query, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, r.web.URL+"/engine.io/?"+query, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.ProtoMajor != 2 {
		t.Fatalf("%s, %v", res.Proto, err)
	}
	return res.StatusCode, string(text)
}

// h2Attacker speaks HTTP/2 frame by frame, and reads what comes without looking at it.
type h2Attacker struct {
	*http2.Framer
	conn *tls.Conn
	next uint32 // stream
	gone chan struct{}
}

func (r *h2Rig) attacker(t *testing.T) *h2Attacker {
	t.Helper()
	conn, err := tls.Dial("tcp", r.web.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	a := &h2Attacker{Framer: http2.NewFramer(conn, conn), conn: conn, next: 1, gone: make(chan struct{})}
	t.Cleanup(func() {
		conn.Close()
		<-a.gone
	})
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	if err := a.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the connection
		defer close(a.gone)
		io.Copy(io.Discard, conn)
	}()
	return a
}

// ask begins a request.
func (a *h2Attacker) ask(query string, endHeaders bool) (stream uint32, err error) {
	var block bytes.Buffer
	h := hpack.NewEncoder(&block)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "x"}, {":path", "/engine.io/?" + query}} {
		h.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	stream = a.next
	a.next += 2
	return stream, a.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: endHeaders})
}

// TestCVE2023_44487_RapidReset: requests over HTTP/2 that are given up as soon as they are made, tens of thousands of
// them. No more handlers run for a connection than it may have streams, others are served meanwhile, and no more sessions are
// left than an address may have.
func TestCVE2023_44487_RapidReset(t *testing.T) {
	const sessions = 20
	r := newH2Rig(t, &Options{MaxSessionsPerAddress: sessions, OnSession: func(s *Session) SessionHandler { return echoer{s} }})
	_, open := r.do(t, "GET", "EIO=4&transport=polling", "")
	other := "EIO=4&transport=polling&sid=" + sidOf(t, open)

	for _, query := range []string{"EIO=4&transport=polling", "EIO=4&transport=polling&sid=unknown", "EIO=4&transport=websocket"} {
		for range 4 {
			a := r.attacker(t)
			for i := range 5000 {
				stream, err := a.ask(query, true)
				if err == nil {
					err = a.WriteRSTStream(stream, http2.ErrCodeCancel)
				}
				if err != nil {
					break // it has been shown the door, and comes again
				}
				if i%1000 == 0 {
					r.served(t, other, fmt.Sprint(query, i))
				}
			}
			a.conn.Close()
		}
	}
	r.served(t, other, "afterwards")
	if n := r.ClientsCount(); n > sessions {
		t.Errorf("%d sessions are left", n)
	}
	if n := r.Stats().Opened; n < 2 {
		t.Error("no request has reached the server")
	}
	if !eventually(func() bool { n, _ := r.handlers(); return n == 0 }) {
		t.Error("handlers run still")
	}
	if _, most := r.handlers(); most > h2Streams {
		t.Errorf("%d handlers ran at a time", most)
	}
}

// echoer sends back what its client sends.
type echoer struct{ s *Session }

func (e echoer) OnMessage(data []byte, _ bool) {
	e.s.Send(TextFrame(bytes.Clone(data)))
	e.s.Flush()
}

func (echoer) OnClose(Reason, error) {}

// served wants a client to get its answer.
func (r *h2Rig) served(t *testing.T, session, text string) {
	t.Helper()
	if status, body := r.do(t, "POST", session, "4"+text); status != http.StatusOK || body != "ok" {
		t.Fatalf("%d %q", status, body)
	}
	if status, body := r.do(t, "GET", session, ""); status != http.StatusOK || body != "4"+text {
		t.Fatalf("%d %q", status, body)
	}
}

// TestCVE2023_45288_ContinuationFlood: a header that does not end is not read for ever.
func TestCVE2023_45288_ContinuationFlood(t *testing.T) {
	r := newH2Rig(t, nil)
	a := r.attacker(t)
	stream, err := a.ask("EIO=4&transport=polling", false)
	if err != nil {
		t.Fatal(err)
	}
	var block bytes.Buffer
	hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: "x", Value: string(bytes.Repeat([]byte("z"), 8000)), Sensitive: true})
	sent := 0
	for ; err == nil && sent < 64<<20; sent += block.Len() {
		err = a.WriteContinuation(stream, false, block.Bytes())
	}
	if err == nil {
		t.Errorf("%d bytes of a header were taken", sent)
	}
	if _, most := r.handlers(); most != 0 {
		t.Error("a handler was called")
	}
}
