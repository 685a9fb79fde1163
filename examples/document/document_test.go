package main

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"rightnow/socketio"
	"rightnow/socketio/sioclient"
	"rightnow/socketio/siotest"
)

// told is a change as readers hear of it.
type told struct {
	version int
	change
}

// writer is a page without a browser that does not merge.
type writer struct {
	*sioclient.Socket
	t     *testing.T
	heard []told
}

func write(t *testing.T, n *siotest.Network) *writer {
	w := &writer{t: t}
	w.Socket = n.Dial(nil, func(s *sioclient.Socket) {
		s.On("change", func(version int, c change) { w.heard = append(w.heard, told{version, c}) })
	})
	return w
}

func (w *writer) open(epoch string, version int, sent ...string) (o opened) {
	w.t.Helper()
	answer, err := w.EmitWithAck(w.t.Context(), "open", epoch, version, strings.Join(sent, ""))
	if err == nil {
		err = answer.Decode(0, &o)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// edit returns true, false or the error.
func (w *writer) edit(version int, c change) string {
	w.t.Helper()
	answer, err := w.EmitWithAck(w.t.Context(), "edit", version, c)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(answer.Raw(0))
}

func TestVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(nil)
		d := share(io)
		n := siotest.New(t, io)
		ann, ben := write(t, n), write(t, n)
		empty := ann.open("", 0)
		if empty.Text == nil || *empty.Text != "" || empty.Version != 0 {
			t.Errorf("the beginning is %+v", empty)
		}
		for _, step := range []struct {
			by      *writer
			version int
			change  change
			want    string
		}{
			{ann, 0, change{ID: "a0", Ins: "hello 🌊"}, "true"},
			{ben, 0, change{ID: "b0", Ins: "late"}, "false"},
			{ben, 1, change{ID: "b0", At: 6, Del: 1, Ins: "sea"}, "true"},
			{ben, 1, change{ID: "b0", At: 6, Del: 1, Ins: "sea"}, "false"}, // again: its acknowledgement was lost
			{ann, 2, change{ID: "a1", At: 5, Del: 5}, `{"error":"the change does not fit the document"}`},
			{ann, 2, change{ID: "a1", At: -1}, `{"error":"the change does not fit the document"}`},
			{ann, 2, change{ID: strings.Repeat("a", maxID+1)}, `{"error":"the change does not fit the document"}`},
			{ann, 2, change{ID: "a1", Ins: strings.Repeat("x", maxLength)}, `{"error":"the document is full"}`},
		} {
			if got := step.by.edit(step.version, step.change); got != step.want {
				t.Errorf("%+v: %s, want %s", step, got, step.want)
			}
		}
		if string(d.text) != "hello sea" || d.version != 2 {
			t.Errorf("%q, version %d", string(d.text), d.version)
		}
		synctest.Wait()
		if got := fmt.Sprint(ann.heard); got != "[{1 {a0 0 0 hello 🌊}} {2 {b0 6 1 sea}}]" {
			t.Errorf("Ann heard %s", got)
		}
		if len(ben.heard) != 0 {
			t.Errorf("Ben has not opened it and heard %v", ben.heard)
		}
		missed := ben.open(empty.Epoch, 1)
		if missed.Text != nil || missed.Version != 2 || fmt.Sprint(missed.Changes) != "[{b0 6 1 sea}]" {
			t.Errorf("what Ben missed is %+v", missed)
		}
		for _, other := range []opened{ben.open("another", 1), ben.open(empty.Epoch, 3), ben.open(empty.Epoch, -9)} {
			if other.Text == nil || *other.Text != "hello sea" || len(other.Changes) != 0 {
				t.Errorf("somebody who knows nothing got %+v", other)
			}
		}
	})
}

// TestMemory sees that what is remembered for those who are away is bounded.
func TestMemory(t *testing.T) {
	d := share(socketio.New(nil))
	for range 2 * maxLog {
		if ok, err := d.edit(d.version, change{Ins: "x"}); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	if len(d.log) != maxLog || d.logged != maxLog {
		t.Errorf("%d changes, %d bytes", len(d.log), d.logged)
	}
	for range 20 {
		if ok, err := d.edit(d.version, change{Del: len(d.text), Ins: strings.Repeat("y", maxLength)}); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	if d.logged > maxLogged || len(d.log) != maxLogged/maxLength || len(d.text) != maxLength {
		t.Errorf("%d changes, %d bytes, the document has %d", len(d.log), d.logged, len(d.text))
	}
}

// TestKnownChanges: who was away for longer than the log reaches is told whether his last change was made.
func TestKnownChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(nil)
		d := share(io)
		w := write(t, siotest.New(t, io))
		made := func(id string, want bool) {
			t.Helper()
			if got := w.open(d.epoch, -1, id).Made; got != want {
				t.Errorf("after %d changes: %q made %v, want %v", d.version, id, got, want)
			}
		}
		for i := range 2*maxKnown + 1 {
			if ok, err := d.edit(i, change{ID: fmt.Sprint("a", i), Del: len(d.text), Ins: "x"}); !ok || err != nil {
				t.Fatal(ok, err)
			}
			if i%100 == 0 {
				synctest.Wait() // w hears of them all, and an answer does not pass a full inbox
			}
			if i == maxLog+1 || i == 2*maxKnown-1 {
				made("a0", true)
				made("b0", false)
			}
		}
		made("a0", false) // too long ago
		made(fmt.Sprint("a", maxKnown), true)
		made("", false)
	})
}

func TestLibraryIsMissed(t *testing.T) {
	if err := run(t.Context(), "0", fstest.MapFS{}); err == nil {
		t.Error("started without it")
	}
}
