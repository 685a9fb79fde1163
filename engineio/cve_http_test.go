package engineio

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/internal/ws"
)

// The holes that other servers had in what they made of HTTP, each with no option set.

// TestCVE2020_36048_BodyCap: of a body that is too big no more is taken than the limit, however often one comes and
// whether it says so or not.
func TestCVE2020_36048_BodyCap(t *testing.T) {
	const chunk = 1 << 14
	bubble(t, "in chunks", nil, func(r *rig) {
		_, sid := r.open()
		send := func(n int) {
			for range n {
				res, err := r.try("POST", sid, endless{})
				if err == nil {
					r.want(res, http.StatusRequestEntityTooLarge, "")
				}
			}
		}
		send(3) // the pools fill
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		send(30)
		runtime.GC()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 2*defaultMaxPayload {
			r.t.Errorf("the heap grew by %d bytes", grown)
		}
		r.last().alive()
		r.last().heard()
	})
	bubble(t, "announced", nil, func(r *rig) {
		_, sid := r.open()
		for range 1000 {
			c, br := r.raw(rawRequest("POST", sid, "Content-Length: 100000000") + strings.Repeat("4", chunk))
			res, err := http.ReadResponse(br, nil)
			if err != nil || res.StatusCode != http.StatusRequestEntityTooLarge {
				r.t.Fatalf("%+v, %v", res, err)
			}
			c.Close()
		}
		r.last().alive()
		r.last().heard()
	})
}

// endless is a body that has no end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '4'
	}
	return len(p), nil
}

// TestCVE2023_31125_OddTransports: whatever a request says its transport is, it is answered, and no session comes of it
// or suffers from it.
func TestCVE2023_31125_OddTransports(t *testing.T) {
	bubble(t, "all", nil, func(r *rig) {
		p, sid := r.open()
		q, w := r.openWS()
		ids := map[string]string{"none": "", "polling": "&sid=" + p.ID(), "websocket": "&sid=" + q.ID(), "foreign": "&sid=__proto__", "empty": "&sid="}
		for _, transport := range []string{
			"", "constructor", "__proto__", "prototype", "toString", "hasOwnProperty", "handlesUpgrades", "POLLING", "WebSocket", "polling%20",
			"polling&transport=constructor", "websocket&transport=__proto__", "webtransport", "%00", "polling%00", "%2e", "pol%6cing%20",
			strings.Repeat("x", 5000),
		} {
			for whose, id := range ids {
				query := "EIO=4&transport=" + transport + id
				for _, method := range []string{"GET", "POST", "PUT", "OPTIONS"} {
					if res := r.do(method, query, "4x"); res.status != 400 {
						r.t.Errorf("%s %.60q, id %s: %d %s", method, query, whose, res.status, res.body)
					}
				}
				if w, res := r.tryWS(query); w != nil || res.status != 400 {
					r.t.Errorf("upgrade %.60q, id %s: %d %s", query, whose, res.status, res.body)
				}
			}
		}
		if n := r.ClientsCount(); n != 2 {
			r.t.Errorf("%d clients", n)
		}
		p.alive()
		p.heard()
		r.post(sid, "4on")
		p.heard("on")
		q.alive()
		w.text("4on")
		synctest.Wait()
		q.heard("on")
	})
}

// TestCVE2022_21667_EmptyBodies: bodies that are empty, cut short, or of another kind than they say, sent wherever a
// request can go, are answered or end their own session, and nothing else.
func TestCVE2022_21667_EmptyBodies(t *testing.T) {
	bodies := map[string]string{
		"empty":           "Content-Length: 0\r\n\r\n",
		"none":            "\r\n",
		"empty chunk":     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"cut":             "Content-Length: 10\r\n\r\n4a",
		"cut chunk":       "Transfer-Encoding: chunked\r\n\r\n5\r\n4a",
		"bad chunk":       "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
		"bad length":      "Content-Length: -1\r\n\r\n4a",
		"two lengths":     "Content-Length: 2\r\nContent-Length: 3\r\n\r\n4a",
		"both":            "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n4a\r\n0\r\n\r\n",
		"multipart":       "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2\r\n\r\n4a",
		"form":            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2\r\n\r\n4a",
		"json":            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		"octets":          "Content-Type: application/octet-stream\r\nContent-Length: 2\r\n\r\n4a",
		"encoded":         "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n4a",
		"a type of noise": "Content-Type: \x80;;;=\r\nContent-Length: 2\r\n\r\n4a",
	}
	bubble(t, "all", nil, func(r *rig) {
		r.onMessage = echo
		other, w := r.openWS()
		for name, body := range bodies {
			for _, method := range []string{"GET", "POST", "PUT", "OPTIONS", "DELETE"} {
				for _, query := range []string{"EIO=4&transport=polling", "EIO=4&transport=websocket", "transport=polling&sid=x", "", "SID"} {
					if query == "SID" {
						_, query = r.open()
					}
					c, _ := r.raw(method + " /engine.io/?" + query + " HTTP/1.1\r\nHost: mem\r\n" + body)
					synctest.Wait()
					c.Close()
				}
				other.alive()
				w.text("4" + name)
				w.want("4" + name)
			}
		}
	})
}

// TestCVE2026_32689_SeparatorFlood: a payload of nothing but separators ends at the first of the empty packets, and one
// of the smallest good ones at the bound for their number.
func TestCVE2026_32689_SeparatorFlood(t *testing.T) {
	bubble(t, "separators", nil, func(r *rig) {
		p, sid := r.open()
		flood := strings.Repeat("\x1e", defaultMaxPayload)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r.do("POST", sid, flood)
		runtime.ReadMemStats(&after)
		if n := after.Mallocs - before.Mallocs; n > 10_000 { // of the request itself
			r.t.Errorf("%d allocations", n)
		}
		p.ended(ReasonParseError)
		p.heard()
	})
	bubble(t, "packets", nil, func(r *rig) {
		p, sid := r.open()
		r.do("POST", sid, strings.TrimSuffix(strings.Repeat("3\x1e", defaultMaxPayload/2), "\x1e"))
		p.ended(ReasonParseError)
		if !errors.Is(p.err, errPacketFlood) {
			r.t.Errorf("ended by %v", p.err)
		}
	})
}

// TestGHSA_pxg6_CookieValues: nothing that goes into a cookie can become another attribute, cookie or header.
func TestGHSA_pxg6_CookieValues(t *testing.T) {
	for name, cookie := range map[string]*http.Cookie{
		"name":  {Name: "a=b; c"},
		"line":  {Name: "io\r\nX-Evil: 1"},
		"path":  {Name: "io", Path: "/\r\nX-Evil: 1; Domain=evil.example"},
		"more":  {Name: "io", Path: "/; Domain=evil.example"},
		"of id": {Name: "io"},
	} {
		o := &Options{Cookie: cookie, GenerateID: func(*http.Request) (string, error) { return "x; Domain=evil.example\r\nX-Evil: 1", nil }}
		if name != "of id" {
			o.GenerateID = nil
		}
		bubble(t, name, o, func(r *rig) {
			res := r.get("EIO=4&transport=polling")
			if res.header.Get("X-Evil") != "" {
				r.t.Errorf("%v", res.header)
			}
			for _, c := range (&http.Response{Header: res.header}).Cookies() {
				if c.Domain != "" || c.Name == "c" {
					r.t.Errorf("%v", c)
				}
			}
		})
	}
}

// TestCVE2022_42975_Origins: a pattern lets in the subdomains it names and nothing that only ends, begins or looks alike.
func TestCVE2022_42975_Origins(t *testing.T) {
	o := &Options{Origins: []string{"https://*.example.com", "https://app.example.org:8443"}}
	bubble(t, "websocket and polling", o, func(r *rig) {
		for origin, want := range map[string]bool{
			"https://a.example.com":              true,
			"https://A.Example.COM":              true,
			"https://a.example.com:443":          true,
			"https://a.b.example.com":            true,
			"https://app.example.org:8443":       true,
			"http://a.example.com":               false,
			"https://example.com":                false,
			"https://evil-example.com":           false,
			"https://evilexample.com":            false,
			"https://a.example.com.evil":         false,
			"https://a.example.com.":             false,
			"https://a.example.com:444":          false,
			"https://user@a.example.com":         false,
			"https://a.example.com@evil":         false,
			"https://evil/a.example.com":         false,
			"https://evil#.example.com":          false,
			"https://evil?.example.com":          false,
			"https://evil\\.example.com":         false,
			"https://ex\u00e4mple.example.com":   false,
			"https://a\u3002example.com":         false,
			"https://[::1]":                      false,
			"https://[::1%25.example.com]":       false,
			"https://app.example.org":            false,
			"https://*.example.com":              false,
			"null":                               false,
			"file://":                            false,
			"https://a.example.com https://evil": false,
		} {
			res := r.get("EIO=4&transport=polling", "Origin: "+origin)
			if (res.status == 200) != want {
				r.t.Errorf("polling from %q: %d", origin, res.status)
			}
			w, _ := r.tryWS("EIO=4&transport=websocket", "Origin: "+origin)
			if (w != nil) != want {
				r.t.Errorf("websocket from %q: %v", origin, w != nil)
			}
			if w != nil {
				w.Close()
			}
		}
	})
}

// TestCVE2026_1526_AgreedDeflateBomb: where compression was agreed on, the limit counts what a message unpacks to.
func TestCVE2026_1526_AgreedDeflateBomb(t *testing.T) {
	for _, size := range []int{defaultMaxPayload, 64 << 20} {
		bubble(t, fmt.Sprint(size), &Options{DeflateThreshold: 1}, func(r *rig) {
			p, w := r.openWS("Sec-WebSocket-Extensions: permessage-deflate")
			bomb := deflatedZeros(r.t, size+1)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			go io.WriteString(w, bomb) // ends with the connection
			w.wantClose(1009)
			runtime.ReadMemStats(&after)
			p.ended(ReasonTransportError)
			p.heard()
			if n := after.TotalAlloc - before.TotalAlloc; n > 8*defaultMaxPayload {
				r.t.Errorf("%d bytes were taken for a message of %d", n, len(bomb))
			}
		})
	}
}

// deflatedZeros is a message of n zeros, compressed, as a client sends it.
func deflatedZeros(t testing.TB, n int) string {
	t.Helper()
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for ; n > 0; n -= len(zeros) {
		z.Write(zeros[:min(n, len(zeros))])
	}
	z.Flush()
	frame := ws.AppendMasked(nil, ws.OpBinary, bytes.TrimSuffix(b.Bytes(), []byte("\x00\x00\xff\xff")), [4]byte{})
	frame[0] |= 0x40 // compressed
	return string(frame)
}

// TestGorilla203_CompressedOnce: a broadcast is compressed once, however many clients agreed on compression, and a small
// one not at all; no client has a compressor of its own.
func TestGorilla203_CompressedOnce(t *testing.T) {
	bubble(t, "a hundred clients", &Options{DeflateThreshold: 1024}, func(r *rig) {
		const n = 100
		var clients []*wsClient
		for range n {
			_, w := r.openWS("Sec-WebSocket-Extensions: permessage-deflate")
			clients = append(clients, w)
		}
		send := func(f *Frame, first byte) (allocated uint64) {
			r.t.Helper()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for _, p := range r.taps {
				p.say(f)
			}
			synctest.Wait()
			runtime.ReadMemStats(&after)
			for _, w := range clients {
				head, err := w.r.ReadByte()
				if err != nil || head != first {
					r.t.Fatalf("%#x, %v", head, err)
				}
				size, _ := w.r.ReadByte()
				if size == 126 {
					high, _ := w.r.ReadByte()
					low, _ := w.r.ReadByte()
					w.r.Discard(int(high)<<8 | int(low))
				} else {
					w.r.Discard(int(size))
				}
			}
			return after.TotalAlloc - before.TotalAlloc
		}
		send(TextFrame([]byte(strings.Repeat("x", 500))), 0x81)
		f := TextFrame([]byte(strings.Repeat("hello ", 1000)))
		if b := send(f, 0xc1); b > 4<<20 { // one compressor has 1.2 MB
			r.t.Errorf("%d bytes were allocated for %d clients", b, n)
		}
		first, _ := f.deflated(1024)
		if second, made := f.deflated(1024); made || &first[0] != &second[0] {
			r.t.Error("compressed anew")
		}
	})
}
