package engineio

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWebTransportOpens: the first packet opens a session, whatever the query says or leaves out.
//
// checklist: 200
func TestWebTransportOpens(t *testing.T) {
	wtBubble(t, "open packet", Options{PingInterval: time.Second, PingTimeout: 2 * time.Second}, func(r *rig) {
		c := r.connectWT("EIO=4&transport=webtransport", "User-Agent: me")
		c.stream(0)
		c.text("0")
		open, _ := c.read()
		p := r.last()
		if want := fmt.Sprintf(`0{"sid":%q,"upgrades":[],"pingInterval":1000,"pingTimeout":2000,"maxPayload":1000000}`, p.ID()); open != want {
			r.t.Errorf("got  %s\nwant %s", open, want)
		}
		h := p.Handshake()
		if p.Transport() != WebTransport || !h.Secure || h.Header().Get("User-Agent") != "me" || h.Query().Get("EIO") != "4" || p.RemoteAddr() == "" {
			r.t.Errorf("%s, %+v, %v", p.Transport(), h, h.Header())
		}
	})
	wtBubble(t, "no query", Options{InitialPacket: []byte("welcome")}, func(r *rig) {
		c := r.connectWT("")
		c.stream(0)
		c.text("0")
		c.read()
		c.want("4welcome")
	})
	wtBubble(t, "messages", Options{}, func(r *rig) {
		r.onMessage = echo
		p, c := r.openWT()
		for _, n := range []int{1, 124, 125, 126, 65534, 65535, 70_000} {
			m := strings.Repeat("é", n/2) + strings.Repeat("x", n%2)
			c.text("4" + m)
			c.want("4" + m)
			c.binary(m)
			c.want(fmt.Sprintf("0x%x", m))
		}
		c.text("bAQID") // as Node takes it
		c.want("0x010203")
		p.say(TextFrame([]byte("two"), []byte{1}, []byte{}))
		c.want("4two", "0x01", "b") // no frame is empty
		c.text("4")
		c.want("4")
		p.alive()
	})
	wtBubble(t, "what means nothing", Options{}, func(r *rig) {
		p, c := r.openWT()
		for _, packet := range []string{"0", "1", "3", "5", "6", "6x"} {
			c.text(packet)
		}
		c.text("4still here")
		synctest.Wait()
		p.heard("still here")
	})
}

// TestWebTransportFirstPacket: whatever else comes first ends the WebTransport, and no session hears of it.
//
// checklist: 199, 200
func TestWebTransportFirstPacket(t *testing.T) {
	for _, first := range []string{
		"\x00", "\x80", "\x7e\x00\x00", "\x01\x02\x03", "\x014", "\x062probe", "\x015", "\x811", "\x810", "\x02b0", "\x030{}", "\x020x", "\x060\"sid\"",
		"\x0d0{\"sid\":null}", "\x0b0{\"sid\":\"\"}", "\x0a0{\"sid\":1}", "\x7e\x10\x01", "\x7f\x00\x20\x00\x00\x00\x00\x00\x00", "\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		wtBubble(t, fmt.Sprintf("%q", first), Options{}, func(r *rig) {
			c := r.connectWT("EIO=4&transport=webtransport")
			c.stream(0)
			c.write(first)
			c.finished("")
			if got := r.Stats(); got.Opened != 0 {
				r.t.Errorf("%+v", got)
			}
		})
	}
	for _, sid := range []string{"11111111111111111111", "__proto__"} {
		wtBubble(t, "sid "+sid, Options{}, func(r *rig) {
			c := r.connectWT("EIO=4&transport=webtransport")
			c.stream(0)
			c.text(fmt.Sprintf(`0{"sid":%q}`, sid))
			c.finished("Session ID unknown")
		})
	}
	wtBubble(t, "another session than the query names", Options{}, func(r *rig) {
		p, _ := r.open()
		other, _ := r.open()
		for _, first := range []string{"0", fmt.Sprintf(`0{"sid":%q}`, other.ID())} {
			c := r.connectWT("EIO=4&transport=webtransport&sid=" + p.ID())
			c.stream(0)
			c.text(first)
			if got, err := c.read(); err == nil {
				r.t.Errorf("%s is answered by %q", first, got)
			}
			c.finished("")
		}
		if got := r.Stats(); got.Opened != 2 {
			r.t.Errorf("AllowRequest has seen 2 handshakes, and %d sessions were opened", got.Opened)
		}
		p.alive()
		other.alive()
	})
}

// TestWebTransportNoStream: the client has UpgradeTimeout for its stream and the first packet.
//
// checklist: 201
func TestWebTransportNoStream(t *testing.T) {
	o := Options{UpgradeTimeout: 3 * time.Second}
	for name, behave := range map[string]func(c *wtClient){
		"no stream":        func(c *wtClient) {},
		"nothing on it":    func(c *wtClient) { c.stream(0) },
		"half a header":    func(c *wtClient) { c.stream(0); c.write("\x7e\x00") },
		"half a packet":    func(c *wtClient) { c.stream(0); c.write("\x050") },
		"a second stream":  func(c *wtClient) { c.stream(0); c.stream(0); c.write("\x010") },
		"late, then ended": func(c *wtClient) { time.Sleep(2 * time.Second); c.stream(0) },
	} {
		wtBubble(t, name, o, func(r *rig) {
			start := time.Now()
			c := r.connectWT("EIO=4&transport=webtransport")
			behave(c)
			c.finished("")
			if took := time.Since(start); took != 3*time.Second {
				r.t.Errorf("after %v", took)
			}
		})
	}
	wtBubble(t, "a candidate without a stream", o, func(r *rig) {
		p, _ := r.open()
		c := r.connectWT("EIO=4&transport=webtransport&sid=" + p.ID())
		c.finished("")
		p.alive()
		w := r.candidate(p) // the place is free again
		w.text("2probe")
		w.want("3probe")
	})
	wtBubble(t, "in time", o, func(r *rig) {
		c := r.connectWT("EIO=4&transport=webtransport")
		time.Sleep(2900 * time.Millisecond)
		c.stream(0)
		c.text("0")
		c.read()
		time.Sleep(10 * time.Second)
		r.last().alive()
	})
}

// TestWebTransportChecks: the request passes what other transports pass.
func TestWebTransportChecks(t *testing.T) {
	const shake = "EIO=4&transport=webtransport"
	bubble(t, "not offered", nil, func(r *rig) {
		r.wantCode(r.connectWT(shake).response(), 400, CodeUnknownTransport, "Transport unknown")
	})
	wtBubble(t, "another transport", Options{}, func(r *rig) {
		r.wantCode(r.connectWT("EIO=4&transport=polling").response(), 400, CodeUnknownTransport, "Transport unknown")
	})
	wtBubble(t, "over HTTP", Options{}, func(r *rig) {
		r.wantCode(r.get(shake), 400, CodeUnknownTransport, "Transport unknown")
	})
	wtBubble(t, "protocol", Options{}, func(r *rig) {
		r.wantCode(r.connectWT("EIO=3&transport=webtransport").response(), 400, CodeUnsupportedProtocol, "Unsupported protocol version")
	})
	wtBubble(t, "origins", Options{Origins: []string{"https://app.example.com"}}, func(r *rig) {
		for origin, status := range map[string]int{
			"https://app.example.com": 200, "https://mem": 200, "http://mem": 403, "https://evil.example": 403, "null": 403,
		} {
			if got := r.connectWT(shake, "Origin: "+origin).response(); got.status != status {
				r.t.Errorf("%s: %+v", origin, got)
			}
		}
		if n := r.Stats().Refused; n != 3 {
			r.t.Errorf("%d refusals", n)
		}
	})
	wtBubble(t, "AllowRequest", Options{AllowRequest: refuseAll}, func(r *rig) {
		r.wantCode(r.connectWT(shake).response(), 403, CodeForbidden, "Forbidden")
	})
	wtBubble(t, "AllowRequest is not asked twice", Options{AllowRequest: func(*http.Request) error { return nil }}, func(r *rig) {
		p, _ := r.open()
		r.candidateWT(p)
		if r.opts.AllowRequest(nil) != nil {
			r.t.Error("changed")
		}
	})
	nobody := func(r *http.Request) any { return r.URL.Query()["who"][0] } // panics
	wtBubble(t, "HandshakeValue panics", Options{HandshakeValue: nobody}, func(r *rig) {
		c := r.connectWT(shake)
		c.stream(0)
		c.text("0")
		c.finished("Forbidden")
	})
	wtBubble(t, "no id", Options{GenerateID: func(*http.Request) (string, error) { return "", errors.New("none") }}, func(r *rig) {
		c := r.connectWT(shake)
		c.stream(0)
		c.text("0")
		c.finished("Bad request")
	})
	wtBubble(t, "unknown session", Options{}, func(r *rig) {
		r.wantCode(r.connectWT(shake+"&sid=x").response(), 400, CodeUnknownSession, "Session ID unknown")
	})
	wtBubble(t, "upgrades switched off", Options{DisableUpgrades: true}, func(r *rig) {
		p, _ := r.open()
		r.wantCode(r.connectWT(shake+"&sid="+p.ID()).response(), 400, CodeBadRequest, "Bad request")
	})
	wtBubble(t, "OnSession panics", Options{OnSession: func(*Session) SessionHandler { panic("no") }}, func(r *rig) {
		c := r.connectWT(shake)
		c.stream(0)
		c.text("0")
		c.read()
		c.finished("")
	})
	wtBubble(t, "headers", Options{Headers: func(h http.Header, _ *http.Request, initial bool) { h.Set("X-Initial", fmt.Sprint(initial)) }}, func(r *rig) {
		if got := r.connectWT(shake).response(); got.header.Get("X-Initial") != "true" {
			r.t.Errorf("%+v", got)
		}
	})
}

// TestWebTransportMaxSessions: those that have not said what they want count too.
func TestWebTransportMaxSessions(t *testing.T) {
	wtBubble(t, "refused", Options{MaxSessions: 2}, func(r *rig) {
		const shake = "EIO=4&transport=webtransport"
		p, _ := r.openWT()
		waiting := r.connectWT(shake)
		if got := r.connectWT(shake).response(); got.status != 503 {
			r.t.Errorf("%+v", got)
		}
		waiting.stream(0)
		waiting.text("0")
		waiting.read()
		p.Close(ReasonForcedClose)
		synctest.Wait()
		again := r.connectWT(shake)
		again.stream(0)
		again.text("0")
		again.read()
		if got := r.Stats(); got.Sessions != 2 || got.Opened != 3 {
			r.t.Errorf("%+v", got)
		}
	})
	wtBubble(t, "an upgrade needs no place", Options{MaxSessions: 1}, func(r *rig) {
		p, _ := r.open()
		c := r.candidateWT(p)
		c.text("2probe")
		c.want("3probe")
	})
}

// TestWebTransportAddresses: the bounds of an address count from the CONNECT on.
func TestWebTransportAddresses(t *testing.T) {
	wtBubble(t, "sessions", Options{MaxSessionsPerAddress: 2}, func(r *rig) {
		p, _ := r.openWT()
		waiting := r.connectWT("")
		if got := r.connectWT("").response(); got.status != 429 {
			r.t.Errorf("%+v", got)
		}
		waiting.session.cancel()
		p.Close(ReasonForcedClose)
		synctest.Wait()
		for range 2 {
			r.openWT()
		}
	})
	wtBubble(t, "handshakes", Options{HandshakesPerMinute: 3}, func(r *rig) {
		for range 3 {
			r.openWT()
		}
		if got := r.connectWT("").response(); got.status != 429 {
			r.t.Errorf("%+v", got)
		}
	})
}

// TestWebTransportStats: what has come and gone is counted, while it is open and after.
func TestWebTransportStats(t *testing.T) {
	wtBubble(t, "bytes", Options{}, func(r *rig) {
		r.onMessage = echo
		p, c := r.openWT()
		sent := r.Stats().BytesSent
		c.text("4hello")
		c.want("4hello")
		for range 2 {
			synctest.Wait()
			if got := r.Stats(); got.BytesReceived != 2+7 || got.BytesSent != sent+7 {
				r.t.Errorf("%+v, after %d bytes", got, sent)
			}
			p.Close(ReasonForcedClose)
			time.Sleep(time.Second)
		}
	})
}

// TestWebTransportFrames: what breaks the rules of the stream ends the session.
//
// checklist: 199
func TestWebTransportFrames(t *testing.T) {
	for name, bad := range map[string]string{
		"empty":                "\x00",
		"empty, binary":        "\x80",
		"larger than allowed":  "\x7f\x00\x00\x00\x00\x00\x00\x03\xe9",
		"larger than anything": "\x7f\x00\x20\x00\x00\x00\x00\x00\x00",
		"no packet":            "\x019",
		"no UTF-8":             "\x024\xff",
	} {
		wtBubble(t, name, Options{MaxPayload: 1000}, func(r *rig) {
			p, c := r.openWT()
			c.write("\x064first" + bad + "\x054last")
			p.ended(ReasonParseError)
			p.heard("first")
			c.finished("")
		})
	}
	wtBubble(t, "exactly what is allowed", Options{MaxPayload: 1000}, func(r *rig) {
		p, c := r.openWT()
		c.binary(strings.Repeat("x", 1000))
		synctest.Wait()
		p.alive()
	})
	wtBubble(t, "a ping from the client", Options{}, func(r *rig) {
		p, c := r.openWT()
		c.text("2")
		p.ended(ReasonTransportError)
		c.finished("")
	})
	wtBubble(t, "byte by byte", Options{}, func(r *rig) {
		p, c := r.openWT()
		for _, b := range []byte("\x054abcd\x82xy\x7e\x00\x034ef") {
			c.write(string([]byte{b}))
			synctest.Wait()
		}
		p.heard("abcd", "0x7879", "ef")
	})
}

// TestWebTransportFrameOnce: however many sessions get a frame, it is put into the form of a WebTransport once.
func TestWebTransportFrameOnce(t *testing.T) {
	f := TextFrame([]byte("hello"), []byte{1, 2, 3}, nil)
	first := f.webTransport()
	if want := []byte("\x064hello\x83\x01\x02\x03\x01b"); !bytes.Equal(first, want) {
		t.Errorf("%q", first)
	}
	if again := f.webTransport(); &again[0] != &first[0] {
		t.Error("made twice")
	}
	if n := testing.AllocsPerRun(100, func() { f.webTransport() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
