package engineio

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"rightnow/internal/ws"
)

// The holes that other servers had, each with no option set.

// shakeLines are the header lines of a WebSocket handshake.
var shakeLines = []string{
	"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
}

// wsWith sends bytes together with the handshake.
func (r *rig) wsWith(query, early string) *wsClient {
	r.t.Helper()
	c, br := r.raw(rawRequest("GET", query, shakeLines...) + early)
	r.t.Cleanup(func() { c.Close() })
	res, err := http.ReadResponse(br, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		r.t.Fatalf("handshake: %+v, %v", res, err)
	}
	return &wsClient{r.t, c, br, res.Header}
}

// badFrames break RFC 6455, each with the code of its rule.
var badFrames = map[string]struct {
	bytes string
	code  int
}{
	"RSV1":               {"\xc1\x81\x00\x00\x00\x004", 1002},
	"RSV2 and 3":         {"\xb1\x81\x00\x00\x00\x004", 1002},
	"all bits":           {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 1002},
	"reserved opcode":    {"\x83\x80\x00\x00\x00\x00", 1002},
	"not masked":         {"\x81\x014", 1002},
	"ping in fragments":  {"\x09\x80\x00\x00\x00\x00", 1002},
	"endless ping":       {"\x89\xfe\xff\xff\x00\x00\x00\x00", 1002},
	"endless text":       {"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1009},
	"continues nothing":  {"\x80\x80\x00\x00\x00\x00", 1002},
	"close with one bit": {"\x88\x81\x00\x00\x00\x00\x01", 1002},
	"no UTF-8":           {"\x81\x82\x00\x00\x00\x004\xff", 1007},
}

// TestCVE2022_21676_BadFrames: frames that break the rules, before, during and after an upgrade, end their connection
// and nothing else: the session that they were to carry goes on where it was, and so does everybody else's.
func TestCVE2022_21676_BadFrames(t *testing.T) {
	const open, up = "EIO=4&transport=websocket", "EIO=4&transport=websocket&sid="
	text := func(s string) string { return string(ws.AppendMasked(nil, ws.OpText, []byte(s), [4]byte{1, 2, 3, 4})) }
	// Each sends the bytes, and says whether the session lives on over long-polling.
	moments := map[string]func(r *rig, bad string) (w *wsClient, p *tap, lives bool){
		"with the handshake": func(r *rig, bad string) (*wsClient, *tap, bool) {
			w := r.wsWith(open, bad)
			w.next()
			return w, r.last(), false
		},
		"behind the open packet": func(r *rig, bad string) (*wsClient, *tap, bool) {
			p, w := r.openWS()
			io.WriteString(w, bad)
			return w, p, false
		},
		"with an upgrade's handshake": func(r *rig, bad string) (*wsClient, *tap, bool) {
			p, _ := r.open()
			return r.wsWith(up+p.ID(), bad), p, true
		},
		"before the probe": func(r *rig, bad string) (*wsClient, *tap, bool) {
			p, _ := r.open()
			w := r.candidate(p)
			io.WriteString(w, bad)
			return w, p, true
		},
		"behind the probe": func(r *rig, bad string) (*wsClient, *tap, bool) {
			p, _ := r.open()
			w := r.candidate(p)
			io.WriteString(w, text("2probe")+bad)
			w.want("3probe")
			return w, p, true
		},
		"with the upgrade's end": func(r *rig, bad string) (*wsClient, *tap, bool) {
			p, _ := r.open()
			w := r.candidate(p)
			w.text("2probe")
			w.want("3probe")
			io.WriteString(w, text("5")+bad)
			return w, p, false
		},
		"behind the upgrade": func(r *rig, bad string) (*wsClient, *tap, bool) {
			p, _ := r.open()
			w := r.upgraded(p)
			synctest.Wait()
			io.WriteString(w, bad)
			return w, p, false
		},
	}
	for when, send := range moments {
		for name, bad := range badFrames {
			bubble(t, name+" "+when, nil, func(r *rig) {
				r.onMessage = echo
				other, otherWS := r.openWS()
				w, p, lives := send(r, bad.bytes)
				w.wantClose(bad.code)
				if lives {
					p.alive()
					r.post("transport=polling&sid="+p.ID(), "4on")
					r.poll("transport=polling&sid="+p.ID(), "4on")
				} else {
					p.ended(ReasonTransportError)
				}
				other.alive()
				otherWS.text("4still")
				otherWS.want("4still")
				synctest.Wait()
				if n := len(r.conns); n != 1 {
					r.t.Errorf("%d connections are left", n)
				}
			})
		}
	}
	for name, bad := range badFrames {
		bubble(t, name+" instead of a handshake", nil, func(r *rig) {
			c, br := r.raw(bad.bytes + "\r\n\r\n")
			defer c.Close()
			if res, err := http.ReadResponse(br, nil); err == nil && res.StatusCode != http.StatusBadRequest {
				r.t.Errorf("%+v", res)
			}
			r.open()
		})
		bubble(t, name+" behind a close", nil, func(r *rig) {
			p, w := r.openWS()
			p.Close(ReasonForcedClose)
			synctest.Wait()
			io.WriteString(w, bad.bytes)
			w.wantClose(1005)
			p.ended(ReasonForcedClose)
		})
	}
}

// TestCVE2024_37890_ManyHeaders: a handshake with thousands of header lines is served or refused like any other, and one
// with more bytes of them than net/http takes is refused.
func TestCVE2024_37890_ManyHeaders(t *testing.T) {
	many := make([]string, 3000)
	for i := range many {
		many[i] = fmt.Sprintf("X-%d: %d", i%1500, i)
	}
	huge := "X-Huge: " + strings.Repeat("x", http.DefaultMaxHeaderBytes+8<<10)
	bubble(t, "websocket", nil, func(r *rig) {
		p, _ := r.openWS(many...)
		if n := len(p.Handshake().Header()); n != 1500+len(shakeLines)+1 {
			r.t.Errorf("%d names of headers", n)
		}
		w, res := r.tryWS("EIO=4&transport=websocket", huge)
		if w != nil || res.status != http.StatusRequestHeaderFieldsTooLarge {
			r.t.Errorf("huge: %+v", res)
		}
		for _, line := range shakeLines[2:] {
			w, res := r.tryWS("EIO=4&transport=websocket", line)
			if w != nil || res.status != http.StatusBadRequest {
				r.t.Errorf("%s twice: %+v", line, res)
			}
		}
		p.alive()
	})
	bubble(t, "polling", nil, func(r *rig) {
		p, _ := r.last2(r.get("EIO=4&transport=polling", many...))
		if res := r.get("EIO=4&transport=polling", huge); res.status != http.StatusRequestHeaderFieldsTooLarge {
			r.t.Errorf("huge: %+v", res)
		}
		p.alive()
	})
}

// TestCVE2016_10542_DefaultLimits: a million bytes are the most in a message and in a body, and a thousand fragments or so
// in a message.
func TestCVE2016_10542_DefaultLimits(t *testing.T) {
	most := "4" + strings.Repeat("x", defaultMaxPayload-1)
	bubble(t, "websocket", nil, func(r *rig) {
		p, w := r.openWS()
		go w.text(most) // ends when it is read
		q, v := r.openWS()
		go v.text(most + "x") // ends with the connection
		v.wantClose(1009)
		q.ended(ReasonTransportError)
		q.heard()
		synctest.Wait()
		p.alive()
		p.heard(most[1:])
	})
	bubble(t, "fragments", nil, func(r *rig) { // CVE-2026-48779
		p, w := r.openWS()
		io.WriteString(w, "\x01\x81\x00\x00\x00\x004")
		go io.WriteString(w, strings.Repeat("\x00\x81\x00\x00\x00\x00x", 10_000)) // ends with the connection
		w.wantClose(1008)
		p.ended(ReasonTransportError)
		p.heard()
	})
	bubble(t, "polling", nil, func(r *rig) {
		p, sid := r.open()
		r.post(sid, most)
		r.want(r.do("POST", sid, most+"x"), http.StatusRequestEntityTooLarge, "")
		p.alive()
		p.heard(most[1:])
	})
}

// TestCVE2026_1526_DeflateBomb: what a client has compressed is taken as it is, and so is no packet.
func TestCVE2026_1526_DeflateBomb(t *testing.T) {
	payload := []byte("4" + strings.Repeat("x", 8<<20))
	for encoding, compress := range map[string]func(io.Writer) io.WriteCloser{
		"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
	} {
		var bomb bytes.Buffer
		w := compress(&bomb)
		w.Write(payload)
		w.Close()
		bubble(t, encoding, nil, func(r *rig) {
			p, sid := r.open()
			r.do("POST", sid, bomb.String(), "Content-Encoding: "+encoding, "Content-Type: text/plain")
			p.ended(ReasonParseError)
			p.heard()
		})
	}
}

// TestCVE2026_45736_NoForeignBytes: many clients at once hear back what they said, and never a byte of somebody else's or
// of an old buffer, over both transports, compressed and not, whole and cut off.
func TestCVE2026_45736_NoForeignBytes(t *testing.T) {
	bubble(t, "everybody at once", nil, func(r *rig) {
		r.onMessage = echo
		var all sync.WaitGroup
		for who := range 16 {
			mark := string(rune('A' + who))
			p, sid := r.open()
			_, w := r.openWS()
			all.Go(func() { r.saysAndHears(mark, p, sid) })
			all.Go(func() {
				for i := range 60 {
					said := strings.Repeat(mark, i*i%3000)
					w.text("4" + said)
					w.want("4" + said)
					w.frame(ws.OpPing, said[:min(len(said), 125)])
					w.want("pong " + said[:min(len(said), 125)])
				}
				w.frame(ws.OpClose, "\x03\xe8"+strings.Repeat(mark, 100))
				w.wantClose(1000)
			})
		}
		all.Wait()
	})
}

// saysAndHears posts texts and binary messages made of mark, and polls for their echoes.
func (r *rig) saysAndHears(mark string, p *tap, sid string) {
	for i := range 60 {
		said := strings.Repeat(mark, 1+i*i%3000)
		packet := "4" + said
		if i%3 == 0 {
			packet = "bQUJD" // ABC
		}
		var header []string
		encoding := ""
		if i%2 == 0 {
			encoding = "gzip"
			header = []string{"Accept-Encoding: gzip"}
		}
		if i%10 == 0 { // a body that never ends leaves what has come in a buffer
			c, _ := r.raw(rawRequest("POST", "transport=polling&sid=x", "Content-Length: 5000") + said)
			c.Close()
		}
		r.post(sid, packet)
		res := r.get(sid, header...)
		if res.header.Get("Content-Encoding") == "" {
			encoding = ""
		}
		if got := inflate(r.t, encoding, res.body); got != packet {
			r.t.Errorf("%s: got %.60q, want %.60q", mark, got, packet)
		}
	}
	p.alive()
}
