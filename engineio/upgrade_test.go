package engineio

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/memnet"
	"rightnow/internal/ws"
)

func TestUpgrade(t *testing.T) {
	// checklist: 72
	bubble(t, "probe", nil, func(r *rig) {
		p, _ := r.open()
		w := r.candidate(p)
		w.text("2probe")
		w.want("3probe")
		w.text("2probe") // Node answers each
		w.want("3probe")
		if p.Transport() != Polling {
			r.t.Errorf("transport %q", p.Transport())
		}
	})
	// checklist: 73
	bubble(t, "a waiting poll is released", nil, func(r *rig) {
		p, sid := r.open()
		poll := r.start("GET", sid, "")
		w := r.candidate(p)
		time.Sleep(time.Second)
		start := time.Now()
		w.text("2probe")
		w.want("3probe")
		r.want(<-poll, 200, "6")
		if took := time.Since(start); took != 100*time.Millisecond {
			r.t.Errorf("after %v", took)
		}
	})
	// checklist: 73
	bubble(t, "a poll that comes after the probe", nil, func(r *rig) {
		p, sid := r.open()
		w := r.candidate(p)
		w.text("2probe")
		w.want("3probe")
		for range 3 {
			time.Sleep(90 * time.Millisecond)
			start := time.Now()
			r.poll(sid, "6")
			if took := time.Since(start); took != 100*time.Millisecond {
				r.t.Errorf("after %v", took)
			}
		}
		w.text("5")
		synctest.Wait()
		if p.Transport() != WebSocket {
			r.t.Errorf("transport %q", p.Transport())
		}
	})
	// checklist: 74
	bubble(t, "queued packets move, in order", nil, func(r *rig) {
		p, _ := r.open()
		var want []string
		for i := range 100 {
			p.Send(TextFrame(fmt.Appendf(nil, "%d", i), []byte{byte(i)}))
			want = append(want, fmt.Sprintf("4%d", i), fmt.Sprintf("0x%02x", i))
		}
		w := r.upgraded(p)
		w.want(want...)
		p.say(TextFrame([]byte("new")))
		w.want("4new")
	})
	// checklist: 74
	bubble(t, "a full queue moves", &Options{QueueLimit: 10_000}, func(r *rig) {
		for _, size := range []int{1, 30, 996} {
			p, _ := r.open()
			n := 0
			for f := TextFrame(make([]byte, size)); p.Buffered()+f.Size() <= 10_000 && n < r.maxFrames; n++ {
				if _, err := p.Send(f); err != nil {
					r.t.Fatalf("frame %d of %d bytes: %v", n, size, err)
				}
			}
			w := r.upgraded(p)
			for range n {
				w.want("4" + strings.Repeat("\x00", size))
			}
			p.alive()
		}
	})
	// checklist: 75
	bubble(t, "between probe and upgrade polls carry on", nil, func(r *rig) {
		p, sid := r.open()
		w := r.candidate(p)
		w.text("2probe")
		w.want("3probe")
		poll := r.start("GET", sid, "")
		p.say(TextFrame([]byte("a")))
		r.want(<-poll, 200, "4a")
		p.say(TextFrame([]byte("b")))
		r.poll(sid, "4b")
		w.text("5")
		synctest.Wait()
		p.say(TextFrame([]byte("c")))
		w.want("4c")
	})
	// checklist: 76
	bubble(t, "anything else loses the candidate", nil, func(r *rig) {
		p, sid := r.open()
		for _, first := range []string{"4hello", "2", "2probex", "", "x", "0x02probe"} {
			w := r.candidate(p)
			if bin, ok := strings.CutPrefix(first, "0x0"); ok {
				w.frame(ws.OpBinary, bin)
			} else {
				w.text(first)
			}
			w.wantClose(1005)
		}
		w := r.candidate(p)
		w.text("2probe")
		w.want("3probe")
		w.text("4hello")
		w.wantClose(1005)
		r.post(sid, "4still")
		p.heard("still")
	})
	// checklist: 77
	bubble(t, "upgradeTimeout", nil, func(r *rig) {
		p, sid := r.open()
		for _, words := range [][]string{{}, {"2probe"}} {
			w := r.candidate(p)
			start := time.Now()
			for _, word := range words {
				w.text(word)
				w.want("3" + word[1:])
			}
			w.wantClose(1005)
			if took := time.Since(start); took != 10*time.Second {
				r.t.Errorf("after %v", took)
			}
		}
		r.post(sid, "4still")
		p.heard("still")
		r.upgraded(p) // and it can be tried again
		synctest.Wait()
		if p.Transport() != WebSocket {
			r.t.Errorf("transport %q", p.Transport())
		}
	})
	// checklist: 78
	bubble(t, "candidate lost", nil, func(r *rig) {
		p, sid := r.open()
		for _, lose := range []func(w *wsClient){
			func(w *wsClient) { w.Close() },
			func(w *wsClient) { w.Conn.(*memnet.Conn).Reset() },
			func(w *wsClient) { w.frame(ws.OpClose, "\x03\xe8") },
			func(w *wsClient) { w.frame(ws.OpText, "\xff") },
		} {
			w := r.candidate(p)
			w.text("2probe")
			w.want("3probe")
			poll := r.start("GET", sid, "")
			lose(w)
			synctest.Wait()
			p.say(TextFrame([]byte("on"))) // the poll that was held is an ordinary one again
			r.want(<-poll, 200, "4on")
		}
		poll := r.start("GET", sid, "")
		time.Sleep(time.Second) // no candidate, no noop
		p.say(TextFrame([]byte("on")))
		r.want(<-poll, 200, "4on")
		w := r.upgraded(p)
		p.say(TextFrame([]byte("moved")))
		w.want("4moved")
	})
	// checklist: 79, 80
	bubble(t, "a second candidate", nil, func(r *rig) {
		p, _ := r.open()
		w := r.candidate(p)
		r.candidate(p).wantClose(1005)
		w.text("2probe")
		w.want("3probe")
		r.candidate(p).wantClose(1005)
		w.text("5")
		r.candidate(p).wantClose(1005)
		p.say(TextFrame([]byte("x")))
		w.want("4x")
	})
	// checklist: 81
	bubble(t, "a poll after the upgrade", nil, func(r *rig) {
		p, sid := r.open()
		r.upgraded(p)
		synctest.Wait()
		r.wantCode(r.get(sid), 400, CodeBadRequest, "Bad request")
		r.wantCode(r.do("POST", sid, "4x"), 400, CodeBadRequest, "Bad request")
		p.alive()
		p.heard()
		if last := r.fails[len(r.fails)-1]; fmt.Sprint(last.Context) != "map[name:TRANSPORT_MISMATCH previousTransport:websocket transport:polling]" {
			r.t.Errorf("context %v", last.Context)
		}
	})
	// checklist: 81
	bubble(t, "a poll that overtakes the upgrade", nil, func(r *rig) {
		p, sid := r.open()
		w := r.candidate(p)
		w.text("2probe")
		w.want("3probe")
		poll := r.start("GET", sid, "")
		time.Sleep(noopDelay - time.Millisecond)
		w.text("5")
		r.wantCode(<-poll, 400, CodeBadRequest, "Bad request")
		p.alive()
	})
	// checklist: 81
	bubble(t, "a poll from before the probe", nil, func(r *rig) {
		p, sid := r.open()
		poll := r.start("GET", sid, "")
		w := r.upgraded(p)
		start := time.Now()
		r.wantCode(<-poll, 400, CodeBadRequest, "Bad request")
		if took := time.Since(start); took != staleDelay {
			r.t.Errorf("refused after %v, perhaps before 3probe has arrived", took)
		}
		p.say(TextFrame([]byte("x")))
		w.want("4x")
	})
	var got []string
	// checklist: 82
	bubble(t, "OnUpgrade", &Options{OnUpgrade: func(s *Session, tr Transport) {
		got = append(got, fmt.Sprintf("%s %s", tr, s.Transport()))
	}}, func(r *rig) {
		p, _ := r.open()
		r.upgraded(p)
		synctest.Wait()
		if len(got) != 1 || got[0] != "websocket websocket" {
			r.t.Errorf("%q", got)
		}
		r.unknown("transport=polling&sid=x")
		if got, want := r.counts(), (Stats{Sessions: 1, Opened: 1, Upgraded: 1, Refused: 1}); got != want {
			r.t.Errorf("%+v, want %+v", got, want)
		}
	})
	// checklist: 83
	bubble(t, "upgrades switched off", &Options{DisableUpgrades: true}, func(r *rig) {
		p, sid := r.open()
		if w, res := r.tryWS("EIO=4&transport=websocket&sid=" + p.ID()); w != nil || res.status != 400 || res.body != "Bad request" {
			r.t.Errorf("%+v", res)
		}
		r.post(sid, "4x")
		p.heard("x")
	})
	// checklist: 84
	bubble(t, "upgrade without EIO", nil, func(r *rig) {
		p, _ := r.open()
		w := r.ws("transport=websocket&sid=" + p.ID())
		w.text("2probe")
		w.want("3probe")
		w.text("5")
		p.say(TextFrame([]byte("head"), []byte{1}))
		w.want("4head", "0x01")
	})
	bubble(t, "5 without a probe", nil, func(r *rig) {
		p, _ := r.open()
		w := r.candidate(p)
		w.text("5")
		synctest.Wait()
		p.say(TextFrame([]byte("x")))
		w.want("4x")
	})
	bubble(t, "the session ends with a candidate in sight", nil, func(r *rig) {
		p, sid := r.open()
		w := r.candidate(p)
		w.text("2probe")
		w.want("3probe")
		poll := r.start("GET", sid, "")
		p.Close(ReasonForcedClose)
		r.want(<-poll, 200, "1")
		w.text("5")
		w.wantClose(1005)
		r.unknown(sid)
	})
	bubble(t, "a poll that is lost behind the upgrade", nil, func(r *rig) {
		p, sid := r.open()
		c, _ := r.raw(rawRequest("GET", sid))
		synctest.Wait()
		p.say(TextFrame(make([]byte, 90_000))) // more than the connection holds
		synctest.Wait()
		w := r.upgraded(p)
		synctest.Wait()
		if p.Transport() != WebSocket {
			r.t.Fatalf("transport %q", p.Transport())
		}
		c.Close() // so the message has not arrived
		w.wantClose(1005)
		p.ended(ReasonTransportError)
	})
	bubble(t, "a POST that blocks keeps the WebSocket's messages waiting", nil, func(r *rig) {
		release := make(chan struct{})
		r.onMessage = func(_ *tap, data []byte, _ bool) {
			if string(data) == "slow" {
				<-release
			}
		}
		p, sid := r.open()
		post := r.start("POST", sid, "4slow\x1e4next")
		w := r.upgraded(p)
		w.text("4fast")
		synctest.Wait()
		p.heard("slow")
		close(release)
		r.want(<-post, 200, "ok")
		synctest.Wait()
		if len(p.messages) != 3 || p.messages[0] != "slow" {
			r.t.Errorf("heard %q", p.messages)
		}
	})
}

// TestGrace: a POST "1" and a poll at the same moment always end with 6, whichever comes first.
func TestGrace(t *testing.T) {
	bubble(t, "1 and a poll", nil, func(r *rig) {
		for range 200 {
			_, sid := r.open()
			posted := make(chan response, 1)
			go func() { // ends with the answer
				res, _ := r.try("POST", sid, strings.NewReader("1"))
				posted <- res
			}()
			r.poll(sid, "6")
			r.want(<-posted, 200, "ok")
			r.unknown(sid)
		}
	})
}

// TestUpgradeRace: 2probe, 5 and a poll at the same moment always end with a 400, whichever comes first.
func TestUpgradeRace(t *testing.T) {
	bubble(t, "2probe, 5 and a poll", nil, func(r *rig) {
		r.onMessage = echo
		for range 200 {
			p, sid := r.open()
			w := r.candidate(p)
			w.text("2probe")
			w.text("5")
			r.wantCode(r.get(sid), 400, CodeBadRequest, "Bad request")
			w.text("4hello")
			w.want("3probe", "4hello")
			w.Close()
		}
	})
}
