package engineio

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequest sends any request, to no session and to one: there is always an answer, of a status that the protocol
// knows, and what is no handshake makes no session.
func FuzzRequest(f *testing.F) {
	f.Add("GET", "EIO=4&transport=polling", "", "https://a.example", "")
	f.Add("POST", "EIO=4&transport=polling&sid=%SID", "4hello\x1ebAQID", "", "text/plain")
	f.Add("POST", "transport=polling&sid=%SID", "4a\x1e\x1e", "null", "application/octet-stream")
	f.Add("PUT", "sid=__proto__&transport=polling&EIO=3", "", "http://example.com", "")
	f.Add("OPTIONS", "%zz=&&;transport=websocket", "", "http://%", "")
	f.Add("POST", "transport=polling&sid=%SID", "1\x1e4x", "", "")
	f.Fuzz(func(t *testing.T, method, query, body, origin, contentType string) {
		if method == http.MethodGet && strings.Contains(query, "%SID") {
			return // a poll would wait for the ping
		}
		s := New(&Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Origins: []string{"https://*.example"}})
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/?EIO=4&transport=polling", nil))
		sid := sidOf(t, w.Body.String())
		r := &http.Request{
			Method: method, URL: &url.URL{Path: "/", RawQuery: strings.ReplaceAll(query, "%SID", sid)}, Proto: "HTTP/1.1", Host: "host",
			Header: http.Header{"Origin": {origin}, "Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body)), RemoteAddr: "192.0.2.1:1",
		}
		w = httptest.NewRecorder()
		s.ServeHTTP(w, r)
		switch w.Code {
		case 200, 204, 400, 403, 413, 500:
		default:
			t.Errorf("status %d", w.Code)
		}
		if want := 1 + b2i(w.Code == 200 && method == http.MethodGet); s.Stats().Opened != uint64(want) {
			t.Errorf("%d sessions were opened, want %d", s.Stats().Opened, want)
		}
		for session := range s.Sessions() {
			session.Close(ReasonForcedClose)
		}
		if err := s.Shutdown(expired()); err == nil && s.ClientsCount() != 0 {
			t.Error("a session is left")
		}
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
