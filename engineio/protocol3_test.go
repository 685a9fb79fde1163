package engineio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/ws"
)

// both are the options of most tests here.
func both() *Options { return &Options{AllowEIO3: true} }

// open3 opens a session of protocol 3 over long-polling.
func (r *rig) open3(query string) (*tap, string) {
	r.t.Helper()
	res := r.get("EIO=3&transport=polling" + query)
	length, packet, _ := strings.Cut(res.body, ":")
	if n, err := strconv.Atoi(length); err != nil || n != len(packet) || res.status != 200 {
		r.t.Fatalf("handshake: %+v", res)
	}
	sidOf(r.t, packet)
	return r.last(), "EIO=3&transport=polling" + query + "&sid=" + r.last().ID()
}

// openWS3 opens a session of protocol 3 on a WebSocket.
func (r *rig) openWS3(query string) (*tap, *wsClient) {
	r.t.Helper()
	w := r.ws("EIO=3&transport=websocket" + query)
	sidOf(r.t, w.next())
	return r.last(), w
}

// upgraded3 moves a session.
func (r *rig) upgraded3(p *tap, query string) *wsClient {
	r.t.Helper()
	w := r.ws("EIO=3&transport=websocket&sid=" + p.ID() + query)
	w.text("2probe")
	w.want("3probe")
	w.text("5")
	synctest.Wait()
	return w
}

// checklist: 178, 187
func TestProtocol3Handshake(t *testing.T) {
	bubble(t, "the open packet is framed by its length", both(), func(r *rig) {
		p, sid := r.open3("")
		if p.Protocol() != 3 {
			r.t.Errorf("protocol %d", p.Protocol())
		}
		r.post(sid, "2:4x")
		p.heard("x")
	})
	bubble(t, "a version that is missing or unknown is 3", both(), func(r *rig) {
		for _, version := range []string{"", "EIO=5&", "EIO=&"} {
			if res := r.get(version + "transport=polling"); !strings.Contains(res.body, `:0{"sid":`) || r.last().Protocol() != 3 {
				r.t.Errorf("%q: %+v", version, res)
			}
		}
		r.open()
		if r.last().Protocol() != 4 {
			r.t.Error("4 is no more")
		}
	})
	bubble(t, "what is sent first stands behind it", &Options{AllowEIO3: true, InitialPacket: []byte("hé")}, func(r *rig) {
		res := r.get("EIO=3&transport=polling")
		if !strings.HasSuffix(res.body, "}3:4hé") {
			r.t.Errorf("got %q", res.body)
		}
	})
	bubble(t, "refused by default", nil, func(r *rig) {
		r.wantCode(r.get("EIO=3&transport=polling"), 400, CodeUnsupportedProtocol, "Unsupported protocol version")
		r.wantCode(r.get("EIO=3&transport=polling&j=0"), 400, CodeUnsupportedProtocol, "Unsupported protocol version")
		if w, res := r.tryWS("EIO=3&transport=websocket"); w != nil || res.status != 400 {
			r.t.Errorf("a WebSocket: %+v", res)
		}
		if r.ClientsCount() != 0 {
			r.t.Error("a session was opened")
		}
	})
}

// checklist: 179, 180
func TestProtocol3Heartbeat(t *testing.T) {
	bubble(t, "a ping is answered, on either transport", both(), func(r *rig) {
		p, sid := r.open3("")
		r.post(sid, "1:2")
		r.poll(sid, "1:3")
		_, w := r.openWS3("")
		w.text("2")
		w.want("3")
		p.alive()
	})
	bubble(t, "the server asks nothing", both(), func(r *rig) {
		p, w := r.openWS3("")
		for range 10 {
			time.Sleep(44 * time.Second) // a second before its time is up
			w.text("2")
			w.want("3") // and no ping of the server's
		}
		p.alive()
	})
	for name, open := range map[string]func(*rig) (*tap, func()){
		"polling": func(r *rig) (*tap, func()) {
			p, sid := r.open3("")
			return p, func() { r.unknown(sid) }
		},
		"polling, with a poll": func(r *rig) (*tap, func()) {
			p, sid := r.open3("")
			poll := r.start("GET", sid, "")
			return p, func() { r.want(<-poll, 200, "1:1") }
		},
		"WebSocket": func(r *rig) (*tap, func()) {
			p, w := r.openWS3("")
			return p, func() { w.wantClose(1005) }
		},
		"upgraded": func(r *rig) (*tap, func()) {
			p, _ := r.open3("")
			time.Sleep(time.Second)
			w := r.upgraded3(p, "")
			return p, func() { w.wantClose(1005) }
		},
	} {
		bubble(t, "silence ends it: "+name, both(), func(r *rig) {
			start := time.Now()
			p, end := open(r)
			p.ended(ReasonPingTimeout)
			if took := time.Since(start); took != 45*time.Second {
				r.t.Errorf("after %v", took)
			}
			end()
		})
	}
	bubble(t, "messages are no pings", both(), func(r *rig) {
		p, w := r.openWS3("")
		start := time.Now()
		for range 4 {
			time.Sleep(10 * time.Second)
			w.text("4x")
		}
		p.ended(ReasonPingTimeout)
		if took := time.Since(start); took != 45*time.Second {
			r.t.Errorf("after %v", took)
		}
	})
	bubble(t, "a pong of the client's is in the wrong direction", both(), func(r *rig) {
		p, sid := r.open3("")
		r.post(sid, "1:3")
		p.ended(ReasonTransportError)
		p, w := r.openWS3("")
		w.text("3")
		p.ended(ReasonTransportError)
		p, w = r.openWS()
		w.text("2") // which is in protocol 4
		p.ended(ReasonTransportError)
	})
	bubble(t, "time in the handler is not the client's", both(), func(r *rig) {
		r.onMessage = func(*tap, []byte, bool) { time.Sleep(5 * time.Minute) }
		p, w := r.openWS3("")
		w.text("4x")
		w.text("2")
		time.Sleep(4 * time.Minute)
		p.alive()
		w.want("3")
	})
	bubble(t, "who pings and does not read is cut off", &Options{AllowEIO3: true, QueueLimit: 1000}, func(r *rig) {
		p, sid := r.open3("")
		r.post(sid, strings.Repeat("1:2", 1000))
		p.ended(ReasonSlowConsumer)
	})
}

// texts are awkward for who counts characters, each with its length in UTF-16.
var texts = map[string]int{"": 0, "a": 1, "\u20ac": 1, "😀": 2, "a\U0010ffff\x1e\x00é": 6, strings.Repeat("😀é", 5000): 15000}

// checklist: 181
func TestProtocol3Texts(t *testing.T) {
	bubble(t, "there and back over polling", both(), func(r *rig) {
		r.onMessage = echo
		_, sid := r.open3("")
		for text, n := range texts {
			payload := fmt.Sprintf("%d:4%s", 1+n, text)
			r.post(sid, payload+"1:6"+payload)
			r.poll(sid, payload+payload)
		}
	})
	bubble(t, "there and back on a WebSocket", both(), func(r *rig) {
		r.onMessage = echo
		_, w := r.openWS3("")
		for text := range texts {
			w.text("4" + text)
			w.want("4" + text)
		}
	})
	bubble(t, "moves with the session", both(), func(r *rig) {
		p, _ := r.open3("")
		p.say(TextFrame([]byte("é"), []byte{1}))
		w := r.upgraded3(p, "")
		w.want("4é", "0x0401")
	})
}

// checklist: 182, 183
func TestProtocol3Binary(t *testing.T) {
	bubble(t, "as bytes over polling", both(), func(r *rig) {
		r.onMessage = echo
		p, sid := r.open3("")
		payload := "\x00\x04\xff4\u20ac" + "\x01\x03\xff\x04\x00\xff" + "\x01\x01\x01\xff\x04" + strings.Repeat("\x80", 10)
		res := r.do("POST", sid, payload, "Content-Type: application/octet-stream")
		r.want(res, 200, "ok")
		p.heard("\u20ac", "0x00ff", "0x"+strings.Repeat("80", 10))
		res = r.get(sid)
		r.want(res, 200, payload)
		if ct := res.header.Get("Content-Type"); ct != "application/octet-stream" {
			r.t.Errorf("Content-Type %q", ct)
		}
		p.say(TextFrame([]byte("x")))
		if res := r.get(sid); res.body != "2:4x" || res.header.Get("Content-Type") != "text/plain; charset=UTF-8" {
			r.t.Errorf("without bytes: %+v", res)
		}
	})
	bubble(t, "as base64 over polling", both(), func(r *rig) {
		p, sid := r.open3("&b64=1")
		r.post(sid, "10:b4AQIDBA==4:4\u20acab")
		p.heard("0x01020304", "\u20acab")
		p.say(TextFrame([]byte("\u20ac"), []byte{1, 2, 3, 4}))
		res := r.get(sid)
		r.want(res, 200, "2:4\u20ac10:b4AQIDBA==")
		if ct := res.header.Get("Content-Type"); ct != "text/plain; charset=UTF-8" {
			r.t.Errorf("Content-Type %q", ct)
		}
	})
	bubble(t, "as base64 for who said so at first", both(), func(r *rig) {
		p, sid := r.open3("&b64=1")
		p.say(BinaryFrame([]byte{1, 2, 3, 4}))
		r.poll(strings.Replace(sid, "&b64=1", "", 1), "10:b4AQIDBA==")
		w := r.upgraded3(p, "") // which takes bytes
		p.say(BinaryFrame([]byte{1}))
		w.want("0x0401")
	})
	bubble(t, "behind a 4 on a WebSocket", both(), func(r *rig) {
		r.onMessage = echo
		p, w := r.openWS3("")
		w.frame(ws.OpBinary, "\x04\x00\xff")
		w.want("0x0400ff")
		w.text("b4AP8=")
		w.want("0x0400ff")
		w.frame(ws.OpBinary, "\x04")
		w.want("0x04")
		p.heard("0x00ff", "0x00ff", "0x")
	})
	bubble(t, "as base64 on a WebSocket", both(), func(r *rig) {
		p, w := r.openWS3("&b64=1")
		p.say(TextFrame([]byte("x"), []byte{0, 255}))
		w.want("4x", "b4AP8=")
		p, _ = r.open3("&b64=1")
		w = r.upgraded3(p, "&b64=1")
		p.say(BinaryFrame([]byte{0, 255}))
		w.want("b4AP8=")
		w = r.ws("EIO=4&transport=websocket&b64=1")
		sidOf(r.t, w.next())
		r.last().say(TextFrame([]byte("x"), []byte{0, 255}))
		w.want("4x", "bAP8=")
	})
	bubble(t, "one frame in all forms", both(), func(r *rig) {
		f := TextFrame([]byte("x"), []byte{0, 255})
		p3, w3 := r.openWS3("")
		p3b, w3b := r.openWS3("&b64=1")
		p4, w4 := r.openWS()
		pp, sid := r.open3("")
		for _, p := range []*tap{p3, p3b, p4, pp} {
			p.say(f)
		}
		w3.want("4x", "0x0400ff")
		w3b.want("4x", "b4AP8=")
		w4.want("4x", "0x00ff")
		r.poll(sid, "\x00\x02\xff4x\x01\x03\xff\x04\x00\xff")
	})
}

func TestProtocol3BadInput(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		binary bool
		heard  []string // before it
	}{
		"empty":                       {body: ""},
		"no length":                   {body: "4x"},
		"cut":                         {body: "2:4a9:4x", heard: []string{"a"}},
		"cut within a character":      {body: "2:4a2:😀", heard: []string{"a"}},
		"an empty packet":             {body: "0:"},
		"an unknown type":             {body: "2:4a1:7", heard: []string{"a"}},
		"a length beyond all":         {body: "9999999999:4x"},
		"no UTF-8":                    {body: "2:4a2:4\xff", heard: []string{"a"}},
		"a binary packet of no bytes": {body: "\x01\x00\xff", binary: true},
		"no UTF-8 among bytes":        {body: "\x00\x02\xff4a\x00\x02\xff4\xff", binary: true, heard: []string{"a"}},
		"bytes that are no message":   {body: "\x01\x02\xff\x02x", binary: true},
		"text in place of bytes":      {body: "2:4a", binary: true},
	} {
		bubble(t, name, both(), func(r *rig) {
			p, sid := r.open3("")
			header := "Content-Type: text/plain;charset=UTF-8"
			if c.binary {
				header = "Content-Type: application/octet-stream"
			}
			r.want(r.do("POST", sid, c.body, header), 200, "ok")
			p.ended(ReasonParseError)
			p.heard(c.heard...)
		})
	}
	bubble(t, "on a WebSocket", both(), func(r *rig) {
		for _, bad := range []string{"", "7", "b", "b2"} {
			p, w := r.openWS3("")
			w.text(bad)
			p.ended(ReasonParseError)
		}
		for _, bad := range []string{"", "\x02", "4x"} {
			p, w := r.openWS3("")
			w.frame(ws.OpBinary, bad)
			p.ended(ReasonParseError)
		}
	})
	bubble(t, "too many packets", &Options{AllowEIO3: true, MaxPacketsPerPayload: 3}, func(r *rig) {
		p, sid := r.open3("")
		r.post(sid, "1:61:61:6")
		p.alive()
		r.post(sid, "1:61:61:61:6")
		p.ended(ReasonParseError)
	})
	bubble(t, "a body over the limit", &Options{AllowEIO3: true, MaxPayload: 10}, func(r *rig) {
		p, sid := r.open3("")
		if res := r.do("POST", sid, "12:4xxxxxxxxxxx"); res.status != 413 {
			r.t.Errorf("%+v", res)
		}
		p.alive()
	})
	bubble(t, "the client closes", both(), func(r *rig) {
		p, sid := r.open3("")
		poll := r.start("GET", sid, "")
		r.post(sid, "1:12:4x")
		p.ended(ReasonTransportClose)
		r.want(<-poll, 200, "1:6")
		p.heard()
	})
	bubble(t, "the server closes", both(), func(r *rig) {
		p, sid := r.open3("")
		p.say(TextFrame([]byte("last")))
		p.Close(ReasonForcedClose)
		r.poll(sid, "5:4last")
		r.poll(sid, "1:61:1")
		r.unknown(sid)
	})
}

// An upgrade without EIO, or with another one, does not change what the session speaks.
//
// checklist: 84
func TestUpgradeKeepsTheProtocol(t *testing.T) {
	bubble(t, "4", both(), func(r *rig) {
		p, _ := r.open()
		w := r.ws("transport=websocket&sid=" + p.ID())
		w.text("2probe")
		w.want("3probe")
		w.text("5")
		synctest.Wait()
		p.say(BinaryFrame([]byte{1}))
		w.want("0x01")
		if p.Protocol() != 4 {
			r.t.Errorf("protocol %d", p.Protocol())
		}
	})
	bubble(t, "3", both(), func(r *rig) {
		p, _ := r.open3("")
		w := r.ws("EIO=4&transport=websocket&sid=" + p.ID())
		w.text("2probe")
		w.want("3probe")
		w.text("5")
		synctest.Wait()
		p.say(BinaryFrame([]byte{1}))
		w.want("0x0401")
	})
}

// script takes the answer of a JSONP poll apart.
func (r *rig) script(res response, digits string) string {
	r.t.Helper()
	argument, ok := strings.CutPrefix(res.body, "___eio["+digits+"](")
	argument, end := strings.CutSuffix(argument, ");")
	var payload string
	if err := json.Unmarshal([]byte(argument), &payload); err != nil || !ok || !end || res.status != 200 {
		r.t.Fatalf("no script of %q: %+v", digits, res)
	}
	if ct := res.header.Get("Content-Type"); ct != "text/plain; charset=UTF-8" {
		r.t.Errorf("Content-Type %q", ct)
	}
	return payload
}

// checklist: 186
func TestJSONP(t *testing.T) {
	bubble(t, "there and back", both(), func(r *rig) {
		r.onMessage = echo
		query := "EIO=3&transport=polling&j=0"
		r.script(r.get(query), "0")
		p := r.last()
		query += "&sid=" + p.ID()
		for text, n := range texts {
			r.post(query, url.Values{"d": {fmt.Sprintf("%d:4%s", 1+n, text)}}.Encode())
			if got := r.script(r.get(query), "0"); got != fmt.Sprintf("%d:4%s", 1+n, text) {
				r.t.Errorf("%.50q came back as %.50q", text, got)
			}
		}
		p.say(BinaryFrame([]byte{1, 2, 3, 4}))
		if got := r.script(r.get(query), "0"); got != "10:b4AQIDBA==" {
			r.t.Errorf("bytes are %q", got)
		}
	})
	bubble(t, "for clients of protocol 4 too", both(), func(r *rig) {
		query := "EIO=4&transport=polling&j=7"
		sidOf(r.t, r.script(r.get(query), "7"))
		p := r.last()
		p.say(TextFrame([]byte("x"), []byte{1}))
		if got := r.script(r.get(query+"&sid="+p.ID()), "7"); got != "4x\x1ebAQ==" {
			r.t.Errorf("got %q", got)
		}
		r.post(query+"&sid="+p.ID(), "d=4y%1E4z")
		p.heard("y", "z")
	})
	bubble(t, "nothing but digits is repeated", both(), func(r *rig) {
		for j, digits := range map[string]string{"": "", "12": "12", "1);alert(2)//3": "123", "%00%0a<5>": "5", "٣": "", strings.Repeat("9", 1000): strings.Repeat("9", 100)} {
			r.script(r.get("EIO=3&transport=polling&j="+j), digits)
		}
	})
	bubble(t, "what would end a script is escaped", both(), func(r *rig) {
		query := "EIO=3&transport=polling&j=0"
		r.script(r.get(query), "0")
		query += "&sid=" + r.last().ID()
		r.last().say(TextFrame([]byte("\u2028\u2029</script>\"\\")))
		res := r.get(query)
		if strings.ContainsAny(res.body, "\u2028\u2029<") {
			r.t.Errorf("got %q", res.body)
		}
		if got := r.script(res, "0"); got != "14:4\u2028\u2029</script>\"\\" {
			r.t.Errorf("got %q", got)
		}
	})
	bubble(t, "a body that is no form", both(), func(r *rig) {
		for _, body := range []string{"", "2:4x", "e=2:4x", "d=%zz", "d="} {
			r.script(r.get("EIO=3&transport=polling&j=0"), "0")
			p := r.last()
			r.post("EIO=3&transport=polling&j=0&sid="+p.ID(), body)
			p.ended(ReasonParseError)
		}
	})
	bubble(t, "compressed", both(), func(r *rig) {
		query := "EIO=3&transport=polling&j=0"
		r.script(r.get(query), "0")
		query += "&sid=" + r.last().ID()
		r.last().say(TextFrame(bytes.Repeat([]byte("x"), 2000)))
		res := r.get(query, "Accept-Encoding: gzip")
		res.body = inflate(r.t, res.header.Get("Content-Encoding"), res.body)
		if got := r.script(res, "0"); got != "2001:4"+strings.Repeat("x", 2000) || res.header.Get("Content-Encoding") != "gzip" {
			r.t.Errorf("%q: %.100q", res.header.Get("Content-Encoding"), got)
		}
	})
	bubble(t, "no script without AllowEIO3", nil, func(r *rig) {
		sidOf(r.t, r.get("EIO=4&transport=polling&j=0").body)
	})
}

// What a client of engine.io-client 3 makes of line ends, and back.
func TestJSONPLineEnds(t *testing.T) {
	escape := func(text string) string { // as the client does
		text = strings.ReplaceAll(text, `\n`, "\\\n")
		return strings.ReplaceAll(text, "\n", `\n`)
	}
	for _, text := range []string{"", "a", "\n", `\n`, `\\n`, `\\\n`, "a\nb\\nc\\\\n\n\n", `\`, `\\`, `n`, "\r\n"} {
		if got := string(unescapeLines(escape(text))); got != text {
			t.Errorf("%q went as %q and came as %q", text, escape(text), got)
		}
	}
}

// A script can be loaded by any page: it is given only to those that may connect.
func TestJSONPOrigins(t *testing.T) {
	for name, c := range map[string]struct {
		origins []string
		header  []string
		ok      bool
	}{
		"no browser":                   {ok: true},
		"the own page":                 {header: []string{"Sec-Fetch-Site: same-origin"}, ok: true},
		"typed into the address line":  {header: []string{"Sec-Fetch-Site: none"}, ok: true},
		"a foreign page":               {header: []string{"Sec-Fetch-Site: cross-site", "Referer: https://evil.example/page"}},
		"a page that is not named":     {header: []string{"Sec-Fetch-Site: cross-site"}},
		"another page of the site":     {header: []string{"Sec-Fetch-Site: same-site", "Referer: https://evil.mem/"}},
		"a foreign page, listed":       {[]string{"https://good.example"}, []string{"Sec-Fetch-Site: cross-site", "Referer: https://good.example/page"}, true},
		"a foreign page, another one":  {[]string{"https://good.example"}, []string{"Sec-Fetch-Site: cross-site", "Referer: https://evil.example/https://good.example"}, false},
		"any page":                     {[]string{"*"}, []string{"Sec-Fetch-Site: cross-site", "Referer: https://evil.example/"}, true},
		"an old browser, own page":     {header: []string{"Referer: http://mem/page"}, ok: true},
		"an old browser, foreign page": {header: []string{"Referer: http://evil.example/page"}},
		"a Referer of no sense":        {header: []string{"Referer: %"}},
	} {
		bubble(t, name, &Options{AllowEIO3: true, Origins: c.origins}, func(r *rig) {
			res := r.get("EIO=3&transport=polling&j=0", c.header...)
			if got := res.status == 200; got != c.ok || got != strings.HasPrefix(res.body, "___eio") {
				r.t.Errorf("%+v", res)
			}
			if res := r.get("EIO=3&transport=polling", c.header...); res.status != 200 {
				r.t.Errorf("without a script: %+v", res)
			}
		})
	}
}
