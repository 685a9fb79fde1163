package engineio

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWebTransportUpgrade: polling, then 2probe, 3probe, 5.
//
// checklist: 200
func TestWebTransportUpgrade(t *testing.T) {
	var moved []Transport
	o := Options{OnUpgrade: func(_ *Session, to Transport) { moved = append(moved, to) }}
	wtBubble(t, "all queued packets move", o, func(r *rig) {
		res := r.get("EIO=4&transport=polling")
		if !strings.Contains(res.body, `"upgrades":["websocket","webtransport"],`) {
			r.t.Errorf("%s", res.body)
		}
		p, sid := r.last2(res)
		c := r.candidateWT(p)
		poll := r.start("GET", sid, "")
		c.text("2probe")
		c.want("3probe")
		r.want(<-poll, 200, "6")
		p.say(TextFrame([]byte("one")))
		p.say(BinaryFrame([]byte{2}))
		c.text("5")
		c.want("4one", "0x02")
		synctest.Wait()
		if p.Transport() != WebTransport || len(moved) != 1 || moved[0] != WebTransport || r.Stats().Upgraded != 1 {
			r.t.Errorf("%s, %v", p.Transport(), moved)
		}
		c.text("4from there")
		synctest.Wait()
		p.heard("from there")
		r.wantCode(r.get(sid), 400, CodeBadRequest, "Bad request")
	})
	wtBubble(t, "named by the first packet only", Options{}, func(r *rig) {
		p, _ := r.open()
		c := r.connectWT("")
		c.stream(0)
		c.text(`0{"sid":"` + p.ID() + `"}`)
		c.text("2probe")
		c.text("5")
		c.want("3probe")
		synctest.Wait()
		if p.Transport() != WebTransport {
			r.t.Error(p.Transport())
		}
	})
	wtBubble(t, "anything else loses the candidacy", Options{}, func(r *rig) {
		p, sid := r.open()
		for _, packet := range []string{"4x", "0", "2", "3probe", "9"} {
			c := r.candidateWT(p)
			c.text(packet)
			c.finished("")
		}
		p.say(TextFrame([]byte("still here")))
		r.poll(sid, "4still here")
	})
	wtBubble(t, "too slow", Options{UpgradeTimeout: 2 * time.Second}, func(r *rig) {
		p, _ := r.open()
		c := r.candidateWT(p)
		c.text("2probe")
		c.want("3probe")
		time.Sleep(2*time.Second + closeLinger)
		c.finished("")
		p.alive()
	})
	wtBubble(t, "one candidate at a time", Options{}, func(r *rig) {
		p, _ := r.open()
		r.candidate(p) // a WebSocket
		r.wantCode(r.connectWT("EIO=4&transport=webtransport&sid="+p.ID()).response(), 400, CodeBadRequest, "Bad request")
		c := r.connectWT("")
		c.stream(0)
		c.text(`0{"sid":"` + p.ID() + `"}`)
		c.finished("Bad request")
	})
	wtBubble(t, "not from there", Options{}, func(r *rig) {
		p, _ := r.openWT()
		r.wantCode(r.connectWT("EIO=4&transport=webtransport&sid="+p.ID()).response(), 400, CodeBadRequest, "Bad request")
		w, _ := r.tryWS("EIO=4&transport=websocket&sid=" + p.ID())
		if _, err := w.read(); err == nil {
			r.t.Error("a WebSocket beside a WebTransport")
		}
		p.alive()
	})
	wtBubble(t, "the session ends meanwhile", Options{}, func(r *rig) {
		p, _ := r.open()
		c := r.candidateWT(p)
		synctest.Wait()
		p.Close(ReasonForcedClose)
		c.finished("")
	})
}

// TestWebTransportEnds: who ends a session, and what each side hears.
func TestWebTransportEnds(t *testing.T) {
	wtBubble(t, "server close, the queue first", Options{}, func(r *rig) {
		p, c := r.openWT()
		last := strings.Repeat("x", 100_000)
		p.Send(TextFrame([]byte(last)))
		p.Close(ReasonForcedClose)
		p.ended(ReasonForcedClose)
		c.want("4" + last)
		if _, err := c.read(); err != io.EOF {
			r.t.Error(err)
		}
		c.finished("")
	})
	wtBubble(t, "server close, the client takes nothing", Options{QueueLimit: 1 << 20}, func(r *rig) {
		p, c := r.openWT()
		p.Send(TextFrame(make([]byte, 200_000)))
		start := time.Now()
		p.Close(ReasonForcedClose)
		c.finished("")
		if took := time.Since(start); took != closeTimeout {
			r.t.Errorf("after %v", took)
		}
	})
	wtBubble(t, "client closes the session", Options{}, func(r *rig) {
		p, c := r.openWT()
		c.session.cancel()
		p.ended(ReasonTransportClose)
	})
	wtBubble(t, "client ends the stream", Options{}, func(r *rig) {
		p, c := r.openWT()
		c.text("4last")
		c.conn.CloseWrite()
		p.ended(ReasonTransportClose)
		p.heard("last")
		c.finished("")
	})
	wtBubble(t, "client is lost", Options{}, func(r *rig) {
		p, c := r.openWT()
		c.conn.Reset()
		p.ended(ReasonTransportClose)
		c.finished("")
	})
	wtBubble(t, "client ends half a packet", Options{}, func(r *rig) {
		p, c := r.openWT()
		c.write("\x094half")
		c.conn.Close()
		p.ended(ReasonTransportClose)
		p.heard()
	})
	wtBubble(t, "lost before the first packet", Options{}, func(r *rig) {
		c := r.connectWT("")
		c.session.cancel()
		<-c.done
	})
	wtBubble(t, "no pong", Options{PingInterval: 2 * time.Second, PingTimeout: time.Second}, func(r *rig) {
		start := time.Now()
		p, c := r.openWT()
		c.want("2")
		c.text("3")
		c.want("2")
		p.ended(ReasonPingTimeout)
		if took := time.Since(start); took != 5*time.Second {
			r.t.Errorf("after %v", took)
		}
		c.finished("")
	})
	wtBubble(t, "handler panics", Options{}, func(r *rig) {
		r.onMessage = func(*tap, []byte, bool) { panic("no") }
		p, c := r.openWT()
		c.text("4x")
		p.ended(ReasonForcedClose)
		c.finished("")
	})
	wtBubble(t, "shutdown", Options{}, func(r *rig) {
		p, c := r.openWT()
		candidate, _ := r.open()
		up := r.candidateWT(candidate)
		waiting := r.connectWT("")
		p.Send(TextFrame([]byte("bye")))
		start := time.Now()
		r.Shutdown(r.t.Context())
		p.ended(ReasonServerShuttingDown)
		c.want("4bye")
		for _, c := range []*wtClient{c, up, waiting} {
			c.finished("")
		}
		if took := time.Since(start); took > pollGrace {
			r.t.Errorf("after %v", took)
		}
		if got := r.connectWT("").response(); got.status != 503 {
			r.t.Errorf("%+v", got)
		}
	})
}

// TestWebTransportSlow: what a client does not take is bounded in bytes and in time.
func TestWebTransportSlow(t *testing.T) {
	frame := TextFrame([]byte(strings.Repeat("x", 995)))
	wtBubble(t, "bytes", Options{QueueLimit: 100_000}, func(r *rig) {
		p, c := r.openWT()
		n, err := fill(p, frame)
		if !errors.Is(err, ErrSlowConsumer) || n < 100 || n > 100+70 {
			r.t.Errorf("took %d frames, %v", n, err)
		}
		p.ended(ReasonSlowConsumer)
		c.finished("")
		if r.Stats().SlowConsumers != 1 {
			r.t.Errorf("%+v", r.Stats())
		}
	})
	wtBubble(t, "frames", Options{QueueLimit: 3200}, func(r *rig) {
		p, _ := r.openWT()
		small := TextFrame(nil)
		n, err := 0, error(nil)
		for ; err == nil; n++ {
			_, err = p.Send(small)
		}
		if !errors.Is(err, ErrSlowConsumer) || n > 400 {
			r.t.Errorf("took %d frames, %v", n, err)
		}
	})
	wtBubble(t, "time", Options{}, func(r *rig) {
		p, _ := r.openWT()
		start := time.Now()
		p.say(TextFrame(make([]byte, 200_000)))
		p.ended(ReasonSlowConsumer)
		if took := time.Since(start); took != writeTimeout {
			r.t.Errorf("after %v", took)
		}
	})
	wtBubble(t, "volatile", Options{}, func(r *rig) {
		p, c := r.openWT()
		if _, err := p.SendVolatile(frame); err != nil {
			r.t.Error(err)
		}
		p.Flush()
		c.read()
		p.say(TextFrame(make([]byte, 200_000)))
		synctest.Wait()
		if _, err := p.SendVolatile(frame); err != ErrDropped {
			r.t.Error(err)
		}
		if n := p.Buffered(); n < 100_000 || n > 200_000 {
			r.t.Errorf("%d bytes", n)
		}
	})
	wtBubble(t, "a handler that blocks holds the client up", Options{MaxPayload: 1 << 20}, func(r *rig) {
		free := make(chan struct{})
		r.onMessage = func(*tap, []byte, bool) { <-free }
		p, c := r.openWT()
		big := make(chan struct{})
		go func() { // ends when all is taken
			defer close(big)
			for range 5 {
				c.binary(strings.Repeat("x", 50_000))
			}
		}()
		synctest.Wait()
		select {
		case <-big:
			r.t.Error("250 KB went into 64 KiB")
		default:
		}
		close(free)
		<-big
		synctest.Wait()
		if len(p.messages) != 5 {
			r.t.Errorf("%d messages", len(p.messages))
		}
	})
}
