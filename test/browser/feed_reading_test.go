package browser

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// moveTo moves the pointer.
func (c chat) moveTo(x, y float64) {
	c.t.Helper()
	_, err := chromedp.Call(c.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: x, Y: y})
	if err != nil {
		c.t.Fatal(err)
	}
}

// pointAt moves the pointer over something, as a hand does.
func (c chat) pointAt(selector string) {
	c.t.Helper()
	at := eval[[2]float64](c.window, `(({ left, top, width, height }) => [left + width / 2, top + height / 2])(document.querySelector(`+quote(selector)+`).getBoundingClientRect())`)
	c.moveTo(at[0]-8, at[1])
	c.moveTo(at[0], at[1])
}

// newer waits until so many posts wait because somebody reads.
func (c chat) newer(n int) {
	c.t.Helper()
	c.until(fmt.Sprintf("%d newer posts wait", n), find("feed-newer")+`.hidden === false && `+find("feed-newer")+`.dataset.count === `+quote(fmt.Sprint(n)))
}

// topOf is where a post stands on the screen, once what moves has come to rest.
func (c chat) topOf(id string) float64 {
	c.t.Helper()
	c.until("nothing moves", `document.getAnimations().every(({ effect, playState }) => playState !== "running" || !document.querySelector("#feed-list").contains(effect.target))`)
	return eval[float64](c.window, `document.querySelector('[data-testid="post"][data-id="`+id+`"]').getBoundingClientRect().top`)
}

// testReading has nothing move under the pointer, nor where somebody reads further down.
func testReading(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ann.follows()
	for i := range 40 {
		server.text(fmt.Sprint(i), fmt.Sprintf("go %d", i))
	}
	ann.until("they are shown", listPosts+`.length === 40`)
	ann.pointAway()
	ann.pointAt(`[data-testid="post"][data-id="38"]`)
	before := ann.topOf("38")
	server.text("under", "go on")
	ann.newer(1)
	if after := ann.topOf("38"); after != before {
		t.Errorf("under the pointer a post moved from %v to %v", before, after)
	}
	ann.pointAway()
	ann.until("the pointer is gone: it goes on", listPosts+`[0] === "under" && `+find("feed-newer")+`.hidden`)

	eval[any](ann.window, find("feed-list")+`.addEventListener("scroll", () => requestAnimationFrame(() => { window.scrolled_ = true }), { once: true }); `+
		find("feed-list")+`.scrollTop = 300`)
	ann.until("the page has seen it", `window.scrolled_ && `+find("feed-list")+`.scrollTop === 300`)
	server.text("first", "go on")
	ann.newer(1)
	before = ann.topOf("30")
	server.text("second", "go on")
	ann.newer(2)
	server.remove("first")
	ann.newer(1)
	if after := ann.topOf("30"); after != before {
		t.Errorf("scrolled away a post moved from %v to %v", before, after)
	}
	eval[any](ann.window, find("feed-list")+`.scrollTop = 0`)
	ann.until("at the top again: it goes on", listPosts+`[0] === "second" && `+find("feed-newer")+`.hidden`)
}

// testHiding hides posts with a tag, and those in other languages, for oneself and for all.
func testHiding(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.follows()
	ben.follows()
	server.publish(post{ID: "1", Text: "go rain", Tags: []string{"weather"}, URL: "https://posts.example/1"}, post{ID: "2", Text: "go sun"})
	ann.posts("2", "1")
	ann.click(card("1", "post-more"))
	ann.until("it can be reported where it stands", `document.querySelector('`+card("1", "post-report")+`').textContent === "Report at posts.example"
		&& document.querySelector('`+card("1", "post-report")+`').href === "https://posts.example/1"`)
	ann.click(card("1", "post-hide"))
	ann.until("its tag is proposed", find("feed-word")+`.value === "-#weather" && document.activeElement === `+find("feed-word"))
	ann.press(kb.Enter)
	ann.pointAway()
	ann.posts("2")
	server.publish(post{ID: "3", Text: "go wind", Tags: []string{"weather"}}, post{ID: "4", Text: "go home"})
	ann.posts("4", "2")
	ben.posts("4", "3", "2", "1")

	language := func(code string) {
		eval[any](ann.window, `{ const select = `+find("feed-language")+`; select.value = `+quote(code)+`; select.dispatchEvent(new Event("change", { bubbles: true })) }`)
		ann.until("it is among the words", `document.querySelector('[data-testid="feed-chip"][data-word="lang:`+code+`"]')`)
	}
	language("de") // for oneself, as the form is
	server.publish(post{ID: "5", Text: "go nach Hause", Langs: []string{"de"}}, post{ID: "6", Text: "go home", Langs: []string{"en"}})
	ann.posts("5", "4", "2")
	ben.posts("6", "5", "4", "3", "2", "1")
	ann.click(`[data-testid="feed-chip"][data-word="lang:de"] button`)
	ann.posts("6", "5", "4", "2")

	ann.click(`label:has(` + hook("feed-for-all") + `)`)
	language("en")
	server.publish(post{ID: "7", Text: "go à la maison", Langs: []string{"fr"}}, post{ID: "8", Text: "go home", Langs: []string{"en"}})
	ann.posts("8", "6", "5", "4", "2")
	ben.posts("8", "6", "5", "4", "3", "2", "1")
}

// testLong shows a few lines of a long post, and all of it when asked.
func testLong(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ann.follows()
	server.text("short", "go on")
	server.text("lines", "go"+strings.Repeat("\non", 60))
	server.text("words", "go "+strings.Repeat("on and ", 200))
	ann.posts("words", "lines", "short")
	const lines = `((text) => Math.round(text.clientHeight / parseFloat(getComputedStyle(text).lineHeight)))(document.querySelector('%s'))`
	for _, id := range []string{"lines", "words"} {
		count := fmt.Sprintf(lines, card(id, "post-text"))
		ann.until("a few lines are seen of "+id, count+` === 7`)
		ann.click(card(id, "post-all"))
		ann.until("all are seen of "+id, count+` > 20 && !document.querySelector('`+card(id, "post-all")+`')`)
	}
	if eval[bool](ann.window, `document.querySelector('`+card("short", "post-all")+`') !== null`) {
		t.Error("a short post has more")
	}
}

// testSwitchedOff switches a source off: its posts go, and the panel says why.
func testSwitchedOff(t *testing.T, s *stage) {
	server := s.serveWall(t, "--feed", "replay", "--feed-words", "coffee,golang")
	ann := s.enter(t, server.url("/"), "Ann")
	ann.follows()
	const source = `document.querySelector('[data-testid="feed-source"][data-source="replay"]')`
	ann.until("its posts come", listPosts+`.length > 0`)
	server.text("own", "coffee")
	ann.until("others too", listPosts+`.includes("own")`)
	server.call(http.MethodPut, "/api/sources/replay", []byte(`{"on": false}`), http.StatusNoContent)
	ann.until("the source says why", source+`.dataset.phase === "off" && `+source+`.textContent.includes("Switched off by the server's operator.")`)
	ann.posts("own")
	server.call(http.MethodPut, "/api/sources/replay", []byte(`{"on": true}`), http.StatusNoContent)
	ann.until("it lives again", source+`.dataset.phase === "live"`)
}

// testUnkept quotes a post of X, whose text may stand on no disk: its place is all that is brought into the chat.
func testUnkept(t *testing.T, s *stage) {
	sim := start(t, s.bin, "feedsim", "--speed", "20")
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("feedsim-x"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := s.serve(t, "--feed", "x", "--x-url", sim.url(""), "--x-token-file", key, "--feed-words", "golang,coffee,javascript")
	ann := s.enter(t, server.url("/"), "Ann")
	ann.follows()
	ann.until("a post comes", listPosts+`.length > 0`)
	id := eval[string](ann.window, listPosts+`[0]`)
	text := eval[string](ann.window, `document.querySelector('`+card(id, "post-text")+`').textContent`)
	ann.click(card(id, "post-quote"))
	ann.until("it is to be quoted", find("quote-chip")+`.textContent.includes("A post at X, whose text is not kept here")`)
	if eval[bool](ann.window, `Object.values(sessionStorage).concat(Object.values(localStorage)).some((value) => value.includes(`+quote(text)+`))`) {
		t.Error("the browser keeps its text")
	}
	ann.say("look")
	const quoted = `document.querySelector('[data-testid="message-quote"]')`
	for range 2 {
		ann.heard("look")
		ann.until("the quote leads to the post", quoted+`.textContent === "A post at X, whose text is not kept here"
			&& `+quoted+`.querySelector("a").href === `+quote("https://x.com/i/status/"+id))
		ann.do(chromedp.Reload())
		ann.entered("Ann")
	}
}
