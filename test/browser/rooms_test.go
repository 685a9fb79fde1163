package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

func testRooms(t *testing.T, s *stage) {
	server := s.serve(t)
	ann := s.enter(t, server.url("/r/tea"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.say("only in tea")
	ann.heard("only in tea")
	ann.until("who opens a room is its moderator",
		`document.querySelector('[data-testid="person"][data-moderator] bdi').textContent === "Ann"`)
	ben.say("only in the lobby")
	ben.heard("only in the lobby")
	ben.people("Ben")

	ben.until("tea is listed", `document.querySelector('[data-room="tea"]')`)
	ben.click(hook("room-link") + `[data-room="tea"]`)
	ben.entered("Ben")
	ben.heard("only in tea")
	ben.people("Ann", "Ben")
	if path := eval[string](ben.window, "location.pathname"); path != "/r/tea" {
		t.Errorf("the address is %s", path)
	}
	ben.do(chromedp.NavigateBack())
	ben.heard("only in the lobby")

	ben.fill(hook("open-room-input"), "Coffee")
	ben.click(hook("open-room-submit"))
	ben.until("a new room is opened", `location.pathname === "/r/coffee"`)
	ben.entered("Ben")
	ben.people("Ben")

	lost := visit(t, newPerson(t, s.browser), server.url("/r/no%20room"))
	lost.until("there is no such room", find("impossible")+`.querySelector("p").textContent.includes("letter")`)
	lost.until("it is not listed", `!document.querySelector('[data-testid="room-link"][aria-current]')`)
	lost.click(hook("impossible") + " a")
	lost.until("the way leads to the lobby", `location.pathname === "/" && `+find("app")+`.dataset.mode === "watching"`)
	lost.heard("only in the lobby")
}

// testMidnight lets a page stay open over midnight.
func testMidnight(t *testing.T, s *stage) {
	server := s.serve(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ann.say("late")
	ann.heard("late")
	const days = `[...document.querySelectorAll('[data-testid="day"]')].map((day) => day.textContent).join()`
	ann.until("it is today", days+` === "Today"`)
	eval[any](ann.window, `(() => { const now = Date.now; Date.now = () => now() + 24 * 3600e3 })()`)
	eval[any](ann.window, `document.dispatchEvent(new Event("visibilitychange"))`) // as after a machine's sleep
	ann.until("it is yesterday", days+` === "Yesterday"`)
}

// testOlder fills a room and walks back through its history.
func testOlder(t *testing.T, s *stage) {
	const count = 130
	server := s.serve(t, "--ping-timeout", "1m") // drawing so much keeps a slow machine busy
	ann := s.enter(t, server.url("/"), "Ann")
	var all []string
	for i := range count {
		all = append(all, fmt.Sprintf("message %d", i+1))
		ann.say(all[i])
	}
	ann.heard(all...)

	ben := s.enter(t, server.url("/"), "Ben")
	ben.heard(all[count-50:]...)
	for shown := 50; shown < count; shown = len(ben.messages()) {
		ben.loadOlder(shown)
	}
	ben.heard(all...)

	ann.say("news")
	ben.until("there is a button for what is new", `!`+find("new-messages")+`.hidden && `+find("new-messages")+`.dataset.count === "1"`)
	ben.click(hook("new-messages"))
	ben.until("the end is in sight", `(({scrollTop, clientHeight, scrollHeight}) => scrollHeight - clientHeight - scrollTop < 2)(`+find("history")+`)`)
	ben.heard(append(all, "news")...)
}

// loadOlder scrolls to the top of a history of so many messages, waits for more, and wants what was looked at to stay in
// its place.
func (c chat) loadOlder(shown int) {
	c.t.Helper()
	const place = `document.querySelector('[data-testid="message"][data-seq="%d"]').getBoundingClientRect().top`
	first := c.messages()[0].Seq
	before := eval[float64](c.window, find("history")+`.scrollTop = 0, `+fmt.Sprintf(place, first))
	c.until("older messages come", `document.querySelectorAll('[data-testid="message"]').length > `+quote(shown))
	if after := eval[float64](c.window, fmt.Sprintf(place, first)); after < before-100 || after > before+100 {
		c.t.Errorf("message %d moved from %v to %v", first, before, after)
	}
}
