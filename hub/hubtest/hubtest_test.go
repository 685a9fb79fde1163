package hubtest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/hub"
)

// wire is a member whose connection is a slice. It passes the suite, unless it
// is given a fault.
type wire struct {
	fault string

	mu       sync.Mutex // guards all below
	ids      int
	queue    []*hub.Message
	bytes    int
	dirty    bool
	stalled  bool
	ended    bool
	received []string
}

const wireLimit = 1 << 20

func (w *wire) ID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fault == "id changes" {
		w.ids++
	}
	return fmt.Sprint("wire-", w.ids)
}

func (w *wire) Encoder() hub.Encoder {
	if w.fault == "key changes" {
		return Encoder{Name: w.ID() + fmt.Sprint(new(int))}
	}
	return Encoder{Name: "wire"}
}

func (w *wire) Push(f hub.Frame, class hub.Class) (dirty bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := f.(*hub.Message)
	limit := wireLimit
	if class == hub.Volatile {
		limit /= 4
	}
	switch {
	case w.ended:
		return false
	case w.bytes+len(m.Args) > limit && w.fault != "queue without end":
		w.ended = class == hub.Must || w.fault == "volatile ends it"
		return false
	}
	w.queue = append(w.queue, m)
	w.bytes += len(m.Args)
	dirty = !w.dirty || w.fault == "always dirty"
	w.dirty = w.fault != "forgets"
	if w.fault == "writes on push" {
		w.flushLocked()
	}
	return dirty && w.fault != "never dirty"
}

func (w *wire) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flushLocked()
	if w.fault == "forgets its mark late" {
		w.mu.Unlock()
		runtime.Gosched()
		w.mu.Lock()
		w.dirty = false
	}
}

func (w *wire) flushLocked() {
	if w.fault != "stays dirty" && w.fault != "forgets its mark late" {
		w.dirty = false
	}
	if w.stalled || w.ended {
		return
	}
	if w.fault == "flush says something" && len(w.queue) == 0 {
		w.received = append(w.received, "noop")
	}
	n := len(w.queue)
	if w.fault == "leaves one behind" && n > 1 {
		n--
	}
	for i := range n {
		m := w.queue[i]
		if w.fault == "stack" {
			m = w.queue[n-1-i]
		}
		w.received = append(w.received, m.Event)
		w.bytes -= len(m.Args)
	}
	w.queue = w.queue[n:]
}

func (w *wire) rig() *Rig {
	locked := func(f func()) func() {
		return func() { w.mu.Lock(); defer w.mu.Unlock(); f() }
	}
	return &Rig{
		Member: w,
		Received: func() (got []string) {
			locked(func() { got = append(got, w.received...) })()
			return got
		},
		Stall: locked(func() { w.stalled = true }),
		Close: locked(func() { w.ended = w.fault != "outlives its connection" }),
		Ended: func() (is bool) { locked(func() { is = w.ended })(); return is },
	}
}

func TestGoodMemberPasses(t *testing.T) {
	TestMember(t, func(*testing.T) *Rig { return (&wire{}).rig() })
}

// TestFaultsAreFound asserts that each check can fail.
func TestFaultsAreFound(t *testing.T) {
	faults := map[string][]string{
		"identity":                                 {"id changes", "key changes"},
		"pushing writes nothing":                   {"writes on push"},
		"dirty once a flush":                       {"never dirty", "always dirty", "stays dirty", "forgets"},
		"order":                                    {"stack", "never dirty"},
		"no mark is lost":                          {"leaves one behind", "never dirty", "forgets its mark late"},
		"flushing with nothing queued":             {"flush says something"},
		"a far end that does not read":             {"queue without end"},
		"volatile to a far end that does not read": {"volatile ends it"},
		"after the end":                            {"outlives its connection"},
	}
	for _, c := range checks {
		if len(faults[c.name]) == 0 {
			t.Errorf("no fault for the check %q", c.name)
		}
		for _, fault := range faults[c.name] {
			synctest.Test(t, func(t *testing.T) {
				if err := c.run((&wire{fault: fault}).rig()); err == nil {
					t.Errorf("the check %q does not find: %s", c.name, fault)
				}
			})
		}
	}
}

func TestRecorder(t *testing.T) {
	h := hub.New(&hub.Options{FlushDelay: time.Minute}) // nothing but Exit flushes
	m := NewMember("a")
	h.Add(m)
	h.Enter()
	h.Publish(&hub.Message{Event: "one"})
	if len(m.Written()) != 0 || fmt.Sprint(m.Events()) != "[one]" || m.Flushes() != 0 {
		t.Errorf("before: %v written, %v pushed, %d flushes", m.Written(), m.Events(), m.Flushes())
	}
	h.Exit()
	if len(m.Written()) != 1 || fmt.Sprint(m.Events()) != "[one]" || m.Flushes() != 1 {
		t.Errorf("after: %v written, %v pushed, %d flushes", m.Written(), m.Events(), m.Flushes())
	}
}
