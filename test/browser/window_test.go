package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// launch starts a browser for the test and its subtests, without some of the flags.
func launch(t *testing.T, without ...string) context.Context {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromium()),
		chromedp.UserDataDir(filepath.Join(t.TempDir(), "profile")),
		chromedp.WindowSize(1280, 800),
		chromedp.NoSandbox,
	}
	for _, flag := range []string{
		"headless", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update",
		"disable-sync", "disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-renderer-backgrounding",
	} {
		if !slices.Contains(without, flag) {
			options = append(options, chromedp.Flag(flag, true))
		}
	}
	allocator, free := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(free)
	browser, quit := chromedp.NewContext(allocator)
	t.Cleanup(quit)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	return browser
}

// newPerson makes a browser context, which shares cookies and storage with no other: another person's browser.
func newPerson(t *testing.T, browser context.Context) context.Context {
	t.Helper()
	person, leave := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(leave)
	if err := chromedp.Do(person); err != nil {
		t.Fatal(err)
	}
	return person
}

// window is one window of a person. Its methods belong to the test's goroutine and fail the test.
type window struct {
	t     *testing.T
	ctx   context.Context
	close func()

	mu       sync.Mutex // guards complaints
	complain []string   // what the browser's console said that it should not
}

// watchCSP makes violations of the page's Content-Security-Policy errors of the console.
const watchCSP = `addEventListener("securitypolicyviolation", (event) =>
	console.error("policy violation:", event.violatedDirective, event.blockedURI, event.sourceFile, event.sample))`

// open opens a window at url. At the test's end it is closed and its console must have been silent.
func open(t *testing.T, person context.Context, url string) *window {
	t.Helper()
	w := &window{t: t}
	w.ctx, w.close = chromedp.NewContext(person, chromedp.WithListener(w.listen))
	t.Cleanup(func() {
		w.close()
		w.expectSilence()
	})
	if err := chromedp.Do(w.ctx); err != nil { // binds the window to its own context
		t.Fatal(err)
	}
	if _, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: watchCSP}); err != nil {
		t.Fatal(err)
	}
	w.do(chromedp.Navigate(url))
	return w
}

// listen collects complaints. That a server cannot be reached is told by the browser itself and is no mistake of the page.
func (w *window) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.note("exception: %s", describe(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			w.note("console: %s", arguments(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !aboutNetwork(e.Entry) {
			w.note("log: %s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
}

func aboutNetwork(e *log.Entry) bool {
	return e.Source == log.EntrySourceNetwork || strings.HasPrefix(e.Text, "WebSocket connection to")
}

func (w *window) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.complain = append(w.complain, fmt.Sprintf(format, args...))
}

func (w *window) expectSilence() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.complain {
		w.t.Error(line)
	}
}

func describe(d *runtime.ExceptionDetails) string {
	text := d.Text
	if d.Exception != nil {
		text += " " + d.Exception.Description
	}
	return text
}

func arguments(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		word := arg.Description
		if len(arg.Value) > 0 {
			word = string(arg.Value)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// do runs steps with the patience of all waits.
func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatal(err)
	}
}

// eval returns the value of a JavaScript expression.
func eval[T any](w *window, expression string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits in the page until a JavaScript expression is true. One that throws is not yet true.
func (w *window) until(what, expression string) {
	w.t.Helper()
	script := fmt.Sprintf(`new Promise((resolve) => {
		const end = performance.now() + %d;
		(function look() {
			let good = false;
			try { good = Boolean(%s) } catch {}
			if (good || performance.now() > end) resolve(good);
			else setTimeout(look, 20);
		})();
	})`, patience.Milliseconds(), expression)
	ctx, cancel := context.WithTimeout(w.ctx, patience+5*time.Second)
	defer cancel()
	good, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
	if err == nil && !good {
		err = errors.New("it does not come to that; the page says\n" + w.body())
	}
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// body is all that the page shows, and what its fields hold.
func (w *window) body() string {
	text, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](`(document.body?.innerText ?? "nothing") + "\n" +
		[...document.querySelectorAll("input, textarea")].map((field) => field.id + "=" + JSON.stringify(field.value)).join()`))
	if err != nil {
		return err.Error()
	}
	return text
}

// hook is the CSS selector of a data-testid.
func hook(testid string) string { return `[data-testid="` + testid + `"]` }

// find is a JavaScript expression for the first element with a hook.
func find(testid string) string { return "document.querySelector('" + hook(testid) + "')" }

// click clicks where the element is seen.
func (w *window) click(selector string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// fill replaces what is in a field by text, as an input method does: all at once.
func (w *window) fill(selector, text string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Focus(chromedp.CSS(selector)))
	eval[any](w, `document.activeElement.select()`)
	w.insert(text)
}

// insert types text where the focus is.
func (w *window) insert(text string) {
	w.t.Helper()
	if _, err := chromedp.Call(w.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		w.t.Fatal(err)
	}
}

// press presses keys where the focus is, one after the other, as a keyboard does: the character belongs to the key's own
// event, so that a page that handles the key can prevent it.
func (w *window) press(keys string, modifiers ...chromedp.Modifier) {
	w.t.Helper()
	for _, key := range keys {
		events := kb.Encode(key)
		for i, e := range events {
			if e.Type == kb.KeyChar {
				continue
			}
			if i+1 < len(events) && events[i+1].Type == kb.KeyChar {
				e.Type, e.Text, e.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, events[i+1].Text, events[i+1].UnmodifiedText
			}
			for _, m := range modifiers {
				e.Modifiers |= int64(m)
			}
			if e.Modifiers&^int64(chromedp.ModifierShift) != 0 {
				e.Text, e.UnmodifiedText = "", "" // a shortcut types nothing
			}
			if _, err := chromedp.Call(w.ctx, input.DispatchKeyEvent, *e); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// quote makes a JavaScript literal.
func quote(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return string(text)
}
