package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const (
	ms = time.Millisecond
	s  = time.Second
)

var (
	event   = step{event: true}
	beat    = step{}
	errTest = errors.New("cut")
)

// in delays a step.
func in(d time.Duration, what step) step {
	what.after = d
	return what
}

// ends ends a stream.
func ends(err error) step { return step{err: err} }

func fails(err error, n int) (s []script) {
	for range n {
		s = append(s, script{err: err})
	}
	return s
}

func TestBackoff(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want []time.Duration // the first dial's among them
	}{
		{"network", errTest, []time.Duration{0, 0, 250 * ms, 500 * ms, 750 * ms}},
		{"http", &StatusError{Status: 503}, []time.Duration{0, 5 * s, 10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 320 * s, 320 * s}},
		{"rate limit", &StatusError{Status: 429}, []time.Duration{0, 60 * s, 120 * s, 240 * s}},
		{"wrapped", fmt.Errorf("dial: %w", &StatusError{Status: 420}), []time.Duration{0, 60 * s}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, fails(test.err, len(test.want)-1)...)
				r.runner.DialTimeout = 24 * time.Hour
				r.run()
				time.Sleep(time.Hour)
				synctest.Wait()
				r.wantPauses(test.want...)
				r.stop()
			})
		})
	}
}

// bubble runs a test with a rig that goes by scripts.
func bubble(t *testing.T, test func(*rig), scripts ...script) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, scripts...)
		r.runner.DialTimeout = 24 * time.Hour
		r.run()
		defer r.stop()
		test(r)
	})
}

// wait lets time go by.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func stream(steps ...step) script { return script{steps: steps} }

// TestNothingWanted holds no connection, before and after.
func TestNothingWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, stream(event), stream(event))
		r.want.Set(Filter{})
		r.run()
		wait(time.Hour)
		r.wantPauses()
		r.want.Set(Filter{Words: []string{"a"}})
		wait(s)
		r.want.Set(Filter{})
		wait(0)
		if r.open.Load() != 0 {
			t.Error("a connection for nobody")
		}
		wait(time.Hour)
		r.want.Set(Filter{Words: []string{"b"}})
		wait(s)
		if _, filters, _ := r.seen(); len(filters) != 2 || filters[1].Words[0] != "b" {
			t.Errorf("filters %v", filters)
		}
		r.wantPhases("idle connecting live idle connecting live")
		r.stop()
	})
}

// TestHeartbeats keeps a connection on which nothing but heartbeats comes.
func TestHeartbeats(t *testing.T) {
	beats := make([]step, 40)
	for i := range beats {
		beats[i] = in(15*s, beat)
	}
	bubble(t, func(r *rig) {
		wait(10 * time.Minute)
		r.wantPauses(0)
		r.wantPhases("connecting live")
	}, stream(beats...))
}

// TestStall gives up what is silent: at once when it was healthy, else as with a
// failure of the network.
func TestStall(t *testing.T) {
	bubble(t, func(r *rig) {
		wait(135 * s)
		r.wantPauses(0, 50*s, 30*s, 30*s)
		r.wantPhases("connecting live connecting live connecting waiting connecting")
		for _, state := range r.out.all()[2:3] {
			if state.Reason != "Nothing has come for too long." {
				t.Errorf("state %+v", state)
			}
		}
	}, stream(in(20*s, event)), stream(), stream())
}

// TestHealthyEnd is tried again at once and tells no state.
func TestHealthyEnd(t *testing.T) {
	quarter := in(15*time.Minute, ends(io.EOF))
	var beats []step
	for range 60 {
		beats = append(beats, in(15*s, event))
	}
	quarter.after = 0
	beats = append(beats, quarter)
	bubble(t, func(r *rig) {
		wait(45*time.Minute + s)
		r.wantPauses(0, 15*time.Minute, 15*time.Minute, 15*time.Minute)
		r.wantPhases("connecting live")
	}, stream(beats...), stream(beats...), stream(beats...), stream(event))
}

// TestNoSpin bounds a loop of connections that bring one event and end.
func TestNoSpin(t *testing.T) {
	var loop []script
	for range 1000 {
		loop = append(loop, stream(event, ends(io.EOF)))
	}
	bubble(t, func(r *rig) {
		wait(s)
		if dials, _, _ := r.seen(); len(dials) > 5 {
			t.Errorf("%d connections in the first second", len(dials))
		}
		wait(time.Hour)
		if dials, _, _ := r.seen(); len(dials) > 64+3600/16 {
			t.Errorf("%d connections in an hour", len(dials))
		}
	}, loop...)
}

// TestCountsBeginAnew with the first event; a connection alone is not enough.
func TestCountsBeginAnew(t *testing.T) {
	busy := &StatusError{Status: 503}
	bubble(t, func(r *rig) {
		wait(4 * time.Minute)
		// Two failures, a connection that brings nothing, another, then an event.
		r.wantPauses(0, 5*s, 10*s, 0, 20*s, 40*s, 5*s)
	}, append(fails(busy, 2), stream(beat, ends(io.EOF)), script{err: busy}, script{err: busy},
		stream(event, in(0, ends(busy))), stream(event, in(28*s, event), in(28*s, event), in(28*s, event), in(28*s, event), in(28*s, event), in(28*s, event)))...)
}

// TestToldMoment never asks before the moment that was told, whatever is wanted
// meanwhile.
func TestToldMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, script{err: &StatusError{Status: 429, After: time.Now().Add(7 * time.Minute)}}, stream(event))
		r.runner.Stall = time.Hour
		r.run()
		wait(time.Minute)
		for i := range 10 {
			r.want.Set(Filter{Words: []string{fmt.Sprint(i)}})
			wait(s)
			r.want.Set(Filter{})
			wait(s)
		}
		r.want.Set(Filter{Words: []string{"last"}})
		wait(8 * time.Minute)
		r.wantPauses(0, 7*time.Minute)
		if _, filters, _ := r.seen(); filters[1].Words[0] != "last" {
			t.Errorf("filter %v", filters[1])
		}
		if state := r.out.all()[1]; state.Phase != PhaseWaiting || state.Until.Before(r.start.Add(7*time.Minute)) {
			t.Errorf("state %+v", state)
		}
		r.stop()
	})
}

// TestFilterWhileWaiting starts no second connection.
func TestFilterWhileWaiting(t *testing.T) {
	bubble(t, func(r *rig) {
		for i := range 50 {
			r.want.Set(Filter{Words: []string{fmt.Sprint(i)}})
			wait(20 * ms)
		}
		wait(10 * s)
		r.wantPauses(0, 5*s)
		if _, filters, _ := r.seen(); filters[1].Words[0] != "49" {
			t.Errorf("filter %v", filters[1])
		}
		r.wantPhases("connecting waiting connecting live")
	}, script{err: &StatusError{Status: 503}}, stream(event))
}

// TestFilterWhileDialing applies the newest to the connection that comes of it.
func TestFilterWhileDialing(t *testing.T) {
	bubble(t, func(r *rig) {
		r.want.Set(Filter{Words: []string{"b"}})
		wait(s)
		r.want.Set(Filter{Words: []string{"c"}})
		wait(10 * s)
		r.wantPauses(0)
		if _, _, applied := r.seen(); len(applied) != 1 || applied[0].Words[0] != "c" {
			t.Errorf("applied %v", applied)
		}
	}, script{takes: 5 * s, apply: func(Filter) bool { return true }})
}

// TestNothingWantedWhileDialing ends the dial, and the next is another.
func TestNothingWantedWhileDialing(t *testing.T) {
	bubble(t, func(r *rig) {
		r.want.Set(Filter{})
		wait(s)
		r.want.Set(Filter{Words: []string{"b"}})
		wait(s)
		r.wantPauses(0, s)
		r.wantPhases("connecting idle connecting live")
	}, script{takes: time.Hour}, stream(event))
}

// TestApply changes the filter of a connection, or makes another where it can't.
func TestApply(t *testing.T) {
	for _, can := range []bool{true, false} {
		bubble(t, func(r *rig) {
			wait(s)
			r.want.Set(Filter{Words: []string{"b"}})
			wait(s)
			if can {
				r.wantPauses(0)
			} else {
				r.wantPauses(0, s)
			}
			if _, _, applied := r.seen(); len(applied) != 1 {
				t.Errorf("applied %v", applied)
			}
			r.wantPhases("connecting live")
		}, script{steps: []step{event}, apply: func(Filter) bool { return can }}, stream(event))
	}
}

// TestSlowApply applies one after the other, the newest last, and goes on reading.
func TestSlowApply(t *testing.T) {
	bubble(t, func(r *rig) {
		for i := range 10 {
			r.want.Set(Filter{Words: []string{fmt.Sprint(i)}})
			wait(s)
		}
		wait(20 * s)
		if _, _, applied := r.seen(); len(applied) != 2 || applied[0].Words[0] != "0" || applied[1].Words[0] != "9" {
			t.Errorf("applied %v", applied)
		}
		r.wantPauses(0)
	}, script{steps: []step{event, in(20*s, event)}, apply: func(Filter) bool { time.Sleep(15 * s); return true }})
}

// TestPanics makes failures of the network of them.
func TestPanics(t *testing.T) {
	bubble(t, func(r *rig) {
		wait(s)
		r.want.Set(Filter{Words: []string{"b"}})
		wait(10 * s)
		r.wantPauses(0, 0, 250*ms, 680*ms)
		for _, state := range r.out.all() {
			if state.Phase == PhaseWaiting && state.Reason != "A defect of this program; its log says more." {
				t.Errorf("state %+v", state)
			}
		}
	}, script{panic: "dial"}, stream(step{panic: "next"}), script{steps: []step{event}, apply: func(Filter) bool { panic("apply") }}, stream(event))
}

// TestFatal ends Run after one try.
func TestFatal(t *testing.T) {
	fatal := &Fatal{Reason: "The server does not accept the key (401)."}
	for name, first := range map[string]script{"dial": {err: fmt.Errorf("x: %w", fatal)}, "next": stream(event, ends(fatal))} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, first)
				r.run()
				if err := <-r.ended; err != error(fatal) {
					t.Errorf("Run: %v", err)
				}
				r.cancel()
				r.wantPauses(0)
				if last := r.out.all()[len(r.out.all())-1]; last != (State{Phase: PhaseFailed, Reason: fatal.Reason}) {
					t.Errorf("state %+v", last)
				}
				if r.open.Load() != 0 {
					t.Error("the connection is left")
				}
			})
		})
	}
}

// TestCancel ends Run within a second in each phase.
func TestCancel(t *testing.T) {
	for name, first := range map[string]script{
		"dialing":  {takes: time.Hour},
		"waiting":  {err: &StatusError{Status: 503}},
		"reading":  stream(event, in(20*s, event)),
		"silent":   stream(),
		"applying": {steps: []step{event}, apply: func(Filter) bool { time.Sleep(500 * ms); return true }},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(r *rig) {
				r.want.Set(Filter{Words: []string{"b"}})
				wait(100 * ms)
			}, first)
		})
	}
}

// TestDialTimeout gives up a dial that hangs.
func TestDialTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.run()
		wait(31 * s)
		r.wantPauses(0, 30*s)
		r.stop()
	})
}

func TestReasons(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&StatusError{Status: 500, Reason: "Broken."}, "Broken."},
		{io.EOF, "The server ended the connection."},
		{fmt.Errorf("x: %w", io.ErrUnexpectedEOF), "The connection was cut."},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, "The connection was cut."},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "Nothing answers at the server's address."},
		{&net.DNSError{Name: "x.test", IsNotFound: true}, "The server's name cannot be looked up: x.test"},
		{context.DeadlineExceeded, "The server did not answer in time."},
		{&url.Error{Op: "Get", URL: "https://x.test/?key=secret", Err: errors.New("feed: odd\nmore")}, "The connection failed: odd"},
	} {
		if got := reasonOf(test.err); got != test.want {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
}
