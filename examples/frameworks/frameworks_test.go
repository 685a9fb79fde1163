package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"rightnow/engineio"
	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

const patience = 20 * time.Second

// way is how a client gets to a server.
type way struct {
	name       string
	transports []eioclient.Transport
	stays      bool // on the transport it begins with
	wants      eioclient.Transport
}

func ways() []way {
	return []way{
		{"polling", []eioclient.Transport{eioclient.Polling}, true, eioclient.Polling},
		{"websocket", []eioclient.Transport{eioclient.WebSocket}, true, eioclient.WebSocket},
		{"upgrade", nil, false, eioclient.WebSocket},
	}
}

// serve starts server, which ends with the test, after io.
func serve(t *testing.T, io *socketio.Server, server *httptest.Server, start func()) {
	start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if io != nil {
			if err := io.Shutdown(ctx); err != nil {
				t.Error(err)
			}
		}
		server.Close()
	})
}

// dial connects, and waits for the transport that the way wants.
func dial(t *testing.T, w way, address, path string, client *http.Client, header http.Header) *sioclient.Socket {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := sioclient.Dial(ctx, address, &sioclient.Options{
		Path: path, Transports: w.transports, DisableUpgrade: w.stays, HTTPClient: client, Header: header,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Client().Close)
	for s.Client().Transport() != w.wants {
		if ctx.Err() != nil {
			t.Fatalf("stays on %s", s.Client().Transport())
		}
		ask(t, s, []byte("still polling"))
	}
	return s
}

// ask has the server send back what it is sent.
func ask(t *testing.T, s *sioclient.Socket, data []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answer, err := s.EmitWithAck(ctx, "echo", data)
	var got []byte
	if err == nil {
		err = answer.Decode(0, &got)
	}
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes came back as %d, %v", len(data), len(got), err)
	}
}

// talk says something over one connection and hears it over another, and sends half a megabyte to and fro.
func talk(t *testing.T, one, other *sioclient.Socket) {
	t.Helper()
	heard := make(chan string, 1)
	other.Once("message", func(text string) { heard <- text })
	if err := one.Send("hello"); err != nil {
		t.Fatal(err)
	}
	select {
	case text := <-heard:
		if text != "hello" {
			t.Errorf("heard %q", text)
		}
	case <-time.After(patience):
		t.Fatal("heard nothing")
	}
	ask(t, one, bytes.Repeat([]byte{0, 1, 2, 255}, 1<<17))
}

func TestFrameworks(t *testing.T) {
	for name, framework := range frameworks() {
		path := ""
		if name == "subpath" {
			path = "/app/socket.io/"
		}
		for _, w := range ways() {
			t.Run(name+"/"+w.name, func(t *testing.T) {
				io := sockets(settings{})
				server := httptest.NewUnstartedServer(framework(io))
				serve(t, io, server, server.Start)
				talk(t, dial(t, w, server.URL, path, nil, nil), dial(t, w, server.URL, path, nil, nil))
			})
		}
	}
}

// TestHomePage sees that the application's own pages are served beside the sockets, and what is not there is not found.
func TestHomePage(t *testing.T) {
	for name, framework := range frameworks() {
		handler := framework(sockets(settings{client: "testdata"}))
		prefix := ""
		if name == "subpath" {
			prefix = "/app"
		}
		for path, want := range map[string]int{"/": 200, "/socket.io/socket.io.js": 200, "/nothing": 404, "/socket.io/?EIO=4&transport=fax": 400} {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest("GET", prefix+path, nil))
			if w.Code != want {
				t.Errorf("%s %s: %d, want %d", name, path, w.Code, want)
			}
		}
	}
}

// protocols notes which HTTP the polls and the WebSockets came by.
type protocols struct {
	mu   sync.Mutex // guards following
	seen map[string]bool
}

func (p *protocols) note(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.seen[r.URL.Query().Get("transport")+" over "+r.Proto] = true
		p.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

func (p *protocols) want(t *testing.T, transport engineio.Transport, proto string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range p.seen {
		if name, by, _ := strings.Cut(line, " over "); name == string(transport) && by != proto {
			t.Errorf("%s, want %s", line, proto)
		}
	}
	if !p.seen[string(transport)+" over "+proto] {
		t.Errorf("%v, and no %s over %s", p.seen, transport, proto)
	}
}

// TestTLS has polls over HTTP/2 and WebSockets over HTTP/1.1 on one port, under each framework.
func TestTLS(t *testing.T) {
	for name, framework := range frameworks() {
		path := ""
		if name == "subpath" {
			path = "/app/socket.io/"
		}
		t.Run(name, func(t *testing.T) {
			io, seen := sockets(settings{}), &protocols{seen: map[string]bool{}}
			server := httptest.NewUnstartedServer(seen.note(framework(io)))
			server.EnableHTTP2 = true
			serve(t, io, server, server.StartTLS)
			roots := x509.NewCertPool()
			roots.AddCert(server.Certificate())
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
			t.Cleanup(transport.CloseIdleConnections)
			for _, w := range ways() {
				client := &http.Client{Transport: transport}
				talk(t, dial(t, w, server.URL, path, client, nil), dial(t, w, server.URL, path, client, nil))
			}
			seen.want(t, engineio.Polling, "HTTP/2.0")
			seen.want(t, engineio.WebSocket, "HTTP/1.1")
		})
	}
}

// TestProxy goes through a proxy below a path of another server, as a page of the proxy's origin does.
func TestProxy(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) {
			io := sockets(settings{})
			behind := httptest.NewUnstartedServer(netHTTP(io))
			serve(t, io, behind, behind.Start)
			backend, err := url.Parse(behind.URL)
			if err != nil {
				t.Fatal(err)
			}
			front := httptest.NewUnstartedServer(proxy(backend))
			serve(t, nil, front, front.Start)
			own := http.Header{"Origin": {front.URL}}
			const path = "/app/socket.io/"
			talk(t, dial(t, w, front.URL, path, nil, own), dial(t, w, front.URL, path, nil, own))

			foreign := http.Header{"Origin": {"http://evil.example"}}
			if s, err := sioclient.Dial(t.Context(), front.URL, &sioclient.Options{Path: path, Header: foreign, Transports: w.transports}); err == nil {
				s.Client().Close()
				t.Error("a page of another origin was let in")
			}
		})
	}
}

func TestChoose(t *testing.T) {
	if _, err := choose(nil, settings{name: "fiber"}); err == nil || !strings.Contains(err.Error(), `"echo"`) {
		t.Errorf("%v does not say what there is", err)
	}
	if _, err := choose(nil, settings{backend: "http://[::1"}); err == nil {
		t.Error("took what is no URL")
	}
}
