package eioclient_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
)

// A POST carries as much of what waits as the server takes, in order, to the byte.
func TestBatchesFitThePayload(t *testing.T) {
	for limit, want := range map[int][]string{
		11: {"4aaaa\x1e4bbbb", "4c\x1e4dddd", "4eeeeeeeeee", "bAQID", "4fffff"},
		12: {"4aaaa\x1e4bbbb", "4c\x1e4dddd", "4eeeeeeeeee", "bAQID\x1e4fffff"},
		13: {"4aaaa\x1e4bbbb", "4c\x1e4dddd", "4eeeeeeeeee", "bAQID\x1e4fffff"},
		14: {"4aaaa\x1e4bbbb\x1e4c", "4dddd", "4eeeeeeeeee", "bAQID\x1e4fffff"},
		17: {"4aaaa\x1e4bbbb\x1e4c", "4dddd\x1e4eeeeeeeeee", "bAQID\x1e4fffff"},
		0:  {"4aaaa\x1e4bbbb\x1e4c\x1e4dddd\x1e4eeeeeeeeee\x1ebAQID\x1e4fffff"},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := servedByHand(t, limit)
			p := h.dial()
			defer p.Abort()
			p.Send(text("first"))
			first := receive(t, h.posts) // the others wait for its answer
			for _, m := range []string{"aaaa", "bbbb", "c", "dddd", "eeeeeeeeee"} {
				if err := p.Send(text(m)); err != nil {
					t.Fatal(err)
				}
			}
			p.Send(eioclient.Message{Data: []byte{1, 2, 3}, Binary: true}, text("fffff"))
			close(first.taken)
			for _, body := range want {
				h.take(body)
			}
			if p.Buffered() != 0 {
				t.Errorf("limit %d: %d bytes are left", limit, p.Buffered())
			}
		})
	}
}

// What is larger than the server takes, as the answer to its own ping may be, goes alone.
func TestALargePongGoesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := servedByHand(t, 11)
		p := h.dial()
		defer p.Abort()
		p.Send(text("first"))
		first := receive(t, h.posts)
		p.Send(text("second"))
		h.answer("2 how are you?")
		synctest.Wait()
		close(first.taken)
		h.take("3 how are you?")
		h.take("4second")
	})
}

// An answer with nothing in it is not what a server says: whatever stands between has given the poll up.
func TestAnEmptyAnswerEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := servedByHand(t, 0)
		p := h.dial()
		h.answer("")
		if reason := receive(t, p.closed); reason != eioclient.ReasonTransportError || !strings.Contains(p.Err().Error(), "nothing in it") {
			t.Errorf("closed: %s (%v)", reason, p.Err())
		}
	})
}

// While a POST is under way, pings of which only the last matters are answered by one pong, ahead of what waits.
func TestPongsAreMerged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := servedByHand(t, 0)
		p := h.dial()
		defer p.Abort()
		p.Send(text("first"))
		first := receive(t, h.posts)
		p.Send(text("second"))
		h.answer("2one\x1e2two")
		h.answer("2")
		h.answer("2three\x1e4heard")
		if got := receive(t, p.heard); string(got.Data) != "heard" {
			t.Errorf("heard %q", got.Data)
		}
		if n := p.Buffered(); n != len("3three"+"4second") {
			t.Errorf("%d bytes wait", n)
		}
		close(first.taken)
		h.take("3three\x1e4second")
		synctest.Wait()
		if !p.Writable() {
			t.Errorf("%d bytes are left", p.Buffered())
		}
		h.answer("2four")
		h.take("3four")
	})
}

// A server that answers with nothing but noops is polled after longer and longer pauses, until it says something.
func TestPausesBetweenIdlePolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := servedByHand(t, 0)
		p := h.dial()
		poll := receive(t, h.polls)
		next := func(answer string, want time.Duration) {
			poll <- answer
			start := time.Now()
			poll = receive(t, h.polls)
			if pause := time.Since(start); pause != want {
				t.Fatalf("a pause of %v behind %q, want %v", pause, answer, want)
			}
		}
		for _, says := range []string{"4x", "2", "6\x1e4x\x1e6"} {
			for range 5 {
				next("6", 0)
			}
			for n := range 30 {
				next("6\x1e6", min(time.Duration(n+1)*50*time.Millisecond, time.Second))
			}
			next(says, 0)
			if says == "2" {
				h.take("3")
			}
		}
		p.Abort()
	})
}

// A pause ends with the session.
func TestThePauseEndsWithTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := servedByHand(t, 0)
		p := h.dial()
		for range 26 {
			h.answer("6")
		}
		synctest.Wait() // it rests for a second
		start := time.Now()
		p.Abort()
		<-p.Done()
		if took := time.Since(start); took > 0 {
			t.Errorf("it ended %v later", took)
		}
	})
}
