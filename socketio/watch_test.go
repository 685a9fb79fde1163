package socketio_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rightnow/socketio"
)

// watcher reads a Watch.
type watcher struct {
	*socketio.Watch
	t     testing.TB
	queue []socketio.Activity
	lost  socketio.Lost
}

func (h *harness) watch(o *socketio.WatchOptions) *watcher {
	w := &watcher{Watch: h.io.Watch(o), t: h.t}
	h.t.Cleanup(w.Stop)
	return w
}

// next returns the next activity, spelled.
func (w *watcher) next() string {
	w.t.Helper()
	for len(w.queue) == 0 {
		receive(w.t, w.More())
		batch, lost := w.Take()
		w.queue = append(w.queue, batch...)
		w.lost.Events += lost.Events
		w.lost.Changes += lost.Changes
	}
	a := w.queue[0]
	w.queue = w.queue[1:]
	if a.Time.IsZero() || a.Socket == nil {
		w.t.Fatalf("%+v", a)
	}
	nsp := a.Socket.Namespace().Name()
	switch a.Kind {
	case socketio.ActivityConnect:
		return nsp + " connect"
	case socketio.ActivityDisconnect:
		return fmt.Sprintf("%s disconnect %q", nsp, a.Reason)
	case socketio.ActivityJoin:
		return nsp + " join " + a.Room
	case socketio.ActivityLeave:
		return nsp + " leave " + a.Room
	case socketio.ActivityData:
		return nsp + " data"
	case socketio.ActivityReceive:
		return fmt.Sprintf("%s receive %s %s", nsp, a.Event.Name(), a.Event.Args().Raw(0))
	case socketio.ActivitySend:
		return fmt.Sprintf("%s send %s %s", nsp, a.Event.Name(), a.Event.Args().Raw(0))
	}
	w.t.Fatalf("kind %d", a.Kind)
	return ""
}

func (w *watcher) want(what ...string) {
	w.t.Helper()
	for _, want := range what {
		if got := w.next(); got != want {
			w.t.Fatalf("%s, want %s", got, want)
		}
	}
}

func TestWatch(t *testing.T) {
	h := serve(t, nil)
	_, before := h.joined((*harness).websocket)
	w := h.watch(&socketio.WatchOptions{NoEventsOf: []string{"/quiet"}})
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("hear", func(string) {})
		s.On("say", func(text string) { s.Emit("said", text) })
	})
	c, s := h.joined((*harness).websocket)
	w.want("/ connect")
	c.write(`2["hear","x"]`, `2["say","y"]`)
	w.want(`/ receive hear "x"`, `/ receive say "y"`, `/ send said "y"`)
	if err := s.Join("a", "b"); err != nil {
		t.Fatal(err)
	}
	s.Leave("a")
	s.SetData(1)
	w.want("/ join a", "/ join b", "/ leave a", "/ data")
	h.io.Emit("all", 1) // to both
	h.io.To("b").Emit("some", 2)
	w.want("/ send all 1", "/ send all 1", "/ send some 2")

	// Namespaces that are made while somebody watches.
	h.io.Of("/quiet")
	sid := c.other("/quiet")
	w.want("/quiet connect")
	quiet := h.socket("/quiet", sid)
	quiet.Emit("nobody hears of it")
	if err := quiet.Join("c"); err != nil {
		t.Fatal(err)
	}
	w.want("/quiet join c")
	quiet.Disconnect(false)
	w.want(`/quiet disconnect "server namespace disconnect"`)
	s.Disconnect(false)
	w.want(`/ disconnect "server namespace disconnect"`)
	before.SetData(1)
	w.want("/ data") // leaving the rooms was not told
	if w.lost != (socketio.Lost{}) {
		t.Errorf("lost %+v", w.lost)
	}
}

// other joins a further namespace, past all that comes meanwhile.
func (c *client) other(nsp string) (sid string) {
	c.t.Helper()
	c.write("0" + nsp)
	for {
		got := c.read()
		if rest, ok := strings.CutPrefix(got, `0`+nsp+`,{"sid":"`); ok {
			return strings.TrimSuffix(rest, `"}`)
		}
	}
}

func TestWatchIsBounded(t *testing.T) {
	h := serve(t, nil)
	w := h.watch(&socketio.WatchOptions{Limit: 8, EventBytes: 100})
	_, s := h.joined((*harness).websocket)
	w.want("/ connect")
	for i := range 10 {
		s.Emit("e", i)
	}
	for i := range 10 {
		if err := s.Join(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 4 {
		w.want(fmt.Sprintf("/ send e %d", i))
	}
	for i := range 4 {
		w.want(fmt.Sprintf("/ join %d", i))
	}
	if want := (socketio.Lost{Events: 6, Changes: 6}); w.lost != want {
		t.Errorf("lost %+v, want %+v", w.lost, want)
	}
	s.Emit("e", strings.Repeat("x", 200)) // alone it may be larger
	s.Emit("e", 1)
	s.SetData(1)
	if got := w.next(); !strings.HasPrefix(got, `/ send e "xxx`) {
		t.Error(got)
	}
	w.want("/ data")
	if w.lost.Events != 7 {
		t.Errorf("lost %+v", w.lost)
	}
}

func TestWatchStops(t *testing.T) {
	h := serve(t, nil)
	first, second := h.watch(nil), h.watch(nil)
	_, s := h.joined((*harness).websocket)
	first.Stop()
	first.Stop()
	s.SetData(1)
	first.want("/ connect")
	for range first.More() { // it is closed
	}
	if more, lost := first.Take(); len(more) > 0 || lost != (socketio.Lost{}) {
		t.Errorf("a stopped watch told of %v, %v", more, lost)
	}
	second.want("/ connect", "/ data")
	second.Stop()
	s.Join("nobody hears of it")
	if got := s.Rooms(); !slices.Contains(got, "nobody hears of it") {
		t.Error(got)
	}
}
