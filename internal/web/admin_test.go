package web

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

func adminLibs() fstest.MapFS {
	index := `<html><head><link rel="icon" href="favicon.png"><link rel="stylesheet" href="https://fonts.example/css?family=Roboto">` +
		`<link rel="stylesheet" href="https://cdn.example/icons.css"><link href="css/app.1.css" rel="stylesheet"></head>` +
		`<body><script src="js/app.1.js"></script></body></html>`
	return fstest.MapFS{
		"libs/admin/index.html":                                  {Data: []byte(index)},
		"libs/admin/js/app.1.js":                                 {Data: []byte("app()")},
		"libs/admin/mdi/fonts/materialdesignicons-webfont.woff2": {Data: []byte("font")},
	}
}

func TestAdminPaths(t *testing.T) {
	a := newAdmin(adminLibs(), AdminOptions{SocketPath: "/sio"})
	for path, want := range map[string]struct {
		status      int
		contentType string
		contains    string
	}{
		"/admin/":            {200, "text/html; charset=utf-8", `<script src="start.js" data-path="/sio/"></script></head>`},
		"/admin":             {302, "text/html; charset=utf-8", "/admin/"},
		"/admin/start.js":    {200, "text/javascript; charset=utf-8", "server_url"},
		"/admin/js/app.1.js": {200, "text/javascript; charset=utf-8", "app()"},
		"/admin/mdi/fonts/materialdesignicons-webfont.woff2": {200, "font/woff2", "font"},
		"/admin/nothing":     {404, "text/plain; charset=utf-8", ""},
		"/admin/../admin.go": {404, "text/plain; charset=utf-8", ""},
	} {
		res := get(a, path)
		body := bodyOf(t, res)
		if res.StatusCode != want.status || res.Header.Get("Content-Type") != want.contentType || !strings.Contains(body, want.contains) {
			t.Errorf("%s: %d %s\n%s", path, res.StatusCode, res.Header.Get("Content-Type"), body)
		}
		if strings.Contains(body, "https://") {
			t.Errorf("%s loads something from elsewhere:\n%s", path, body)
		}
		csp := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "script-src 'self';") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			!strings.HasSuffix(csp, "connect-src 'self' ws://chat.example:3000 wss://chat.example:3000") {
			t.Errorf("%s: policy %s", path, csp)
		}
	}
	if res := request(a, http.MethodPost, "/admin/"); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", res.StatusCode)
	}
	open := newAdmin(adminLibs(), AdminOptions{Open: true})
	if body := bodyOf(t, get(open, "/admin/")); !strings.Contains(body, `data-path="/socket.io/" data-open></script>`) {
		t.Error(body)
	}
}

func TestAdminUnbuilt(t *testing.T) {
	res := get(newAdmin(fakeLibs(), AdminOptions{}), "/admin/")
	if body := bodyOf(t, res); res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "`make`") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}
