package chatio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
)

const (
	asAnn = `{"room": "go", "nick": "ann", "secret": "the secret of ann"}`
	asBob = `{"room": "go", "nick": "bob", "secret": "the secret of bob"}`
)

func TestEvents(t *testing.T) {
	want := []string{"enter", "feed", "feed_set", "feed_try", "leave", "older", "rooms", "say", "since", "typing", "watch"}
	if got := chatio.Events(); !slices.Equal(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
}

// TestHears follows which rooms of the hub a connection is in.
func TestHears(t *testing.T) {
	b := newBench(t, chat.Options{MaxPeople: 1}, chatio.Options{MaxRooms: 2})
	defer b.stop()
	ann, bob := b.hub.caller("a", nil), b.hub.caller("b", nil)
	wants := func(what string, c *caller, want ...string) {
		t.Helper()
		if got := c.hears(); !slices.Equal(got, want) {
			t.Errorf("%s: hears %q, want %q", what, got, want)
		}
	}
	b.must(ann, "enter", asAnn)
	wants("entered", ann, "chat/go")
	_, err := b.do(bob, "enter", asBob)
	wantCode(t, "a full room", err, chat.CodeRoomFull)
	wants("refused", bob)
	b.must(bob, "watch", `{"room": "GO"}`)
	_, err = b.do(bob, "enter", asBob)
	wantCode(t, "still full", err, chat.CodeRoomFull)
	wants("refused, but watched before", bob, "chat/go")
	b.store.Fail(errors.New("disk on fire"))
	_, err = b.do(bob, "watch", `{"room": "other"}`)
	wantCode(t, "no store", err, chat.CodeUnavailable)
	wants("nothing could be read", bob, "chat/go")
	b.store.Fail(nil)
	b.must(bob, "watch", `{"room": "other"}`)
	_, err = b.do(bob, "watch", `{"room": "third"}`)
	wantCode(t, "the third of two", err, chat.CodeTooManyRooms)
	b.must(bob, "watch", `{"room": "go"}`) // again is no other
	wants("two", bob, "chat/go", "chat/other")
	b.must(bob, "rooms", `{}`) // the list is no room
	b.must(bob, "leave", `{"room": "go"}`)
	b.must(bob, "watch", `{"room": "third"}`)
	wants("one left", bob, "chat/", "chat/other", "chat/third")
	b.must(bob, "rooms", `{"follow": false}`)
	wants("without the list", bob, "chat/other", "chat/third")
}

func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, chat.Options{}, chatio.Options{})
		defer b.stop()
		ann := b.hub.caller("a", nil)
		b.must(ann, "enter", asAnn)
		b.must(ann, "enter", strings.Replace(asAnn, "go", "other", 1))
		b.must(ann, "rooms", `{}`)
		ann.end()
		b.Gone(ann)
		b.Gone(ann) // once too often
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := b.people("go") + b.people("other"); n != 0 {
			t.Errorf("%d people are left", n)
		}
		for _, event := range []string{"watch", "enter", "rooms"} {
			_, err := b.do(ann, event, asAnn)
			wantCode(t, event+" after the end", err, chat.CodeUnavailable)
		}
		_, err := b.do(ann, "say", `{"room": "go", "id": "1", "text": "hello"}`)
		wantCode(t, "say after the end", err, chat.CodeNotHere)
		b.Gone(b.hub.caller("never said anything", nil))
	})
}

// slowStore lets a test do something while an event reads.
type slowStore struct {
	chat.Store
	reading func()
}

func (s *slowStore) Before(ctx context.Context, room string, before int64, limit int) ([]chat.Message, error) {
	s.reading()
	return s.Store.Before(ctx, room, before, limit)
}

// TestGoneMeanwhile ends a connection while it enters.
func TestGoneMeanwhile(t *testing.T) {
	for _, event := range []string{"enter", "watch"} {
		b := newBench(t, chat.Options{Grace: -1}, chatio.Options{})
		slow := &slowStore{Store: b.store}
		service, err := chat.New(t.Context(), &chat.Options{Store: slow, Broadcaster: chatio.NewBroadcaster(b.hub), Grace: -1})
		if err != nil {
			t.Fatal(err)
		}
		h := chatio.New(&chatio.Options{Service: service})
		ann := b.hub.caller("a", nil)
		slow.reading = func() {
			ann.end()
			h.Gone(ann)
		}
		_, err = h.Handle(t.Context(), ann, event, []json.RawMessage{json.RawMessage(asAnn)})
		wantCode(t, event, err, chat.CodeUnavailable)
		if s := service.Stats(); s.People != 0 || s.Connections != 0 {
			t.Errorf("%s: a ghost is left: %+v", event, s)
		}
		if err := service.Close(t.Context()); err != nil {
			t.Error(err)
		}
		b.stop()
	}
}

// TestSaidAndGone: what a connection said before it ended is stored, although
// its turn came afterwards.
func TestSaidAndGone(t *testing.T) {
	b := newBench(t, chat.Options{SayEvery: -1}, chatio.Options{Every: -1})
	defer b.stop()
	c := b.hub.caller("1", nil)
	b.must(c, "enter", asAnn)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	const said = 50 // one could be lucky
	for i := range said {
		arg := fmt.Sprintf(`{"room": "go", "id": "%d", "text": "x"}`, i)
		if _, err := b.Handle(gone, c, "say", []json.RawMessage{json.RawMessage(arg)}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.chat.Watch(t.Context(), "go")
	if err != nil || s.Last != said {
		t.Errorf("%d messages are stored, %v; want %d", s.Last, err, said)
	}
}

func TestTooManyEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, chat.Options{}, chatio.Options{Burst: 10, Every: time.Second})
		defer b.stop()
		ann, bob := b.hub.caller("a", nil), b.hub.caller("b", nil)
		b.must(ann, "enter", asAnn) // counts as 5
		for range 5 {
			b.must(ann, "watch", `{"room": "go"}`)
		}
		_, err := b.do(ann, "enter", asAnn)
		e, ok := errors.AsType[*chat.Error](err)
		if !ok || e.Code != chat.CodeSlowDown || e.Retry != 5*time.Second {
			t.Errorf("the sixth: %v", err)
		}
		ack := b.Answer(t.Context(), ann, "watch", []json.RawMessage{json.RawMessage(`{}`)})
		if got := ack.(chatio.ErrorReply).Error; got.RetryMS != 1000 || got.Code != chat.CodeSlowDown {
			t.Errorf("the ack says %+v", got)
		}
		b.must(bob, "enter", asBob)
		time.Sleep(time.Second)
		b.must(ann, "watch", `{"room": "go"}`)
	})
}

// TestTooManyOpened has two connections from one address and one from another.
func TestTooManyOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, chat.Options{OpenBurst: 1}, chatio.Options{})
		defer b.stop()
		ann, bob, cid := b.hub.caller("a", nil), b.hub.caller("b", nil), b.hub.caller("c", nil)
		ann.from, bob.from, cid.from = "203.0.113.7", "203.0.113.7", "203.0.113.8"
		b.must(ann, "enter", asAnn)
		other := strings.Replace(asBob, "go", "other", 1)
		ack := b.Answer(t.Context(), bob, "enter", []json.RawMessage{json.RawMessage(other)})
		reply, _ := ack.(chatio.ErrorReply)
		if got := reply.Error; got.Code != chat.CodeTooManyRooms || got.RetryMS != 60_000 || !strings.Contains(got.Message, "60 seconds") {
			t.Errorf("the ack says %+v", ack)
		}
		if rooms := bob.hears(); len(rooms) != 0 {
			t.Errorf("the refused one hears %q", rooms)
		}
		b.must(bob, "enter", asBob) // is there
		b.must(cid, "enter", strings.Replace(other, "bob", "cid", 2))
		time.Sleep(time.Minute)
		b.must(bob, "enter", strings.Replace(asBob, "go", "third", 1))
	})
}

// TestAnswerLogs wants the cause in the log and not in the ack, and what a user
// did wrong in the ack only.
func TestAnswerLogs(t *testing.T) {
	var log bytes.Buffer
	b := newBench(t, chat.Options{}, chatio.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	defer b.stop()
	ann := b.hub.caller("a", nil)
	answer := func(ctx context.Context, event, arg string) chatio.ErrorBody {
		ack, _ := b.Answer(ctx, ann, event, []json.RawMessage{json.RawMessage(arg)}).(chatio.ErrorReply)
		return ack.Error
	}
	answer(t.Context(), "watch", `{"room": "not a room"}`)
	answer(t.Context(), "enter", strings.Replace(asAnn, "the secret of ann", "hush", 1))
	if log.Len() > 0 {
		t.Errorf("logged: %s", log.String())
	}
	b.store.Fail(errors.New("disk on fire"))
	got := answer(t.Context(), "watch", `{"room": "go"}`)
	if got.Code != chat.CodeUnavailable || strings.Contains(got.Message, "fire") || !strings.Contains(log.String(), "disk on fire") {
		t.Errorf("the ack says %+v, the log %q", got, log.String())
	}
	log.Reset()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	answer(ctx, "watch", `{"room": "go"}`) // nobody is there to read it
	if log.Len() > 0 {
		t.Errorf("logged for a connection that is gone: %s", log.String())
	}
}

// TestInternal has an error that nobody foresaw: there is none to be had from
// the service.
func TestInternal(t *testing.T) {
	got := chatio.Reply(fmt.Errorf("chat: %w", errors.New("secrets of the server"))).Error
	if got.Code != chat.CodeInternal || got.Message == "" || strings.Contains(got.Message, "secrets") {
		t.Errorf("the ack says %+v", got)
	}
	refusal := fmt.Errorf("somewhere: %w", &chat.Error{Code: chat.CodeSlowDown, Message: "Slow.", Retry: time.Millisecond + 1})
	if got, want := chatio.Reply(refusal).Error, (chatio.ErrorBody{Code: chat.CodeSlowDown, Message: "Slow.", RetryMS: 2}); got != want {
		t.Errorf("the ack says %+v, want %+v", got, want)
	}
}

// TestStress has doors that handle a connection's events at once, and
// connections that end in the middle: nobody is left.
func TestStress(t *testing.T) {
	wall := newStub()
	b := newBench(t, chat.Options{Grace: time.Millisecond, NickHold: time.Millisecond, SayEvery: -1}, chatio.Options{Every: -1, MaxRooms: 2, Wall: wall})
	defer b.stop()
	events := []string{"watch", "enter", "enter", "say", "older", "since", "typing", "leave", "rooms", "feed", "feed", "feed_set"}
	var all sync.WaitGroup
	for i := range 30 {
		c := b.hub.caller(fmt.Sprint("c", i), nil)
		for range 3 {
			all.Go(func() {
				for n := range 60 {
					who := fmt.Sprint("p", rand.IntN(9))
					arg := fmt.Sprintf(`{"room": "r%d", "nick": "%s", "secret": "the secret of %s", "id": "%d", "text": "x", "on": true, "before": 0, "after": 0}`, rand.IntN(4), who, who, n)
					b.Answer(t.Context(), c, events[rand.IntN(len(events))], []json.RawMessage{json.RawMessage(arg)})
				}
			})
		}
		all.Go(func() {
			for range rand.IntN(100) {
				b.Answer(t.Context(), c, "since", []json.RawMessage{json.RawMessage(`{"room": "r1", "after": 0}`)})
			}
			c.end()
			b.Gone(c)
		})
	}
	all.Wait()
	for deadline := time.Now().Add(10 * time.Second); ; {
		s := b.chat.Stats()
		if s.Connections == 0 && s.Rooms == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("left behind: %+v", s)
		}
	}
	if follows := wall.following(); len(follows) > 0 {
		t.Errorf("left behind: %q", follows)
	}
}

// FuzzHandle sends anything: an answer is a result or a refusal, never a panic
// and never "internal".
func FuzzHandle(f *testing.F) {
	for i := range chatio.Events() {
		for _, arg := range []string{asAnn, `{}`, `null`, `[]`, `7`, `"x"`, ``, `{"room":`, `{"room": ["go"]}`, `{"room": "go", "before": -1, "limit": -1}`,
			`{"room": "go", "after": 9223372036854775807, "on": true, "id": "1", "text": "\ud800"}`, `{"room":"go","before":-9223372036854775808,"limit":9223372036854775807}`,
			`{"room":"go","words":["a",""],"langs":["en"],"muted":["x:y"],"rate":1e308,"word":"\ud800","follow":false}`, `{"room":"go","follow":true,"words":[[]]}`,
			`{"room":"go","id":"1","text":"","quote":{"source":"replay","id":"1"}}`, `{"room":"go","id":"1","text":"","quote":{}}`} {
			f.Add(i, arg)
		}
	}
	wall := newStub()
	wall.quotable = &chat.Quote{Source: "replay", ID: "1", Text: "x"}
	b := newBench(f, chat.Options{SayEvery: -1, Grace: time.Millisecond, NickHold: time.Millisecond}, chatio.Options{Every: -1, MaxRooms: 3, Wall: wall})
	f.Cleanup(b.stop)
	events := append(chatio.Events(), "", "message")
	f.Fuzz(func(t *testing.T, event int, arg string) {
		name := events[uint(event)%uint(len(events))]
		c := b.hub.caller("fuzz", nil)
		defer func() { c.end(); b.Gone(c); b.hub.forget(c) }()
		// The input before may have renamed Ann, and names cannot be changed as fast as inputs come; or it
		// was somebody else with her name, who counts as present for a moment.
		if _, err := b.do(c, "enter", asAnn); err != nil && chat.CodeOf(err) != chat.CodeSlowDown && chat.CodeOf(err) != chat.CodeNickTaken {
			t.Fatal(err)
		}
		for range 2 {
			result, err := b.do(c, name, arg)
			if err == nil {
				if _, err := json.Marshal(result); err != nil {
					t.Errorf("%s %q: the result %+v: %v", name, arg, result, err)
				}
			} else if _, ok := errors.AsType[*chat.Error](err); !ok || result != nil {
				t.Errorf("%s %q: %v, %v", name, arg, result, err)
			}
		}
		if wall.flying != 0 {
			t.Errorf("%s %q: a quote is on the way for ever", name, arg)
		}
		if rooms := c.hears(); len(rooms) > 6 {
			t.Errorf("%s %q: hears %q", name, arg, rooms)
		}
	})
}
