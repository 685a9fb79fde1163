package engineio

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/memnet"
)

// rig is a server on a network of its own, with what was seen of its sessions.
type rig struct {
	t testing.TB
	*Server
	hs     *http.Server
	mux    *http.ServeMux
	client *http.Client
	dial   func() net.Conn
	logs   *bytes.Buffer // of the server's Logger; read it when nothing runs

	onMessage func(*tap, []byte, bool) // set before the first session
	onClose   func(*tap)

	mu    sync.Mutex
	taps  []*tap
	fails []*ConnectionError
}

// tap is a session with what its handler was told.
type tap struct {
	*Session
	rig *rig

	mu       sync.Mutex
	messages []string // binary ones in hex behind "0x"
	closes   []string // "reason"
	err      error
	closed   chan struct{} // closed by the first OnClose
}

func (p *tap) OnMessage(data []byte, binary bool) {
	m := string(data)
	if binary {
		m = fmt.Sprintf("0x%x", data)
	}
	p.mu.Lock()
	p.messages = append(p.messages, m)
	p.mu.Unlock()
	if f := p.rig.onMessage; f != nil {
		f(p, data, binary)
	}
}

func (p *tap) OnClose(reason Reason, err error) {
	if f := p.rig.onClose; f != nil {
		f(p)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closes = append(p.closes, string(reason))
	p.err = err
	if len(p.closes) == 1 {
		close(p.closed)
	}
}

// echo is an onMessage that sends everything back.
func echo(p *tap, data []byte, binary bool) {
	data = bytes.Clone(data)
	if binary {
		p.say(BinaryFrame(data))
	} else {
		p.say(TextFrame(data))
	}
}

// say sends and flushes, and ignores that the session may have ended.
func (p *tap) say(f *Frame) {
	if dirty, err := p.Send(f); err == nil && dirty {
		p.Flush()
	}
}

// bubble runs a test with a rig in virtual time. When f returns all that runs is shut down.
func bubble(t *testing.T, name string, o *Options, f func(r *rig)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, o, memnet.Listen())
			defer r.stop()
			f(r)
		})
	})
}

// realtime runs a test with a rig on TCP.
func realtime(t *testing.T, o *Options, f func(r *rig)) {
	t.Helper()
	r := newRig(t, o, localTCP(t))
	defer r.stop()
	f(r)
}

// localTCP listens on a free port.
func localTCP(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// newRig serves o, with the rig's own OnSession and OnConnectionError where o has none, on ln.
func newRig(t testing.TB, o *Options, ln net.Listener) *rig {
	return newRigWith(t, o, ln, func(*http.Server) {})
}

// newRigWith is newRig with a say over the http.Server.
func newRigWith(t testing.TB, o *Options, ln net.Listener, prepare func(*http.Server)) *rig {
	r := &rig{t: t, logs: new(bytes.Buffer)}
	opts := Options{}
	if o != nil {
		opts = *o
	}
	if opts.OnSession == nil {
		opts.OnSession = func(s *Session) SessionHandler { return r.tap(s) }
	}
	if opts.OnConnectionError == nil {
		opts.OnConnectionError = r.failed
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(r.logs, nil))
	}
	r.Server = New(&opts)
	dial := func(context.Context, string, string) (net.Conn, error) { return net.Dial("tcp", ln.Addr().String()) }
	if mem, ok := ln.(*memnet.Listener); ok {
		dial = mem.DialContext
	}
	r.dial = func() net.Conn {
		c, err := dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	r.mux = http.NewServeMux()
	r.mux.Handle("/engine.io/", r.Server)
	r.hs = &http.Server{Handler: r.mux, ErrorLog: log.New(io.Discard, "", 0)}
	prepare(r.hs)
	go r.hs.Serve(ln) // ends with stop
	r.client = &http.Client{Transport: &http.Transport{DialContext: dial, DisableCompression: true}}
	return r
}

// stop shuts everything down and checks that nothing of the server is left.
func (r *rig) stop() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := r.Shutdown(ctx); err != nil {
		r.t.Errorf("Shutdown: %v", err)
	}
	r.client.CloseIdleConnections()
	r.hs.Close()
	if n := r.ClientsCount(); n != 0 || len(r.sessions) != 0 || len(r.conns)+len(r.opening) != 0 || len(r.lanes) != 0 {
		r.t.Errorf("after the shutdown: %d clients, %d sessions, %d connections, %d lanes", n, len(r.sessions), len(r.conns), len(r.lanes))
	}
	for _, p := range r.taps {
		if len(p.closes) != 1 {
			r.t.Errorf("session closed %d times: %q", len(p.closes), p.closes)
		}
	}
}

// counts are the statistics without the bytes.
func (r *rig) counts() Stats {
	s := r.Stats()
	s.BytesReceived, s.BytesSent = 0, 0
	return s
}

func (r *rig) tap(s *Session) *tap {
	p := &tap{Session: s, rig: r, closed: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taps = append(r.taps, p)
	return p
}

func (r *rig) failed(e *ConnectionError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = append(r.fails, e)
}

// last is the newest session.
func (r *rig) last() *tap {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.taps) == 0 {
		r.t.Fatal("no session was opened")
	}
	return r.taps[len(r.taps)-1]
}

// response is a whole answer.
type response struct {
	status int
	body   string
	header http.Header
}

const path = "http://mem/engine.io/?"

// do sends a request and reads the answer. header has "Name: value" lines.
func (r *rig) do(method, query, body string, header ...string) response {
	r.t.Helper()
	res, err := r.try(method, query, strings.NewReader(body), header...)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, query, err)
	}
	return res
}

// try is do for requests that may fail.
func (r *rig) try(method, query string, body io.Reader, header ...string) (response, error) {
	req, err := http.NewRequest(method, path+query, body)
	if err != nil {
		return response{}, err
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
		if name == "Host" {
			req.Host = value
		}
	}
	res, err := r.client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	return response{res.StatusCode, string(all), res.Header}, err
}

func (r *rig) get(query string, header ...string) response {
	r.t.Helper()
	return r.do("GET", query, "", header...)
}

// open opens a session over long-polling.
func (r *rig) open() (*tap, string) {
	r.t.Helper()
	return r.last2(r.get("EIO=4&transport=polling"))
}

func (r *rig) last2(res response) (*tap, string) {
	r.t.Helper()
	if res.status != 200 {
		r.t.Fatalf("handshake: %+v", res)
	}
	return r.last(), "transport=polling&sid=" + sidOf(r.t, res.body)
}

// sidOf reads the open packet.
func sidOf(t testing.TB, packet string) string {
	t.Helper()
	var h struct{ SID string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(packet, "0")), &h); err != nil || h.SID == "" {
		t.Fatalf("open packet %q: %v", packet, err)
	}
	return h.SID
}

// post sends packets and wants "ok".
func (r *rig) post(session, body string) {
	r.t.Helper()
	r.want(r.do("POST", session, body), 200, "ok")
}

// poll wants a poll to yield body.
func (r *rig) poll(session, body string) {
	r.t.Helper()
	r.want(r.get(session), 200, body)
}

// start sends a request and lets it run until the server has nothing more to do at this moment.
func (r *rig) start(method, session, body string) <-chan response {
	answer := make(chan response, 1)
	go func() { // ends with the answer
		res, err := r.try(method, session, strings.NewReader(body))
		if err != nil {
			res.body = err.Error()
		}
		answer <- res
	}()
	synctest.Wait()
	return answer
}

func (r *rig) want(got response, status int, body string) {
	r.t.Helper()
	if got.status != status || got.body != body {
		r.t.Fatalf("got %d %.200q, want %d %.200q", got.status, got.body, status, body)
	}
}

// wantCode wants a JSON error.
func (r *rig) wantCode(got response, status, code int, message string) {
	r.t.Helper()
	r.want(got, status, fmt.Sprintf(`{"code":%d,"message":%q}`, code, message))
	if ct := got.header.Get("Content-Type"); ct != "application/json" {
		r.t.Fatalf("Content-Type %q", ct)
	}
}

// unknown wants the session to be known no more.
func (r *rig) unknown(session string) {
	r.t.Helper()
	r.wantCode(r.get(session), 400, CodeUnknownSession, "Session ID unknown")
}

// ended waits for the session's end and wants the reason.
func (p *tap) ended(want Reason) {
	p.rig.t.Helper()
	select {
	case <-p.closed:
	case <-time.After(time.Minute):
		p.rig.t.Fatalf("session did not end")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := p.closes[0]; got != string(want) || p.Reason() != want {
		p.rig.t.Fatalf("ended with %q (%v), Reason() %q, want %q", got, p.err, p.Reason(), want)
	}
	select {
	case <-p.Done():
	default:
		p.rig.t.Fatal("Done is open")
	}
}

// alive wants the session to be open.
func (p *tap) alive() {
	p.rig.t.Helper()
	if reason := p.Reason(); reason != "" {
		p.rig.t.Fatalf("session ended: %s", reason)
	}
}

// heard wants the messages so far.
func (p *tap) heard(want ...string) {
	p.rig.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if fmt.Sprintf("%q", p.messages) != fmt.Sprintf("%q", want) {
		p.rig.t.Fatalf("heard %.500q, want %.500q", p.messages, want)
	}
}

// raw sends bytes on a connection of its own and returns it with a reader.
func (r *rig) raw(request string) (net.Conn, *bufio.Reader) {
	r.t.Helper()
	c := r.dial()
	if _, err := io.WriteString(c, request); err != nil {
		r.t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

// rawRequest is a request with the lines of header given.
func rawRequest(method, query string, header ...string) string {
	return method + " /engine.io/?" + query + " HTTP/1.1\r\nHost: mem\r\n" + strings.Join(append(header, "\r\n"), "\r\n")
}

// inflate decodes a body.
func inflate(t testing.TB, encoding, body string) string {
	t.Helper()
	var r io.Reader = strings.NewReader(body)
	var err error
	switch encoding {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "deflate":
		r, err = zlib.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func refuseAll(*http.Request) error { return errors.New("no") }
