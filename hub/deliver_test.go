package hub_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"rightnow/hub"
	"rightnow/hub/hubtest"
)

// countingEncoder counts how often it encodes; it fails when told so.
type countingEncoder struct {
	key  any
	n    *int
	fail error
}

func (e countingEncoder) Key() any { return e.key }

func (e countingEncoder) Encode(m *hub.Message) (hub.Frame, error) {
	*e.n++
	if e.fail != nil {
		return nil, e.fail
	}
	return fmt.Sprint(e.key, ":", m.Event), nil
}

func TestEncodedOnceForEachKey(t *testing.T) {
	for keys := 1; keys <= 9; keys++ { // more than the inline cache holds
		h, n := hub.New(nil), 0
		var members []*hubtest.Member
		for i := range keys * 3 {
			m := hubtest.NewMemberWith(fmt.Sprint(i), countingEncoder{key: i % keys, n: &n})
			members = append(members, m)
			h.Add(m)
		}
		for _, event := range []string{"one", "two"} {
			if got, err := h.Publish(&hub.Message{Event: event}); err != nil || got != keys*3 {
				t.Fatalf("%d keys: reached %d, %v", keys, got, err)
			}
		}
		if n != 2*keys {
			t.Errorf("%d keys: encoded %d times for two messages", keys, n)
		}
		for i, m := range members {
			if want := fmt.Sprintf("[%d:one %d:two]", i%keys, i%keys); fmt.Sprint(m.Written()) != want {
				t.Errorf("member %d of %d keys got %v, want %v", i, keys, m.Written(), want)
			}
		}
	}
}

func TestEncodeErrorConcernsItsKeyOnly(t *testing.T) {
	h, n := hub.New(nil), 0
	broken := errors.New("cannot say that")
	var members []*hubtest.Member
	for i := range 4 {
		enc := countingEncoder{key: i % 2, n: &n}
		if i%2 == 1 {
			enc.fail = broken
		}
		members = append(members, hubtest.NewMemberWith(fmt.Sprint(i), enc))
		h.Add(members[i])
	}
	got, err := h.Publish(&hub.Message{Event: "hello"})
	if got != 2 || !errors.Is(err, broken) || !strings.Contains(err.Error(), `"hello"`) {
		t.Errorf("reached %d, error %v", got, err)
	}
	if n != 2 {
		t.Errorf("encoded %d times", n)
	}
	for i, m := range members {
		if want := 1 - i%2; len(m.Pushed()) != want {
			t.Errorf("member %d got %v", i, m.Pushed())
		}
	}
	if _, err := h.Publish(&hub.Message{Event: "again", Rooms: []string{"0"}}); err != nil {
		t.Errorf("the error of one message came back with the next: %v", err)
	}
}

// panicEncoder breaks the rules.
type panicEncoder struct{}

func (panicEncoder) Key() any                               { return "panic" }
func (panicEncoder) Encode(*hub.Message) (hub.Frame, error) { panic("encoder") }

func TestPanicLeavesTheHubUsable(t *testing.T) {
	h, members := newHub("a")
	h.Add(hubtest.NewMemberWith("p", panicEncoder{}))
	func() {
		defer func() { _ = recover() }()
		h.Publish(&hub.Message{Event: "one"})
		t.Error("no panic")
	}()
	h.Remove("p")
	if n, err := h.Publish(&hub.Message{Event: "two"}); n != 1 || err != nil {
		t.Errorf("reached %d, %v", n, err)
	}
	if got := members["a"].Events(); got[len(got)-1] != "two" {
		t.Errorf("got %v", got)
	}
}

// nullMember takes frames and does nothing, so that only the hub is measured.
type nullMember struct {
	id    string
	enc   hub.Encoder
	dirty atomic.Bool
}

func (m *nullMember) ID() string           { return m.id }
func (m *nullMember) Encoder() hub.Encoder { return m.enc }
func (m *nullMember) Flush()               { m.dirty.Store(false) }

func (m *nullMember) Push(hub.Frame, hub.Class) bool { return !m.dirty.Swap(true) }

// nullEncoder gives the same frame always.
type nullEncoder struct{ frame hub.Frame }

func (e *nullEncoder) Key() any                               { return e }
func (e *nullEncoder) Encode(*hub.Message) (hub.Frame, error) { return e.frame, nil }

func crowd(n, encoders int) *hub.Hub {
	h := hub.New(nil)
	encs := make([]hub.Encoder, encoders)
	for i := range encs {
		encs[i] = &nullEncoder{frame: "frame"}
	}
	for i := range n {
		id := fmt.Sprint("member-", i)
		h.Add(&nullMember{id: id, enc: encs[i%encoders]})
		h.Join(id, "crowd", fmt.Sprint("room-", i%(n/20+1)))
	}
	return h
}

func TestNothingIsAllocatedForRecipients(t *testing.T) {
	h := crowd(1000, 3)
	messages := map[string]*hub.Message{
		"everybody":      {Event: "e"},
		"room":           {Event: "e", Rooms: []string{"crowd"}},
		"rooms":          {Event: "e", Rooms: []string{"room-1", "room-2", "crowd"}, Except: []string{"room-3", "member-7"}, Sender: "member-1"},
		"one":            {Event: "e", Rooms: []string{"member-9"}},
		"nobody":         {Event: "e", Rooms: []string{"none"}},
		"many, volatile": {Event: "e", Class: hub.Volatile},
	}
	for name, m := range messages {
		publish := func() {
			if _, err := h.Publish(m); err != nil {
				t.Error(err)
			}
		}
		inHandler := func() { h.Enter(); publish(); publish(); h.Exit() }
		for how, f := range map[string]func(){"alone": publish, "in a handler": inHandler} {
			f()
			if n := testing.AllocsPerRun(50, f); n != 0 {
				t.Errorf("%s, %s: %v allocations", name, how, n)
			}
		}
	}
}

// TestNothingIsPinned asserts that the lists that are used again keep neither
// members nor messages alive.
func TestNothingIsPinned(t *testing.T) {
	h := hub.New(&hub.Options{FlushDelay: time.Minute}) // no timer holds a list meanwhile
	h.Add(hubtest.NewMember("stays"))
	var members []weak.Pointer[hubtest.Member]
	var messages []weak.Pointer[hub.Message]
	for i := range 100 { // with more encoders than the inline cache holds
		m := hubtest.NewMemberWith(fmt.Sprint(i), hubtest.Encoder{Name: fmt.Sprint(i % 6)})
		members = append(members, weak.Make(m))
		h.Add(m)
		h.Join(m.ID(), "room")
	}
	publish := func() {
		m := &hub.Message{Event: "e", Rooms: []string{"room"}}
		messages = append(messages, weak.Make(m))
		h.Publish(m)
	}
	publish()
	h.Batch(func() { publish(); publish() })
	for i := range 100 {
		h.Remove(fmt.Sprint(i))
	}
	runtime.GC()
	for i := range members {
		if members[i].Value() != nil {
			t.Fatalf("member %d is kept", i)
		}
	}
	for i := range messages {
		if messages[i].Value() != nil {
			t.Fatalf("message %d is kept", i)
		}
	}
	runtime.KeepAlive(h)
}

// relay is one that writes down what it is asked.
type relay struct {
	published []string
	offset    string
	err       error
	wanted    []string
}

func (r *relay) Publish(m *hub.Message) (string, error) {
	r.published = append(r.published, m.Event)
	return r.offset, r.err
}
func (r *relay) Request(context.Context, string, []byte) ([][]byte, error) { return nil, nil }
func (r *relay) Notify(string, []byte) error                               { return nil }
func (r *relay) Want(room string)                                          { r.wanted = append(r.wanted, "+"+room) }
func (r *relay) Unwant(room string)                                        { r.wanted = append(r.wanted, "-"+room) }
func (r *relay) Close() error                                              { return nil }

func TestRelay(t *testing.T) {
	r := &relay{offset: "1-0"}
	h := hub.New(&hub.Options{Relay: r})
	a := hubtest.NewMember("a")
	h.Add(a)
	publish := func(m *hub.Message) error {
		n, err := h.Publish(m)
		if n != 1 {
			t.Errorf("%q reached %d", m.Event, n)
		}
		return err
	}
	one := &hub.Message{Event: "one"}
	if err := publish(one); err != nil || one.Offset != "1-0" {
		t.Errorf("offset %q, %v", one.Offset, err)
	}
	if err := publish(&hub.Message{Event: "local", Local: true}); err != nil {
		t.Error(err)
	}
	if n, err := h.Deliver(&hub.Message{Event: "from the bus"}); n != 1 || err != nil {
		t.Error(n, err)
	}
	r.err = errors.New("no redis")
	if err := publish(&hub.Message{Event: "two"}); !errors.Is(err, r.err) {
		t.Errorf("error %v", err)
	}
	if got := fmt.Sprint(r.published); got != "[one two]" {
		t.Errorf("published %s", got)
	}
	if got := fmt.Sprint(a.Events()); got != "[one local from the bus two]" {
		t.Errorf("delivered %s", got)
	}

	h.Join("a", "x")
	h.Join("a", "x")
	h.Remove("a")
	if got := fmt.Sprint(r.wanted); got != "[+a +x -a -x]" {
		t.Errorf("wanted %s", got)
	}
}

// journal keeps messages in a slice.
type journal struct{ kept []*hub.Message }

func (j *journal) Append(m *hub.Message) string {
	j.kept = append(j.kept, m)
	if m.Offset != "" {
		return m.Offset
	}
	return fmt.Sprint("#", len(j.kept))
}

func (j *journal) After(context.Context, string) ([]*hub.Message, error) { return nil, nil }
func (j *journal) Head() string                                          { return "" }

func TestJournalSeesWhatCanBeMissed(t *testing.T) {
	j := &journal{}
	h, members := newHub("a")
	h.Keep(j)
	for _, m := range []*hub.Message{
		{Event: "one"},
		{Event: "volatile", Class: hub.Volatile},
		{Event: "ack", WantAck: true},
		{Event: "numbered", Offset: "7-7"},
		{Event: "two", Rooms: []string{"nobody is here"}},
	} {
		h.Publish(m)
	}
	var got []string
	for _, m := range j.kept {
		got = append(got, m.Event+" "+m.Offset)
	}
	if fmt.Sprint(got) != "[one #1 numbered 7-7 two #3]" {
		t.Errorf("kept %q", got)
	}
	if first := members["a"].Written()[0].(*hub.Message); first.Offset != "#1" {
		t.Errorf("encoded with offset %q", first.Offset)
	}
}

func TestClassNames(t *testing.T) {
	if hub.Must.String() != "must" || hub.Volatile.String() != "volatile" {
		t.Error(hub.Must, hub.Volatile)
	}
}
