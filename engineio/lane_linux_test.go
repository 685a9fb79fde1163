package engineio

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"rightnow/internal/ws"
)

// TestLaneBytes: the answers are those of net/http, byte for byte.
func TestLaneBytes(t *testing.T) {
	long := strings.Repeat("long ", 500)
	for name, test := range map[string]struct {
		options Options
		header  []string
	}{
		"bare":        {},
		"CORS":        {Options{Origins: []string{"https://a.example"}, Credentials: true}, []string{"Origin: https://a.example"}},
		"any origin":  {Options{Origins: []string{"*"}}, []string{"Origin: https://a.example"}},
		"gzip":        {Options{}, []string{"Accept-Encoding: gzip, deflate, br"}},
		"deflate":     {Options{Origins: []string{"https://a.example"}}, []string{"Accept-Encoding: deflate", "Origin: https://a.example"}},
		"no encoding": {Options{CompressThreshold: -1}, []string{"Accept-Encoding: gzip"}},
		"old browser": {Options{}, []string{"User-Agent: Mozilla/5.0 (Windows NT 6.3; Trident/7.0)"}},
		"keep-alive":  {Options{}, []string{"Connection: keep-alive", "Cookie: a=b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all [2][]string
			for i, plain := range []bool{false, true} {
				o := test.options
				o.PlainPolling = plain
				realtime(t, &o, func(r *rig) {
					p, session := r.open()
					w := r.wire()
					for n := range 10 {
						p.Send(TextFrame([]byte("short"), []byte{1, 2}))
						if n%2 == 1 {
							p.Send(TextFrame([]byte(long)))
						}
						if n%3 == 2 {
							p.Send(TextFrame([]byte(long)).Uncompressed())
						}
						w.send(getHead(session, test.header...))
						head, body := w.answer()
						all[i] = append(all[i], head+body)
					}
					if plain {
						r.noLane()
					} else if _, served := r.theLane(); served < 7 {
						t.Errorf("%d polls have passed net/http by", served)
					}
				})
			}
			for n := range all[0] {
				if all[0][n] != all[1][n] {
					t.Errorf("poll %d:\n%q\nwant\n%q", n, all[0][n], all[1][n])
				}
			}
		})
	}
}

// TestLaneDiffers sends something else over a lane: it is answered as ever, and so are the polls behind it.
func TestLaneDiffers(t *testing.T) {
	const mismatch = `{"code":1,"message":"Session ID unknown"}`
	for name, test := range map[string]func(r *rig, p *tap, session string, w *wire){
		"POST": func(r *rig, p *tap, session string, w *wire) {
			w.send(rawRequest("POST", session, "Content-Length: 3") + "4hi")
			w.want(200, "ok")
			p.heard("hi")
		},
		"another header": func(r *rig, p *tap, session string, w *wire) {
			p.say(TextFrame([]byte("more")))
			w.send(getHead(session, "X-Other: 1"))
			w.want(200, "4more")
		},
		"another path": func(r *rig, _ *tap, _ string, w *wire) {
			w.send("GET /other HTTP/1.1\r\nHost: mem\r\n\r\n")
			w.want(200, "other")
		},
		"another session": func(r *rig, _ *tap, _ string, w *wire) {
			w.send(getHead("transport=polling&sid=nonsense"))
			w.want(400, mismatch)
		},
		"a handshake": func(r *rig, _ *tap, _ string, w *wire) {
			w.send(getHead("EIO=4&transport=polling"))
			if _, body := w.answer(); !strings.HasPrefix(body, `0{"sid"`) {
				r.t.Errorf("%q", body)
			}
		},
		"polls in a row": func(r *rig, p *tap, session string, w *wire) {
			p.say(TextFrame([]byte("one")))
			w.send(strings.Repeat(getHead(session), 3))
			w.want(200, "4one")
			p.say(TextFrame([]byte("two")))
			w.want(200, "4two")
			p.say(TextFrame([]byte("three")))
			w.want(200, "4three")
		},
		"requests behind a poll that waits": func(r *rig, p *tap, session string, w *wire) {
			r.waits(p, session, w)
			for range 3 {
				w.send("GET /other HTTP/1.1\r\nHost: mem\r\n\r\n")
			}
			p.say(TextFrame([]byte("late")))
			w.want(200, "4late")
			for range 3 {
				w.want(200, "other")
			}
		},
		"byte by byte": func(r *rig, p *tap, session string, w *wire) {
			p.say(TextFrame([]byte("slowly")))
			for _, b := range getHead(session) {
				w.send(string(b))
			}
			w.want(200, "4slowly")
		},
		"a WebSocket": func(r *rig, p *tap, session string, w *wire) {
			w.send(getHead(strings.Replace(session, "polling", "websocket", 1), "Connection: Upgrade", "Upgrade: websocket",
				"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
			if head, _ := w.answer(); !strings.HasPrefix(head, "HTTP/1.1 101 ") {
				r.t.Fatalf("%q", head)
			}
			c := &wsClient{Conn: w.Conn, r: w.r}
			c.text("2probe")
			if m, err := c.read(); m != "3probe" {
				r.t.Errorf("%q, %v", m, err)
			}
			if n := r.poller.Watching(); n != 1 {
				r.t.Errorf("%d WebSockets are watched without a goroutine, want 1", n)
			}
			w.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			realtime(t, nil, func(r *rig) {
				r.mux.HandleFunc("/other", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "other") })
				p, session, w := r.onLane()
				test(r, p, session, w)
				p.alive()
				if name != "a WebSocket" {
					r.pass(p, session, w)
				}
			})
		})
	}
}

// TestLaneBreaks sends over a lane what net/http refuses, or does not keep the connection after.
func TestLaneBreaks(t *testing.T) {
	for name, test := range map[string]struct {
		request func(session string) string
		status  string
	}{
		"garbage": {func(string) string { return "\x00\x01garbage\r\n\r\n" }, "HTTP/1.1 400 "},
		"huge":    {func(s string) string { return getHead(s, "X: "+strings.Repeat("x", 2<<20)) }, "HTTP/1.1 431 "},
		"old": {func(s string) string {
			return strings.Replace(getHead(s), "HTTP/1.1", "HTTP/1.0", 1)
		}, "HTTP/1.0 200 "},
		"closes":   {func(s string) string { return getHead(s, "Connection: close") }, "HTTP/1.1 200 "},
		"two Host": {func(s string) string { return getHead(s, "Host: other") }, "HTTP/1.1 400 "},
		"folded":   {func(s string) string { return getHead(s, " X: y") }, "HTTP/1.1 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			realtime(t, nil, func(r *rig) {
				p, session, w := r.onLane()
				p.say(TextFrame([]byte("x")))
				io.WriteString(w.Conn, test.request(session)) // it may be refused before it is sent
				status, err := w.r.Peek(len(test.status))
				if string(status) != test.status {
					t.Errorf("got %q, %v, want %q", status, err, test.status)
				}
				if name != "folded" {
					io.Copy(io.Discard, w.r) // ends
				}
			})
		})
	}
}

// TestLaneTimestamp: the parameter against caches may change.
func TestLaneTimestamp(t *testing.T) {
	realtime(t, nil, func(r *rig) {
		p, session := r.open()
		w := r.wire()
		for n := range 10 {
			r.pass(p, fmt.Sprintf("EIO=4&t=%x.-_~%d&%s", n*n*n, n, session), w)
		}
		if _, served := r.theLane(); served != 8 {
			t.Errorf("%d polls have passed net/http by", served)
		}
		r.pass(p, "EIO=4&t=%41&"+session, w)
		r.pass(p, "EIO=4&t=a&x=b&"+session, w)
	})
}

// TestLaneEnds: the session's fate is that of the poll, and not that of an idle connection.
func TestLaneEnds(t *testing.T) {
	t.Run("aborted", func(t *testing.T) {
		t.Parallel()
		realtime(t, nil, func(r *rig) {
			p, session, w := r.onLane()
			r.waits(p, session, w)
			w.Close()
			p.ended(ReasonTransportError)
			r.noLane()
		})
	})
	t.Run("reset", func(t *testing.T) {
		t.Parallel()
		realtime(t, nil, func(r *rig) {
			p, session, w := r.onLane()
			r.waits(p, session, w)
			reset(w.Conn)
			p.ended(ReasonTransportError)
			r.noLane()
		})
	})
	t.Run("closed between polls", func(t *testing.T) {
		t.Parallel()
		realtime(t, nil, func(r *rig) {
			p, session, w := r.onLane()
			w.Close()
			r.noLane()
			p.alive()
			r.pass(p, session, r.wire())
		})
	})
	t.Run("unused", func(t *testing.T) {
		t.Parallel()
		r := newRigWith(t, nil, localTCP(t), func(hs *http.Server) { hs.IdleTimeout = 50 * time.Millisecond })
		defer r.stop()
		p, _, w := r.onLane()
		w.wantEnd()
		r.noLane()
		p.alive()
	})
	t.Run("by the server", func(t *testing.T) {
		t.Parallel()
		realtime(t, nil, func(r *rig) {
			p, session, w := r.onLane()
			r.waits(p, session, w)
			p.Close(ReasonForcedClose)
			w.want(200, "1")
			p.ended(ReasonForcedClose)
			w.send(getHead(session))
			w.want(400, `{"code":1,"message":"Session ID unknown"}`)
			r.noLane()
		})
	})
	t.Run("by the server, with a queue", func(t *testing.T) {
		t.Parallel()
		realtime(t, nil, func(r *rig) {
			p, session, w := r.onLane()
			p.say(TextFrame([]byte("rest")))
			p.Close(ReasonForcedClose)
			p.ended(ReasonForcedClose)
			w.send(getHead(session))
			w.want(200, "4rest")
			w.send(getHead(session))
			w.want(200, "6\x1e1")
			w.send(getHead(session))
			w.want(400, `{"code":1,"message":"Session ID unknown"}`)
		})
	})
	t.Run("by the client", func(t *testing.T) {
		t.Parallel()
		realtime(t, nil, func(r *rig) {
			p, session, w := r.onLane()
			r.waits(p, session, w)
			r.post(session, "1")
			w.want(200, "6")
			p.ended(ReasonTransportClose)
		})
	})
	t.Run("two polls", func(t *testing.T) {
		t.Parallel()
		realtime(t, nil, func(r *rig) {
			p, session, w := r.onLane()
			r.waits(p, session, w)
			r.want(r.get(session), 400, "")
			w.want(200, "1")
			p.ended(ReasonTransportError)
		})
	})
	t.Run("two polls, the lane second", func(t *testing.T) {
		t.Parallel()
		realtime(t, nil, func(r *rig) {
			p, session, w := r.onLane()
			other := r.wire()
			r.waits(p, session, other)
			w.send(getHead(session))
			w.want(400, "")
			other.want(200, "1")
			p.ended(ReasonTransportError)
		})
	})
}

// TestLaneUpgrade: a session moves while its poll waits on a lane.
func TestLaneUpgrade(t *testing.T) {
	realtime(t, nil, func(r *rig) {
		p, session, w := r.onLane()
		r.waits(p, session, w)
		c, _ := r.tryWS(strings.Replace(session, "polling", "websocket", 1))
		defer c.Close()
		c.text("2probe")
		c.want("3probe")
		w.want(200, "6")
		r.waits(p, session, w) // as nobody should
		c.text("5")
		w.want(400, `{"code":3,"message":"Bad request"}`)
		p.say(TextFrame([]byte("moved")))
		c.want("4moved")
		if len(r.fails) != 1 || r.fails[0].Context["name"] != "TRANSPORT_MISMATCH" || r.fails[0].Request.Method != "GET" {
			t.Errorf("refused: %+v", r.fails)
		}
		w.send(getHead(session))
		w.want(400, `{"code":3,"message":"Bad request"}`)
		r.noLane()
		c.frame(ws.OpClose, "")
		p.ended(ReasonTransportClose)
	})
}
