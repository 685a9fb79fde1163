package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/coder/websocket"
)

type (
	object = map[string]any

	person struct {
		ID, Nick  string
		Moderator bool
	}
	message struct {
		Room, ID, Person, Nick, Text string
		Seq, At                      int64
	}
	snapshot struct {
		You      person
		Room     string
		People   []person
		Messages []message
		Last     int64
		More     bool
	}
)

// secretOf is a browser's secret.
func secretOf(name string) string { return name + strings.Repeat("-secret", 4) }

func entry(room, nick string) object {
	return object{"room": room, "nick": nick, "secret": secretOf(nick), "tab": nick + "-tab"}
}

// run starts the program for one test, on a data file of its own.
func run1(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	p, err := start(dir, nil, append([]string{"--port=0"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if text := p.stderr.String(); strings.Contains(text, "DATA RACE") || strings.Contains(text, "panic") {
			t.Error(text)
		}
	})
	return p
}

// TestChat is a conversation over the running program, as a page has it.
func TestChat(t *testing.T) {
	p := run1(t, t.TempDir(), "--history=3")
	ann, bob := mustDial(t, p), mustDial(t, p)

	var look snapshot
	bob.mustCall(t, "watch", object{"room": "tea"}, &look)
	if look.Room != "tea" || len(look.People) != 0 || look.Last != 0 {
		t.Errorf("a new room is %+v", look)
	}
	var entered snapshot
	ann.mustCall(t, "enter", entry("tea", "ann"), &entered)
	if entered.You.Nick != "ann" || !entered.You.Moderator || len(entered.People) != 1 {
		t.Errorf("entered: %+v", entered)
	}
	var joined struct{ Person person }
	bob.wait(t, "joined", &joined)
	if joined.Person.ID != entered.You.ID {
		t.Errorf("joined: %+v", joined)
	}
	if err := bob.call("say", object{"room": "tea", "id": "1", "text": "x"}, &object{}); code(err) != "not_here" {
		t.Errorf("bob spoke from outside: %v", err)
	}
	bob.mustCall(t, "enter", entry("tea", "bob"), &entered)
	for i := range 5 {
		var receipt, again struct{ Seq, At int64 }
		line := object{"room": "tea", "id": fmt.Sprint(i), "text": fmt.Sprint("line ", i)}
		ann.mustCall(t, "say", line, &receipt)
		ann.mustCall(t, "say", line, &again)
		if receipt.Seq != int64(i+1) || again != receipt {
			t.Errorf("said %d: %+v, and again %+v", i, receipt, again)
		}
		var heard message
		bob.wait(t, "message", &heard)
		if heard.Seq != receipt.Seq || heard.Text != line["text"] || heard.Nick != "ann" || heard.At != receipt.At {
			t.Errorf("heard %+v", heard)
		}
	}
	var stretch snapshot
	bob.mustCall(t, "since", object{"room": "tea", "after": 3}, &stretch)
	if seqs(stretch.Messages) != "4 5" || stretch.Last != 5 {
		t.Errorf("since 3: %+v", stretch)
	}
	bob.mustCall(t, "watch", object{"room": "tea"}, &look)
	if seqs(look.Messages) != "3 4 5" || !look.More {
		t.Errorf("watch: %+v", look)
	}
	bob.mustCall(t, "older", object{"room": "tea", "before": 3}, &stretch)
	if seqs(stretch.Messages) != "1 2" {
		t.Errorf("older than 3: %+v", stretch)
	}
	var typing struct {
		Person person
		On     bool
	}
	ann.mustCall(t, "typing", object{"room": "tea", "on": true}, &object{})
	bob.wait(t, "typing", &typing)
	if typing.Person.Nick != "ann" || !typing.On {
		t.Errorf("typing: %+v", typing)
	}
	var list struct {
		Rooms []struct {
			Name   string
			People int
		}
	}
	bob.mustCall(t, "rooms", object{}, &list)
	if !slices.ContainsFunc(list.Rooms, func(r struct {
		Name   string
		People int
	}) bool {
		return r.Name == "tea" && r.People == 2
	}) {
		t.Errorf("rooms: %+v", list)
	}
}

func code(err error) string {
	var refused *refusal
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

func seqs(messages []message) string {
	var list []string
	for _, m := range messages {
		list = append(list, fmt.Sprint(m.Seq))
	}
	return strings.Join(list, " ")
}

// TestTwoTabs has one person in two tabs: they are one, and gone only when
// both tabs are, after the grace.
func TestTwoTabs(t *testing.T) {
	p := run1(t, t.TempDir(), "--grace=50ms", "--nick-hold=100ms")
	var one, two, other snapshot
	tab1, tab2, bob := mustDial(t, p), mustDial(t, p), mustDial(t, p)
	bob.mustCall(t, "enter", entry("tea", "bob"), &other)
	tab1.mustCall(t, "enter", entry("tea", "ann"), &one)
	tab2.mustCall(t, "enter", entry("tea", "ann"), &two)
	if one.You.ID != two.You.ID || len(two.People) != 2 {
		t.Errorf("two tabs are %+v and %+v", one.You, two)
	}
	thief := mustDial(t, p)
	err := thief.call("enter", object{"room": "tea", "nick": "Аnn", "secret": secretOf("thief"), "tab": "t"}, &object{})
	var refused *refusal
	if !errors.As(err, &refused) || refused.Code != "nick_taken" || refused.Suggestion == "" {
		t.Errorf("a look-alike of ann's nickname: %v", err)
	}
	bob.wait(t, "joined", &object{})
	tab1.close()
	tab2.mustCall(t, "say", object{"room": "tea", "id": "1", "text": "still here"}, &object{})
	tab2.close()
	requireOrder(t, bob, "message", "left")
	thief.mustCall(t, "watch", object{"room": "tea"}, &other)
	if len(other.People) != 1 {
		t.Errorf("left behind: %+v", other.People)
	}
}

// requireOrder wants the two events in that order, whatever else comes.
func requireOrder(t *testing.T, c *client, names ...string) {
	t.Helper()
	for _, name := range names {
		for e := range c.events {
			if e.name == name {
				break
			}
			if slices.Contains(names, e.name) {
				t.Fatalf("%s came before %s", e.name, name)
			}
		}
	}
}

// TestRestart ends the program in good order below a client, and starts it
// again: the client was told, was not dismissed for good, and finds everything.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	p := run1(t, dir)
	ann := mustDial(t, p)
	var receipt, again struct{ Seq, At int64 }
	line := object{"room": "tea", "id": "one", "text": "before"}
	ann.mustCall(t, "enter", entry("tea", "ann"), &object{})
	ann.mustCall(t, "say", line, &receipt)
	if err := p.signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ann.wait(t, "restarting", &struct {
		InMS int64 `json:"in_ms"`
	}{})
	<-ann.gone // a DISCONNECT packet would be an unexpected one
	if websocket.CloseStatus(ann.err) == -1 {
		t.Errorf("the connection was not closed by a close frame: %v", ann.err)
	}
	if status, err := p.wait(); err != nil || status != 0 {
		t.Errorf("exit status %d, %v", status, err)
	}

	ann = mustDial(t, run1(t, dir))
	var entered snapshot
	ann.mustCall(t, "enter", entry("tea", "ann"), &entered)
	if seqs(entered.Messages) != "1" || entered.Messages[0].Text != "before" || !entered.You.Moderator {
		t.Errorf("after the restart: %+v", entered)
	}
	ann.mustCall(t, "say", line, &again)
	if again != receipt {
		t.Errorf("a retry after the restart has %+v, not %+v", again, receipt)
	}
}

// speaker says one line after the other, each until it is acknowledged.
type speaker struct {
	name  string
	acked map[string]int64 // seq by the id of the line
	next  int              // the line that is not acknowledged yet
}

func (s *speaker) id() string { return fmt.Sprintf("%s/%d", s.name, s.next) }

// talk goes on until the connection breaks or so many lines are acknowledged.
func (s *speaker) talk(c *client, lines int) error {
	if err := c.call("enter", entry("tea", s.name), &object{}); err != nil {
		return err
	}
	for s.next < lines {
		var receipt struct{ Seq int64 }
		if err := c.call("say", object{"room": "tea", "id": s.id(), "text": s.id()}, &receipt); err != nil {
			return err
		}
		s.acked[s.id()] = receipt.Seq
		s.next++
	}
	return nil
}

// TestKillNine kills the program in the middle of traffic, twice. Every line
// that was acknowledged is there with the number it was given; every line is
// there once, although those under way were sent again; no number is missing.
func TestKillNine(t *testing.T) {
	const people, lines = 8, 300
	dir := t.TempDir()
	speakers := make([]*speaker, people)
	for i := range speakers {
		speakers[i] = &speaker{name: fmt.Sprint("speaker", i), acked: map[string]int64{}}
	}
	fast := []string{"--say-burst=100000", "--event-burst=100000"}
	for range 2 {
		p := run1(t, dir, fast...)
		talking := talkAll(t, p, speakers, lines)
		heard := mustDial(t, p)
		heard.mustCall(t, "watch", object{"room": "tea"}, &object{})
		for range 200 {
			heard.wait(t, "message", &object{})
		}
		p.kill()
		talking.Wait()
		if !slices.ContainsFunc(speakers, func(s *speaker) bool { return s.next < lines }) {
			t.Fatal("all was said before the program was killed")
		}
	}
	p := run1(t, dir, fast...)
	talkAll(t, p, speakers, lines).Wait()
	got := readAll(t, mustDial(t, p))
	if len(got) != people*lines {
		t.Errorf("%d lines, want %d", len(got), people*lines)
	}
	seen := map[string]int64{}
	for i, m := range got {
		if m.Seq != int64(i+1) {
			t.Fatalf("line %d has number %d", i+1, m.Seq)
		}
		if seen[m.ID] != 0 {
			t.Errorf("%s is there twice, as %d and %d", m.ID, seen[m.ID], m.Seq)
		}
		seen[m.ID] = m.Seq
	}
	for _, s := range speakers {
		for id, seq := range s.acked {
			if seen[id] != seq {
				t.Errorf("%s was acknowledged as %d and is %d", id, seq, seen[id])
			}
		}
	}
}

// talkAll lets the speakers talk until they are through or the program dies.
func talkAll(t *testing.T, p *process, speakers []*speaker, lines int) *sync.WaitGroup {
	t.Helper()
	var talking sync.WaitGroup
	for _, s := range speakers {
		c := mustDial(t, p)
		talking.Go(func() {
			if err := s.talk(c, lines); code(err) != "" {
				t.Errorf("%s: %v", s.name, err)
			}
		})
	}
	return &talking
}

func readAll(t *testing.T, c *client) (all []message) {
	t.Helper()
	for {
		var stretch snapshot
		c.mustCall(t, "since", object{"room": "tea", "after": len(all)}, &stretch)
		all = append(all, stretch.Messages...)
		if !stretch.More || len(stretch.Messages) == 0 {
			return all
		}
	}
}

// TestSecondSignal holds the stop up by a client that never answers the close
// frame; the second signal does not wait for it.
func TestSecondSignal(t *testing.T) {
	p := run1(t, t.TempDir())
	deaf, err := handshake(p.port)
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.CloseNow()
	if err := p.signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if _, err := p.stderr.match(regexp.MustCompile("msg=stopping"), p.ended); err != nil {
		t.Fatal(err)
	}
	if err := p.signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if status, err := p.wait(); err != nil || status != 1 || !strings.Contains(p.stderr.String(), "stopped at once") {
		t.Errorf("exit status %d, %v\n%s", status, err, p.stderr)
	}
}
