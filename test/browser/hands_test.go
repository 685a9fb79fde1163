package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// testKeyboard enters, talks and moves about without a pointer.
func testKeyboard(t *testing.T, s *stage) {
	server := s.serve(t)
	ben := s.enter(t, server.url("/r/zoo"), "Ben")
	ben.say("in the zoo")
	ben.heard("in the zoo")

	ann := visit(t, newPerson(t, s.browser), server.url("/"))
	ann.tabTo(hook("nick-input"))
	ann.press("Ann")
	ann.press(kb.Enter)
	ann.entered("Ann")
	ann.tabTo(hook("composer"))
	ann.press("one")
	ann.press(kb.Enter, chromedp.ModifierShift)
	ann.press("two")
	ann.press(kb.Enter)
	ann.heard("one\ntwo")

	ann.until("the zoo is listed", `document.querySelector('[data-room="zoo"]')`)
	ann.press(kb.ArrowDown, chromedp.ModifierAlt)
	ann.until("the room below is open", `location.pathname === "/r/zoo"`)
	ann.entered("Ann")
	ann.heard("in the zoo")
	ann.press(kb.ArrowUp, chromedp.ModifierAlt)
	ann.heard("one\ntwo")

	ann.press("/", chromedp.ModifierCtrl)
	ann.until("the help is open", find("help")+`.open`)
	ann.press(kb.Escape)
	ann.until("the help is closed", `!`+find("help")+`.open`)

	ann.press(kb.Escape)
	ann.until("Escape leads to the message box", `document.activeElement === `+find("composer"))
	ann.press("three")
	ann.tabTo(hook("send"))
	ann.press(kb.Enter)
	ann.heard("one\ntwo", "three")
	ann.tabTo(hook("change-nick"))
	ann.press(kb.Enter)
	ann.until("the name can be changed", `document.activeElement === `+find("nick-input"))
}

// tabTo presses Tab until the element has the focus, and wants to see where the focus is on the way.
func (c chat) tabTo(selector string) {
	c.t.Helper()
	here := `document.activeElement === document.querySelector(` + quote(selector) + `)`
	for range 60 {
		if eval[bool](c.window, here) {
			return
		}
		c.press(kb.Tab)
	}
	c.t.Fatalf("Tab never comes to %s", selector)
}

// testPhone uses the page on a small screen with touch.
func testPhone(t *testing.T, s *stage) {
	server := s.serve(t)
	ben := s.enter(t, server.url("/"), "Ben")
	for _, size := range [][2]int64{{320, 568}, {390, 844}, {844, 390}} {
		person := newPerson(t, s.browser)
		w := open(t, person, "about:blank")
		w.do(
			chromedp.EmulateViewport(size[0], size[1], chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2)),
			chromedp.Navigate(server.url("/")),
		)
		ann := chat{w}
		ann.until("the page is ready", find("app")+`.dataset.mode === "watching"`)
		ann.expectNoSidewaysScroll("before a name is chosen")
		ann.askFor("Ben")
		ann.until("Ben is taken", find("nick-error")+`.textContent !== ""`)
		ann.expectNoSidewaysScroll("with an error")
		ann.join(fmt.Sprintf("Name of %d characters", 10_000+size[0])) // the longest that there is
		ann.say(strings.Repeat("wide", 100))
		ann.say("https://example.com/" + strings.Repeat("path/", 60))
		ben.say("hello")
		ann.shows("hello")
		ann.expectNoSidewaysScroll("with long words")

		ann.panel("open-people", "panel-people")
		ann.panel("open-feed", "panel-feed")
		ann.panel("open-rooms", "panel-rooms")
		w.close()
	}
}

// panel opens and closes a side panel, where the screen is too small to show it always.
func (c chat) panel(button, testid string) {
	c.t.Helper()
	if !eval[bool](c.window, `getComputedStyle(document.getElementById(`+quote(button)+`)).display !== "none"`) {
		return
	}
	within := `(() => { const box = ` + find(testid) + `.getBoundingClientRect();
		return getComputedStyle(` + find(testid) + `).visibility !== "hidden" && box.right > 1 && box.left < innerWidth - 1 })()`
	c.do(chromedp.Tap(chromedp.CSS("#" + button)))
	c.until(testid+" is open", within)
	c.expectNoSidewaysScroll("with " + testid)
	c.press(kb.Escape)
	c.until(testid+" is closed", "!"+within)
}

func (c chat) expectNoSidewaysScroll(when string) {
	c.t.Helper()
	wide := eval[[]string](c.window, `[document.documentElement, document.body, `+find("history")+`]
		.filter((element) => element.scrollWidth > element.clientWidth)
		.map((element) => element.tagName + " " + element.scrollWidth + " > " + element.clientWidth)`)
	if len(wide) > 0 {
		c.t.Errorf("sideways scroll %s: %q", when, wide)
	}
}
