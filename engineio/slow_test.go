package engineio

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fill sends until the session takes no more and returns how many frames it took.
func fill(p *tap, f *Frame) (int, error) {
	for n := 0; ; n++ {
		dirty, err := p.Send(f)
		if err != nil {
			return n, err
		}
		if dirty {
			p.Flush()
		}
	}
}

func TestSlowConsumer(t *testing.T) {
	const limit = 100_000
	o := &Options{QueueLimit: limit}
	frame := TextFrame([]byte(strings.Repeat("x", 995))) // 1,000 bytes on the wire
	slow := func(r *rig, p *tap, least, most int) {
		r.t.Helper()
		n, err := fill(p, frame)
		if !errors.Is(err, ErrSlowConsumer) || n < least || n > most {
			r.t.Errorf("took %d frames, want %d to %d; %v", n, least, most, err)
		}
		p.ended(ReasonSlowConsumer)
		if _, err := p.Send(frame); err != ErrClosed {
			r.t.Errorf("Send: %v", err)
		}
	}
	bubble(t, "websocket", o, func(r *rig) {
		p, w := r.openWS()
		other, w2 := r.openWS()
		slow(r, p, 100, 100+70) // memnet holds 64 KiB
		other.say(TextFrame([]byte("undisturbed")))
		w2.want("4undisturbed")
		for _, err := w.read(); err == nil; { // cut off, not closed politely
			_, err = w.read()
		}
		if got, want := r.counts(), (Stats{Sessions: 1, Opened: 2, SlowConsumers: 1}); got != want {
			r.t.Errorf("%+v, want %+v", got, want)
		}
	})
	bubble(t, "websocket, nothing flushed", o, func(r *rig) {
		p, _ := r.openWS()
		synctest.Wait() // the handshake is written
		for i := range 100 {
			if dirty, err := p.Send(frame); err != nil || dirty != (i == 0) {
				r.t.Fatalf("frame %d: dirty %v, %v", i, dirty, err)
			}
		}
		slow(r, p, 60, 70) // all that memnet holds
	})
	bubble(t, "polling, no poll", o, func(r *rig) {
		p, sid := r.open()
		slow(r, p, 100, 100)
		r.unknown(sid)
	})
	bubble(t, "polling, a poll that is not read", o, func(r *rig) {
		p, sid := r.open()
		c, _ := r.raw(rawRequest("GET", sid))
		defer c.Close()
		synctest.Wait()
		for range 90 {
			p.Send(frame)
		}
		p.Flush() // 90 KB into 64 KiB of the connection
		synctest.Wait()
		if n := p.Buffered(); n != 90_000 {
			r.t.Errorf("%d bytes buffered, want those of the poll", n)
		}
		slow(r, p, 10, 10)
	})
	bubble(t, "polling, many polls that are not read", o, func(r *rig) {
		p, sid := r.open()
		for range 2 {
			c, _ := r.raw(rawRequest("GET", sid))
			defer c.Close()
			synctest.Wait()
			for range 50 {
				p.Send(frame)
			}
			p.Flush()
			synctest.Wait()
		}
		p.alive() // the first went into the connection's buffer as a whole
		if n := p.Buffered(); n > 100_000 {
			r.t.Errorf("%d bytes", n)
		}
	})
	bubble(t, "polling, nothing taken for long", o, func(r *rig) {
		p, sid := r.open()
		c, _ := r.raw(rawRequest("GET", sid))
		defer c.Close()
		synctest.Wait()
		start := time.Now()
		for range 99 {
			p.Send(frame)
		}
		p.Flush()
		for r.post(sid, "3"); p.Reason() == ""; time.Sleep(time.Second) {
			if time.Since(start) > 25*time.Second && time.Since(start) < 26*time.Second {
				r.post(sid, "3") // answers all that may be asked
			}
		}
		p.ended(ReasonSlowConsumer)
		if took := time.Since(start); took < writeTimeout || took > writeTimeout+time.Second {
			r.t.Errorf("after %v", took)
		}
	})
	bubble(t, "websocket, nothing taken for long", o, func(r *rig) {
		p, w := r.openWS()
		start := time.Now()
		for range 99 {
			p.Send(frame)
		}
		p.Flush()
		for range 2 {
			time.Sleep(25*time.Second + 1)
			w.text("3")
		}
		p.ended(ReasonSlowConsumer)
		if took := time.Since(start); took > 51*time.Second {
			r.t.Errorf("after %v", took)
		}
	})
	bubble(t, "a frame beyond the limit", o, func(r *rig) {
		p, _ := r.openWS()
		q, _ := r.open()
		for _, s := range []*tap{p, q} {
			if _, err := s.Send(BinaryFrame(make([]byte, limit))); err != ErrTooBig { // it has a header of 10 bytes
				r.t.Errorf("%s: %v", s.Transport(), err)
			}
			if _, err := s.SendVolatile(BinaryFrame(make([]byte, limit))); err != ErrTooBig && err != ErrDropped {
				r.t.Errorf("%s, volatile: %v", s.Transport(), err)
			}
			if dirty, err := s.Send(BinaryFrame(make([]byte, limit-10))); !dirty || err != nil {
				r.t.Errorf("%s: dirty %v, %v", s.Transport(), dirty, err)
			}
		}
	})
	bubble(t, "a ping that does not fit", o, func(r *rig) {
		p, _ := r.open()
		for p.Buffered() < limit {
			p.Send(frame)
		}
		start := time.Now()
		p.ended(ReasonSlowConsumer)
		if took := time.Since(start); took != 25*time.Second {
			r.t.Errorf("after %v", took)
		}
	})
	bubble(t, "bookkeeping of tiny frames", o, func(r *rig) {
		p, _ := r.open()
		if n, err := fill(p, TextFrame(nil)); err != ErrSlowConsumer || n != 64+limit/32 {
			r.t.Errorf("took %d frames, %v", n, err)
		}
	})
}

func TestVolatile(t *testing.T) {
	o := &Options{QueueLimit: 100_000}
	v, big := TextFrame([]byte("v")), TextFrame([]byte(strings.Repeat("x", 24_900)))
	send := func(r *rig, p *tap, want error) {
		r.t.Helper()
		dirty, err := p.SendVolatile(v)
		if err != want {
			r.t.Fatalf("got %v, want %v", err, want)
		}
		if dirty {
			p.Flush()
		}
	}
	bubble(t, "polling", o, func(r *rig) {
		p, sid := r.open()
		send(r, p, ErrDropped) // 128: no poll waits
		poll := r.start("GET", sid, "")
		send(r, p, nil) // 129
		r.want(<-poll, 200, "4v")
		send(r, p, ErrDropped)
		poll = r.start("GET", sid, "")
		p.Send(big)
		send(r, p, nil)
		p.Flush()
		r.want(<-poll, 200, "4"+strings.Repeat("x", 24_900)+"\x1e4v")
		poll = r.start("GET", sid, "")
		p.Send(big)
		p.Send(big)
		send(r, p, ErrDropped) // a quarter of the queue
		p.Flush()
		<-poll
		p.Close(ReasonForcedClose)
		send(r, p, ErrClosed)
		if got, want := r.counts(), (Stats{Opened: 1, Dropped: 3}); got != want {
			r.t.Errorf("%+v, want %+v", got, want)
		}
	})
	bubble(t, "websocket", o, func(r *rig) {
		p, w := r.openWS()
		send(r, p, nil)
		p.Send(big)
		send(r, p, nil) // queued, nothing of an earlier flush is unsent
		p.Flush()
		w.want("4v", "4"+strings.Repeat("x", 24_900), "4v")
		p.Send(big)
		p.Send(big)
		send(r, p, ErrDropped) // a quarter of the queue
		p.Flush()
		synctest.Wait()
		p.say(TextFrame([]byte(strings.Repeat("y", 40_000)))) // more than the connection holds
		synctest.Wait()
		send(r, p, ErrDropped)
		w.want("4"+strings.Repeat("x", 24_900), "4"+strings.Repeat("x", 24_900), "4"+strings.Repeat("y", 40_000))
		synctest.Wait()
		send(r, p, nil)
		w.want("4v")
	})
}

// TestManySlow: a thousand clients that read nothing cost what their queues hold, and are gone at their limit.
func TestManySlow(t *testing.T) {
	bubble(t, "polling and websocket", &Options{QueueLimit: 4000}, func(r *rig) {
		for range 500 {
			r.open()
			r.openWS()
		}
		reader, w := r.openWS()
		frame := TextFrame([]byte(strings.Repeat("x", 990)))
		for i := range 100 {
			for _, p := range r.taps {
				p.say(frame)
				if n := p.Buffered(); n > 4000+queueSlack {
					r.t.Fatalf("round %d: %d bytes wait for one over %s", i, n, p.Transport())
				}
			}
			if m := w.next(); m != "4"+strings.Repeat("x", 990) {
				r.t.Fatalf("round %d: %q", i, m)
			}
		}
		reader.alive()
		for _, p := range r.taps {
			if p != reader {
				p.ended(ReasonSlowConsumer)
			}
		}
		if n := r.ClientsCount(); n != 1 {
			r.t.Errorf("%d clients are left", n)
		}
	})
}
