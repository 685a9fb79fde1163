package browser

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func client(t *testing.T) string {
	return filepath.Join(root(t), "test/node_modules/socket.io-client/dist")
}

// TestAnalytics has one person count and two look on.
func TestAnalytics(t *testing.T) {
	server := start(t, build(t, "ANALYTICS_BIN", "./examples/analytics"))
	browser := launch(t)
	ann := open(t, newPerson(t, browser), server.url("/"))
	ann.until("Ann is here", `online.textContent === "1" && views.textContent === "1"`)
	ben := open(t, newPerson(t, browser), server.url("/"))
	for range 3 {
		ann.click(`[data-kind="click"]`)
	}
	ben.click(`[data-kind="signup"]`)
	for _, w := range []*window{ann, ben} {
		w.until("all is counted", `online.textContent === "2" && views.textContent === "2" && clicks.textContent === "3" && signups.textContent === "1"`)
		w.until("the chart shows something", `(() => {
			const canvas = document.querySelector("#chart canvas");
			const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
			let green = 0; // of the line
			for (let i = 0; i < data.length; i += 4) if (data[i + 1] > data[i] + 40 && data[i + 1] > data[i + 2] + 20 && data[i + 3] > 200) green++;
			return green > 20;
		})()`)
	}
	ben.close()
	ann.until("Ben has left", `online.textContent === "1"`)
}

// writing is a window with the document.
type writing struct{ *window }

func write(t *testing.T, person *window) writing {
	t.Helper()
	w := writing{person}
	w.until("the document is there", `document.getElementById("version").textContent !== ""`)
	return w
}

func (w writing) reads(text string) {
	w.t.Helper()
	w.until(fmt.Sprintf("it reads %q", text), `document.getElementById("text").value === `+quote(text))
}

// at puts the caret behind a part of the text.
func (w writing) at(part string) {
	w.t.Helper()
	eval[any](w.window, fmt.Sprintf(`(() => {
		const area = document.getElementById("text");
		area.focus();
		const end = area.value.indexOf(%[1]s) + %[1]s.length;
		area.setSelectionRange(end, end);
	})()`, quote(part)))
}

// TestDocument has two people write one text, also while one of them has no network.
func TestDocument(t *testing.T) {
	server := start(t, build(t, "DOCUMENT_BIN", "./examples/document"), "--client", client(t))
	network := newRelay(t, "127.0.0.1:"+server.port)
	browser := launch(t)
	ann := write(t, open(t, newPerson(t, browser), network.url("/")))
	ben := write(t, open(t, newPerson(t, browser), server.url("/")))

	ann.at("")
	ann.press("one two three")
	for _, w := range []writing{ann, ben} {
		w.reads("one two three")
		w.until("it is saved", `document.getElementById("status").textContent === "Saved."`)
		w.until("there are two", `document.getElementById("people").textContent === "2 people"`)
	}
	ben.at("two") // the caret stays where it is while Ann writes in front of it
	ann.at("one")
	ann.press(" and a half,")
	ben.reads("one and a half, two three")
	ben.press(" 🌊")
	ann.reads("one and a half, two 🌊 three")

	network.cut()
	ann.until("Ann is offline", `document.getElementById("status").textContent.startsWith("Offline")`)
	ann.at("three")
	ann.press(" four")
	ann.until("her words are kept", `document.getElementById("status").textContent === "Offline: your changes are kept until you are back."`)
	ben.at("two")
	ben.press(kb.Backspace + kb.Backspace + kb.Backspace + "2")
	ben.reads("one and a half, 2 🌊 three")
	network.restore()
	for _, w := range []writing{ann, ben} {
		w.reads("one and a half, 2 🌊 three four")
		w.until("it is saved", `document.getElementById("status").textContent === "Saved."`)
	}
	late := write(t, open(t, newPerson(t, browser), server.url("/")))
	late.reads("one and a half, 2 🌊 three four")
}

// drag draws a line with the mouse, in parts of the board's size.
func drag(w *window, points ...[2]float64) {
	w.t.Helper()
	box := eval[[]float64](w, `(({ left, top, width, height }) => [left, top, width, height])(canvas.getBoundingClientRect())`)
	for i, p := range points {
		x, y := box[0]+p[0]*box[2], box[1]+p[1]*box[3]
		kind := input.DispatchMouseEventTypeMouseMoved
		if i == 0 {
			kind = input.DispatchMouseEventTypeMousePressed
		}
		w.do(chromedp.MouseEvent(kind, x, y, chromedp.ButtonLeft))
		if i == len(points)-1 {
			w.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x, y, chromedp.ButtonLeft))
		}
	}
}

// ink is whether the middle of the board has that colour.
func ink(red, green, blue int) string {
	return fmt.Sprintf(`String([...paper.getImageData(WIDTH / 2, HEIGHT / 2, 1, 1).data].slice(0, 3)) === "%d,%d,%d"`, red, green, blue)
}

// TestWhiteboard has two people draw, with the mouse and the keyboard, and a third come later.
func TestWhiteboard(t *testing.T) {
	server := start(t, build(t, "WHITEBOARD_BIN", "./examples/whiteboard"), "--client", client(t))
	browser := launch(t)
	ann := open(t, newPerson(t, browser), server.url("/"))
	ben := open(t, newPerson(t, browser), server.url("/"))
	for _, w := range []*window{ann, ben} {
		w.until("both are here", `$("people").textContent === "2 people"`)
	}
	ann.click(`[value="1"]`)
	drag(ann, [2]float64{.3, .3}, [2]float64{.4, .4}, [2]float64{.5, .5}, [2]float64{.7, .7})
	for _, w := range []*window{ann, ben} {
		w.until("the line is red", ink(0xc1, 0x27, 0x2d))
	}
	ben.until("Ann's pen is seen", `document.querySelectorAll("#pens i").length === 1`)

	ben.click(`[value="4"]`)
	eval[any](ben, `canvas.focus()`)
	ben.press(" " + kb.ArrowRight + kb.ArrowLeft + " ")
	ben.until("the keyboard's pen is up", `$("help").textContent === "Pen up."`)
	for _, w := range []*window{ann, ben} {
		w.until("blue is over red", ink(0x16, 0x63, 0xb0))
	}
	late := open(t, newPerson(t, browser), server.url("/"))
	late.until("who comes late sees it", ink(0x16, 0x63, 0xb0))
	drawn := eval[string](ann, `JSON.stringify(pieces)`)
	for _, w := range []*window{ben, late} {
		w.until("all have the same", `JSON.stringify(pieces) === `+quote(drawn))
	}
	eval[any](late, `confirm = () => true`)
	late.click("#wipe")
	for _, w := range []*window{ann, ben, late} {
		w.until("it is wiped", `pieces.length === 0 && `+ink(0, 0, 0))
	}
}

// TestFrameworksOverTLS has the browser poll over HTTP/2 and open its WebSocket on the same port.
func TestFrameworksOverTLS(t *testing.T) {
	folder := t.TempDir()
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(strings.TrimSpace(string(goroot)), "src/crypto/tls/generate_cert.go")
	maker := exec.Command("go", "run", program, "-host", "127.0.0.1", "-ecdsa-curve", "P256")
	maker.Dir = folder
	if out, err := maker.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := start(t, buildIn(t, "FRAMEWORKS_BIN", "examples/frameworks", "."), "--client", client(t),
		"--cert", filepath.Join(folder, "cert.pem"), "--key", filepath.Join(folder, "key.pem"))
	person := newPerson(t, launch(t))
	w := open(t, person, "about:blank")
	if _, err := chromedp.Call(w.ctx, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true}); err != nil {
		t.Fatal(err)
	}
	w.do(chromedp.Navigate(strings.Replace(server.url("/"), "http:", "https:", 1)))
	w.until("the page hears itself", `messages.textContent === "Hello from " + socket.id`)
	w.until("it is on a WebSocket", `socket.io.engine.transport.name === "websocket"`)
	w.until("it has polled over HTTP/2", `(() => {
		const polls = performance.getEntriesByType("resource").filter(({ name }) => name.includes("transport=polling"));
		return polls.length > 0 && polls.every(({ nextHopProtocol }) => nextHopProtocol === "h2");
	})()`)
}
