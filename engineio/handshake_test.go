package engineio

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestHandshake: over long-polling.
func TestHandshake(t *testing.T) {
	const shake = "EIO=4&transport=polling"
	// checklist: 1, 3
	bubble(t, "body of the handshake", &Options{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond}, func(r *rig) {
		res := r.get(shake)
		want := fmt.Sprintf(`0{"sid":%q,"upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`, r.last().ID())
		r.want(res, 200, want)
		if ct := res.header.Get("Content-Type"); ct != "text/plain; charset=UTF-8" {
			r.t.Errorf("Content-Type %q", ct)
		}
	})
	// checklist: 2
	bubble(t, "ids are unique and safe in URLs", nil, func(r *rig) {
		seen := map[string]bool{}
		for range 1000 {
			p, _ := r.open()
			if !regexp.MustCompile(`^[A-Za-z0-9_-]{20}$`).MatchString(p.ID()) || seen[p.ID()] {
				r.t.Fatalf("id %q", p.ID())
			}
			seen[p.ID()] = true
		}
		if n := r.ClientsCount(); n != 1000 {
			r.t.Errorf("%d clients", n)
		}
	})
	for _, o := range []*Options{{DisableUpgrades: true}, {Transports: []Transport{Polling}}} {
		// checklist: 3
		bubble(t, "no upgrades offered", o, func(r *rig) {
			if res := r.get(shake); !strings.Contains(res.body, `"upgrades":[],`) {
				r.t.Errorf("%+v", res)
			}
		})
	}
	// checklist: 4
	bubble(t, "headers", nil, func(r *rig) {
		res := r.get(shake)
		if cc, cl := res.header.Get("Cache-Control"), res.header.Get("Content-Length"); cc != "no-store" || cl != fmt.Sprint(len(res.body)) {
			r.t.Errorf("Cache-Control %q, Content-Length %q", cc, cl)
		}
	})
	// checklist: 5
	bubble(t, "no transport", nil, func(r *rig) {
		r.wantCode(r.get("EIO=4"), 400, CodeUnknownTransport, "Transport unknown")
		r.wantCode(r.get(""), 400, CodeUnknownTransport, "Transport unknown")
	})
	// checklist: 6
	bubble(t, "unknown transports", nil, func(r *rig) {
		p, _ := r.open()
		for _, name := range []string{"abc", "webtransport", "__proto__", "constructor", "", "POLLING", "polling%00", "polling&transport=x", "%zz"} {
			for _, sid := range []string{"", "&sid=" + p.ID(), "&sid=foreign"} {
				r.wantCode(r.get("EIO=4&transport="+name+sid), 400, CodeUnknownTransport, "Transport unknown")
				r.wantCode(r.do("POST", "EIO=4&transport="+name+sid, "4x"), 400, CodeUnknownTransport, "Transport unknown")
				if w, res := r.tryWS("EIO=4&transport=" + name + sid); w != nil || res.status != 400 || res.body != "Transport unknown" {
					r.t.Errorf("%s%s by WebSocket: %+v", name, sid, res)
				}
			}
		}
		p.alive()
		p.heard()
	})
	// checklist: 7
	bubble(t, "transports that are switched off", &Options{Transports: []Transport{WebSocket}}, func(r *rig) {
		r.wantCode(r.get(shake), 400, CodeUnknownTransport, "Transport unknown")
		r.openWS()
	})
	// checklist: 7
	bubble(t, "no WebSocket: plain answers", &Options{Transports: []Transport{Polling}}, func(r *rig) {
		w, res := r.tryWS("EIO=4&transport=websocket")
		if w != nil {
			r.t.Fatal("upgraded")
		}
		r.wantCode(res, 400, CodeUnknownTransport, "Transport unknown")
	})
	// checklist: 8
	bubble(t, "protocol versions", nil, func(r *rig) {
		for _, q := range []string{"", "EIO=3&", "EIO=5&", "EIO=abc&", "EIO=4&EIO=3&", "EIO=&"} {
			r.wantCode(r.get(q+"transport=polling"), 400, CodeUnsupportedProtocol, "Unsupported protocol version")
		}
	})
	// checklist: 9, 40
	bubble(t, "methods of a handshake", nil, func(r *rig) {
		for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
			r.wantCode(r.do(method, shake, ""), 400, CodeBadHandshakeMethod, "Bad handshake method")
		}
		if res := r.do("HEAD", shake, ""); res.status != 400 {
			r.t.Errorf("HEAD: %+v", res)
		}
	})
	// checklist: 10
	bubble(t, "websocket without Upgrade", nil, func(r *rig) {
		r.wantCode(r.get("EIO=4&transport=websocket"), 400, CodeBadRequest, "Bad request")
		if w, res := r.tryWS(shake); w != nil || res.status != 400 || res.body != "Bad request" {
			r.t.Errorf("polling with Upgrade: %+v", res)
		}
	})
	// checklist: 11
	bubble(t, "unknown sessions", nil, func(r *rig) {
		for _, sid := range []string{"abc", "__proto__", "constructor", "toString", "%00", strings.Repeat("x", 5000)} {
			r.unknown("transport=polling&sid=" + sid)
			r.wantCode(r.do("POST", "EIO=4&transport=polling&sid="+sid, "4x"), 400, CodeUnknownSession, "Session ID unknown")
		}
	})
	// checklist: 12
	bubble(t, "allowRequest", &Options{AllowRequest: func(r *http.Request) error {
		switch r.URL.Query().Get("who") {
		case "friend":
			return nil
		case "told":
			return &Refusal{Message: `no "<entry>"`}
		case "bug":
			panic("bug")
		}
		return errors.New("secret")
	}}, func(r *rig) {
		r.wantCode(r.get(shake), 403, CodeForbidden, "Forbidden")
		r.wantCode(r.get(shake+"&who=bug"), 403, CodeForbidden, "Forbidden")
		r.want(r.get(shake+"&who=told"), 403, `{"code":4,"message":"no \"<entry>\""}`)
		_, sid := r.last2(r.get(shake + "&who=friend"))
		r.post(sid, "4hello") // only the handshake is asked about
		r.last().heard("hello")
	})
	// checklist: 14
	bubble(t, "failing ids", &Options{GenerateID: func(r *http.Request) (string, error) {
		switch id := r.URL.Query().Get("id"); id {
		case "panic":
			panic("bug")
		case "error":
			return "x", errors.New("no entropy")
		default:
			return id, nil
		}
	}}, func(r *rig) {
		for _, id := range []string{"panic", "error", ""} {
			r.wantCode(r.get(shake+"&id="+id), 400, CodeBadRequest, "Bad request")
		}
		r.last2(r.get(shake + "&id=mine"))
		r.wantCode(r.get(shake+"&id=mine"), 400, CodeBadRequest, "Bad request") // taken
		if n := r.ClientsCount(); n != 1 {
			r.t.Errorf("%d clients", n)
		}
	})
	bubble(t, "any path, by a writer that knows nothing of connections", nil, func(r *rig) {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", "/?"+shake, nil))
		if w.Code != 200 || !strings.HasPrefix(w.Body.String(), `0{"sid"`) {
			r.t.Errorf("recorder: %d %s", w.Code, w.Body)
		}
	})
	// checklist: 18
	bubble(t, "the last value of a key counts", nil, func(r *rig) {
		p, _ := r.last2(r.get("EIO=3&transport=x&a=1&a=2&EIO=4&transport=polling"))
		q := p.Handshake().Query()
		if got := q["a"]; len(got) != 2 || got[1] != "2" {
			r.t.Errorf("query %v", q)
		}
	})
	// checklist: 19
	bubble(t, "one report for each failure", &Options{AllowRequest: func(r *http.Request) error {
		if who := r.URL.Query().Get("who"); who != "" {
			return &Refusal{Message: "no " + who}
		}
		return nil
	}}, func(r *rig) {
		r.get("EIO=4&transport=x")
		r.get("EIO=4&transport=polling&sid=gone")
		r.do("PUT", shake, "")
		r.get("EIO=4&transport=websocket")
		r.get(shake + "&who=stranger")
		r.get("transport=polling")
		var got []string
		for _, f := range r.fails {
			context, _ := json.Marshal(f.Context)
			got = append(got, fmt.Sprintf("%d %s %s %s", f.Code, f.Message, context, f.Request.Method))
		}
		want := []string{
			`0 Transport unknown {"transport":"x"} GET`, `1 Session ID unknown {"sid":"gone"} GET`,
			`2 Bad handshake method {"method":"PUT"} PUT`, `3 Bad request {"name":"TRANSPORT_HANDSHAKE_ERROR"} GET`,
			`4 no stranger {"error":{"Message":"no stranger"}} GET`, `5 Unsupported protocol version {"protocol":""} GET`,
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			r.t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

// TestHandshakeValue: what the application keeps of the request is the session's own, and a panic lets nobody in.
func TestHandshakeValue(t *testing.T) {
	o := &Options{
		AllowRequest: func(r *http.Request) error {
			if r.URL.Query().Get("who") == "" {
				return errors.New("nobody")
			}
			return nil
		},
		HandshakeValue: func(r *http.Request) any {
			who := r.URL.Query().Get("who")
			if who == "" || who == "bug" {
				panic("asked about nobody")
			}
			return who
		},
	}
	bubble(t, "each its own", o, func(r *rig) {
		polling, _ := r.last2(r.get("EIO=4&transport=polling&who=ann"))
		websocket := r.ws("EIO=4&transport=websocket&who=ben")
		websocket.next()
		if got := polling.Handshake().Value; got != "ann" {
			r.t.Errorf("over polling %v", got)
		}
		if got := r.last().Handshake().Value; got != "ben" {
			r.t.Errorf("over a WebSocket %v", got)
		}
	})
	bubble(t, "a panic", o, func(r *rig) {
		r.wantCode(r.get("EIO=4&transport=polling&who=bug"), 403, CodeForbidden, "Forbidden")
		r.wantCode(r.get("EIO=4&transport=polling"), 403, CodeForbidden, "Forbidden") // by AllowRequest, which is asked first
		if logs := r.logs.String(); !strings.Contains(logs, "callback=HandshakeValue") || strings.Count(logs, "level=ERROR") != 1 {
			r.t.Error(logs)
		}
		if n := r.Stats().Opened; n != 0 {
			r.t.Errorf("%d sessions", n)
		}
	})
	bubble(t, "nothing kept", nil, func(r *rig) {
		p, _ := r.open()
		if got := p.Handshake().Value; got != nil {
			r.t.Errorf("%v", got)
		}
	})
}

func TestInitialPacket(t *testing.T) {
	o := &Options{InitialPacket: []byte("welcome")}
	bubble(t, "polling", o, func(r *rig) {
		res := r.get("EIO=4&transport=polling")
		open, rest, _ := strings.Cut(res.body, "\x1e")
		sidOf(r.t, open)
		if rest != "4welcome" {
			r.t.Errorf("body %q", res.body)
		}
	})
	bubble(t, "websocket", o, func(r *rig) {
		_, w := r.openWS()
		w.want("4welcome")
	})
}

// TestOnSession: what is sent while the session opens follows the handshake, on both transports.
func TestOnSession(t *testing.T) {
	var r *rig
	greet := &Options{OnSession: func(s *Session) SessionHandler {
		p := r.tap(s)
		p.say(TextFrame([]byte("hi"), []byte{1, 2}))
		return p
	}}
	bubble(t, "send over polling", greet, func(r2 *rig) {
		r = r2
		_, sid := r.open()
		r.poll(sid, "4hi\x1ebAQI=")
	})
	bubble(t, "send over websocket", greet, func(r2 *rig) {
		r = r2
		_, w := r.openWS()
		w.want("4hi", "0x0102")
	})
	closes := &Options{OnSession: func(s *Session) SessionHandler {
		p := r.tap(s)
		p.say(TextFrame([]byte("bye")))
		s.Close(ReasonForcedClose)
		return p
	}}
	bubble(t, "close over polling", closes, func(r2 *rig) {
		r = r2
		p, sid := r.open()
		p.ended(ReasonForcedClose)
		r.poll(sid, "4bye")
		r.poll(sid, "6\x1e1")
		r.unknown(sid)
	})
	bubble(t, "close over websocket", closes, func(r2 *rig) {
		r = r2
		p, w := r.openWS()
		w.want("4bye")
		w.wantClose(1005)
		p.ended(ReasonForcedClose)
	})
	bubble(t, "no handler", &Options{OnSession: func(*Session) SessionHandler { return nil }}, func(r *rig) {
		w := r.ws("EIO=4&transport=websocket")
		w.next()
		w.text("4ignored")
		w.Close()
		synctest.Wait()
		if n := r.ClientsCount(); n != 0 {
			r.t.Errorf("%d clients", n)
		}
	})
}

func TestHandshakeData(t *testing.T) {
	bubble(t, "request", nil, func(r *rig) {
		before := time.Now()
		p, _ := r.last2(r.get("EIO=4&transport=polling&user=j%20d", "X-Two: 1", "X-Two: 2", "User-Agent: test"))
		h := p.Handshake()
		if h.URL != "/engine.io/?EIO=4&transport=polling&user=j%20d" || h.Query().Get("user") != "j d" {
			r.t.Errorf("URL %q, query %v", h.URL, h.Query())
		}
		header := h.Header()
		if header.Get("Host") != "mem" || header.Get("User-Agent") != "test" || fmt.Sprint(header["X-Two"]) != "[1 2]" {
			r.t.Errorf("header %v", header)
		}
		if !strings.HasPrefix(p.RemoteAddr(), h.Address+":") || h.Secure || h.Issued.Before(before) {
			r.t.Errorf("address %q of %q, secure %v, issued %v", h.Address, p.RemoteAddr(), h.Secure, h.Issued)
		}
	})
}

func TestMaxSessions(t *testing.T) {
	bubble(t, "polling and websocket", &Options{MaxSessions: 2}, func(r *rig) {
		r.open()
		p, w := r.openWS()
		r.wantCode(r.get("EIO=4&transport=polling"), 503, CodeBadRequest, "Too many sessions")
		if w, res := r.tryWS("EIO=4&transport=websocket"); w != nil || res.status != 503 {
			r.t.Errorf("%+v", res)
		}
		w.Close()
		p.ended(ReasonTransportClose)
		r.open()
	})
}

func TestHeaders(t *testing.T) {
	o := &Options{
		Cookie: &http.Cookie{},
		Headers: func(h http.Header, r *http.Request, initial bool) {
			h.Add("X-Hook", fmt.Sprintf("%s %v", r.Method, initial))
		},
	}
	// checklist: 65, 190, 191
	bubble(t, "hook and cookie", o, func(r *rig) {
		res := r.get("EIO=4&transport=polling")
		p, sid := r.last2(res)
		if got, want := res.header["Set-Cookie"], "io="+p.ID()+"; Path=/; HttpOnly; SameSite=Lax"; len(got) != 1 || got[0] != want {
			r.t.Errorf("cookie %q, want %q", got, want)
		}
		post := r.do("POST", sid, "4x")
		moves := r.candidate(p)
		w, ws := r.tryWS("EIO=4&transport=websocket")
		w.Close()
		for name, c := range map[string]struct {
			res  response
			hook string
		}{
			"handshake": {res, "GET true"},
			"post":      {post, "POST false"},
			"error":     {r.get("transport=polling&sid=x"), "GET false"},
			"put":       {r.do("PUT", sid, ""), "PUT false"},
			"websocket": {ws, "GET true"},
			"upgrade":   {response{header: moves.header}, "GET false"},
		} {
			if got := c.res.header["X-Hook"]; len(got) != 1 || got[0] != c.hook {
				r.t.Errorf("%s: %q, want %q", name, got, c.hook)
			}
			if name != "handshake" && c.res.header.Get("Set-Cookie") != "" {
				r.t.Errorf("%s: cookie", name)
			}
		}
	})
	// checklist: 47
	bubble(t, "Internet Explorer", nil, func(r *rig) {
		for agent, want := range map[string]string{"": "", "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0)": "0", "Mozilla/4.0 (compatible;MSIE 8.0)": "0"} {
			if got := r.get("EIO=4&transport=polling", "User-Agent: "+agent).header.Get("X-XSS-Protection"); got != want {
				r.t.Errorf("%q: %q", agent, got)
			}
		}
	})
}
