package browser

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// testNetwork cuts the network of one of two people and restores it, twice.
func testNetwork(t *testing.T, s *stage) {
	server := s.serve(t)
	network := newRelay(t, "127.0.0.1:"+server.port)
	ann := s.enter(t, network.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	said := []string{"before"}
	ann.say("before")
	ben.heard(said...)

	for round := range 2 {
		network.cut()
		ann.until("Ann's page says that the connection is lost", `["reconnecting", "offline"].includes(`+find("connection")+`.dataset.state)`)
		ann.say(fmt.Sprintf("typed offline %d", round))
		ann.until("it waits", find("history")+`.querySelector('[data-state="queued"]')`)
		for i := range 5 {
			text := fmt.Sprintf("meanwhile %d.%d", round, i)
			ben.say(text)
			said = append(said, text)
		}
		ben.heard(said...)
		network.restore()
		if round == 1 { // unless the page has tried by itself meanwhile
			eval[any](ann.window, `void (`+find("connection-retry")+`.hidden || `+find("connection-retry")+`.click())`)
		}
		ann.connection("connected")
		said = append(said, fmt.Sprintf("typed offline %d", round))
		ann.heard(said...)
		ben.heard(said...)
	}
	ann.people("Ann", "Ben")
	ben.say("after")
	ann.heard(append(said, "after")...)
}

// testSilence has connections that stay open and carry nothing: only heartbeats tell.
func testSilence(t *testing.T, s *stage) {
	server := s.serve(t)
	network := newRelay(t, "127.0.0.1:"+server.port)
	ann := s.enter(t, network.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.say("before")
	ben.heard("before")
	network.freeze()
	ann.say("into the void")
	ben.say("meanwhile")
	ben.heard("before", "meanwhile")
	ann.until("Ann's page notices the silence", find("connection")+`.dataset.state !== "connected"`)
	network.flow()
	ann.connection("connected")
	ann.shows("into the void")
	ann.shows("meanwhile")
	ben.shows("into the void")
	if said := len(ben.messages()); said != 3 {
		t.Errorf("Ben sees %d messages", said)
	}
}

// testLongAbsence misses more messages than are shown on entry.
func testLongAbsence(t *testing.T, s *stage) {
	const count = 210 // and more than one answer of the server brings
	server := s.serve(t)
	network := newRelay(t, "127.0.0.1:"+server.port)
	ann := s.enter(t, network.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.say("before")
	ben.heard("before")

	network.cut()
	ann.until("Ann's page says that the connection is lost", find("connection")+`.dataset.state !== "connected"`)
	texts := []string{"before"}
	for i := range count {
		texts = append(texts, fmt.Sprintf("missed %d", i+1))
		ben.say(texts[i+1])
	}
	ben.shows(texts[count])
	network.restore()
	ann.connection("connected")
	ann.shows(texts[count])
	ann.heard(texts...)
}

// testStale leaves messages unsent for so long that the page asks before it sends them.
func testStale(t *testing.T, s *stage) {
	server := s.serve(t)
	network := newRelay(t, "127.0.0.1:"+server.port)
	ann := s.enter(t, network.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.say("before")
	ben.heard("before")
	network.cut()
	ann.until("Ann's page says that the connection is lost", find("connection")+`.dataset.state !== "connected"`)
	ann.say("still true")
	ann.say("no longer")
	ann.until("they wait", `document.querySelectorAll('[data-state="queued"]').length === 2`)
	eval[any](ann.window, `sessionStorage["rightnow.outbox"] = JSON.stringify(
		JSON.parse(sessionStorage["rightnow.outbox"]).map((item) => ({ ...item, at: item.at - 31 * 60e3 })))`)
	ann.do(chromedp.Navigate("about:blank"))
	network.restore()
	ann.do(chromedp.Navigate(network.url("/")))
	ann.entered("Ann")
	const failed = `document.querySelectorAll('[data-state="failed"]')`
	ann.until("Ann is asked", failed+`.length === 2 && [...`+failed+`].every((line) => line.textContent.includes("Still send it?"))`)
	ben.say("a question")
	ann.shows("a question")
	ann.click(`[data-state="failed"] ` + hook("message-retry"))
	ann.shows("still true")
	ann.click(`[data-state="failed"] ` + hook("message-discard"))
	ann.until("it is gone", failed+`.length === 0`)
	ann.do(chromedp.Reload())
	ann.entered("Ann")
	ann.say("after")
	for _, c := range []chat{ann, ben} {
		c.heard("before", "a question", "still true", "after")
	}
}

func testRestart(t *testing.T, s *stage) {
	server := s.serve(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.people("Ann", "Ben")
	const told = `[...document.querySelectorAll('[data-testid="presence"]')].map((line) => line.textContent).join()`
	before := eval[string](ann.window, told)
	ann.say("before")
	ann.heard("before")
	server.stop()
	ann.connection("restarting")
	ann.say("typed meanwhile")
	ann.until("it waits", find("history")+`.querySelector('[data-state="queued"]')`)
	server.start()
	ann.connection("connected")
	ben.connection("connected")
	for _, c := range []chat{ann, ben} {
		c.heard("before", "typed meanwhile")
		c.people("Ann", "Ben")
	}
	if after := eval[string](ann.window, told); after != before {
		t.Errorf("Ann was told %q before the restart and %q after it", before, after)
	}
	if after := eval[string](ben.window, told); after != "" {
		t.Errorf("Ben was told %q", after)
	}
}

// testKill ends the server in the middle of what is said; what was acknowledged is there afterwards, and nothing twice.
func testKill(t *testing.T, s *stage) {
	server := s.serve(t)
	ann := s.enter(t, server.url("/"), "Ann")
	var texts []string
	for i := range 40 {
		texts = append(texts, fmt.Sprintf("message %d", i+1))
		if i == 20 {
			server.cmd.Process.Signal(syscall.SIGKILL)
		}
		ann.say(texts[i])
	}
	<-server.ended
	ann.until("the loss is told", find("connection")+`.dataset.state !== "connected"`)
	server.start()
	ann.connection("connected")
	ann.heard(texts...)
	s.enter(t, server.url("/"), "Ben").heard(texts...)
}
