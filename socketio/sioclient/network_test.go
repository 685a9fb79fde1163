package sioclient_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// overTLS is a server that speaks TLS, HTTP/2 too, and echoes.
func overTLS(t *testing.T) *httptest.Server {
	web := echoing(t)
	web.EnableHTTP2 = true
	web.StartTLS()
	return web
}

// echoing is a server that echoes, once it is started.
func echoing(t *testing.T) *httptest.Server {
	io := socketio.New(&socketio.Options{Logger: slog.New(slog.DiscardHandler)})
	io.OnConnect(func(s *socketio.Socket) {
		s.On("echo", func(v any) any { return v })
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	web := httptest.NewUnstartedServer(mux)
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(func() {
		io.Shutdown(t.Context())
		web.Close()
	})
	return web
}

// trusting is a transport that trusts the server's certificate, through a proxy if one is given.
func trusting(t *testing.T, web *httptest.Server, proxy *url.URL) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	if proxy != nil {
		transport.Proxy = http.ProxyURL(proxy)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// mustEcho dials and has something echoed.
func mustEcho(t *testing.T, address string, o sioclient.Options) {
	t.Helper()
	upgraded := make(chan eioclient.Transport, 1)
	o.OnUpgrade = func(t eioclient.Transport) { upgraded <- t }
	o.Logger = slog.New(slog.DiscardHandler)
	s, err := sioclient.Dial(t.Context(), address, &o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Client().Close()
	if len(o.Transports) == 0 {
		receive(t, upgraded)
	}
	args, err := s.EmitWithAck(t.Context(), "echo", []byte{1, 2})
	var got []byte
	if err != nil || args.Decode(0, &got) != nil || string(got) != "\x01\x02" {
		t.Errorf("echo: %v, %v", got, err)
	}
}

func TestTLS(t *testing.T) {
	web := overTLS(t)
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		o.HTTPClient = trusting(t, web, nil)
		mustEcho(t, web.URL, o)

		untrusting := &http.Transport{}
		o.HTTPClient = &http.Client{Transport: untrusting}
		defer untrusting.CloseIdleConnections()
		_, err := sioclient.Dial(t.Context(), web.URL, &o)
		var unknown x509.UnknownAuthorityError
		if !errors.As(err, &unknown) {
			t.Errorf("a certificate of nobody: %v", err)
		}
		o.HTTPClient = trusting(t, web, nil)
		u, _ := url.Parse(web.URL)
		u.Host = net.JoinHostPort("localhost", u.Port()) // the certificate is for example.com and 127.0.0.1
		var host x509.HostnameError
		if _, err := sioclient.Dial(t.Context(), u.String(), &o); !errors.As(err, &host) {
			t.Errorf("a certificate for another host: %v", err)
		}
	})
}

// tunnels is a proxy that knows CONNECT and plain requests, but no WebSockets.
type tunnels struct {
	dug, forwarded atomic.Int64
	next           http.RoundTripper
}

// newTunnels starts a proxy, over TLS or not, and returns its address with a name and a password.
func newTunnels(t *testing.T, secure bool) (p *tunnels, address *url.URL) {
	own := &http.Transport{}
	p = &tunnels{next: own}
	front := httptest.NewUnstartedServer(p)
	front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if secure {
		front.StartTLS()
	} else {
		front.Start()
	}
	t.Cleanup(func() {
		front.Close()
		own.CloseIdleConnections()
	})
	address, err := url.Parse(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword("me", "secret")
	return p, address
}

func (p *tunnels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Proxy-Authorization") != "Basic bWU6c2VjcmV0" { // me:secret
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if r.Method != http.MethodConnect {
		p.forward(w, r)
		return
	}
	there, err := net.Dial("tcp", r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	here, _, err := http.NewResponseController(w).Hijack() // before the answer: nothing of the tunnel's can have been read
	if err != nil {
		there.Close()
		return
	}
	p.dug.Add(1)
	io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	for _, way := range [][2]net.Conn{{here, there}, {there, here}} {
		go func() { // ends when one side does
			io.Copy(way[0], way[1])
			way[0].Close()
			way[1].Close()
		}()
	}
}

func (p *tunnels) forward(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "" {
		http.Error(w, "what is an upgrade?", http.StatusNotImplemented)
		return
	}
	p.forwarded.Add(1)
	on := &httputil.ReverseProxy{Transport: p.next, Rewrite: func(*httputil.ProxyRequest) {}}
	on.ServeHTTP(w, r)
}

// TestThroughAProxy: a WebSocket takes a tunnel, whatever server and proxy speak; polls over plain http are requests of the
// proxy's, as any.
func TestThroughAProxy(t *testing.T) {
	secure, plain := overTLS(t), echoing(t)
	plain.Start()
	for name, c := range map[string]struct {
		web        *httptest.Server
		overTLS    bool
		overTunnel bool // polls as well
	}{
		"https by http":  {secure, false, true},
		"https by https": {secure, true, true},
		"http by http":   {plain, false, false},
		"http by https":  {plain, true, false},
	} {
		proxy, at := newTunnels(t, c.overTLS)
		t.Run(name, func(t *testing.T) {
			inEveryMode(t, func(t *testing.T, o sioclient.Options) {
				webSocket := len(o.Transports) == 0 || o.Transports[0] == eioclient.WebSocket
				polling := len(o.Transports) == 0 || o.Transports[0] == eioclient.Polling
				dug, forwarded := proxy.dug.Load(), proxy.forwarded.Load()
				o.HTTPClient = trusting(t, secure, at)
				mustEcho(t, c.web.URL, o)
				if got, want := proxy.dug.Load() > dug, webSocket || c.overTunnel; got != want {
					t.Errorf("a tunnel: %v, want %v", got, want)
				}
				if got, want := proxy.forwarded.Load() > forwarded, polling && !c.overTunnel; got != want {
					t.Errorf("plain requests: %v, want %v", got, want)
				}
				stranger := *at
				stranger.User = url.UserPassword("me", "guess")
				o.HTTPClient = trusting(t, secure, &stranger)
				if _, err := sioclient.Dial(t.Context(), c.web.URL, &o); err == nil || !strings.Contains(err.Error(), "Proxy Authentication Required") && !strings.Contains(err.Error(), "407") {
					t.Errorf("with a wrong password: %v", err)
				}
			})
		})
	}
}

// A Transport that has its own way to speak TLS speaks it with the proxy.
func TestAProxyByDialTLSContext(t *testing.T) {
	web := echoing(t)
	web.Start()
	proxy, at := newTunnels(t, true)
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		var dials atomic.Int64
		own := &http.Transport{
			Proxy: http.ProxyURL(at),
			DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				dials.Add(1)
				d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // which only this way does
				return d.DialContext(ctx, network, address)
			},
		}
		defer own.CloseIdleConnections()
		o.HTTPClient = &http.Client{Transport: own}
		dug := proxy.dug.Load()
		mustEcho(t, web.URL, o)
		if webSocket := len(o.Transports) == 0 || o.Transports[0] == eioclient.WebSocket; webSocket != (proxy.dug.Load() > dug) {
			t.Errorf("%d tunnels", proxy.dug.Load()-dug)
		}
		if dials.Load() == 0 {
			t.Error("it was not asked")
		}
	})
}
