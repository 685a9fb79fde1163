package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestFailedSources(t *testing.T) {
	var log bytes.Buffer
	ends := func(name string, end func(context.Context) error) Source {
		return &upstream{name: name, ends: end}
	}
	fill := func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		o.Sources = []Source{
			&upstream{name: "sim"},
			ends("fatal", func(context.Context) error { return fmt.Errorf("run: %w", &Fatal{Reason: "The key was refused."}) }),
			ends("status", func(context.Context) error { return &StatusError{Status: 410, Reason: "The feed is gone."} }),
			ends("other", func(context.Context) error { return errors.New("details") }),
			ends("panics", func(context.Context) error { panic("defect") }),
			ends("ended", func(context.Context) error { return nil }),
		}
	}
	open(t, fill, func(n *newsroom) {
		n.follow("a", "golang")
		n.offer("ann", "1 golang")
		n.wantTold("a: 1")
		var got []string
		for _, s := range n.Router.Sources() {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Title, s.State.Phase, s.State.Reason)))
		}
		want := []string{"SIM idle", "FATAL failed The key was refused.", "STATUS failed The feed is gone.",
			"OTHER failed It has stopped because of an error. The server's log says which.",
			"PANICS failed It has stopped because of an error. The server's log says which.", "ENDED idle It has ended."}
		if !slices.Equal(got, want) {
			t.Errorf("sources:\n%q\nwant\n%q", got, want)
		}
		for _, line := range []string{"details", "panic: defect", "supervise_test.go", "source=fatal"} {
			if !strings.Contains(log.String(), line) {
				t.Errorf("the log does not have %q", line)
			}
		}
	})
}

func TestSourcesAreTold(t *testing.T) {
	open(t, nil, func(n *newsroom) {
		count := func() int {
			synctest.Wait()
			n.mu.Lock()
			defer n.mu.Unlock()
			return len(n.states)
		}
		n.later(2 * time.Second)
		before := count()
		for range 15 {
			n.up.sink.State(State{Phase: PhaseConnecting})
			n.up.sink.State(State{Phase: PhaseLive})
			n.later(100 * time.Millisecond)
		}
		if told := count() - before; told != 2 {
			t.Errorf("told %d times in 1.5 s", told)
		}
		n.later(time.Second)
		before = count()
		n.up.sink.State(State{Phase: PhaseLive})
		n.up.sink.Limit(7)
		n.up.sink.Gap(time.Unix(1, 0), time.Unix(2, 0))
		n.up.sink.Skip(SkipKind)
		n.later(3 * time.Second)
		if count() != before {
			t.Error("told, although no state has changed")
		}
		if s := n.status(); s.Withheld != 7 || !s.GapTo.Equal(time.Unix(2, 0)) || s.Skipped[SkipKind] != 1 || s.State.Phase != PhaseLive {
			t.Errorf("status: %+v", s)
		}
	})
}

func TestCancelInEachPhase(t *testing.T) {
	open(t, nil, func(n *newsroom) {}) // at once; open sees that Run ends
	open(t, nil, func(n *newsroom) { n.follow("a", "golang") })
	open(t, nil, func(n *newsroom) { // what is held, stale, queued
		n.follow("a", "golang")
		for i := range 100 {
			n.offer("ann", fmt.Sprintf("%d golang", i), fmt.Sprintf("1#%d golang", i))
		}
	})
	open(t, nil, func(n *newsroom) { // a retraction comes last
		n.follow("a", "golang")
		n.offer("ann", "1 golang")
		synctest.Wait()
		n.cancel()
		n.up.sink.Retract(Ref{ID: "1"})
		n.wantTold("a: 1", "gone [a] 1")
	})
}

// cursors are Cursors in memory.
type cursors struct {
	mu    sync.Mutex
	at    map[string]string
	saves []string
}

func (c *cursors) Load(source string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[source]
}

func (c *cursors) Save(source, cursor string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at[source] = cursor
	c.saves = append(c.saves, cursor)
}

func TestCursors(t *testing.T) {
	kept := &cursors{at: map[string]string{"sim": "100"}}
	saves := func() string {
		kept.mu.Lock()
		defer kept.mu.Unlock()
		return strings.Join(kept.saves, " ")
	}
	up := &upstream{name: "sim"}
	open(t, func(o *Options) { o.Cursors, o.Sources = kept, []Source{up} }, func(n *newsroom) {
		for i := range 12 {
			n.up.sink.Cursor(fmt.Sprint(101 + i))
			n.later(time.Second)
		}
		n.later(time.Minute)
		if got := saves(); got != "105 110 112" && got != "106 111 112" {
			t.Errorf("saved %q", got)
		}
		n.up.sink.Cursor("last")
	})
	if got := saves(); !strings.HasSuffix(got, " last") || !slices.Equal(up.resumed, []string{"100"}) {
		t.Errorf("saved %q, resumed at %q", got, up.resumed)
	}
}

// lease is a Lease that the test gives and takes.
type lease struct {
	mu      sync.Mutex
	held    bool
	changed chan struct{}
}

func (l *lease) Held() (bool, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held, l.changed
}

func (l *lease) set(held bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = held
	close(l.changed)
	l.changed = make(chan struct{})
}

func TestLease(t *testing.T) {
	var l *lease
	up := &upstream{name: "sim"}
	failing := &upstream{name: "failing", ends: func(context.Context) error { return &Fatal{Reason: "No."} }}
	fill := func(o *Options) {
		l = &lease{changed: make(chan struct{})}
		o.Lease, o.Sources = l, []Source{up, failing}
	}
	runs := func(n *newsroom, want int) {
		n.Helper()
		synctest.Wait()
		up.mu.Lock()
		defer up.mu.Unlock()
		if up.runs != want {
			n.Errorf("the source has run %d times, want %d", up.runs, want)
		}
	}
	open(t, fill, func(n *newsroom) {
		n.follow("a", "golang")
		n.Inject(Post{Source: "sim", ID: "1", Text: "golang"}) // from the node that holds it
		n.wantTold("a: 1")
		runs(n, 0)
		if s := n.status(); s.State.Reason == "" {
			t.Errorf("why the source rests isn't told: %+v", s)
		}
		l.set(true)
		runs(n, 1)
		n.up.sink.Cursor("5")
		l.set(false)
		l.set(true)
		runs(n, 2)
		l.set(false)
		n.later(time.Hour)
		runs(n, 2)
		if failing.runs != 2 || !slices.Equal(up.resumed, []string{"", "5"}) {
			t.Errorf("the failing one has run %d times; resumed %q", failing.runs, up.resumed)
		}
	})
}
