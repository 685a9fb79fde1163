package engineio

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/memnet"
)

func TestPolling(t *testing.T) {
	// checklist: 20
	bubble(t, "answer to a POST", nil, func(r *rig) {
		p, sid := r.open()
		res := r.do("POST", sid, "4hello", "Content-Type: text/plain;charset=UTF-8")
		r.want(res, 200, "ok")
		h := res.header
		if h.Get("Content-Type") != "text/html" || h.Get("Content-Length") != "2" || h.Get("Cache-Control") != "no-store" {
			r.t.Errorf("header %v", h)
		}
		p.heard("hello")
	})
	// checklist: 21, 22
	bubble(t, "several packets in one POST", nil, func(r *rig) {
		r.onMessage = echo
		p, sid := r.open()
		r.post(sid, "4one\x1e4\x1e4three")
		p.heard("one", "", "three")
		r.poll(sid, "4one\x1e4\x1e4three") // all that waits, in one body
	})
	// checklist: 23
	bubble(t, "a poll waits until the ping", nil, func(r *rig) {
		_, sid := r.open()
		start := time.Now()
		r.poll(sid, "2")
		if took := time.Since(start); took != 25*time.Second {
			r.t.Errorf("took %v", took)
		}
		r.post(sid, "3")
	})
	// checklist: 23
	bubble(t, "a message ends the waiting", nil, func(r *rig) {
		p, sid := r.open()
		answer := r.start("GET", sid, "")
		p.Send(TextFrame([]byte("a")))
		p.Send(TextFrame([]byte("b")))
		synctest.Wait()
		select {
		case got := <-answer:
			r.t.Fatalf("answered before the flush: %+v", got)
		default:
		}
		p.Flush()
		r.want(<-answer, 200, "4a\x1e4b")
	})
	// checklist: 24, 25
	bubble(t, "binary, mixed, both ways", nil, func(r *rig) {
		r.onMessage = echo
		p, sid := r.open()
		r.post(sid, "4hello\x1ebAQIDBA==\x1eb\x1e4€")
		p.heard("hello", "0x01020304", "0x", "€")
		r.poll(sid, "4hello\x1ebAQIDBA==\x1eb\x1e4€")
		r.post(sid, "bAQ-_\nA") // as lenient as Node
		r.poll(sid, "bAQ+/")
	})
	// checklist: 26
	bubble(t, "duplicate poll", nil, func(r *rig) {
		p, sid := r.open()
		first := r.start("GET", sid, "")
		r.want(r.get(sid), 400, "")
		r.want(<-first, 200, "1")
		p.ended(ReasonTransportError)
		r.unknown(sid)
	})
	// checklist: 27
	bubble(t, "duplicate POST", nil, func(r *rig) {
		p, sid := r.open()
		c, br := r.raw(rawRequest("POST", sid, "Content-Length: 10") + "4he")
		defer c.Close()
		synctest.Wait()
		r.want(r.do("POST", sid, "4x"), 400, "")
		if res, err := http.ReadResponse(br, nil); err != nil || res.StatusCode != 400 || !res.Close {
			r.t.Errorf("first POST: %+v, %v", res, err)
		}
		p.ended(ReasonTransportError)
		p.heard()
		r.unknown(sid)
	})
	// checklist: 28
	bubble(t, "aborted poll", nil, func(r *rig) {
		p, sid := r.open()
		c, _ := r.raw(rawRequest("GET", sid))
		synctest.Wait()
		c.Close()
		p.ended(ReasonTransportError)
		r.unknown(sid)
	})
	// checklist: 29
	bubble(t, "aborted POST", nil, func(r *rig) {
		for _, head := range []string{"Content-Length: 10", "Transfer-Encoding: chunked"} {
			p, sid := r.open()
			poll := r.start("GET", sid, "")
			c, _ := r.raw(rawRequest("POST", sid, head) + "4\r\n4hel")
			synctest.Wait()
			c.Close()
			p.ended(ReasonTransportError)
			p.heard()
			r.want(<-poll, 200, "1")
			r.unknown(sid)
		}
	})
	// checklist: 29
	bubble(t, "client gone while the handler blocks", nil, func(r *rig) {
		r.onMessage = func(p *tap, _ []byte, _ bool) { <-p.Done() }
		p, sid := r.open()
		c, _ := r.raw(rawRequest("POST", sid, "Content-Length: 4") + "4one")
		synctest.Wait()
		p.alive()
		c.Close()
		p.ended(ReasonTransportError)
	})
	// checklist: 30
	bubble(t, "octet-stream", nil, func(r *rig) {
		for _, ct := range []string{"application/octet-stream", "Application/Octet-Stream ; x=y"} {
			p, sid := r.open()
			r.want(r.do("POST", sid, "4x", "Content-Type: "+ct), 400, "")
			p.ended(ReasonTransportError)
			p.heard()
		}
	})
	// checklist: 34
	bubble(t, "undecodable packets", nil, func(r *rig) {
		for _, body := range []string{"abc", "4a\x1e", "7", "4\xff", "4a\x1e\x1e4b", "4a\x1eb\x1e\x00"} {
			p, sid := r.open()
			poll := r.start("GET", sid, "")
			r.post(sid, body) // ok is said all the same
			r.want(<-poll, 200, "1")
			p.ended(ReasonParseError)
			r.unknown(sid)
		}
	})
	// checklist: 35
	bubble(t, "packets before the bad one", nil, func(r *rig) {
		p, sid := r.open()
		r.post(sid, "4one\x1e4two\x1e9\x1e4three")
		p.heard("one", "two")
		p.ended(ReasonParseError)
	})
	// checklist: 36
	bubble(t, "empty body", nil, func(r *rig) {
		p, sid := r.open()
		r.post(sid, "")
		p.ended(ReasonParseError)
	})
	// checklist: 37, 38
	bubble(t, "client closes, poll waiting", nil, func(r *rig) {
		p, sid := r.open()
		poll := r.start("GET", sid, "")
		r.post(sid, "4last\x1e1\x1e4after")
		r.want(<-poll, 200, "6")
		p.ended(ReasonTransportClose)
		p.heard("last") // nothing behind it
		r.unknown(sid)
	})
	bubble(t, "client closes, poll under way", nil, func(r *rig) {
		p, sid := r.open()
		r.post(sid, "1")
		p.ended(ReasonTransportClose)
		if n := r.ClientsCount(); n != 0 {
			r.t.Errorf("%d clients", n)
		}
		time.Sleep(pollGrace - time.Millisecond)
		r.wantCode(r.do("POST", sid, "4x"), 400, CodeUnknownSession, "Session ID unknown")
		r.poll(sid, "6")
		r.unknown(sid)

		_, sid = r.open()
		r.post(sid, "1")
		time.Sleep(pollGrace)
		synctest.Wait()
		r.unknown(sid)
	})
	// checklist: 39
	bubble(t, "other methods", nil, func(r *rig) {
		p, sid := r.open()
		for _, method := range []string{"PUT", "HEAD", "OPTIONS", "DELETE"} {
			r.want(r.do(method, sid, ""), 500, "")
		}
		p.alive()
	})
	// checklist: 41
	bubble(t, "ping from the client", nil, func(r *rig) {
		p, sid := r.open()
		r.post(sid, "2")
		p.ended(ReasonTransportError)
	})
	// checklist: 42
	bubble(t, "packets that mean nothing", nil, func(r *rig) {
		p, sid := r.open()
		r.post(sid, "0\x1e5\x1e6\x1e3\x1e0{}\x1e3probe\x1e4x")
		p.heard("x")
		p.alive()
	})
	// checklist: 43
	bubble(t, "server closes, poll waiting", nil, func(r *rig) {
		p, sid := r.open()
		poll := r.start("GET", sid, "")
		p.Close(ReasonForcedClose)
		r.want(<-poll, 200, "1")
		p.ended(ReasonForcedClose)
		r.unknown(sid)
	})
	// checklist: 43
	bubble(t, "server closes, something queued", nil, func(r *rig) {
		p, sid := r.open()
		p.Send(TextFrame([]byte("41")))
		p.Close(ReasonForcedClose)
		p.ended(ReasonForcedClose)
		if _, err := p.Send(TextFrame([]byte("late"))); err != ErrClosed {
			r.t.Errorf("Send: %v", err)
		}
		r.post(sid, "4ignored")
		time.Sleep(29 * time.Second)
		r.poll(sid, "441")
		r.poll(sid, "6\x1e1")
		r.unknown(sid)
		p.heard()
	})
	// checklist: 43
	bubble(t, "server closes, poll waiting and something queued", nil, func(r *rig) {
		p, sid := r.open()
		poll := r.start("GET", sid, "")
		p.Send(TextFrame([]byte("41")))
		p.Close(ReasonForcedClose)
		r.want(<-poll, 200, "441")
		r.poll(sid, "6\x1e1")
		r.unknown(sid)
	})
	// checklist: 43
	bubble(t, "nobody polls any more", nil, func(r *rig) {
		p, sid := r.open()
		p.Send(TextFrame([]byte("41")))
		p.Close(ReasonForcedClose)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		r.unknown(sid)
	})
	// checklist: 48
	bubble(t, "500 packets in one poll", nil, func(r *rig) {
		p, sid := r.open()
		var want []string
		for i := range 500 {
			p.Send(TextFrame(fmt.Appendf(nil, "%d", i)))
			want = append(want, fmt.Sprintf("4%d", i))
		}
		p.Flush()
		r.poll(sid, strings.Join(want, "\x1e"))
	})
}

// TestBodyLimit: MaxPayload bounds a POST.
func TestBodyLimit(t *testing.T) {
	o := &Options{MaxPayload: 100}
	body := "4" + strings.Repeat("é", 49) + "x" // 100 bytes, not 100 characters
	// checklist: 31
	bubble(t, "exactly the limit", o, func(r *rig) {
		p, sid := r.open()
		r.post(sid, body)
		p.heard(body[1:])
		res, err := r.try("POST", sid, io.MultiReader(strings.NewReader(body))) // chunked
		if err != nil || res.status != 200 {
			r.t.Errorf("chunked: %+v, %v", res, err)
		}
	})
	// checklist: 31, 32, 33
	bubble(t, "one byte more", o, func(r *rig) {
		p, sid := r.open()
		r.want(r.do("POST", sid, body+"x"), 413, "")
		res, err := r.try("POST", sid, io.MultiReader(strings.NewReader(body+"x"))) // chunked
		if err != nil {
			r.t.Fatal(err)
		}
		r.want(res, 413, "")
		p.alive() // the session still works
		r.post(sid, "4on")
		p.heard("on")
	})
	// checklist: 31
	bubble(t, "announced only", o, func(r *rig) {
		p, sid := r.open()
		c, br := r.raw(rawRequest("POST", sid, "Content-Length: 10000000000"))
		defer c.Close()
		res, err := http.ReadResponse(br, nil) // at once, without a byte of the body
		if err != nil || res.StatusCode != 413 || res.ContentLength != 0 {
			r.t.Fatalf("%+v, %v", res, err)
		}
		p.alive()
	})
	bubble(t, "packets of a body", &Options{MaxPacketsPerPayload: 3}, func(r *rig) {
		p, sid := r.open()
		r.post(sid, "41\x1e42\x1e43")
		p.alive()
		r.post(sid, "44\x1e45\x1e46\x1e47")
		p.heard("1", "2", "3", "4", "5", "6")
		p.ended(ReasonParseError)
	})
	bubble(t, "flood of separators", nil, func(r *rig) {
		p, sid := r.open()
		r.post(sid, strings.Repeat("\x1e", 1_000_000))
		p.ended(ReasonParseError)
		p, sid = r.open()
		r.post(sid, strings.Repeat("6\x1e", 499_999)+"6")
		p.ended(ReasonParseError)
		p, sid = r.open()
		r.post(sid, strings.Repeat(`42["a"]`+"\x1e", 124_999)+`42["a"]`) // the most a client may fit in
		p.alive()
		if n := len(p.messages); n != 125_000 {
			r.t.Errorf("%d messages", n)
		}
	})
}

// TestBufferReuse: what one client has sent is never seen by another.
func TestBufferReuse(t *testing.T) {
	bubble(t, "pooled buffers", nil, func(r *rig) {
		var first []byte
		r.onMessage = func(p *tap, data []byte, _ bool) {
			if first == nil {
				first = data
			}
			if bytes.Contains(data, []byte("secret")) && p != r.taps[0] {
				r.t.Errorf("leaked: %q", data)
			}
		}
		_, a := r.open()
		_, b := r.open()
		r.post(a, "4secretsecretsecret")
		r.post(b, "4b")
		r.last().heard("b")
	})
}

// TestCompression: of payloads.
func TestCompression(t *testing.T) {
	long, short := bytes.Repeat([]byte("x"), 1023), bytes.Repeat([]byte("x"), 1022) // one more with the packet type
	// checklist: 44
	bubble(t, "gzip and deflate", nil, func(r *rig) {
		p, sid := r.open()
		for accept, want := range map[string]string{
			"":                      "",
			"gzip":                  "gzip",
			"gzip, deflate, br":     "gzip",
			"br, deflate":           "deflate",
			"br":                    "",
			"*":                     "gzip",
			"gzip;q=0, *":           "deflate",
			"GZIP;q=0.5, deflate":   "deflate",
			"gzip;q=0, deflate;q=0": "",
			"identity":              "",
			"gzip;q=x":              "",
		} {
			p.say(TextFrame(bytes.Clone(long)))
			res := r.get(sid, "Accept-Encoding: "+accept)
			if got := res.header.Get("Content-Encoding"); got != want {
				r.t.Errorf("%q: %q, want %q", accept, got, want)
			}
			if got := inflate(r.t, want, res.body); got != "4"+string(long) {
				r.t.Errorf("%q: %.100q", accept, got)
			}
		}
		p.say(TextFrame(short))
		r.want(r.get(sid, "Accept-Encoding: gzip"), 200, "4"+string(short))
	})
	// checklist: 45
	bubble(t, "frames not worth it", nil, func(r *rig) {
		p, sid := r.open()
		p.say(TextFrame(bytes.Clone(long)).Uncompressed())
		p.say(TextFrame(bytes.Clone(long)).Uncompressed())
		r.want(r.get(sid, "Accept-Encoding: gzip"), 200, "4"+string(long)+"\x1e4"+string(long))
		p.say(TextFrame(bytes.Clone(long)).Uncompressed())
		p.say(TextFrame([]byte("x")))
		if res := r.get(sid, "Accept-Encoding: gzip"); res.header.Get("Content-Encoding") != "gzip" {
			r.t.Error("one of the packets may be compressed")
		}
	})
	// checklist: 46
	bubble(t, "switched off", &Options{CompressThreshold: -1}, func(r *rig) {
		p, sid := r.open()
		p.say(TextFrame(bytes.Clone(long)))
		r.want(r.get(sid, "Accept-Encoding: gzip"), 200, "4"+string(long))
	})
}

// TestRequest: the POST that carries a message can be seen while it is handled.
func TestRequest(t *testing.T) {
	bubble(t, "header of a POST", nil, func(r *rig) {
		var got []string
		r.onMessage = func(p *tap, _ []byte, _ bool) {
			if req := p.Request(); req != nil {
				got = append(got, req.Header.Get("X-Mark"))
			} else {
				got = append(got, "none")
			}
		}
		p, sid := r.open()
		r.do("POST", sid, "4a", "X-Mark: 1")
		w := r.upgraded(p)
		w.text("4b")
		synctest.Wait()
		if fmt.Sprint(got) != "[1 none]" || p.Request() != nil {
			r.t.Errorf("%q", got)
		}
	})
}

// TestServerTimeouts: a poll outlives the timeouts of the http.Server.
func TestServerTimeouts(t *testing.T) {
	bubble(t, "poll", nil, func(r *rig) {
		ln := memnet.Listen()
		hs := &http.Server{Handler: r.Server, ReadTimeout: time.Second, WriteTimeout: time.Second}
		go hs.Serve(ln) // ends with Close
		defer hs.Close()
		r.client.Transport.(*http.Transport).DialContext = ln.DialContext
		p, sid := r.open()
		r.poll(sid, "2")
		p.alive()
	})
}
