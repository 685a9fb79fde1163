package socketio_test

import (
	"bufio"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"rightnow/socketio"
)

// checklist: 188
func TestClientFiles(t *testing.T) {
	files := fstest.MapFS{
		"socket.io.js":             {Data: []byte("/* the client */" + strings.Repeat(" ", 5000))},
		"socket.io.min.js":         {Data: []byte("min")},
		"socket.io.min.js.map":     {Data: []byte("{}")},
		"socket.io.esm.min.js":     {Data: []byte("esm")},
		"socket.io.esm.min.js.map": {Data: []byte(`{"of":"esm"}`)},
		"socket.io.msgpack.min.js": {Data: []byte("msgpack")},
		"secret.txt":               {Data: []byte("secret")},
	}
	srv := socketio.New(&socketio.Options{ClientFiles: files, Origins: []string{"https://app.example"}})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", srv)
	mux.Handle("/deep/rt/", http.StripPrefix("/deep/rt", srv))
	get := func(method, path string, header ...string) *http.Response {
		r := httptest.NewRequest(method, path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Result()
	}

	first := get("GET", "/socket.io/socket.io.js")
	etag := first.Header.Get("ETag")
	for name, want := range map[string]string{
		"Cache-Control": "public, max-age=0",
		"Content-Type":  "application/javascript; charset=utf-8",
	} {
		if got := first.Header.Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if first.StatusCode != 200 || len(etag) < 10 || body(first) != string(files["socket.io.js"].Data) {
		t.Errorf("%v, ETag %s", first.Status, etag)
	}
	if other := get("GET", "/socket.io/socket.io.min.js"); other.Header.Get("ETag") == etag {
		t.Error("two files with one ETag")
	}
	for header, want := range map[string]int{
		etag:             304,
		"W/" + etag:      304,
		`"x", ` + etag:   304,
		"*":              304,
		`"other"`:        200,
		"":               200,
		`W/"other", "y"`: 200,
	} {
		if got := get("GET", "/socket.io/socket.io.js", "If-None-Match", header); got.StatusCode != want {
			t.Errorf("If-None-Match %s: %v", header, got.Status)
		}
	}

	for path, want := range map[string]int{
		"/socket.io/socket.io.min.js":         200,
		"/socket.io/socket.io.esm.min.js":     200,
		"/socket.io/socket.io.esm.min.js.map": 200,
		"/socket.io/socket.io.msgpack.min.js": 200,
		"/deep/rt/socket.io.js":               200,
		"/socket.io/socket.io.js.map":         404, // not in the file system
		"/socket.io/secret.txt":               400, // a request of the protocol, without a transport
		"/socket.io/":                         400,
		"/socket.io/../secret.txt":            307,
	} {
		if got := get("GET", path); got.StatusCode != want {
			t.Errorf("%s: %v", path, got.Status)
		}
	}
	if got := get("GET", "/socket.io/socket.io.min.js.map").Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("map: %s", got)
	}
	if got := get("POST", "/socket.io/socket.io.js"); got.StatusCode != 405 {
		t.Errorf("POST: %v", got.Status)
	}

	zipped := get("GET", "/socket.io/socket.io.js", "Accept-Encoding", "gzip, br")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := readAll(z); err != nil || plain != string(files["socket.io.js"].Data) {
		t.Errorf("%d bytes, %v", len(plain), err)
	}

	for accept, want := range map[string]string{
		"gzip": "gzip", "deflate, gzip;q=0.5": "gzip", "*": "gzip", "": "", "br": "", "gzip;q=0": "", "gzip; q=0.0, br": "",
	} {
		if got := get("GET", "/socket.io/socket.io.js", "Accept-Encoding", accept).Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %s: %q", accept, got)
		}
	}

}

// checklist: 189
func TestClientFilesForOtherOrigins(t *testing.T) {
	files := fstest.MapFS{"socket.io.js": {Data: []byte("js")}, "socket.io.js.map": {Data: []byte("{}")}}
	srv := socketio.New(&socketio.Options{ClientFiles: files, Origins: []string{"https://app.example"}})
	for _, c := range []struct {
		method, path, origin string
		status               int
		allowed              string
	}{
		{"GET", "/socket.io/socket.io.js", "https://app.example", 200, "https://app.example"},
		{"GET", "/socket.io/socket.io.js.map", "https://app.example", 200, "https://app.example"},
		{"OPTIONS", "/socket.io/socket.io.js", "https://app.example", 204, "https://app.example"},
		{"GET", "/socket.io/socket.io.js", "https://evil.example", 403, ""},
		{"GET", "/socket.io/socket.io.js", "", 200, ""},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, r)
		if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != c.status || got != c.allowed {
			t.Errorf("%s %s from %q: %d, allows %q", c.method, c.path, c.origin, w.Code, got)
		}
	}
}

// checklist: 188
func TestNoClientFilesWithoutTheOption(t *testing.T) {
	io := socketio.New(nil)
	w := httptest.NewRecorder()
	io.ServeHTTP(w, httptest.NewRequest("GET", "/socket.io/socket.io.js", nil))
	if w.Code != 400 {
		t.Errorf("got %d", w.Code)
	}
}

func body(r *http.Response) string {
	s, _ := readAll(r.Body)
	return s
}

func readAll(r io.Reader) (string, error) {
	b, err := io.ReadAll(r)
	return string(b), err
}

// A body that nobody wants, and that never ends, does not keep the answer back for long.
func TestClientFileForABody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := serve(t, &socketio.Options{ClientFiles: fstest.MapFS{"socket.io.js": {Data: []byte("js")}}})
		conn, err := h.dial(t.Context(), "tcp", h.host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "GET /socket.io/socket.io.js HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || body(res) != "js" {
			t.Errorf("%+v, %v", res, err)
		}
		refused, err := h.dial(t.Context(), "tcp", h.host)
		if err != nil {
			t.Fatal(err)
		}
		defer refused.Close()
		io.WriteString(refused, "GET /socket.io/socket.io.js HTTP/1.1\r\nHost: test\r\nOrigin: https://evil.example\r\nContent-Length: 9\r\n\r\n")
		if res, err := http.ReadResponse(bufio.NewReader(refused), nil); err != nil || res.StatusCode != 403 {
			t.Errorf("%+v, %v", res, err)
		}
	})
}
