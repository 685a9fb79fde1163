package browser

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPage drives the chat room's page in one browser, with a server of its own for each subtest.
func TestPage(t *testing.T) {
	s := &stage{bin: build(t, "RIGHTNOW_BIN", "./cmd/rightnow"), browser: launch(t)}
	for _, test := range []struct {
		name string
		run  func(*testing.T, *stage)
	}{
		{"two people talk", testTalk},
		{"a reload makes no noise", testReload},
		{"a second tab is the same person", testSecondTab},
		{"a nick that is taken", testNickTaken},
		{"rooms by their address", testRooms},
		{"older messages", testOlder},
		{"midnight", testMidnight},
		{"the network is lost and comes back", testNetwork},
		{"the network falls silent", testSilence},
		{"a long absence", testLongAbsence},
		{"what waited too long", testStale},
		{"the server restarts", testRestart},
		{"the server is killed", testKill},
		{"markup stays text", testMarkup},
		{"keyboard only", testKeyboard},
		{"a phone", testPhone},
		{"live posts: words", testTracked},
		{"live posts: pausing", testPaused},
		{"live posts: nothing moves under who reads", testReading},
		{"live posts: hiding, and languages", testHiding},
		{"live posts: long ones", testLong},
		{"live posts: a source is switched off", testSwitchedOff},
		{"live posts: quotes", testQuoted},
		{"live posts: quotes of what must not be kept", testUnkept},
		{"live posts: quotes of what is not for everybody", testSensitive},
		{"live posts: one's own filter", testOwnFilter},
		{"live posts: numbers, speed, reading aloud", testNumbers},
		{"live posts: closed, and nothing from elsewhere", testClosed},
		{"live posts: the connection is lost", testFeedLost},
		{"live posts: muting", testMuted},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s) })
	}
}

// stage is what the subtests share.
type stage struct {
	bin     string
	browser context.Context
}

// serve starts the program with a data file of its own, quick heartbeats, and no patience for floods.
func (s *stage) serve(t *testing.T, args ...string) *program {
	t.Helper()
	data := filepath.Join(t.TempDir(), "chat.db")
	return start(t, s.bin, append([]string{
		"serve", "--data", data, "--ping-interval", "1s", "--ping-timeout", "2s", "--say-burst", "1000", "--event-burst", "10000",
	}, args...)...)
}

// chat is a window with the chat room's page.
type chat struct{ *window }

// visit opens the page for a person, or what stands in its place where there can be no room.
func visit(t *testing.T, person context.Context, url string) chat {
	t.Helper()
	c := chat{open(t, person, url)}
	c.until("the page is ready", `document.readyState === "complete" && (`+find("app")+` === null || `+find("app")+`.dataset.mode !== "opening")`)
	return c
}

// enter opens the page for a new person and chooses a nick.
func (s *stage) enter(t *testing.T, url, nick string) chat {
	t.Helper()
	c := visit(t, newPerson(t, s.browser), url)
	c.join(nick)
	return c
}

func (c chat) join(nick string) {
	c.t.Helper()
	c.askFor(nick)
	c.entered(nick)
}

// askFor types a nick and sends it.
func (c chat) askFor(nick string) {
	c.t.Helper()
	c.fill(hook("nick-input"), nick)
	c.click(hook("nick-submit"))
}

// entered waits until the person is in the room under a nick.
func (c chat) entered(nick string) {
	c.t.Helper()
	c.until(nick+" has entered", find("app")+`.dataset.mode === "entered" && `+find("you")+`.textContent === `+quote(nick))
}

// say types a message and sends it with Enter.
func (c chat) say(text string) {
	c.t.Helper()
	c.fill(hook("composer"), text)
	c.press(kb.Enter)
}

// message is what the page shows of one.
type message struct {
	Seq   int
	State string
	Nick  string
	Text  string
}

const listMessages = `[...document.querySelectorAll('[data-testid="message"]')].map((line) => ({
	Seq: Number(line.dataset.seq ?? 0),
	State: line.dataset.state,
	Nick: line.querySelector('[data-testid="message-nick"] bdi').textContent,
	Text: line.querySelector('[data-testid="message-text"]').textContent,
}))`

func (c chat) messages() []message {
	c.t.Helper()
	return eval[[]message](c.window, listMessages)
}

// heard waits until exactly these texts are shown and stored, in this order, and checks that their numbers have no gap.
func (c chat) heard(texts ...string) {
	c.t.Helper()
	c.until(fmt.Sprintf("%d messages are shown", len(texts)),
		listMessages+`.filter((m) => m.State === "sent" && m.Seq > 0).length >= `+quote(len(texts)))
	got := c.messages()
	var shown []string
	for i, m := range got {
		shown = append(shown, m.Text)
		if m.State != "sent" || m.Seq != got[0].Seq+i {
			c.t.Errorf("message %d is %+v, the first has number %d", i, m, got[0].Seq)
		}
	}
	if !slices.Equal(shown, texts) {
		c.t.Errorf("shown: %q, not %q", shown, texts)
	}
}

// shows waits until a text stands in a message that is stored.
func (c chat) shows(text string) {
	c.t.Helper()
	c.until(fmt.Sprintf("%q is shown", text), listMessages+`.some((m) => m.State === "sent" && m.Text === `+quote(text)+`)`)
}

// people waits until exactly these are here.
func (c chat) people(nicks ...string) {
	c.t.Helper()
	slices.Sort(nicks)
	c.until(fmt.Sprintf("here are %q", nicks), `JSON.stringify([...document.querySelectorAll('[data-testid="person"] bdi')]
		.map((nick) => nick.textContent).sort()) === JSON.stringify(`+quote(nicks)+`) && `+
		find("people-count")+`.textContent === `+quote(fmt.Sprint(len(nicks))))
}

// connection waits for a state of the connection.
func (c chat) connection(state string) {
	c.t.Helper()
	c.until("the connection is "+state, find("connection")+`.dataset.state === `+quote(state))
}

// testTalk is the whole of the chat in small.
func testTalk(t *testing.T, s *stage) {
	server := s.serve(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ann.people("Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.people("Ann", "Ben")
	ben.people("Ann", "Ben")
	ann.until("Ben is announced", find("presence")+`.textContent.includes("Ben")`)

	ben.fill(hook("composer"), "hel")
	ann.until("Ben is seen typing", find("typing")+`.textContent.includes("Ben")`)
	ben.insert("lo")
	ben.press(kb.Enter)
	ann.shows("hello")
	ann.until("Ben has stopped typing", `!`+find("typing")+`.textContent.includes("Ben")`)

	ann.say("hello yourself")
	ann.say("how are you?")
	for _, c := range []chat{ann, ben} {
		c.heard("hello", "hello yourself", "how are you?")
		c.until("each message has its time", `[...document.querySelectorAll('[data-testid="message"]')]
			.every((line) => line.querySelector('[data-testid="message-time"]').dateTime)`)
	}
	if nick := ben.messages()[1].Nick; nick != "Ann" {
		t.Errorf("hello yourself was said by %q", nick)
	}
}

func testReload(t *testing.T, s *stage) {
	server := s.serve(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.say("before")
	ben.heard("before")
	for range 3 {
		ann.do(chromedp.Reload())
		ann.entered("Ann")
		ann.heard("before")
		ann.people("Ann", "Ben")
	}
	ann.say("after")
	ben.heard("before", "after")
	ann.heard("before", "after")
	if told := eval[string](ben.window, find("presence")+`?.textContent ?? ""`); told != "" {
		t.Errorf("Ben was told %q", told)
	}
}

func testSecondTab(t *testing.T, s *stage) {
	server := s.serve(t, "--grace", "1s", "--nick-hold", "5s")
	person := newPerson(t, s.browser)
	first := visit(t, person, server.url("/"))
	first.join("Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ben.people("Ann", "Ben")

	second := visit(t, person, server.url("/"))
	second.entered("Ann")
	second.people("Ann", "Ben")
	second.say("from the second tab")
	for _, c := range []chat{first, second, ben} {
		c.heard("from the second tab")
		c.people("Ann", "Ben")
	}
	second.close()
	first.say("the first is still here")
	ben.heard("from the second tab", "the first is still here")
	ben.people("Ann", "Ben")
	first.close()
	ben.people("Ben")
	ben.until("Ann's leaving is told", `[...document.querySelectorAll('[data-testid="presence"]')]
		.some((line) => /Ann.* left/.test(line.textContent))`)
}

func testNickTaken(t *testing.T, s *stage) {
	server := s.serve(t)
	ann := s.enter(t, server.url("/"), "Ann")
	other := visit(t, newPerson(t, s.browser), server.url("/"))
	other.askFor("Ann")
	other.until("Ann is taken", find("nick-error")+`.textContent !== "" && !`+find("nick-suggestion")+`.hidden`)
	other.click(hook("nick-suggestion"))
	other.until("the suggestion is taken", find("app")+`.dataset.mode === "entered"`)
	nick := eval[string](other.window, find("you")+`.textContent`)
	if nick == "Ann" || nick == "" {
		t.Errorf("the other is called %q", nick)
	}
	ann.people("Ann", nick)

	third := visit(t, newPerson(t, s.browser), server.url("/"))
	third.askFor("Аnn") // its first letter is Cyrillic
	third.until("a look-alike is taken as well", find("nick-error")+`.textContent !== ""`)
}
