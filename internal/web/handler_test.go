package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func testSite() *site { return newSite(Files(), fakeLibs(), Options{}.withDefaults()) }

// get asks for a path; headers come in pairs.
func get(h http.Handler, path string, headers ...string) *http.Response {
	return request(h, http.MethodGet, path, headers...)
}

func request(h http.Handler, method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	r.Host = "chat.example:3000"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestPaths(t *testing.T) {
	s := testSite()
	asset := "/assets/" + s.build
	cases := []struct {
		path        string
		status      int
		contentType string
		contains    string
	}{
		{"/", 200, "text/html; charset=utf-8", `data-testid="composer"`},
		{"/r/tea", 200, "text/html; charset=utf-8", `data-testid="composer"`},
		{"/r/%D1%87%D0%B0%D0%B9", 200, "text/html; charset=utf-8", `data-testid="composer"`},
		{"/r/a%20b", 200, "text/html; charset=utf-8", `data-testid="composer"`},
		{"/r/a/b", 404, "text/html; charset=utf-8", "right now"},
		{"/r/a%2Fb", 404, "text/html; charset=utf-8", "right now"},
		{"/r/" + strings.Repeat("x", 300), 404, "text/html; charset=utf-8", "right now"},
		{"/r/", 302, "text/html; charset=utf-8", ""},
		{"/nowhere", 404, "text/html; charset=utf-8", "right now"},
		{"/index.html", 404, "text/html; charset=utf-8", "right now"},
		{"/build", 200, "text/plain; charset=utf-8", s.build},
		{"/robots.txt", 200, "text/plain; charset=utf-8", "Disallow"},
		{"/favicon.ico", 200, "image/svg+xml", "<svg"},
		{"/manifest.webmanifest", 200, "application/manifest+json", asset + "/icon.svg"},
		{asset + "/page.css", 200, "text/css; charset=utf-8", "--signal"},
		{asset + "/js/main.js", 200, "text/javascript; charset=utf-8", "import"},
		{asset + "/libs/jquery.min.js", 200, "text/javascript; charset=utf-8", "jquery"},
		{asset + "/libs/uplot/uplot.js", 200, "text/javascript; charset=utf-8", "export default"},
		{asset + "/libs/uplot/LICENSE.txt", 200, "text/plain; charset=utf-8", "MIT"},
		{asset + "/icon.svg", 200, "image/svg+xml", "<svg"},
		{asset + "/index.html", 404, "text/html; charset=utf-8", "right now"},
		{asset + "/css/1-tokens.css", 404, "text/html; charset=utf-8", "right now"},
		{asset + "/libs/placeholder.txt", 404, "text/html; charset=utf-8", "right now"},
		{asset + "/../handler.go", 404, "text/html; charset=utf-8", "right now"},
		{"/assets/", 404, "text/html; charset=utf-8", "right now"},
		{"/assets/js/main.js", 404, "text/html; charset=utf-8", "right now"},
	}
	for _, c := range cases {
		r := get(s, c.path)
		body := bodyOf(t, r)
		if r.StatusCode != c.status || r.Header.Get("Content-Type") != c.contentType || !strings.Contains(body, c.contains) {
			t.Errorf("%s: %d %q, want %d %q with %q", c.path, r.StatusCode, r.Header.Get("Content-Type"), c.status, c.contentType, c.contains)
		}
	}
}

func TestSecurityHeadersAreOnEverything(t *testing.T) {
	s := testSite()
	for _, path := range []string{"/", "/r/x", "/nowhere", "/r/", "/build", "/assets/" + s.build + "/js/main.js", "/assets/none"} {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
			h := request(s, method, path).Header
			csp := h.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "img-src 'self' data: https:;", "frame-ancestors 'none'",
				"base-uri 'none'", "require-trusted-types-for 'script'", "connect-src 'self' ws://chat.example:3000 wss://chat.example:3000"} {
				if !strings.Contains(csp, want) {
					t.Errorf("%s %s: the policy lacks %q: %s", method, path, want, csp)
				}
			}
			if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
				t.Errorf("%s %s: the policy is loose: %s", method, path, csp)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
				if got := h.Get(name); got != want {
					t.Errorf("%s %s: %s: %q, want %q", method, path, name, got, want)
				}
			}
			if h.Get("Permissions-Policy") == "" {
				t.Errorf("%s %s: no Permissions-Policy", method, path)
			}
		}
	}
}

func TestHostCannotChangeThePolicy(t *testing.T) {
	for _, host := range []string{"a; script-src *", "a b", "a'", "é", "", strings.Repeat("a", 300), "a\r\nx: y", "a,b", "*"} {
		h := http.Header{}
		secure(h, host)
		if got := h.Get("Content-Security-Policy"); got != policy {
			t.Errorf("host %q is in the policy: %s", host, got)
		}
	}
	for _, host := range []string{"localhost:3000", "[::1]:3000", "chat.example", "10.0.0.1"} {
		h := http.Header{}
		secure(h, host)
		if !strings.HasSuffix(h.Get("Content-Security-Policy"), " ws://"+host+" wss://"+host) {
			t.Errorf("host %q is not in the policy", host)
		}
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	r := request(testSite(), "POST", "/")
	if r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("%d, Allow %q", r.StatusCode, r.Header.Get("Allow"))
	}
}

func TestHeadHasNoBody(t *testing.T) {
	s := testSite()
	r := request(s, "HEAD", "/")
	if body := bodyOf(t, r); r.StatusCode != 200 || body != "" || r.Header.Get("Content-Length") == "0" {
		t.Errorf("%d, %d bytes, Content-Length %s", r.StatusCode, len(body), r.Header.Get("Content-Length"))
	}
}

func TestCaching(t *testing.T) {
	s := testSite()
	main := "/js/main.js"
	cases := []struct{ path, cache string }{
		{"/", "no-cache"},
		{"/build", "no-cache"},
		{"/nowhere", "no-store"},
		{"/assets/" + s.build + main, "public, max-age=31536000, immutable"},
		{"/assets/0123456789abcdef" + main, "no-cache"},
	}
	for _, c := range cases {
		r := get(s, c.path)
		if got := r.Header.Get("Cache-Control"); got != c.cache {
			t.Errorf("%s: Cache-Control %q, want %q", c.path, got, c.cache)
		}
		etag := r.Header.Get("Etag")
		if (etag == "") != (r.StatusCode != 200) {
			t.Errorf("%s: Etag %q with status %d", c.path, etag, r.StatusCode)
		}
		if etag == "" {
			continue
		}
		for _, held := range []string{etag, "W/" + etag, `"x", ` + etag, "*"} {
			again := get(s, c.path, "If-None-Match", held)
			if again.StatusCode != http.StatusNotModified || bodyOf(t, again) != "" || again.Header.Get("Etag") != etag {
				t.Errorf("%s, If-None-Match %s: %d", c.path, held, again.StatusCode)
			}
		}
		if again := get(s, c.path, "If-None-Match", `"another"`); again.StatusCode != 200 {
			t.Errorf("%s: %d for another version's tag", c.path, again.StatusCode)
		}
	}
}

func TestCompression(t *testing.T) {
	s := testSite()
	path := "/assets/" + s.build + "/page.css"
	plain := get(s, path)
	plainBody := bodyOf(t, plain)
	packed := get(s, path, "Accept-Encoding", "br, gzip")
	zr, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(zr)
	if err != nil || string(body) != plainBody {
		t.Errorf("the compressed form differs (%v)", err)
	}
	if packed.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" {
		t.Error("Content-Encoding is wrong")
	}
	if plain.Header.Get("Etag") == packed.Header.Get("Etag") {
		t.Error("two forms, one Etag")
	}
	for _, r := range []*http.Response{plain, packed} {
		if r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Vary %q", r.Header.Get("Vary"))
		}
	}
}

func TestAcceptsGzip(t *testing.T) {
	cases := map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "gzip; q=0.0": false,
		"*": true, "*;q=0": false, "gzip;q=0, *": false, "identity": false, "x-gzip": false, "gzip;q=nonsense": false,
	}
	for value, want := range cases {
		if got := acceptsGzip([]string{value}); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}

func TestBuildNamesTheContent(t *testing.T) {
	page := fstest.MapFS{}
	for _, name := range []string{"index.html", "404.html", "unbuilt.html", "manifest.webmanifest", "icon.svg", "js/a.js"} {
		page[name] = &fstest.MapFile{Data: []byte(name)}
	}
	build := func() string { return newSite(page, fakeLibs(), Options{}.withDefaults()).build }
	before := build()
	if build() != before {
		t.Error("the same content has two names")
	}
	page["js/a.js"] = &fstest.MapFile{Data: []byte("changed")}
	if build() == before {
		t.Error("another content has the same name")
	}
}

func TestIndexNamesWhatExists(t *testing.T) {
	s := testSite()
	for _, document := range []string{bodyOf(t, get(s, "/")), bodyOf(t, get(s, "/nowhere"))} {
		if strings.Contains(document, "{{") {
			t.Error("a placeholder is left")
		}
		for _, attribute := range []string{`src="`, `href="`} {
			for _, part := range strings.Split(document, attribute)[1:] {
				path, _, _ := strings.Cut(part, `"`)
				if strings.HasPrefix(path, "#") || strings.HasPrefix(path, "/socket.io/") {
					continue
				}
				if r := get(s, path); r.StatusCode != 200 {
					t.Errorf("%s: %d", path, r.StatusCode)
				}
			}
		}
	}
}

func TestSocketPath(t *testing.T) {
	for given, want := range map[string]string{"": "/socket.io/", "/io": "/io/", "io/": "/io/", "/deep/path/": "/deep/path/"} {
		s := newSite(Files(), fakeLibs(), Options{SocketPath: given}.withDefaults())
		body := bodyOf(t, get(s, "/"))
		if !strings.Contains(body, `src="`+want+`socket.io.js"`) || !strings.Contains(body, `name="socket-path" content="`+want+`"`) {
			t.Errorf("SocketPath %q: the page does not use %q", given, want)
		}
	}
}

func TestUnbuiltSaysWhatToDo(t *testing.T) {
	s := newSite(Files(), fstest.MapFS{"libs/placeholder.txt": {Data: []byte("x")}}, Options{}.withDefaults())
	r := get(s, "/r/tea")
	if body := bodyOf(t, r); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "make") {
		t.Errorf("%d: %s", r.StatusCode, body)
	}
	if r := get(s, "/assets/"+s.build+"/page.css"); r.StatusCode != 200 {
		t.Errorf("its style: %d", r.StatusCode)
	}
}

func TestHandlerIsWhatIsEmbedded(t *testing.T) {
	want := http.StatusOK
	if !Built() {
		want = http.StatusServiceUnavailable
	}
	if r := get(Handler(Options{}), "/"); r.StatusCode != want {
		t.Errorf("status %d, built %v", r.StatusCode, Built())
	}
}
