package engineio

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/internal/memnet"
)

// site is a client of the whole site that a rig's server is a part of. It follows no redirects.
type site struct {
	*rig
	http http.Client
}

func newSite(r *rig) *site {
	c := &site{rig: r, http: *r.client}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// ask gets a target and says in one line what answered: the handler's words, "session", or where to go on.
func (c *site) ask(target string) string {
	c.t.Helper()
	res, err := c.http.Get("http://mem" + target)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		c.t.Fatal(err)
	case res.StatusCode/100 == 3:
		return "to " + res.Header.Get("Location")
	case strings.HasPrefix(string(body), `0{"sid"`):
		return "session"
	}
	return string(body)
}

// application is a handler that is not the server.
func application(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, "application "+r.URL.Path)
}

func TestPaths(t *testing.T) {
	const shake = "?EIO=4&transport=polling"
	// checklist: 15
	bubble(t, "without the last slash", nil, func(r *rig) {
		c := newSite(r)
		if got, want := c.ask("/engine.io"+shake), "to /engine.io/"+shake; got != want {
			r.t.Errorf("the mux answers %q, want %q", got, want)
		}
		r.mux.HandleFunc("/engine.io", application)
		if got := c.ask("/engine.io" + shake); got != "application /engine.io" {
			r.t.Errorf("the application has the path, but got %q", got)
		}
		if n := r.ClientsCount(); n != 0 {
			r.t.Errorf("%d sessions", n)
		}
	})
	// checklist: 16
	bubble(t, "with the last slash and without", nil, func(r *rig) {
		r.onMessage = echo
		r.mux.Handle("/engine.io", r.Server)
		c := newSite(r)
		for _, target := range []string{"/engine.io", "/engine.io/"} {
			if got := c.ask(target + shake); got != "session" {
				r.t.Errorf("%s: %q", target, got)
			}
		}
		bare := "http://mem/engine.io?transport=polling&sid=" + r.last().ID()
		res, err := c.http.Post(bare, "text/plain", strings.NewReader("4hello"))
		if err != nil || res.StatusCode != 200 {
			r.t.Fatalf("POST: %+v, %v", res, err)
		}
		res.Body.Close()
		if got := c.ask(strings.TrimPrefix(bare, "http://mem")); got != "4hello" {
			r.t.Errorf("poll: %q", got)
		}
	})
	// checklist: 17
	bubble(t, "other paths", nil, func(r *rig) {
		r.mux.HandleFunc("/", application)
		c := newSite(r)
		for _, target := range []string{"/", "/other", "/engine.iox/", "/engine.io.js", "/v2/engine.io/"} {
			if got := c.ask(target + shake); got != "application "+target {
				r.t.Errorf("%s: %q", target, got)
			}
		}
		if n := r.ClientsCount(); n != 0 {
			r.t.Errorf("%d sessions", n)
		}
		for _, target := range []string{"/engine.io/", "/engine.io/anything"} {
			if got := c.ask(target + shake); got != "session" {
				r.t.Errorf("%s: %q", target, got)
			}
		}
	})
	// checklist: 62
	bubble(t, "an upgrade for another path", nil, func(r *rig) {
		c, br := r.raw("GET /other HTTP/1.1\r\nHost: mem\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		defer c.Close()
		if res, err := http.ReadResponse(br, nil); err != nil || res.StatusCode != 404 {
			r.t.Errorf("%+v, %v", res, err)
		}
	})
}

// behind is bubble with a middleware in front of the whole site.
func behind(t *testing.T, name string, o *Options, middleware func(http.Handler) http.Handler, f func(r *rig)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRigWith(t, o, memnet.Listen(), func(hs *http.Server) { hs.Handler = middleware(hs.Handler) })
			defer r.stop()
			f(r)
		})
	})
}

func TestMiddleware(t *testing.T) {
	var seen []string
	sees := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kind := r.Method
			if r.Header.Get("Upgrade") != "" {
				kind = "upgrade"
			}
			if r.URL.Query().Get("sid") != "" {
				kind += " of a session"
			}
			seen = append(seen, kind) // one request at a time, by the test below
			w.Header().Set("X-Middleware", kind)
			next.ServeHTTP(w, r)
		})
	}
	// checklist: 65, 192
	behind(t, "sees every request and upgrade", nil, sees, func(r *rig) {
		r.onMessage = echo
		first := r.get("EIO=4&transport=polling")
		p, sid := r.last2(first)
		post := r.do("POST", sid, "4x")
		poll := r.get(sid)
		w := r.candidate(p)
		_, alone := r.openWS()
		refused := r.get("transport=polling&sid=x")
		var got []string
		for _, h := range []http.Header{first.header, post.header, poll.header, w.header, alone.header, refused.header} {
			got = append(got, strings.Join(h["X-Middleware"], ","))
		}
		const want = `["GET" "POST of a session" "GET of a session" "upgrade of a session" "upgrade" "GET of a session"]`
		if fmt.Sprintf("%q", got) != want || fmt.Sprintf("%q", seen) != want {
			r.t.Errorf("sent %q, seen %q, want %s", got, seen, want)
		}
	})
	refuses := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" {
				http.Error(w, "who are you?", http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	// checklist: 13, 192
	behind(t, "refuses requests and upgrades", nil, refuses, func(r *rig) {
		r.want(r.get("EIO=4&transport=polling"), 401, "who are you?\n")
		if w, res := r.tryWS("EIO=4&transport=websocket"); w != nil || res.status != 401 {
			r.t.Errorf("%+v", res)
		}
		if len(r.taps) != 0 || len(r.fails) != 0 {
			r.t.Errorf("%d sessions, %d failures reached the server", len(r.taps), len(r.fails))
		}
		_, sid := r.last2(r.get("EIO=4&transport=polling", "Authorization: me"))
		r.want(r.do("POST", sid, "4x"), 401, "who are you?\n")
		r.want(r.do("POST", sid, "4y", "Authorization: me"), 200, "ok")
		r.last().heard("y")
	})
}
