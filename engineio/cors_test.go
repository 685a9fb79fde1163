package engineio

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

const foreign = `{"code":4,"message":"Origin \"https://evil.example\" is not allowed: see the server's option Origins"}`

// checklist: 234
func TestSameOriginByDefault(t *testing.T) {
	bubble(t, "polling and websocket alike", nil, func(r *rig) {
		const shake = "EIO=4&transport=polling"
		for origin, ok := range map[string]bool{
			"http://mem": true, "https://mem": true, "HTTP://MEM": true, "http://mem:80": true, "https://mem:443": true,
			"http://mem:81": false, "https://mem.evil.example": false, "https://evil-mem": false, "null": false,
			"http://mem@evil.example": false, "http://mem/": false, "mem": false, "ftp://mem": false, "http://mem.": false, "http://": false,
		} {
			if res := r.get(shake, "Origin: "+origin); (res.status == 200) != ok {
				r.t.Errorf("polling, %q: %d %s", origin, res.status, res.body)
			} else if !ok && (res.status != 403 || res.header.Get("Access-Control-Allow-Origin") != "") {
				r.t.Errorf("polling, %q: %+v", origin, res)
			}
			if w, res := r.tryWS("EIO=4&transport=websocket", "Origin: "+origin); (w != nil) != ok {
				r.t.Errorf("websocket, %q: %d %s", origin, res.status, res.body)
			} else if ok {
				w.Close()
			}
		}
		r.want(r.get(shake, "Origin: https://evil.example"), 403, foreign)
		w, res := r.tryWS("EIO=4&transport=websocket", "Origin: https://evil.example")
		if w != nil || res.status != 400 || !strings.Contains(res.body, "option Origins") {
			r.t.Errorf("%+v", res)
		}
		if n := strings.Count(r.logs.String(), "Options.Origins"); n != 1 {
			r.t.Errorf("%d lines in the log, want 1 in ten seconds: %s", n, r.logs)
		}
		_, sid := r.open()
		r.want(r.get(sid, "Origin: https://evil.example"), 403, foreign) // not only the handshake
		r.want(r.do("POST", sid, "4x", "Origin: https://evil.example"), 403, foreign)
		r.last().heard()
		r.want(r.do("OPTIONS", sid, "", "Origin: http://mem"), 500, "") // no CORS, as Node
	})
	bubble(t, "bad origins", nil, func(r *rig) {
		for _, h := range []http.Header{{"Origin": {"http://a\x01"}}, {"Origin": {"http://mem", "http://evil.example"}}} {
			req := httptest.NewRequest("GET", "/?EIO=4&transport=polling", nil)
			req.Header = h
			w := httptest.NewRecorder()
			r.ServeHTTP(w, req)
			if w.Code != 400 || w.Body.String() != `{"code":3,"message":"Bad request"}` {
				r.t.Errorf("%q: %d %s", h, w.Code, w.Body)
			}
		}
	})
}

// TestCORS: checklist 189.
func TestCORS(t *testing.T) {
	const origin, shake = "Origin: https://a.example", "EIO=4&transport=polling"
	list := &Options{Origins: []string{"https://A.example/"}, Credentials: true}
	wantHeader := func(t testing.TB, h http.Header, pairs ...string) {
		t.Helper()
		for i := 0; i < len(pairs); i += 2 {
			if got := strings.Join(h.Values(pairs[i]), ","); got != pairs[i+1] {
				t.Errorf("%s: %q, want %q", pairs[i], got, pairs[i+1])
			}
		}
	}
	bubble(t, "preflight", list, func(r *rig) {
		res := r.do("OPTIONS", shake, "", origin, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-one,x-two")
		r.want(res, 204, "")
		wantHeader(r.t, res.header, "Access-Control-Allow-Origin", "https://a.example", "Access-Control-Allow-Credentials", "true",
			"Access-Control-Allow-Methods", "GET,POST", "Access-Control-Allow-Headers", "x-one,x-two", "Vary", "Origin,Access-Control-Request-Headers")
		r.want(r.do("OPTIONS", shake, "", "Origin: https://evil.example"), 403, foreign)
	})
	bubble(t, "answers", list, func(r *rig) {
		res := r.get(shake, origin)
		_, sid := r.last2(res)
		_, ws := r.tryWS("EIO=4&transport=websocket", origin)
		for _, res := range map[string]response{
			"handshake": res, "post": r.do("POST", sid, "4x", origin), "error": r.get("transport=x", origin), "websocket": ws,
			"unknown": r.get("transport=polling&sid=x", origin), "method": r.do("PUT", sid, "", origin),
		} {
			wantHeader(r.t, res.header, "Access-Control-Allow-Origin", "https://a.example", "Access-Control-Allow-Credentials", "true", "Vary", "Origin")
		}
		wantHeader(r.t, r.get(shake).header, "Access-Control-Allow-Origin", "", "Vary", "Origin")
		res = r.get(shake, "Origin: https://evil.example")
		r.want(res, 403, foreign)
		wantHeader(r.t, res.header, "Access-Control-Allow-Origin", "", "Vary", "Origin")
		if res := r.get(shake, "Origin: http://mem"); res.status != 200 { // the own origin needs no entry
			r.t.Errorf("%+v", res)
		}
	})
	bubble(t, "any", &Options{Origins: []string{"*"}}, func(r *rig) {
		wantHeader(r.t, r.get(shake, "Origin: null").header, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Credentials", "", "Vary", "")
		w, res := r.tryWS("EIO=4&transport=websocket", "Origin: https://evil.example")
		if w == nil {
			r.t.Errorf("%+v", res)
		}
	})
	bubble(t, "any, with credentials", &Options{Origins: []string{"*"}, Credentials: true}, func(r *rig) {
		wantHeader(r.t, r.get(shake, "Origin: https://b.example").header,
			"Access-Control-Allow-Origin", "https://b.example", "Access-Control-Allow-Credentials", "true", "Vary", "Origin")
	})
	bubble(t, "files beside the endpoint", list, func(r *rig) {
		for origin, want := range map[string]struct {
			method   string
			answered bool
			allowed  string
		}{
			"https://a.example":    {"GET", false, "https://a.example"},
			"https://A.example":    {"OPTIONS", true, "https://A.example"},
			"https://evil.example": {"GET", true, ""},
		} {
			w, req := httptest.NewRecorder(), httptest.NewRequest(want.method, "/socket.io.js", nil)
			req.Header.Set("Origin", origin)
			if got := r.Beside(w, req); got != want.answered {
				r.t.Errorf("%s: answered %v", origin, got)
			}
			wantHeader(r.t, w.Header(), "Access-Control-Allow-Origin", want.allowed)
		}
	})
}

func TestOriginPatterns(t *testing.T) {
	o, bad := parseOrigins([]string{
		"https://a.example", "http://b.example:8080", "https://*.c.example", "http://*.d.example:81", "capacitor://localhost",
		"d.example", "https://e.example/path", "https://*", "https://x*.example", "", "*.f.example", "https://",
	})
	if strings.Join(bad, " ") != "d.example https://e.example/path https://* https://x*.example  *.f.example https://" {
		t.Errorf("bad entries %q", bad)
	}
	for origin, want := range map[string]bool{
		"https://a.example":            true,
		"https://a.example:443":        true,
		"https://a.example:444":        false,
		"http://a.example":             false,
		"https://a.example.evil":       false,
		"https://a.example.":           false,
		"http://b.example:8080":        true,
		"http://b.example":             false,
		"https://x.c.example":          true,
		"https://x.y.c.example":        true,
		"https://X.C.EXAMPLE":          true,
		"https://c.example":            false,
		"https://evilc.example":        false,
		"https://.c.example":           false,
		"https://x..c.example":         false,
		"https://evil.com/.c.example":  false,
		"https://evil.com#.c.example":  false,
		"https://u:p@x.c.example":      false,
		"https://evil\u3002.c.example": false,
		"https://[::1].c.example":      false,
		"http://x.d.example:81":        true,
		"http://x.d.example":           false,
		"capacitor://localhost":        true,
		"null":                         false,
	} {
		canonical, ok := canonicalOrigin(origin)
		if got := ok && o.allows(canonical); got != want {
			t.Errorf("%q: %v", origin, got)
		}
	}
}

func TestPeer(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for name, c := range map[string]struct {
		remote string
		tls    bool
		header http.Header
		want   peer
	}{
		"plain":             {"192.0.2.1:99", false, nil, peer{"192.0.2.1", "", "host"}},
		"TLS":               {"192.0.2.1:99", true, nil, peer{"192.0.2.1", "https", "host"}},
		"IPv6":              {"[2001:db8::1%eth0]:99", false, nil, peer{"2001:db8::1", "", "host"}},
		"mapped":            {"[::ffff:192.0.2.1]:99", false, nil, peer{"192.0.2.1", "", "host"}},
		"no address":        {"pipe", false, nil, peer{"pipe", "", "host"}},
		"untrusted headers": {"192.0.2.1:99", false, forwarded("1.1.1.1", "evil", "https"), peer{"192.0.2.1", "", "host"}},
		"trusted":           {"10.0.0.1:99", false, forwarded("203.0.113.9", "site", "https"), peer{"203.0.113.9", "https", "site"}},
		"trusted, mapped":   {"[::ffff:10.0.0.1]:99", false, forwarded("203.0.113.9:4711", "site", "http"), peer{"203.0.113.9", "http", "site"}},
		"chain":             {"[::1]:99", false, forwarded("6.6.6.6, 203.0.113.9, 10.1.1.1", "a, b", "WSS"), peer{"203.0.113.9", "https", "a"}},
		"all trusted":       {"10.0.0.1:99", false, forwarded("10.0.0.3, 10.0.0.2", "", ""), peer{"10.0.0.3", "", "host"}},
		"nonsense":          {"10.0.0.1:99", false, forwarded("<script>, 10.0.0.2", "", "ftp"), peer{"10.0.0.2", "", "host"}},
		"without headers":   {"10.0.0.1:99", false, nil, peer{"10.0.0.1", "", "host"}},
	} {
		r := &http.Request{RemoteAddr: c.remote, Host: "host", Header: c.header}
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if got := peerOf(r, trusted); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func forwarded(address, host, proto string) http.Header {
	h := http.Header{}
	h.Set("X-Forwarded-For", address)
	if host != "" {
		h.Set("X-Forwarded-Host", host)
	}
	if proto != "" {
		h.Set("X-Forwarded-Proto", proto)
	}
	return h
}

// TestSameOriginBehindProxy: what the browser asked for counts, when a trusted proxy tells.
func TestSameOriginBehindProxy(t *testing.T) {
	proxy := &Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}} // where memnet's clients are
	header := []string{"Origin: https://site.example", "X-Forwarded-Host: site.example", "X-Forwarded-Proto: https", "X-Forwarded-For: 203.0.113.5"}
	bubble(t, "trusted", proxy, func(r *rig) {
		p, _ := r.last2(r.get("EIO=4&transport=polling", header...))
		if h := p.Handshake(); h.Address != "203.0.113.5" || !h.Secure {
			r.t.Errorf("%+v", h)
		}
		header[0] = "Origin: http://site.example"
		if res := r.get("EIO=4&transport=polling", header...); res.status != 403 {
			r.t.Errorf("another scheme: %+v", res)
		}
	})
	bubble(t, "not trusted", nil, func(r *rig) {
		if res := r.get("EIO=4&transport=polling", header...); res.status != 403 {
			r.t.Errorf("%+v", res)
		}
	})
}
