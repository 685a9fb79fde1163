package sioclient_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// overTLS is a server that speaks TLS, HTTP/2 too, and echoes.
func overTLS(t *testing.T) *httptest.Server {
	io := socketio.New(&socketio.Options{Logger: slog.New(slog.DiscardHandler)})
	io.OnConnect(func(s *socketio.Socket) {
		s.On("echo", func(v any) any { return v })
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	web := httptest.NewUnstartedServer(mux)
	web.EnableHTTP2 = true
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	web.StartTLS()
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

// tunnels is a proxy that knows CONNECT, and how many tunnels it has dug.
type tunnels struct {
	dug atomic.Int64
}

func (p *tunnels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	if r.Header.Get("Proxy-Authorization") == "" {
		w.WriteHeader(http.StatusProxyAuthRequired)
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

func TestThroughAProxy(t *testing.T) {
	web := overTLS(t)
	proxy := &tunnels{}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	at, err := url.Parse(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		known := *at
		known.User = url.UserPassword("me", "secret")
		o.HTTPClient = trusting(t, web, &known)
		before := proxy.dug.Load()
		mustEcho(t, web.URL, o)
		if proxy.dug.Load() == before {
			t.Error("it went past the proxy")
		}
		o.HTTPClient = trusting(t, web, at)
		if _, err := sioclient.Dial(t.Context(), web.URL, &o); err == nil {
			t.Error("a proxy that wants a password let it through")
		}
	})
}
