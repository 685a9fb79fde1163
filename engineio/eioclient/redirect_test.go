package eioclient_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"rightnow/engineio/eioclient"
)

// TestRedirects: a server may lead to another path or scheme, not round and round, and not to another host, which would be
// told what was meant for this one.
func TestRedirects(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		var asked, stranger atomic.Int64
		to := func(target string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				http.Redirect(w, r, target, http.StatusTemporaryRedirect)
			}
		}
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			stranger.Add(1)
			io.WriteString(w, `0{"sid":"s","upgrades":[],"pingInterval":1000,"pingTimeout":1000,"maxPayload":1000}`)
		}))
		defer other.Close()
		elsewhere := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
		mux := http.NewServeMux()
		mux.Handle("/loop/", to("/loop/again"))
		mux.Handle("/away/", to(elsewhere))
		server := httptest.NewServer(mux)
		defer server.Close()
		o.Header = http.Header{"X-Api-Key": {"secret"}}
		for path, want := range map[string]string{
			"/loop/": "more than 10 redirects",
			"/away/": "127.0.0.1 redirects to another host, localhost",
		} {
			o.Path = path
			asked.Store(0)
			conn, err := eioclient.Dial(t.Context(), server.URL, &o)
			if err == nil {
				conn.Abort()
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", path, err, want)
			}
			if n := asked.Load(); n > 10 {
				t.Errorf("%s: %d requests", path, n)
			}
		}
		if n := stranger.Load(); n != 0 {
			t.Errorf("the other host was asked %d times", n)
		}
	})
}

// TestARedirectOutOfTLS is refused.
func TestARedirectOutOfTLS(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		var plain atomic.Int64
		open := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { plain.Add(1) }))
		defer open.Close()
		secure := httptest.NewTLSServer(http.RedirectHandler(open.URL, http.StatusTemporaryRedirect))
		defer secure.Close()
		o.HTTPClient = secure.Client()
		conn, err := eioclient.Dial(t.Context(), secure.URL, &o)
		if err == nil {
			conn.Abort()
		}
		if err == nil || !strings.Contains(err.Error(), "from https to http") || plain.Load() > 0 {
			t.Errorf("%v, and %d requests without TLS", err, plain.Load())
		}
	})
}

// TestARedirectOnTheSameHost is followed.
func TestARedirectOnTheSameHost(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		r := serve(t, nil)
		o.Path = "/old/"
		opts, p := r.options(o)
		opts.HTTPClient = &http.Client{Transport: moved{r.client.Transport}}
		conn, err := eioclient.Dial(t.Context(), "http://test", opts)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Abort()
		if err := conn.Send(text("hello")); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, p.heard); string(got.Data) != "hello" {
			t.Errorf("heard %q", got.Data)
		}
	})
}

// moved leads from /old/ to /engine.io/.
type moved struct{ next http.RoundTripper }

func (m moved) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/old/" {
		return m.next.RoundTrip(r)
	}
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	there := *r.URL
	there.Path = "/engine.io/"
	return &http.Response{
		StatusCode: http.StatusPermanentRedirect, Header: http.Header{"Location": {there.String()}}, Body: http.NoBody, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}
