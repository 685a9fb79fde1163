package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
)

// fill stores n messages in the room "go".
func (b *bench) fill(n int, text string) {
	b.t.Helper()
	b.enter("go", "ann", "c1")
	for i := range n {
		b.say("go", "c1", fmt.Sprint("fill", i), text)
	}
}

func span(messages []chat.Message) string {
	if len(messages) == 0 {
		return "none"
	}
	first := messages[0].Seq
	for i, m := range messages {
		if m.Seq != first+int64(i) {
			return "with a hole"
		}
	}
	return fmt.Sprintf("%d-%d", first, messages[len(messages)-1].Seq)
}

func TestHistory(t *testing.T) {
	inBubble(t, chat.Options{SayEvery: -1, HistoryPage: 5, SinceLimit: 8}, func(t *testing.T, b *bench) {
		b.fill(20, "hello")
		s, err := b.Watch(t.Context(), "go")
		if err != nil || span(s.Messages) != "16-20" || s.Last != 20 || !s.More {
			t.Errorf("watch: %s of %d, more %v, %v", span(s.Messages), s.Last, s.More, err)
		}
		for _, c := range []struct {
			before int64
			limit  int
			want   string
			more   bool
		}{
			{16, 0, "11-15", true}, {6, 0, "1-5", false}, {7, 0, "2-6", true}, {1, 0, "none", false}, {0, 0, "16-20", true},
			{-3, 2, "19-20", true}, {1000, 3, "18-20", true}, {20, 1_000_000, "12-19", true}, {4, -1, "1-3", false},
		} {
			h, err := b.Older(t.Context(), "GO", c.before, c.limit)
			if err != nil || h.Messages == nil || span(h.Messages) != c.want || h.More != c.more || h.Last != 20 {
				t.Errorf("Older(%d, %d): %s more %v last %d, %v, want %s more %v", c.before, c.limit, span(h.Messages), h.More, h.Last, err, c.want, c.more)
			}
		}
		for _, c := range []struct {
			after int64
			want  string
			more  bool
		}{
			{0, "1-8", true}, {8, "9-16", true}, {12, "13-20", false}, {11, "12-19", true}, {19, "20-20", false}, {20, "none", false}, {99, "none", false}, {-7, "1-8", true},
		} {
			h, err := b.Since(t.Context(), "go", c.after)
			if err != nil || h.Messages == nil || span(h.Messages) != c.want || h.More != c.more || h.Last != 20 || h.Missing != 0 {
				t.Errorf("Since(%d): %s more %v last %d missing %d, %v, want %s more %v", c.after, span(h.Messages), h.More, h.Last, h.Missing, err, c.want, c.more)
			}
		}
	})
}

func TestHistoryOfNothing(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		for _, room := range []string{"lobby", "nobody-was-here"} {
			older, err := b.Older(t.Context(), room, 10, 0)
			if err != nil || older.Messages == nil || len(older.Messages) != 0 || older.More || older.Last != 0 {
				t.Errorf("older of %s: %+v, %v", room, older, err)
			}
			since, err := b.Since(t.Context(), room, 0)
			if err != nil || since.Messages == nil || len(since.Messages) != 0 || since.More || since.Last != 0 {
				t.Errorf("since of %s: %+v, %v", room, since, err)
			}
		}
		_, err := b.Older(t.Context(), "no room", 0, 0)
		wantCode(t, "older", err, chat.CodeBadRoom)
		_, err = b.Since(t.Context(), "no room", 0)
		wantCode(t, "since", err, chat.CodeBadRoom)
	})
}

// TestHistoryFits asks for messages that are long: an answer stays well below
// what a connection's queue takes, and none is lost between two answers.
func TestHistoryFits(t *testing.T) {
	inBubble(t, chat.Options{SayEvery: -1, TextLength: 10_000}, func(t *testing.T, b *bench) {
		b.fill(40, strings.Repeat("x", 10_000))
		h, err := b.Since(t.Context(), "go", 0)
		if err != nil || span(h.Messages) != "1-13" || !h.More {
			t.Errorf("since: %s more %v, %v", span(h.Messages), h.More, err)
		}
		s, err := b.Watch(t.Context(), "go")
		if err != nil || span(s.Messages) != "28-40" || !s.More {
			t.Errorf("watch: %s more %v, %v", span(s.Messages), s.More, err)
		}
		b.say("go", "c1", "small", "x")
		if h, err := b.Older(t.Context(), "go", 28, 0); err != nil || span(h.Messages) != "15-27" || !h.More {
			t.Errorf("older: %s more %v, %v", span(h.Messages), h.More, err)
		}
	})
	inBubble(t, chat.Options{SayEvery: -1, TextLength: 200_000}, func(t *testing.T, b *bench) {
		b.fill(2, strings.Repeat("x", 200_000))
		if h, err := b.Since(t.Context(), "go", 0); err != nil || span(h.Messages) != "1-1" || !h.More {
			t.Errorf("one that does not fit: %s more %v, %v", span(h.Messages), h.More, err)
		}
	})
}

func TestForgetting(t *testing.T) {
	inBubble(t, chat.Options{SayEvery: -1, KeepMessages: 4, PruneEvery: time.Minute}, func(t *testing.T, b *bench) {
		b.fill(10, "hello")
		time.Sleep(time.Minute)
		synctest.Wait()
		s, err := b.Watch(t.Context(), "go")
		if err != nil || span(s.Messages) != "7-10" || s.More || s.Last != 10 {
			t.Errorf("watch: %s more %v last %d, %v", span(s.Messages), s.More, s.Last, err)
		}
		for after, missing := range map[int64]int64{0: 6, 3: 3, 6: 0, 8: 0, 10: 0, 12: 0} {
			if h, err := b.Since(t.Context(), "go", after); err != nil || h.Missing != missing || h.More {
				t.Errorf("since %d: missing %d more %v, %v, want %d", after, h.Missing, h.More, err, missing)
			}
		}
		if h, err := b.Older(t.Context(), "go", 7, 0); err != nil || len(h.Messages) != 0 || h.More {
			t.Errorf("older: %+v, %v", h, err)
		}
	})
	inBubble(t, chat.Options{SayEvery: -1, KeepFor: time.Hour}, func(t *testing.T, b *bench) {
		b.fill(3, "hello")
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		s, err := b.Watch(t.Context(), "go")
		if err != nil || len(s.Messages) != 0 || s.More || s.Last != 3 {
			t.Errorf("watch: %+v, %v", s, err)
		}
		if h, err := b.Since(t.Context(), "go", 1); err != nil || h.Missing != 2 || h.Last != 3 {
			t.Errorf("since: %+v, %v", h, err)
		}
		b.Leave("go", "c1")
		b.enter("go", "ann", "c1")
		if r := b.say("go", "c1", "next", "hello"); r.Seq != 4 {
			t.Errorf("the sequence goes on with %+v", r)
		}
	})
}
