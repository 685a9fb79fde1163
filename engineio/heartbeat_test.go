package engineio

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestHeartbeat(t *testing.T) {
	// checklist: 66
	bubble(t, "a ping each interval after the pong", nil, func(r *rig) {
		p, w := r.openWS()
		start := time.Now()
		for want := 25 * time.Second; want < 3*time.Minute; want += 28 * time.Second {
			w.want("2")
			if took := time.Since(start); took != want {
				r.t.Fatalf("ping after %v, want %v", took, want)
			}
			time.Sleep(3 * time.Second)
			w.text("3")
		}
		p.alive()
	})
	// checklist: 66
	bubble(t, "over polling", nil, func(r *rig) {
		p, sid := r.open()
		for range 10 {
			r.poll(sid, "2")
			time.Sleep(19 * time.Second)
			r.post(sid, "3")
		}
		p.alive()
	})
	// checklist: 67
	bubble(t, "no pong", nil, func(r *rig) {
		p, w := r.openWS()
		w.want("2")
		start := time.Now()
		w.wantClose(1005)
		if took := time.Since(start); took != 20*time.Second {
			r.t.Errorf("closed after %v", took)
		}
		p.ended(ReasonPingTimeout)
	})
	// checklist: 68
	bubble(t, "no pong over polling, poll waiting", nil, func(r *rig) {
		p, sid := r.open()
		r.poll(sid, "2")
		r.poll(sid, "1")
		p.ended(ReasonPingTimeout)
		r.unknown(sid)
	})
	// checklist: 68
	bubble(t, "no pong over polling, nobody there", nil, func(r *rig) {
		p, sid := r.open()
		p.Send(TextFrame([]byte("waiting")))
		p.ended(ReasonPingTimeout)
		r.unknown(sid)
	})
	// checklist: 69
	bubble(t, "other traffic changes nothing", nil, func(r *rig) {
		r.onMessage = echo
		p, w := r.openWS()
		for range 24 {
			time.Sleep(time.Second)
			w.text("4x")
			w.want("4x")
		}
		start := time.Now()
		w.want("2")
		if took := time.Since(start); took != time.Second {
			r.t.Errorf("ping after %v", 24*time.Second+took)
		}
		for range 19 {
			time.Sleep(time.Second)
			w.text("4x")
			w.want("4x")
		}
		w.wantClose(1005)
		p.ended(ReasonPingTimeout)
	})
	bubble(t, "pongs that nobody asked for", nil, func(r *rig) {
		p, w := r.openWS()
		start := time.Now()
		go func() { // ends with the connection; never answers the ping, but was always there before it
			for time.Since(start) < 25*time.Second {
				w.text("3")
				time.Sleep(time.Second)
			}
		}()
		w.want("2")
		if took := time.Since(start); took != 25*time.Second {
			r.t.Errorf("ping after %v", took)
		}
		w.wantClose(1005)
		p.ended(ReasonPingTimeout)
	})
	// checklist: 70
	bubble(t, "a ping outstanding during the upgrade", nil, func(r *rig) {
		p, sid := r.open()
		r.poll(sid, "2")
		time.Sleep(19 * time.Second)
		w := r.upgraded(p)
		start := time.Now()
		w.wantClose(1005)
		if took := time.Since(start); took != time.Second {
			r.t.Errorf("closed after %v", took)
		}
		p.ended(ReasonPingTimeout)
	})
	// checklist: 70
	bubble(t, "its pong on the other transport", nil, func(r *rig) {
		p, sid := r.open()
		r.poll(sid, "2")
		w := r.upgraded(p)
		w.text("3")
		start := time.Now()
		w.want("2")
		if took := time.Since(start); took != 25*time.Second {
			r.t.Errorf("ping after %v", took)
		}
		p.alive()
	})
	// checklist: 70
	bubble(t, "a ping nobody has fetched moves to the WebSocket", nil, func(r *rig) {
		p, _ := r.open()
		time.Sleep(30 * time.Second)
		w := r.upgraded(p)
		w.want("2")
		w.text("3")
		w.want("2")
		p.alive()
	})
}

// TestExpiry: a session is unknown from the instant of its timeout, also when its timer is late.
func TestExpiry(t *testing.T) {
	o := &Options{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond}
	bubble(t, "at look-up", o, func(r *rig) {
		p, sid := r.open()
		poll := r.start("GET", sid, "")
		r.want(<-poll, 200, "2")
		synctest.Wait()
		// Take the timer away: only the look-up can notice.
		if !r.pongs.Stop(&p.beat.node) {
			r.t.Fatal("no timer")
		}
		time.Sleep(200*time.Millisecond - 1)
		p.alive()
		time.Sleep(1)
		r.unknown(sid)
		p.ended(ReasonPingTimeout)
	})
	for _, ask := range []func(r *rig, p *tap) (response, string){
		func(r *rig, p *tap) (response, string) {
			return r.do("POST", "transport=polling&sid="+p.ID(), "3"), `{"code":1,"message":"Session ID unknown"}`
		},
		func(r *rig, p *tap) (response, string) {
			_, res := r.tryWS("transport=websocket&sid=" + p.ID())
			return res, "Session ID unknown"
		},
	} {
		bubble(t, "for every request", o, func(r *rig) {
			p, _ := r.open()
			time.Sleep(300 * time.Millisecond)
			synctest.Wait()
			r.pongs.Stop(&p.beat.node)
			time.Sleep(200 * time.Millisecond)
			got, body := ask(r, p)
			r.want(got, 400, body)
		})
	}
	bubble(t, "in protocol 3", &Options{PingInterval: o.PingInterval, PingTimeout: o.PingTimeout, AllowEIO3: true}, func(r *rig) {
		p, sid := r.open3("")
		synctest.Wait()
		if !r.silences.Stop(&p.beat.node) {
			r.t.Fatal("no timer")
		}
		time.Sleep(500*time.Millisecond - 1)
		p.alive()
		time.Sleep(1)
		r.unknown(sid)
		p.ended(ReasonPingTimeout)
	})
	bubble(t, "a late timer is not the client's gain", o, func(r *rig) {
		p, sid := r.open()
		r.pings.Stop(&p.beat.node)
		time.Sleep(330 * time.Millisecond)
		(*pingDue)(p.Session).Expire(nil) // 30 ms late
		time.Sleep(170*time.Millisecond - 1)
		p.alive()
		time.Sleep(1)
		r.unknown(sid)
	})
	bubble(t, "nor is a long standstill its loss", o, func(r *rig) {
		p, sid := r.open()
		r.pings.Stop(&p.beat.node)
		time.Sleep(time.Hour)
		(*pingDue)(p.Session).Expire(nil)
		time.Sleep(200*time.Millisecond - 1)
		r.poll(sid, "2")
		r.post(sid, "3")
		p.alive()
	})
}

// TestBlockedHandler: the time the handler takes does not count against the client's answer.
func TestBlockedHandler(t *testing.T) {
	blocks := func(d time.Duration) func(*tap, []byte, bool) {
		return func(*tap, []byte, bool) { time.Sleep(d) }
	}
	bubble(t, "websocket", nil, func(r *rig) {
		r.onMessage = blocks(5 * time.Minute)
		p, w := r.openWS()
		w.text("4x")
		w.want("2")
		w.text("3")
		start := time.Now()
		w.want("2") // again, so that the client sees a living server
		if took := time.Since(start); took != 20*time.Second {
			r.t.Errorf("second ping after %v", took)
		}
		time.Sleep(time.Until(start.Add(5*time.Minute - 20*time.Second)))
		synctest.Wait()
		p.alive()
	})
	bubble(t, "websocket, no pong behind it", nil, func(r *rig) {
		r.onMessage = blocks(5 * time.Minute)
		p, w := r.openWS()
		start := time.Now()
		w.text("4x")
		for m, err := w.read(); err == nil; m, err = w.read() {
			if m != "2" {
				r.t.Fatalf("got %q", m)
			}
		}
		if took := time.Since(start); took < 5*time.Minute+20*time.Second || took > 5*time.Minute+40*time.Second {
			r.t.Errorf("closed after %v", took)
		}
		p.ended(ReasonPingTimeout)
	})
	bubble(t, "POST", nil, func(r *rig) {
		r.onMessage = blocks(5 * time.Minute)
		p, sid := r.open()
		post := r.start("POST", sid, "4x\x1e3")
		for range 4 {
			r.poll(sid, "2")
		}
		r.want(<-post, 200, "ok")
		p.alive()
	})
	bubble(t, "many short runs", &Options{PingInterval: 10 * time.Second, PingTimeout: time.Second}, func(r *rig) {
		r.onMessage = blocks(500 * time.Millisecond)
		p, w := r.openWS()
		w.want("2")
		for range 100 {
			w.text("4x") // fifty seconds of work; the pong lies behind it
		}
		w.text("3")
		time.Sleep(time.Minute)
		p.alive()
	})
}

// TestHeartbeatClock is the arithmetic of the ping clock.
func TestHeartbeatClock(t *testing.T) {
	now := time.Duration(0)
	clock := func() time.Duration { return now }
	b := heartbeat{at: 25 * time.Second}
	now = 25 * time.Second
	b.ask(now, 20*time.Second)
	now += 5 * time.Second
	b.begin(clock)
	now += 100 * time.Second
	if got := b.waited(now); got != 5*time.Second {
		t.Errorf("in the handler: waited %v, want 5s", got)
	}
	b.finish(clock)
	now += 3 * time.Second
	if got := b.waited(now); got != 8*time.Second {
		t.Errorf("behind it: waited %v, want 8s", got)
	}

	b = heartbeat{at: now}
	b.begin(clock)
	now += time.Second // the ping is sent while the handler runs
	b.at = now
	b.ask(now, 20*time.Second)
	now += time.Minute
	b.finish(clock)
	now += time.Second
	if got := b.waited(now); got != time.Second {
		t.Errorf("asked in the handler: waited %v, want 1s", got)
	}
}
