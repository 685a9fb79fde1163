package chat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/chat/storetest"
)

func TestSay(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		ann := b.enter("go", "ann", "c1").You
		b.settle()
		at := time.Now().UnixMilli()
		r := b.say("Go", "c1", "id1", "  hello\r\nthere ")
		if want := (chat.Receipt{Seq: 1, At: at, ID: "id1"}); r != want {
			t.Errorf("receipt %+v, want %+v", r, want)
		}
		b.wantTold("once", "0s go message 1 ann: hello\nthere")
		m := b.told.events[len(b.told.events)-1]
		if want := (chat.Message{Room: "go", Seq: 1, ID: "id1", Person: ann.ID, Nick: "ann", Text: "hello\nthere", At: at}); m != want {
			t.Errorf("told %+v, want %+v", m, want)
		}
		if s, _ := b.Watch(t.Context(), "go"); len(s.Messages) != 1 || s.Messages[0] != m || s.Last != 1 {
			t.Errorf("read %+v", s)
		}
	})
}

func TestSayRefuses(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		good := chat.Line{Room: "go", Conn: "c1", ID: "1", Text: "hello"}
		for what, c := range map[string]struct {
			want   chat.Code
			change func(*chat.Line)
		}{
			"room":        {chat.CodeBadRoom, func(l *chat.Line) { l.Room = "" }},
			"id":          {chat.CodeBadID, func(l *chat.Line) { l.ID = "" }},
			"empty":       {chat.CodeEmpty, func(l *chat.Line) { l.Text = " \n " }},
			"long":        {chat.CodeTooLong, func(l *chat.Line) { l.Text = strings.Repeat("x", 2001) }},
			"text":        {chat.CodeBadText, func(l *chat.Line) { l.Text = "\xff" }},
			"elsewhere":   {chat.CodeNotHere, func(l *chat.Line) { l.Room = "other" }},
			"stranger":    {chat.CodeNotHere, func(l *chat.Line) { l.Conn = "c2" }},
			"no one":      {chat.CodeNotHere, func(l *chat.Line) { l.Conn = "" }},
			"nothing bad": {"", func(l *chat.Line) { l.Text = strings.Repeat("é", 2000) }},
		} {
			l := good
			c.change(&l)
			_, err := b.Say(t.Context(), l)
			wantCode(t, what, err, c.want)
		}
		b.Leave("go", "c1")
		_, err := b.trySay("go", "c1", "2", "hello")
		wantCode(t, "in the grace", err, chat.CodeNotHere)
	})
}

// TestRetry says the same again: from the same tab, from another one, after a
// rename, after a reload. It is stored and told once.
func TestRetry(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.enter("go", "bob", "c9")
		first := b.say("go", "c1", "same", "hello")
		time.Sleep(time.Second)
		retries := []chat.Receipt{b.say("go", "c1", "same", "hello")}
		b.enterAs("go", "ann", "anna", "c2")
		retries = append(retries, b.say("go", "c2", "same", "something else"))
		b.Leave("go", "c1")
		b.Leave("go", "c2")
		time.Sleep(time.Hour)
		b.enter("go", "ann", "c3")
		retries = append(retries, b.say("go", "c3", "same", "hello"))
		for _, r := range retries {
			if r != first {
				t.Errorf("the retry got %+v, want %+v", r, first)
			}
		}
		if r := b.say("go", "c9", "same", "bob has his own ids"); r.Seq != 2 {
			t.Errorf("bob got %+v", r)
		}
		b.wantMessages("1 ann: hello", "2 bob: bob has his own ids")
	})
}

// wantMessages compares the messages told, without times and rooms.
func (b *bench) wantMessages(want ...string) {
	b.t.Helper()
	synctest.Wait()
	got := []string{}
	for _, line := range b.told.take() {
		if _, message, ok := strings.Cut(line, " message "); ok {
			got = append(got, message)
		}
	}
	wantEqual(b.t, "messages", got, want)
}

func TestRateLimit(t *testing.T) {
	inBubble(t, chat.Options{SayBurst: 3, SayEvery: 2 * time.Second}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.enter("go", "ann", "c2")
		b.enter("other", "ann", "c1")
		b.enter("go", "bob", "c3")
		b.say("go", "c1", "1", "one")
		b.say("go", "c2", "2", "two")
		b.say("other", "c1", "3", "three")
		_, err := b.trySay("go", "c2", "4", "four")
		e, ok := errors.AsType[*chat.Error](err)
		if !ok || e.Code != chat.CodeSlowDown || e.Retry != 2*time.Second {
			t.Fatalf("the fourth of three: %v, retry in %v", err, e.Retry)
		}
		b.say("go", "c3", "1", "bob has his own")
		b.Leave("go", "c1")
		b.Leave("go", "c2")
		b.Leave("other", "c1")
		b.enter("go", "ann", "c4")
		_, err = b.trySay("go", "c4", "4", "four")
		wantCode(t, "after a reload", err, chat.CodeSlowDown)
		time.Sleep(e.Retry)
		b.say("go", "c4", "4", "four")
		_, err = b.trySay("go", "c4", "5", "five")
		wantCode(t, "one came back", err, chat.CodeSlowDown)
		if s := b.Stats(); s.SlowedDown != 3 || s.Stored != 5 {
			t.Errorf("stats %+v", s)
		}
	})
}

// TestRateLimitOutlivesTheRoom leaves for longer than the nickname is held.
func TestRateLimitOutlivesTheRoom(t *testing.T) {
	inBubble(t, chat.Options{Grace: -1, NickHold: -1, SayBurst: 1, SayEvery: time.Minute}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.say("go", "c1", "1", "one")
		b.Leave("go", "c1")
		time.Sleep(30 * time.Second)
		b.enter("go", "ann", "c1")
		_, err := b.trySay("go", "c1", "2", "two")
		wantCode(t, "after going out and coming in", err, chat.CodeSlowDown)
	})
}

// TestGroupCommit says many while a transaction runs: they share the next one.
func TestGroupCommit(t *testing.T) {
	inBubble(t, chat.Options{SayEvery: -1, CommitBatch: 30}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		release := b.store.Hold()
		receipts := make([]chat.Receipt, 51)
		var all sync.WaitGroup
		for i := range receipts {
			all.Go(func() { receipts[i] = b.say("go", "c1", fmt.Sprint(i), "hello") })
			synctest.Wait() // so they are in the queue in this order
		}
		if waiting := b.Stats().Waiting; waiting != 50 {
			t.Errorf("%d wait, want 50", waiting)
		}
		release()
		all.Wait()
		if n := b.store.Appends(); n != 3 { // 1, 30, 20
			t.Errorf("%d transactions, want 3", n)
		}
		for i, r := range receipts {
			if r.Seq != int64(i+1) {
				t.Errorf("message %d got %+v", i, r)
			}
		}
		if b.Stats().Waiting != 0 {
			t.Error("some wait still")
		}
	})
}

// TestStoreFails wants an answer for everybody who waits, nothing told, and
// everything as ever afterwards.
func TestStoreFails(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.enter("go", "bob", "c2")
		b.settle()
		release := b.store.Hold()
		var all sync.WaitGroup
		for i, conn := range []string{"c1", "c2", "c1"} {
			all.Go(func() {
				_, err := b.trySay("go", conn, fmt.Sprint(i), "hello")
				wantCode(t, "while it fails", err, chat.CodeUnavailable)
			})
		}
		synctest.Wait()
		b.store.Fail(errors.New("disk on fire"))
		release()
		all.Wait()
		for what, read := range map[string]func() error{
			"watch": func() error { _, err := b.Watch(t.Context(), "go"); return err },
			"older": func() error { _, err := b.Older(t.Context(), "go", 1, 0); return err },
			"since": func() error { _, err := b.Since(t.Context(), "go", 1); return err },
			"rooms": func() error { _, err := b.Rooms(t.Context()); return err },
		} {
			wantCode(t, what, read(), chat.CodeUnavailable)
		}
		b.wantTold("while it fails")
		b.store.Fail(nil)
		if r := b.say("go", "c1", "0", "hello"); r.Seq != 1 {
			t.Errorf("the retry got %+v", r)
		}
		b.wantMessages("1 ann: hello")
		if s := b.Stats(); s.Failed != 3 || s.Stored != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

// TestLostAnswer has the store commit and fail to say so: whoever says it again
// gets the receipt, and the room hears what it never heard, in order.
func TestLostAnswer(t *testing.T) {
	for _, next := range []string{"the retry", "another message"} {
		inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
			b.enter("go", "ann", "c1")
			b.enter("go", "bob", "c2")
			b.store.Lose(errors.New("connection lost"))
			_, err := b.trySay("go", "c1", "1", "lost")
			wantCode(t, "the answer is lost", err, chat.CodeUnavailable)
			if next == "another message" {
				if r := b.say("go", "c2", "1", "next"); r.Seq != 2 {
					t.Errorf("the next got %+v", r)
				}
			}
			if r := b.say("go", "c1", "1", "lost"); r.Seq != 1 {
				t.Errorf("the retry got %+v", r)
			}
			if next == "the retry" {
				b.wantMessages("1 ann: lost")
			} else {
				b.wantMessages("1 ann: lost", "2 bob: next")
			}
		})
	}
}

// TestHungStore bounds how long anybody waits.
func TestHungStore(t *testing.T) {
	inBubble(t, chat.Options{StoreTimeout: 3 * time.Second}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		release := b.store.Hold()
		defer release()
		start := time.Now()
		_, err := b.trySay("go", "c1", "1", "hello")
		wantCode(t, "after the timeout", err, chat.CodeUnavailable)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// TestSayCancelled gives up waiting; the message is stored all the same, once.
func TestSayCancelled(t *testing.T) {
	inBubble(t, chat.Options{CommitQueue: 1}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		release := b.store.Hold()
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("the socket is gone")
		var all sync.WaitGroup
		for i := range 3 { // one being stored, one in the queue, one before it
			all.Go(func() {
				_, err := b.Say(ctx, chat.Line{Room: "go", Conn: "c1", ID: fmt.Sprint(i), Text: "hello"})
				if !errors.Is(err, gone) {
					t.Errorf("the error is %v", err)
				}
			})
			synctest.Wait()
		}
		cancel(gone)
		all.Wait()
		release()
		for i := range 3 {
			if r := b.say("go", "c1", fmt.Sprint(i), "hello"); r.Seq != int64(i+1) {
				t.Errorf("the retry got %+v", r)
			}
		}
		b.wantMessages("1 ann: hello", "2 ann: hello", "3 ann: hello")
	})
}

// TestCloseDrains wants what waits stored, told and acked, and nothing after.
func TestCloseDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, chat.Options{CommitBatch: 2})
		b.enter("go", "ann", "c1")
		b.settle()
		release := b.store.Hold()
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() { b.say("go", "c1", fmt.Sprint(i), "hello") })
			synctest.Wait()
		}
		closed := make(chan struct{})
		go func() { b.stop(); close(closed) }()
		synctest.Wait()
		_, err := b.trySay("go", "c1", "late", "hello")
		wantCode(t, "saying while closing", err, chat.CodeUnavailable)
		_, err = b.tryEnter("go", "bob", "bob", "c2")
		wantCode(t, "entering while closing", err, chat.CodeUnavailable)
		release()
		<-closed
		all.Wait()
		b.wantMessages("1 ann: hello", "2 ann: hello", "3 ann: hello", "4 ann: hello", "5 ann: hello")
		b.stop() // once more
		_, err = b.trySay("go", "c1", "late", "hello")
		wantCode(t, "saying afterwards", err, chat.CodeUnavailable)
		b.Leave("go", "c1")
		time.Sleep(time.Hour)
		b.wantTold("nobody leaves by the server's end")
	})
}

// TestCloseGivesUp has a store that hangs and a deadline for Close.
func TestCloseGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, chat.Options{StoreTimeout: time.Hour})
		b.enter("go", "ann", "c1")
		b.store.Hold()
		said := make(chan error)
		go func() {
			_, err := b.trySay("go", "c1", "1", "hello")
			said <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		wantCode(t, "whoever waited", <-said, chat.CodeUnavailable)
		b.stop() // by now all has ended
	})
}

func TestNewRefuses(t *testing.T) {
	broken := &storetest.Memory{}
	broken.Fail(errors.New("disk on fire"))
	for what, o := range map[string]*chat.Options{
		"no store":       {Broadcaster: &recorder{}},
		"no broadcaster": {Store: &storetest.Memory{}},
		"broken store":   {Store: broken, Broadcaster: &recorder{}},
	} {
		if s, err := chat.New(t.Context(), o); err == nil || s != nil {
			t.Errorf("%s: %v, %v", what, s, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := chat.New(ctx, &chat.Options{Store: &storetest.Memory{}, Broadcaster: &recorder{}}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}
