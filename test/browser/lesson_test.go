package browser

import (
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestLesson drives the page of the lesson's application in two browsers.
func TestLesson(t *testing.T) {
	modules := filepath.Join(root(t), "test/node_modules")
	server := start(t, build(t, "LESSON_BIN", "./examples/right-now"),
		"--client", filepath.Join(modules, "socket.io-client/dist"), "--jquery", filepath.Join(modules, "jquery/dist"))
	browser := launch(t)

	ann := open(t, newPerson(t, browser), server.url("/"))
	ann.until("the server greets", `$("#messages li").text().includes("Hello, world!")`)
	ann.until("the server goes on", `$("#messages li").text().includes("I am a banana.")`)
	ann.until("Ann did the thing", `$("#chat li").text().includes("I did the thing.")`)
	ann.until("Ann is alone", `$("#counts").text() === "1 clients, 1 sockets, 1 connected"`)

	ben := open(t, newPerson(t, browser), server.url("/"))
	ann.until("Ben is announced", `$("#status").text() === "A new user has connected."`)
	ben.until("Ben is told of himself only", `$("#status").text() === "You have connected!"`)
	for _, w := range []*window{ann, ben} {
		w.until("both are counted", `$("#counts").text() === "2 clients, 2 sockets, 2 connected"`)
	}

	ann.fill("#text", "<b>hello</b>")
	ann.press(kb.Enter)
	for _, w := range []*window{ann, ben} {
		w.until("Ann's words are text", `$("#chat li").last().text() === "somebody <b>hello</b>" && $("#chat li b").length === $("#chat li").length`)
	}
	ben.fill("#text", "by AJAX")
	ben.click("#post")
	for _, w := range []*window{ann, ben} {
		w.until("the post is told to all", `$("#chat li").last().text() === "somebody by AJAX"`)
	}
	ben.fill("#text", "to go boldly")
	ben.click("#mission")
	server.out.wait(t, regexp.MustCompile(`mission: somebody says "to go boldly"`), server.ended)

	ben.close()
	ann.until("Ben's leaving is told", `$("#status").text() === "Someone has disconnected."`)
}
