package chatio_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
)

var update = flag.Bool("update", false, "write the transcripts anew")

// TestTranscripts plays the conversations in testdata. A line without
// indentation is done, what it leads to follows indented:
//
//	# anything                 a comment
//	ann say {"room": "go"}     the connection ann sends an event
//	    -> {…}                     its ack
//	    bob <- message {…}         what connections hear
//	gone ann                   the connection ends
//	post {"id": "1", …}        a source brings a post
//	delete {"id": "1", …}      it tells of a deletion
//	wait 10s                   virtual time goes by
//
// The clock begins at 2000-01-01; people's ids are p1, p2, … in the order of
// their appearance.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			synctest.Test(t, func(t *testing.T) { got = play(t, string(want)) })
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("the conversation went otherwise:\n%s", firstDifference(got, string(want)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// stage is where a transcript is played.
type stage struct {
	*bench
	live    *livePosts
	callers map[string]*caller
	ids     map[string]string

	mu  sync.Mutex // guards out
	out strings.Builder
}

func play(t *testing.T, script string) string {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	live := newLivePosts(t, ctx)
	s := &stage{
		live:    live,
		bench:   newBench(t, chat.Options{HistoryPage: 3, SinceLimit: 4, SayBurst: 5, MaxPeople: 3, MaxRooms: 4}, chatio.Options{MaxRooms: 3, Wall: live}),
		callers: make(map[string]*caller),
		ids:     make(map[string]string),
	}
	live.open(s.bench)
	defer live.close(cancel)
	defer s.stop()
	for lines := bufio.NewScanner(strings.NewReader(script)); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "    ") {
			continue // what happened the last time
		}
		s.print("%s", line)
		if line != "" && line[0] != '#' {
			s.act(strings.SplitN(line, " ", 3))
		}
		synctest.Wait()
	}
	return s.named(s.out.String())
}

func (s *stage) print(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(&s.out, format+"\n", args...)
}

func (s *stage) act(words []string) {
	s.t.Helper()
	switch words[0] {
	case "wait":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			s.t.Fatal(err)
		}
		time.Sleep(d)
	case "post", "delete":
		s.live.act(words[0], strings.Join(words[1:], " "))
	case "gone":
		c := s.callers[words[1]]
		c.end()
		s.Gone(c)
		delete(s.callers, words[1])
	default:
		s.send(words)
	}
}

func (s *stage) send(words []string) {
	c := s.callers[words[0]]
	if c == nil {
		c = s.hub.caller(words[0], func(c *caller, event string, payload any) {
			s.print("    %s <- %s %s", c.id, event, compact(s.t, payload))
		})
		s.callers[words[0]] = c
	}
	args := []json.RawMessage{}
	if len(words) > 2 {
		args = append(args, json.RawMessage(words[2]))
	}
	ack := s.Answer(context.Background(), c, words[1], args)
	synctest.Wait() // the ack comes last, so that the order is always the same
	s.print("    -> %s", compact(s.t, ack))
}

func compact(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// named gives people's ids, which are random, names in the order of their
// appearance.
func (s *stage) named(text string) string {
	return regexp.MustCompile(`"p[a-z2-7]{24}"`).ReplaceAllStringFunc(text, func(id string) string {
		if s.ids[id] == "" {
			s.ids[id] = fmt.Sprintf("%q", fmt.Sprint("p", len(s.ids)+1))
		}
		return s.ids[id]
	})
}
