package engineio

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/internal/memnet"
	"rightnow/internal/ws"
)

func TestWebSocket(t *testing.T) {
	const shake = "EIO=4&transport=websocket"
	// checklist: 49
	bubble(t, "handshake", nil, func(r *rig) {
		w := r.ws(shake)
		open := w.next()
		p := r.last()
		if want := `0{"sid":"` + p.ID() + `","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`; open != want {
			r.t.Errorf("got  %s\nwant %s", open, want)
		}
		if p.Transport() != WebSocket {
			r.t.Errorf("transport %q", p.Transport())
		}
	})
	// checklist: 50
	bubble(t, "a frame for each packet, both ways", nil, func(r *rig) {
		r.onMessage = echo
		p, w := r.openWS()
		w.text("4hello")
		w.frame(ws.OpBinary, "\x01\x02")
		w.text("4")
		w.frame(ws.OpBinary, "")
		w.want("4hello", "0x0102", "4", "0x")
		p.heard("hello", "0x0102", "", "0x")
		p.say(TextFrame([]byte("head"), []byte{3}, nil, []byte{4}))
		w.want("4head", "0x03", "0x", "0x04")
	})
	// checklist: 51
	bubble(t, "unknown session", nil, func(r *rig) {
		for _, sid := range []string{"x", "__proto__"} {
			w, res := r.tryWS(shake + "&sid=" + sid)
			if w != nil || res.status != 400 || res.body != "Session ID unknown" || res.header.Get("Connection") != "close" {
				r.t.Errorf("%+v", res)
			}
		}
	})
	// checklist: 52
	bubble(t, "refused by allowRequest", &Options{AllowRequest: refuseAll}, func(r *rig) {
		if w, res := r.tryWS(shake); w != nil || res.status != 400 || res.body != "Forbidden" {
			r.t.Errorf("%+v", res)
		}
	})
	// checklist: 53
	bubble(t, "protocol versions", nil, func(r *rig) {
		for _, q := range []string{"", "EIO=3&", "EIO=abc&"} {
			if w, res := r.tryWS(q + "transport=websocket"); w != nil || res.status != 400 || res.body != "Unsupported protocol version" {
				r.t.Errorf("%+v", res)
			}
		}
	})
	bubble(t, "bad WebSocket handshakes", nil, func(r *rig) {
		for _, header := range [][]string{
			{"Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}, {"Sec-WebSocket-Version: 13"},
			{"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: short"},
		} {
			res := r.get(shake, append(header, "Upgrade: websocket", "Connection: Upgrade")...)
			r.want(res, 400, "Bad request")
		}
		if len(r.taps) != 0 || len(r.fails) != 3 {
			r.t.Errorf("%d sessions, %d failures", len(r.taps), len(r.fails))
		}
	})
	bubble(t, "a middleware in the way", nil, func(r *rig) {
		inner := r.hs.Handler
		var serve http.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			inner.ServeHTTP(struct{ http.ResponseWriter }{w}, req) // hides Hijack and Unwrap
		})
		ln := memnet.Listen()
		hs := &http.Server{Handler: serve}
		go hs.Serve(ln) // ends with Close
		defer hs.Close()
		r.dial = func() net.Conn {
			c, err := ln.Dial(r.t.Context())
			if err != nil {
				r.t.Fatal(err)
			}
			return c
		}
		if w, res := r.tryWS(shake); w != nil || res.status != 400 || !strings.Contains(r.logs.String(), "Hijack") {
			r.t.Errorf("%+v, log %q", res, r.logs)
		}
	})
	// checklist: 54
	bubble(t, "message above the limit", &Options{MaxPayload: 100}, func(r *rig) {
		p, w := r.openWS()
		w.text("4" + strings.Repeat("x", 99))
		w.text("4" + strings.Repeat("x", 100))
		w.wantClose(1009)
		p.ended(ReasonTransportError)
		p.heard(strings.Repeat("x", 99))
	})
	// checklist: 55
	bubble(t, "invalid UTF-8", nil, func(r *rig) {
		p, w := r.openWS()
		w.text("4\xff")
		w.wantClose(1007)
		p.ended(ReasonTransportError)
		p.heard()
	})
	// checklist: 56, 59
	bubble(t, "bad packets", nil, func(r *rig) {
		for _, bad := range []string{"", "7", "abc", "\x1e"} {
			p, w := r.openWS()
			w.text("4one")
			w.text(bad)
			w.text("4two")
			w.wantClose(1005) // an empty close frame
			p.ended(ReasonParseError)
			p.heard("one")
		}
	})
	// checklist: 41
	bubble(t, "ping from the client", nil, func(r *rig) {
		p, w := r.openWS()
		w.text("2")
		w.wantClose(1005)
		p.ended(ReasonTransportError)
	})
	// checklist: 57
	bubble(t, "packets that mean nothing", nil, func(r *rig) {
		p, w := r.openWS()
		for _, s := range []string{"1", "0", "5", "6", "3", "3probe", "4x"} {
			w.text(s)
		}
		synctest.Wait()
		p.heard("x")
		p.alive()
	})
	// checklist: 58
	bubble(t, "base64 as text", nil, func(r *rig) {
		p, w := r.openWS()
		w.text("bAQID")
		synctest.Wait()
		p.heard("0x010203")
	})
	// checklist: 59
	bubble(t, "server closes", nil, func(r *rig) {
		p, w := r.openWS()
		p.Send(TextFrame([]byte("last")))
		p.Close("my reason")
		p.Close(ReasonForcedClose) // the first counts
		w.want("4last")
		w.wantClose(1005)
		p.ended("my reason")
	})
	// checklist: 60
	bubble(t, "control frames and fragments", nil, func(r *rig) {
		p, w := r.openWS()
		w.frame(ws.OpPing, "x")
		w.want("pong x")
		for _, f := range []string{"\x01\x82\x00\x00\x00\x004a", "\x89\x81\x00\x00\x00\x00y", "\x80\x81\x00\x00\x00\x00b"} {
			io.WriteString(w, f)
		}
		w.want("pong y")
		synctest.Wait()
		p.heard("ab")
	})
	// checklist: 61
	bubble(t, "subprotocol", nil, func(r *rig) {
		_, w := r.openWS("Sec-WebSocket-Protocol: one, two")
		if got := w.header.Get("Sec-WebSocket-Protocol"); got != "one" {
			r.t.Errorf("%q", got)
		}
	})
	// checklist: 63
	bubble(t, "no permessage-deflate", nil, func(r *rig) {
		_, w := r.openWS("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
		if got := w.header.Get("Sec-WebSocket-Extensions"); got != "" {
			r.t.Errorf("%q", got)
		}
	})
	// checklist: 64
	bubble(t, "connection lost", nil, func(r *rig) {
		for _, cut := range []func(w *wsClient){
			func(w *wsClient) { w.Close() },
			func(w *wsClient) { w.Conn.(*memnet.Conn).Reset() },
			func(w *wsClient) { io.WriteString(w, "\x81"); w.Close() },
			func(w *wsClient) { w.frame(ws.OpClose, "\x03\xe8bye") },
			func(w *wsClient) { w.frame(ws.OpClose, "") },
		} {
			p, w := r.openWS()
			cut(w)
			p.ended(ReasonTransportClose)
		}
	})
	bubble(t, "a plain request for a session on a WebSocket", nil, func(r *rig) {
		p, _ := r.openWS()
		r.wantCode(r.get("transport=polling&sid="+p.ID()), 400, CodeBadRequest, "Bad request")
		r.wantCode(r.get("transport=websocket&sid="+p.ID()), 400, CodeBadRequest, "Bad request")
		p.alive()
	})
	// checklist: 80
	bubble(t, "a second WebSocket", nil, func(r *rig) {
		r.onMessage = echo
		p, w := r.openWS()
		r.ws(shake + "&sid=" + p.ID()).wantClose(1005)
		w.text("4still")
		w.want("4still")
	})
}

// TestProtocolErrors: what breaks RFC 6455 ends the session, with the code of the rule.
func TestProtocolErrors(t *testing.T) {
	for name, c := range map[string]struct {
		bytes string
		code  int
	}{
		"unmasked":         {"\x81\x02hi", 1002},
		"reserved bits":    {"\xf1\x80\x00\x00\x00\x00", 1002},
		"reserved opcode":  {"\x83\x80\x00\x00\x00\x00", 1002},
		"endless length":   {"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1009},
		"overflowing":      {"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1002},
		"bad continuation": {"\x80\x80\x00\x00\x00\x00", 1002},
	} {
		bubble(t, name, nil, func(r *rig) {
			p, w := r.openWS()
			io.WriteString(w, c.bytes)
			w.wantClose(c.code)
			p.ended(ReasonTransportError)
		})
	}
}
