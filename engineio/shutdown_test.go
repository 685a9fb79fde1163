package engineio

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestShutdown(t *testing.T) {
	shutdown := func(r *rig) <-chan error {
		done := make(chan error, 1)
		go func() { done <- r.Shutdown(context.Background()) }() // ends with the shutdown
		synctest.Wait()
		return done
	}
	bubble(t, "164 polls, websockets, queues", nil, func(r *rig) {
		p1, sid1 := r.open()
		waiting := r.start("GET", sid1, "")
		p2, w := r.openWS()
		p2.Send(TextFrame([]byte("unflushed")))
		p3, sid3 := r.open()
		p3.Send(TextFrame([]byte("queued")))
		p4, sid4 := r.open() // between two polls
		p5, _ := r.open()
		candidate := r.candidate(p5)

		done := shutdown(r)
		r.want(<-waiting, 200, "1")
		for _, p := range []*tap{p1, p2, p3, p4, p5} {
			p.ended(ReasonServerShuttingDown)
		}
		if n := r.ClientsCount(); n != 0 {
			r.t.Errorf("%d clients", n)
		}
		w.want("4unflushed")
		w.wantClose(1005)
		candidate.wantClose(1005)
		r.poll(sid4, "6\x1e1")
		r.poll(sid3, "4queued")
		select {
		case err := <-done:
			r.t.Fatalf("returned with %v before the last poll", err)
		default:
		}
		r.poll(sid3, "6\x1e1")
		if err := <-done; err != nil {
			r.t.Errorf("Shutdown: %v", err)
		}
		r.unknown(sid3)
	})
	bubble(t, "new sessions", nil, func(r *rig) {
		p, _ := r.open()
		w := r.candidate(p) // holds the shutdown until it answers the close frame
		done := shutdown(r)
		for range 2 { // while it runs, and after it
			r.wantCode(r.get("EIO=4&transport=polling"), 503, CodeBadRequest, "Server is shutting down")
			if w, res := r.tryWS("EIO=4&transport=websocket"); w != nil || res.status != 503 {
				r.t.Errorf("%+v", res)
			}
			w.Close()
			<-done
			done = shutdown(r) // 165: again
		}
		if err := <-done; err != nil {
			r.t.Error(err)
		}
	})
	bubble(t, "silent clients are not waited for", nil, func(r *rig) {
		r.open()
		start := time.Now()
		if err := r.Shutdown(context.Background()); err != nil || time.Since(start) != pollGrace {
			r.t.Errorf("%v after %v", err, time.Since(start))
		}
	})
	bubble(t, "nor is their queue, nor the last poll of one that took it", nil, func(r *rig) {
		p, _ := r.open()
		p.Send(TextFrame([]byte("queued")))
		p, sid := r.open()
		waiting := r.start("GET", sid, "")
		p.Send(TextFrame([]byte("queued")))
		start := time.Now()
		if err := r.Shutdown(context.Background()); err != nil || time.Since(start) != pollGrace {
			r.t.Errorf("%v after %v", err, time.Since(start))
		}
		r.want(<-waiting, 200, "4queued")
	})
	bubble(t, "the context ends first", nil, func(r *rig) {
		_, w := r.openWS() // never answers the close frame
		p, sid := r.open()
		p.Send(TextFrame([]byte("queued")))
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		if err := r.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			r.t.Errorf("%v after %v", err, time.Since(start))
		}
		synctest.Wait()
		if len(r.conns) != 0 {
			r.t.Error("a connection is left")
		}
		if _, err := w.read(); err == nil {
			r.t.Error("no close frame")
		}
		if m, err := w.read(); err == nil {
			r.t.Errorf("%q after the close frame", m)
		}
		r.unknown(sid)
		if err := r.Shutdown(context.Background()); err != nil || time.Since(start) != time.Second {
			r.t.Errorf("second: %v after %v", err, time.Since(start))
		}
	})
	bubble(t, "it waits for handlers", nil, func(r *rig) {
		r.onMessage = func(p *tap, _ []byte, _ bool) {
			<-p.Done()
			time.Sleep(time.Second)
		}
		r.onClose = func(*tap) { time.Sleep(time.Second) }
		_, sid := r.open()
		post := r.start("POST", sid, "4x")
		start := time.Now()
		if err := r.Shutdown(context.Background()); err != nil || time.Since(start) != 2*time.Second {
			r.t.Errorf("%v after %v", err, time.Since(start))
		}
		r.want(<-post, 200, "ok")
	})
	bubble(t, "a POST that does not end", nil, func(r *rig) {
		_, sid := r.open()
		c, br := r.raw(rawRequest("POST", sid, "Content-Length: 10") + "4")
		defer c.Close()
		synctest.Wait()
		if err := r.Shutdown(context.Background()); err != nil {
			r.t.Error(err)
		}
		if line, err := br.ReadString('\n'); err != nil || line != "HTTP/1.1 400 Bad Request\r\n" {
			r.t.Errorf("%q, %v", line, err)
		}
	})
}

func TestSessions(t *testing.T) {
	bubble(t, "iteration and count", nil, func(r *rig) {
		want := map[*Session]bool{}
		for range 3 {
			p, _ := r.open()
			want[p.Session] = true
			p, _ = r.openWS()
			want[p.Session] = true
		}
		p, _ := r.open()
		p.Send(TextFrame([]byte("rest")))
		p.Close(ReasonForcedClose) // lingers, but is none any more
		seen := 0
		for s := range r.Sessions() {
			seen++
			if !want[s] {
				r.t.Errorf("foreign session %s", s.ID())
			}
		}
		if seen != 6 || r.ClientsCount() != 6 {
			r.t.Errorf("saw %d, count %d", seen, r.ClientsCount())
		}
		for range r.Sessions() {
			break
		}
	})
}

// TestSendWhileOpening: a session that is found by iteration before its WebSocket is there loses nothing.
func TestSendWhileOpening(t *testing.T) {
	var srv *Server
	o := &Options{InitialPacket: []byte("hi"), Headers: func(http.Header, *http.Request, bool) {
		for s := range srv.Sessions() {
			s.Send(TextFrame([]byte("early")))
		}
	}}
	bubble(t, "websocket", o, func(r *rig) {
		srv = r.Server
		_, w := r.openWS()
		w.want("4hi", "4early")
	})
	bubble(t, "polling", o, func(r *rig) {
		srv = r.Server
		res := r.get("EIO=4&transport=polling")
		open, rest, _ := strings.Cut(res.body, "\x1e")
		if rest != "4hi" {
			r.t.Errorf("body %q", res.body)
		}
		r.poll("transport=polling&sid="+sidOf(r.t, open), "4early")
	})
}

// TestCloseWhileOpening closes a session while its handshake is being answered.
func TestCloseWhileOpening(t *testing.T) {
	var srv *Server
	o := &Options{Headers: func(http.Header, *http.Request, bool) {
		for s := range srv.Sessions() {
			s.Close(ReasonForcedClose)
		}
	}}
	bubble(t, "websocket", o, func(r *rig) {
		srv = r.Server
		r.ws("EIO=4&transport=websocket").wantClose(1005)
		if len(r.taps) != 0 {
			r.t.Error("OnSession was called for a session that had ended")
		}
		synctest.Wait()
		if len(r.sessions) != 0 {
			r.t.Error("the session lingers for polls that cannot come")
		}
	})
	bubble(t, "polling", o, func(r *rig) {
		srv = r.Server
		p, sid := r.open()
		p.ended(ReasonForcedClose)
		r.poll(sid, "6\x1e1")
	})
}
