package engineio

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// blockLane has a poll be answered with more than its client reads.
func (r *rig) blockLane(p *tap, session string, w *wire) (l *lane, frame *Frame) {
	r.t.Helper()
	l, _ = r.theLane()
	frame = TextFrame(bytes.Repeat([]byte("x"), 20<<20)).Uncompressed()
	r.waits(p, session, w)
	p.say(frame)
	return l, frame
}

// TestLaneSlow: a client that does not read.
func TestLaneSlow(t *testing.T) {
	o := &Options{QueueLimit: 32 << 20}
	t.Run("but then does", func(t *testing.T) {
		t.Parallel()
		realtime(t, o, func(r *rig) {
			p, session, w := r.onLane()
			_, frame := r.blockLane(p, session, w)
			if p.Buffered() < frame.Size() {
				t.Errorf("%d bytes are buffered", p.Buffered())
			}
			if _, body := w.answer(); body != string(frame.polling()) {
				t.Errorf("%d bytes", len(body))
			}
			r.pass(p, session, w)
			if n := p.Buffered(); n != 0 {
				t.Errorf("%d bytes are buffered", n)
			}
		})
	})
	t.Run("sends on", func(t *testing.T) {
		t.Parallel()
		realtime(t, o, func(r *rig) {
			p, session, w := r.onLane()
			_, frame := r.blockLane(p, session, w)
			w.send(getHead(session) + getHead(session))
			w.want(200, string(frame.polling()))
			for range 2 {
				p.say(TextFrame([]byte("y")))
				w.want(200, "4y")
			}
		})
	})
	t.Run("overflows", func(t *testing.T) {
		t.Parallel()
		realtime(t, o, func(r *rig) {
			p, session, w := r.onLane()
			_, frame := r.blockLane(p, session, w)
			if _, err := p.Send(frame); err != ErrSlowConsumer {
				t.Errorf("Send: %v", err)
			}
			p.ended(ReasonSlowConsumer)
			w.Close()
			r.noLane()
		})
	})
	t.Run("in time", func(t *testing.T) {
		t.Parallel()
		realtime(t, o, func(r *rig) {
			p, session, w := r.onLane()
			l, _ := r.blockLane(p, session, w)
			for p.Reason() == "" { // instead of waiting for writeTimeout; the goroutine sets its own at each step
				l.nc.SetWriteDeadline(time.Unix(1, 0))
			}
			p.ended(ReasonSlowConsumer)
			r.noLane()
		})
	})
}

// TestLaneShutdown ends the server with lanes in all conditions.
func TestLaneShutdown(t *testing.T) {
	realtime(t, nil, func(r *rig) {
		_, _, idle := r.onLane()
		if err := r.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		r.noLane()
		idle.send(getHead("transport=polling&sid=nonsense")) // it is net/http's
		idle.want(400, `{"code":1,"message":"Session ID unknown"}`)
		r.hs.Close()
		idle.wantEnd()
	})
	realtime(t, nil, func(r *rig) {
		p, session, w := r.onLane()
		r.waits(p, session, w)
		if err := r.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		w.want(200, "1")
		p.ended(ReasonServerShuttingDown)
	})
	realtime(t, nil, func(r *rig) { // net/http was closed first
		p, session, w := r.onLane()
		r.waits(p, session, w)
		r.hs.Close()
		if err := r.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		w.want(200, "1")
		w.wantEnd()
		p.ended(ReasonServerShuttingDown)
	})
	realtime(t, &Options{QueueLimit: 32 << 20}, func(r *rig) {
		p, session, w := r.onLane()
		r.blockLane(p, session, w)
		if err := r.Shutdown(expired()); err == nil {
			t.Error("nothing had to be cut off")
		}
		if err := r.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		r.noLane()
		p.ended(ReasonServerShuttingDown)
	})
}

// wrapped is a ResponseWriter of a middleware.
type wrapped struct{ http.ResponseWriter }

// TestLaneNowhere: where somebody wants to see every request or response, or the connection is no plain one.
func TestLaneNowhere(t *testing.T) {
	for name, prepare := range map[string]func(o *Options, hs *http.Server){
		"option":  func(o *Options, _ *http.Server) { o.PlainPolling = true },
		"Headers": func(o *Options, _ *http.Server) { o.Headers = func(http.Header, *http.Request, bool) {} },
		"BaseContext": func(_ *Options, hs *http.Server) {
			hs.BaseContext = func(net.Listener) context.Context { return t.Context() }
		},
		"ConnContext": func(_ *Options, hs *http.Server) {
			hs.ConnContext = func(ctx context.Context, _ net.Conn) context.Context { return ctx }
		},
		"wrapped writer": func(_ *Options, hs *http.Server) {
			next := hs.Handler
			hs.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(wrapped{w}, r) })
		},
		"cookie": func(_ *Options, hs *http.Server) {
			next := hs.Handler
			hs.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Add("Set-Cookie", "a=b")
				next.ServeHTTP(w, r)
			})
		},
		"wrapped connection": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ln := localTCP(t)
			var o Options
			if prepare == nil {
				ln = wrappingListener{ln}
			}
			if name == "option" || name == "Headers" {
				prepare(&o, nil)
			}
			r := newRigWith(t, &o, ln, func(hs *http.Server) {
				if prepare != nil {
					prepare(&o, hs)
				}
			})
			defer r.stop()
			p, session := r.open()
			w := r.wire()
			for range 20 {
				r.pass(p, session, w)
			}
			r.noLane()
			p.alive()
		})
	}
}

// wrappingListener accepts connections that are no plain ones.
type wrappingListener struct{ net.Listener }

func (l wrappingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return struct{ net.Conn }{c}, nil
}

// TestLaneRenewal: a poll goes the whole way when the last that did so is older than PingInterval.
func TestLaneRenewal(t *testing.T) {
	var passes atomic.Int32
	counting := func(hs *http.Server) {
		next := hs.Handler
		hs.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.RawQuery, "sid=") {
				passes.Add(1)
			}
			w.Header().Set("X-Middleware", "was here")
			next.ServeHTTP(w, r)
		})
	}
	for _, renewed := range []bool{false, true} {
		t.Run(fmt.Sprint(renewed), func(t *testing.T) {
			passes.Store(0)
			r := newRigWith(t, nil, localTCP(t), counting)
			defer r.stop()
			p, session, w := r.onLane()
			want := firstPolls + 1
			if renewed {
				r.opts.PingInterval, want = 0, want+5
			}
			for range 5 {
				p.say(TextFrame([]byte("x")))
				w.send(getHead(session))
				head, body := w.answer()
				if body != "4x" || !strings.Contains(head, "X-Middleware: was here\r\n") {
					t.Fatalf("%q %q", head, body)
				}
			}
			r.theLane()
			if n := int(passes.Load()); n != want {
				t.Errorf("%d polls have passed the middleware, want %d", n, want)
			}
		})
	}
}

// TestLaneMiddleware: middleware sees every request but polls that repeat one which it has let through, and those it sees
// again when that was a ping interval ago. With PlainPolling it sees those too.
//
// checklist: 192
func TestLaneMiddleware(t *testing.T) {
	for _, plain := range []bool{false, true} {
		t.Run(fmt.Sprintf("PlainPolling %t", plain), func(t *testing.T) {
			gate := &gate{}
			r := newRigWith(t, &Options{PlainPolling: plain}, localTCP(t), func(hs *http.Server) { gate.next, hs.Handler = hs.Handler, gate })
			defer r.stop()
			want := func(requests ...string) {
				t.Helper()
				if got := gate.take(); !slices.Equal(got, requests) {
					t.Errorf("middleware has seen %q, want %q", got, requests)
				}
			}
			p, session := r.open()
			want("GET")
			w := r.wire()
			for range 20 {
				r.pass(p, session, w)
			}
			seen := 20
			if !plain {
				seen = firstPolls + 1
			}
			want(slices.Repeat([]string{"GET session"}, seen)...)
			w.send(rawRequest("POST", session, "Content-Length: 3") + "4hi")
			w.want(200, "ok")
			want("POST session")
			r.pass(p, session, w, "X-Other: 1")
			want("GET session")
			c := r.candidate(p)
			want("GET session upgrade")
			c.Close()
			_, alone := r.openWS()
			want("GET upgrade")
			alone.Close()

			for range firstPolls + 1 {
				r.pass(p, session, w)
			}
			gate.take()
			gate.shut.Store(true)
			if !plain {
				r.theLane()
				r.pass(p, session, w)
				want()
				r.opts.PingInterval = 0 // it is over
			}
			w.send(getHead(session))
			w.want(401, "no longer\n")
			want("GET session")
			p.alive()
		})
	}
}

// gate is a middleware that notes what it sees, and can be shut.
type gate struct {
	next http.Handler
	shut atomic.Bool
	mu   sync.Mutex // guards following
	seen []string
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	what := r.Method
	if r.URL.Query().Get("sid") != "" {
		what += " session"
	}
	if r.Header.Get("Upgrade") != "" {
		what += " upgrade"
	}
	g.mu.Lock()
	g.seen = append(g.seen, what)
	g.mu.Unlock()
	if g.shut.Load() {
		http.Error(w, "no longer", http.StatusUnauthorized)
		return
	}
	g.next.ServeHTTP(w, r)
}

// take returns what it has seen since the last time.
func (g *gate) take() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	seen := g.seen
	g.seen = nil
	return seen
}

// TestLaneGivesUp: a connection that carries more than polls is left to net/http before long.
func TestLaneGivesUp(t *testing.T) {
	realtime(t, nil, func(r *rig) {
		p, session := r.open()
		w := r.wire()
		for range 20 {
			r.pass(p, session, w)
			w.send(rawRequest("POST", session, "Content-Length: 3") + "4hi")
			w.want(200, "ok")
		}
		for range 20 {
			r.pass(p, session, w)
		}
		r.noLane()
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.messages) != 20 {
			t.Errorf("%d messages", len(p.messages))
		}
	})
}
