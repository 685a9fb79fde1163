package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// testMarkup says what a page that builds markup from words would run. The windows' consoles are watched anyway.
func testMarkup(t *testing.T, s *stage) {
	const nick = `<b onclick=x()>"&'</b>`
	server := s.serve(t)
	ann := s.enter(t, server.url("/"), nick)
	ben := s.enter(t, server.url("/"), "Ben")
	ben.people(nick, "Ben")
	ann.people(nick, "Ben")

	ann.fill(hook("composer"), "typing")
	ben.until("the nick is seen typing as it is", find("typing")+`.textContent.includes(`+quote(nick)+`)`)

	texts := []string{
		`<script>window.hit = 1</script>`,
		`<img src=x onerror="window.hit = 1">`,
		`"><svg onload=window.hit=1>`,
		`</textarea></p></li><iframe src="javascript:window.hit=1"></iframe>`,
		`{{constructor.constructor("window.hit=1")()}} ${window.hit=1}`,
		`&lt;b&gt; &amp;amp; &#x3c;`,
		`javascript:window.hit=1 data:text/html,<script>window.hit=1</script>`,
		`https://example.com/"onmouseover="window.hit=1`,
		"a\u202eb\u0007c\u200bd",
		"__proto__",
	}
	for _, text := range texts {
		ann.say(text)
	}
	for _, c := range []chat{ann, ben} {
		c.until("all is said", listMessages+`.filter((m) => m.State === "sent").length === `+quote(len(texts)))
		for i, m := range c.messages() {
			if m.Nick != nick {
				t.Errorf("message %d was said by %q", i, m.Nick)
			}
			if i != 8 && m.Text != texts[i] { // control characters may be taken out
				t.Errorf("said %q, shown %q", texts[i], m.Text)
			}
		}
		c.expectNoMarkup()
	}
	for range 2 {
		ben.expectNoMarkup()
		ben.do(chromedp.Reload())
		ben.entered("Ben")
		ben.shows(texts[0])
	}

	for _, room := range []string{`/r/%3Cscript%3Ewindow.hit=1%3C%2Fscript%3E`, `/r/%22onerror=x`, `/r/javascript:window.hit=1`} {
		c := visit(t, newPerson(t, s.browser), server.url(room))
		c.expectNoMarkup()
	}
}

// expectNoMarkup looks for elements that only somebody's words could have made.
func (c chat) expectNoMarkup() {
	c.t.Helper()
	made := eval[[]string](c.window, `[...document.querySelectorAll(
			'[data-testid="history"] :is(script, img, iframe, svg, b), [data-testid="people"] :is(script, img, b), h1 *:not(bdi), [onclick], [onerror], [onload], [onmouseover]')]
		.map((element) => element.outerHTML)`)
	if len(made) > 0 {
		c.t.Errorf("words became markup: %q", made)
	}
	if eval[bool](c.window, `"hit" in window`) {
		c.t.Error("words became a program")
	}
	links := eval[[]string](c.window, `[...document.querySelectorAll('[data-testid="message-text"] a')]
		.filter((link) => !/^https?:/.test(link.href) || !/noopener/.test(link.rel)).map((link) => link.outerHTML)`)
	if len(links) > 0 {
		c.t.Errorf("links that are not safe: %q", links)
	}
}
