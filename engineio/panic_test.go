package engineio

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// TestPanics: a panic of a callback is logged with its stack and closes nothing but its session.
func TestPanics(t *testing.T) {
	check := func(r *rig, p *tap, callback string) {
		r.t.Helper()
		p.ended(ReasonForcedClose)
		var e *PanicError
		if !errors.As(p.err, &e) || e.Callback != callback || e.Value != "bug" {
			r.t.Errorf("error %v", p.err)
		}
		synctest.Wait()
		if log := r.logs.String(); !strings.Contains(log, "callback="+callback) || !strings.Contains(log, "panic_test.go") {
			r.t.Errorf("log %q", log)
		}
	}
	bug := func(_ *tap, data []byte, _ bool) {
		if string(data) == "bug" {
			panic("bug")
		}
	}
	bubble(t, "OnMessage over polling", nil, func(r *rig) {
		r.onMessage = bug
		other, sid2 := r.open()
		p, sid := r.open()
		r.want(r.do("POST", sid, "4one\x1e4bug\x1e4two"), 200, "ok")
		check(r, p, "OnMessage")
		p.heard("one", "bug")
		r.post(sid2, "4x")
		other.alive()
	})
	bubble(t, "OnMessage over websocket", nil, func(r *rig) {
		r.onMessage = bug
		other, _ := r.openWS()
		p, w := r.openWS()
		w.text("4bug")
		w.wantClose(1005)
		check(r, p, "OnMessage")
		other.alive()
	})
	bubble(t, "OnUpgrade", &Options{OnUpgrade: func(*Session, Transport) { panic("bug") }}, func(r *rig) {
		p, _ := r.open()
		r.upgraded(p).wantClose(1005)
		check(r, p, "OnUpgrade")
	})
	bubble(t, "OnClose", nil, func(r *rig) {
		r.onClose = func(*tap) { panic("bug") }
		_, w := r.openWS()
		w.Close()
		synctest.Wait()
		if !strings.Contains(r.logs.String(), "callback=OnClose") {
			r.t.Errorf("log %q", r.logs)
		}
		r.taps = nil // its tap was told nothing
	})
	bubble(t, "OnSession", &Options{OnSession: func(*Session) SessionHandler { panic("bug") }}, func(r *rig) {
		r.wantCode(r.get("EIO=4&transport=polling"), 500, CodeBadRequest, "Bad request")
		r.ws("EIO=4&transport=websocket").next() // the open packet was queued before
		synctest.Wait()
		if n := r.ClientsCount(); n != 0 || !strings.Contains(r.logs.String(), "callback=OnSession") {
			r.t.Errorf("%d clients, log %q", n, r.logs)
		}
	})
	bubble(t, "Headers and OnConnectionError", &Options{
		Headers:           func(http.Header, *http.Request, bool) { panic("bug") },
		OnConnectionError: func(*ConnectionError) { panic("bug") },
	}, func(r *rig) {
		r.unknown("transport=polling&sid=x")
		_, sid := r.open()
		r.post(sid, "4x")
		_, w := r.openWS()
		w.Close()
	})
}
