package hubtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"rightnow/hub"
)

// Rig is a member to be tested and the far end of its connection, both in the
// synctest bubble in which it was made: the connection must be in memory, and
// whatever runs for it must end with the test's cleanups.
type Rig struct {
	Member hub.Member
	// Received returns the events of the messages that have arrived at the far
	// end so far, in order of arrival. The far end reads without being asked
	// until Stall, so that everything that was written is there once all
	// goroutines of the bubble are blocked.
	Received func() []string
	// Stall has the far end read no more.
	Stall func()
	// Close has the far end close the connection.
	Close func()
	// Ended reports whether the member's connection is over.
	Ended func() bool
}

// TestMember runs what every hub.Member must pass. make is called once for
// each subtest, in its bubble.
func TestMember(t *testing.T, make func(t *testing.T) *Rig) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := c.run(make(t)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A check returns what is wrong with a member. Checks are no tests themselves
// so that a test can watch them fail.
var checks = []struct {
	name string
	run  func(*Rig) error
}{
	{"identity", checkIdentity},
	{"pushing writes nothing", checkPushOnly},
	{"dirty once a flush", checkDirty},
	{"order", checkOrder},
	{"no mark is lost", checkMarks},
	{"flushing with nothing queued", checkEmptyFlush},
	{"a far end that does not read", checkStalled},
	{"volatile to a far end that does not read", checkVolatile},
	{"after the end", checkAfterEnd},
}

// frame encodes an event for the rig's member.
func (r *Rig) frame(event string, size int) (hub.Frame, error) {
	args := append([]byte{'[', '"'}, make([]byte, size)...)
	for i := range size {
		args[2+i] = 'x'
	}
	f, err := r.Member.Encoder().Encode(&hub.Message{Event: event, Args: append(args, '"', ']')})
	if err == nil && f == nil {
		err = fmt.Errorf("the encoder made no frame")
	}
	return f, err
}

// push pushes a small message and checks what Push returns.
func (r *Rig) push(event string, wantDirty bool) error {
	f, err := r.frame(event, 0)
	if err != nil {
		return err
	}
	if got := r.Member.Push(f, hub.Must); got != wantDirty {
		return fmt.Errorf("push of %q: dirty is %v, want %v", event, got, wantDirty)
	}
	return nil
}

// received waits until nothing moves and compares what arrived.
func (r *Rig) received(want ...string) error {
	synctest.Wait()
	got := r.Received()
	if slices.Equal(got, want) {
		return nil
	}
	same := 0
	for same < min(len(got), len(want)) && got[same] == want[same] {
		same++
	}
	return fmt.Errorf("received %d of %d messages, from the %dth on %q instead of %q",
		len(got), len(want), same+1, got[same:], want[same:])
}

// steps runs until one fails.
func steps(fs ...func() error) error {
	for _, f := range fs {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func checkIdentity(r *Rig) error {
	if a, b := r.Member.ID(), r.Member.ID(); a == "" || a != b {
		return fmt.Errorf("the id is empty or changes: %q, %q", a, b)
	}
	if a, b := r.Member.Encoder().Key(), r.Member.Encoder().Key(); a != b {
		return fmt.Errorf("the encoder's key changes: %v, %v", a, b)
	}
	return nil
}

func checkPushOnly(r *Rig) error {
	return steps(
		func() error { return r.push("one", true) },
		func() error { return r.received() },
		func() error { r.Member.Flush(); return r.received("one") },
	)
}

func checkDirty(r *Rig) error {
	return steps(
		func() error { return r.push("one", true) },
		func() error { return r.push("two", false) },
		func() error { r.Member.Flush(); return r.push("three", true) },
		func() error { return r.push("four", false) },
		func() error { r.Member.Flush(); return r.received("one", "two", "three", "four") },
	)
}

func checkOrder(r *Rig) error {
	var want []string
	for i := range 300 {
		event := fmt.Sprint("event-", i)
		f, err := r.frame(event, i)
		if err != nil {
			return err
		}
		want = append(want, event)
		if r.Member.Push(f, hub.Must) != (i%7 == 0) {
			return fmt.Errorf("push %d: wrong dirty", i)
		}
		if i%7 == 6 {
			r.Member.Flush()
		}
	}
	r.Member.Flush()
	return r.received(want...)
}

// checkMarks pushes from several goroutines, in one order as under the hub's
// lock, and flushes only when Push says so. A member that takes what is queued
// and forgets its mark in two steps leaves something behind, which shows only
// when no other push follows: hence the many short rounds.
func checkMarks(r *Rig) error {
	m := marker{rig: r}
	for range 200 {
		var done sync.WaitGroup
		for i := range 3 {
			done.Go(func() {
				if m.push(1 + i) {
					r.Member.Flush()
				}
			})
		}
		done.Wait()
		if m.err != nil {
			return m.err
		}
		if err := r.received(m.want...); err != nil {
			return err
		}
	}
	return nil
}

// marker pushes numbered events.
type marker struct {
	rig *Rig

	mu   sync.Mutex // guards all below
	want []string
	err  error
}

// push pushes n events and reports whether a flush is owed for one of them.
func (m *marker) push(n int) (dirty bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range n {
		event := fmt.Sprint("event-", len(m.want))
		f, err := m.rig.frame(event, 10)
		if err != nil {
			m.err = err
			return false
		}
		m.want = append(m.want, event)
		dirty = m.rig.Member.Push(f, hub.Must) || dirty
	}
	return dirty
}

func checkEmptyFlush(r *Rig) error {
	r.Member.Flush()
	r.Member.Flush()
	return steps(
		func() error { return r.received() },
		func() error { return r.push("one", true) },
		func() error { r.Member.Flush(); r.Member.Flush(); return r.received("one") },
	)
}

const (
	bigFrame  = 1 << 16
	bigFrames = 1 << 10 // 64 MiB: more than any queue may hold
)

// pushBig pushes more than a queue may hold, flushing as a hub does.
func (r *Rig) pushBig(class hub.Class) error {
	f, err := r.frame("big", bigFrame)
	if err != nil {
		return err
	}
	for range bigFrames {
		if r.Member.Push(f, class) {
			r.Member.Flush()
		}
	}
	return nil
}

// checkStalled asserts that a member whose client does not read neither blocks
// nor queues without end, but closes. (A push that blocks is a deadlock of the
// bubble, which fails the test.)
func checkStalled(r *Rig) error {
	r.Stall()
	if err := r.pushBig(hub.Must); err != nil {
		return err
	}
	synctest.Wait()
	if !r.Ended() {
		return fmt.Errorf("%d MiB were pushed to a far end that reads nothing, and the member is still there", bigFrame*bigFrames>>20)
	}
	return nil
}

func checkVolatile(r *Rig) error {
	r.Stall()
	if err := r.pushBig(hub.Volatile); err != nil {
		return err
	}
	synctest.Wait()
	if r.Ended() {
		return fmt.Errorf("volatile messages alone ended the member")
	}
	return nil
}

func checkAfterEnd(r *Rig) error {
	if err := r.push("one", true); err != nil {
		return err
	}
	r.Close()
	synctest.Wait()
	if !r.Ended() {
		return fmt.Errorf("the far end closed, and the member is still there")
	}
	f, err := r.frame("late", 0)
	if err != nil {
		return err
	}
	for range 3 {
		r.Member.Push(f, hub.Must)
		r.Member.Flush()
	}
	return nil
}
