package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// wall is a server whose live posts come from the test alone.
type wall struct {
	*program
	t   *testing.T
	key string
}

// serveWall starts the program with no source but the API, and the lobby tracking "go".
func (s *stage) serveWall(t *testing.T, args ...string) wall {
	t.Helper()
	w := wall{t: t, key: "0123456789abcdef-browser"}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(w.key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.program = s.serve(t, append([]string{
		"--feed", "", "--api-token-file", file, "--feed-words", "go", "--feed-rate", "100", "--feed-burst", "100",
	}, args...)...)
	return w
}

// post is a public post as the API takes it.
type post struct {
	ID        string         `json:"id"`
	Text      string         `json:"text"`
	Author    map[string]any `json:"author,omitempty"`
	Warning   string         `json:"warning,omitempty"`
	URL       string         `json:"url,omitempty"`
	Tags      []string       `json:"tags,omitempty"`
	Langs     []string       `json:"langs,omitempty"`
	Media     []media        `json:"media,omitempty"`
	Sensitive bool           `json:"sensitive,omitempty"`
}

type media struct {
	Kind string `json:"kind"`
	URL  string `json:"url"`
	Alt  string `json:"alt,omitempty"`
}

func (w wall) publish(posts ...post) {
	w.t.Helper()
	body, err := json.Marshal(posts)
	if err != nil {
		w.t.Fatal(err)
	}
	w.call(http.MethodPost, "/api/posts", body, http.StatusAccepted)
}

// text publishes a post with nothing but a text.
func (w wall) text(id, text string) {
	w.t.Helper()
	w.publish(post{ID: id, Text: text, Author: map[string]any{"id": "author of " + id, "name": "Nora"}})
}

func (w wall) remove(id string) {
	w.t.Helper()
	w.call(http.MethodDelete, "/api/posts/"+url.PathEscape(id), nil, http.StatusNoContent)
}

func (w wall) call(method, path string, body []byte, want int) {
	w.t.Helper()
	r, err := http.NewRequest(method, w.url(path), bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != want {
		w.t.Fatalf("%s %s: %s", method, path, answer.Status)
	}
}

const listPosts = `[...document.querySelectorAll('[data-testid="post"]:not([hidden])')].map((card) => card.dataset.id)`

// follows waits until the live posts come.
func (c chat) follows() {
	c.t.Helper()
	c.until("the live posts are followed", find("panel-feed")+`.dataset.phase === "on"`)
}

// posts waits until exactly these are shown, the newest first.
func (c chat) posts(ids ...string) {
	c.t.Helper()
	if ids == nil {
		ids = []string{}
	}
	c.until(fmt.Sprintf("the posts %q", ids), `JSON.stringify(`+listPosts+`) === JSON.stringify(`+quote(ids)+`)`)
}

// card is the selector of something within a post.
func card(id, testid string) string {
	return fmt.Sprintf(`[data-testid="post"][data-id="%s"] [data-testid="%s"]`, id, testid)
}

// pointAway moves the pointer off the posts, which do not move under it.
func (c chat) pointAway() {
	c.t.Helper()
	c.moveTo(500, 300)
}

// testTracked has words for everybody and words for one.
func testTracked(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.follows()
	ben.follows()
	server.text("1", "nothing that anybody wants")
	server.text("2", "We go home, gopher")
	for _, c := range []chat{ann, ben} {
		c.posts("2")
		c.until("the word is marked, and only it",
			`[...document.querySelectorAll('[data-testid="post-text"] mark')].map((mark) => mark.textContent).join() === "go"`)
	}

	ann.until("who may change the words is said", find("feed-may")+`.textContent.includes("everybody")`)
	ann.click(hook("feed-add"))
	ann.fill(hook("feed-word"), "Café au lait")
	ann.press(kb.Enter)
	for _, c := range []chat{ann, ben} {
		c.until("the words are for everybody", `document.querySelectorAll('[data-testid="feed-chip"]').length === 2`)
	}
	server.text("3", "a CAFÉ, and au lait please")
	ann.posts("3", "2")
	ben.posts("3", "2")

	ann.fill(hook("feed-word"), "the")
	ann.press(kb.Enter)
	ann.until("what is in every post is refused, with a reason", find("feed-word-note")+`.classList.contains("problem") && `+
		find("feed-word-note")+`.textContent.length > 10`)

	ben.click(hook("feed-add"))
	ben.click(`label:has(` + hook("feed-for-me") + `)`)
	ben.fill(hook("feed-word"), "-gopher")
	ben.press(kb.Enter)
	ben.posts("3")
	ann.posts("3", "2")
	server.text("4", "another gopher on the go")
	server.text("5", "let it go")
	ann.posts("5", "4", "3", "2")
	ben.posts("5", "3")

	link := eval[string](ben.window, `location.href`)
	if !strings.Contains(link, "words=-gopher") {
		t.Errorf("Ben's link %s has not his words", link)
	}
	carl := visit(t, newPerson(t, s.browser), link)
	carl.posts("5", "3")

	ann.click(hook("feed-chip") + `[data-word="go"] button`)
	ben.until("the word is gone for everybody", `!document.querySelector('[data-testid="feed-chip"][data-word="go"]')`)
	server.text("6", "go is not tracked any more")
	server.text("7", "but café au lait is")
	ann.posts("7", "5", "4", "3", "2")
}

// testPaused pauses by button and key, and reads without anything moving.
func testPaused(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ann.follows()
	server.text("1", "go 1")
	ann.posts("1")
	waiting := func(n int) {
		t.Helper()
		ann.until(fmt.Sprintf("%d wait", n), find("feed-held")+`.hidden === false && `+find("feed-held")+`.dataset.count === `+quote(fmt.Sprint(n)))
	}
	ann.click(hook("feed-pause"))
	for i := range 42 {
		server.text(fmt.Sprintf("p%d", i), fmt.Sprintf("go %d", i))
	}
	waiting(42)
	ann.until("it says so", `document.querySelector("#feed-waiting").textContent === "42 waiting"`)
	ann.posts("1")
	server.remove("p7") // what waits can be deleted, too
	waiting(41)
	ann.click(hook("feed-show"))
	ann.until("they are shown", listPosts+`.length === 42 && !`+listPosts+`.includes("p7")`)

	eval[any](ann.window, find("feed-list")+`.focus()`)
	ann.press(" ")
	ann.until("the space bar pauses", find("feed-held")+`.hidden === false`)
	server.text("skipped", "go on")
	waiting(1)
	ann.click(hook("feed-skip"))
	ann.until("it goes on", find("feed-held")+`.hidden`)
	server.text("shown", "go on")
	ann.until("what was skipped is not shown, what comes is", listPosts+`[0] === "shown" && !`+listPosts+`.includes("skipped")`)

	ann.press(kb.ArrowDown)
	ann.press(kb.ArrowDown)
	ann.until("arrow keys walk through the posts", `document.activeElement === document.querySelectorAll('[data-testid="post"]')[1]`)
	place := `document.activeElement.offsetTop - ` + find("feed-list") + `.scrollTop` // an arriving card's movement aside
	before := eval[float64](ann.window, place)
	server.text("while-reading", "go on")
	ann.until("it waits while one reads", find("feed-newer")+`.dataset.count === "1"`)
	server.remove("shown")
	ann.until("a deleted post goes while one reads", find("post-gone"))
	if after := eval[float64](ann.window, place); after != before {
		t.Errorf("what is read moved from %v to %v", before, after)
	}
	ann.click(hook("feed-newer"))
	ann.until("it is shown, and no hole is left", listPosts+`[0] === "while-reading" && !`+find("post-gone"))
}

// testQuoted brings posts into the chat; their authors take them back.
func testQuoted(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.follows()
	ben.follows()
	server.text("kept", "go and stay")
	server.text("taken-back", "go and regret")
	ann.posts("taken-back", "kept")
	for _, id := range []string{"kept", "taken-back"} {
		ann.click(card(id, "post-quote"))
		ann.until("it is to be quoted", find("quote-chip"))
		ann.say("look at " + id)
	}
	const quotes = `[...document.querySelectorAll('[data-testid="message-quote"] .quote-text')].map((text) => text.textContent).join("|")`
	for _, c := range []chat{ann, ben} {
		c.heard("look at kept", "look at taken-back")
		c.until("the posts are quoted", quotes+` === "go and stay|go and regret"`)
	}
	ben.click(card("taken-back", "post-quote"))
	ben.until("Ben is about to quote it", find("quote-chip"))

	server.remove("taken-back")
	for _, c := range []chat{ann, ben} {
		c.posts("kept")
		c.until("the quote is removed", quotes+` === "go and stay|Removed by its author"`)
		if eval[bool](c.window, `document.body.textContent.includes("regret")`) {
			t.Error("the text is still on the page")
		}
	}
	ben.until("nor can Ben quote it", `!`+find("quote-chip")+` && `+find("composer-error")+`.textContent.includes("removed")`)
	ben.do(chromedp.Reload())
	ben.entered("Ben")
	ben.until("nor is it in the history", quotes+` === "go and stay|Removed by its author"`)
	ben.posts("kept")
}

// testSensitive quotes what its author has put a warning before: nobody sees it without asking.
func testSensitive(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.follows()
	server.publish(post{ID: "warned", Text: "go: the ending", Warning: "spoiler"}, post{ID: "marked", Text: "go: a picture", Sensitive: true})
	ann.posts("marked", "warned")
	for _, id := range []string{"warned", "marked"} {
		ann.click(card(id, "post-quote"))
		ann.until("the chip does not tell", find("quote-chip")+` && !`+find("quote-chip")+`.textContent.includes("go:")`)
		ann.say("about " + id)
	}
	for _, c := range []chat{ann, ben} {
		c.heard("about warned", "about marked")
		c.until("both are folded", `[...document.querySelectorAll('[data-testid="message-quote"] .post-fold p')].map((p) => p.textContent).join("|") === "spoiler|Marked as sensitive"
			&& !document.querySelector(".quote-text")`)
	}
	ben.click(hook("quote-show"))
	ben.until("asked for, it is there", `document.querySelector(".quote-text").textContent === "go: the ending" && document.activeElement.className === "quote-text"`)
}

// testOwnFilter hides far more than the panel keeps: what is read stays.
func testOwnFilter(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.follows()
	ben.follows()
	ann.click(hook("feed-add"))
	ann.click(`label:has(` + hook("feed-for-me") + `)`)
	ann.fill(hook("feed-word"), "rare")
	ann.press(kb.Enter)
	server.text("rare", "a rare go")
	ann.posts("rare")
	const hidden = `document.querySelectorAll('[data-testid="post"][hidden]').length`
	for batch := 0; eval[int](ann.window, hidden) < 200; batch++ { // some are more than a room is shown in a second
		many := make([]post, 80)
		for i := range many {
			many[i] = post{ID: fmt.Sprint(batch, "-", i), Text: "go on"}
		}
		server.publish(many...)
		ben.until("they come", listPosts+`[0] === `+quote(many[len(many)-1].ID))
	}
	ann.posts("rare")
}

// testNumbers has more posts come than are shown, and says so; a source's state; speed, reading aloud, hiding.
func testNumbers(t *testing.T, s *stage) {
	server := s.serveWall(t, "--feed", "replay", "--feed-words", "oolong", "--feed-rate", "1", "--feed-burst", "5")
	ann := s.enter(t, server.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.follows()
	ben.follows()
	ann.until("the source lives", `document.querySelector('[data-testid="feed-source"][data-source="replay"]')?.dataset.phase === "live"`)
	var many []post
	for i := range 80 {
		many = append(many, post{ID: fmt.Sprint("many", i), Text: "oolong", Author: map[string]any{"id": fmt.Sprint(i), "name": "N"}})
	}
	server.publish(many...)
	ann.until("it is not hidden that not all are shown", `/^Showing .+ of .+ a second$/.test(`+find("feed-rate")+`.textContent)`)
	ann.click(hook("feed-details"))
	ann.until("nor why", find("feed-reasons")+`.textContent.includes("more than are shown in a second")`)

	ann.click(hook("feed-tune"))
	ann.until("nothing is read aloud by itself", `document.querySelector("#feed-aloud").textContent === ""`)
	ann.click(`label:has(` + hook("feed-aloud-on") + `)`)
	choose := func(index int) {
		eval[any](ann.window, fmt.Sprintf(`{ const select = %s; select.selectedIndex = %d; select.dispatchEvent(new Event("change", { bubbles: true })) }`, find("feed-speed"), index))
	}
	choose(eval[int](ann.window, find("feed-speed")+`.options.length - 1`)) // a digest
	server.text("kept-back", "oolong for later")
	ben.until("it has come", listPosts+`[0] === "kept-back"`)
	if eval[bool](ann.window, listPosts+`.includes("kept-back")`) {
		t.Error("a digest has it at once")
	}
	choose(0)
	ann.until("live again, it is", listPosts+`[0] === "kept-back"`)
	ann.until("and read aloud", `document.querySelector("#feed-aloud").textContent.includes("oolong for later")`)
}

// traffic is what a window asks of the network.
type traffic struct {
	mu       sync.Mutex // guards following
	requests []string
}

// keepFrames keeps in the page what its WebSockets hear.
const keepFrames = `window.frames_ = []; window.WebSocket = class extends WebSocket {
	constructor(...args) { super(...args); this.addEventListener("message", ({ data }) => frames_.push(String(data))) }
}`

func watchTraffic(w *window) *traffic {
	tr := &traffic{}
	err := chromedp.Listen(w.ctx, func(event any) {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			tr.requests = append(tr.requests, e.Request.URL)
		}
	})
	if err == nil {
		_, err = chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: keepFrames})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return tr
}

// elsewhere are the requests to other hosts.
func (tr *traffic) elsewhere(home string) (urls []string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for _, u := range tr.requests {
		if !strings.HasPrefix(u, home) && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "about:") && !strings.HasPrefix(u, "ws"+strings.TrimPrefix(home, "http")) {
			urls = append(urls, u)
		}
	}
	return urls
}

// heard is an expression for whether a text came by a WebSocket.
func heard(text string) string {
	return `frames_.some((frame) => frame.includes(` + quote(text) + `))`
}

// testClosed looks at what comes over the network: nothing for a panel that is closed, nothing from elsewhere before
// somebody clicks.
func testClosed(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := chat{open(t, newPerson(t, s.browser), "about:blank")}
	seen := watchTraffic(ann.window)
	ann.do(chromedp.Navigate(server.url("/")))
	ann.join("Ann")
	ann.follows()
	ben := s.enter(t, server.url("/"), "Ben")
	ben.follows()

	server.publish(post{
		ID: "rich", Text: "go <img src=https://evil.example/1.png> https://links.example/", Warning: "pictures",
		Author: map[string]any{"name": "<b>Nora</b>", "avatar": "https://faces.example/nora.png", "url": "https://people.example/nora", "bot": true},
		URL:    "https://posts.example/rich",
		Media:  []media{{"image", "https://127.0.0.1:1/picture.png", "a picture"}, {"video", "https://films.example/film.mp4", ""}},
	})
	ann.posts("rich")
	ann.until("what is warned of is folded", `!document.querySelector('`+card("rich", "post-text")+`')`)
	ann.click(card("rich", "post-show"))
	ann.until("its text is text", `document.querySelector('`+card("rich", "post-text")+`').textContent.includes("<img")`)
	ann.until("links tell nobody", `[...document.querySelectorAll('[data-testid="post"] a')].every((a) =>
		a.rel === "nofollow noopener noreferrer" && a.protocol === "https:")`)
	if urls := seen.elsewhere(server.url("")); len(urls) > 0 {
		t.Errorf("asked for elsewhere: %q", urls)
	}
	ann.click(card("rich", "post-load"))
	ann.until("the picture is tried", `document.querySelector('`+card("rich", "post-media")+`').textContent.includes("could not be loaded")`)
	if urls := seen.elsewhere(server.url("")); !slices.Equal(urls, []string{"https://127.0.0.1:1/picture.png"}) {
		t.Errorf("asked for elsewhere after the click: %q", urls)
	}
	if made := eval[int](ann.window, `document.querySelectorAll('[data-testid="panel-feed"] :is(img, b, iframe, video, audio, script)').length`); made > 0 {
		t.Errorf("words became %d elements", made)
	}

	ann.click(hook("feed-close"))
	ann.until("it is closed", find("panel-feed")+`.dataset.phase === "off"`)
	ann.say("closed") // its answer comes after that of the closing
	ann.heard("closed")
	server.text("unheard", "go unheard")
	ben.posts("unheard", "rich")
	ben.say("a message comes after it")
	ann.heard("closed", "a message comes after it")
	if !eval[bool](ann.window, heard("a message comes after it")) {
		t.Error("the frames of the WebSocket are not seen")
	}
	if eval[bool](ann.window, heard("go unheard")) {
		t.Error("a closed panel is sent posts")
	}

	ann.do(chromedp.Reload())
	ann.entered("Ann")
	ann.heard("closed", "a message comes after it")
	if phase := eval[string](ann.window, find("panel-feed")+`.dataset.phase`); phase != "off" {
		t.Errorf("closed, it is %s after a reload", phase)
	}
	ann.click(hook("feed-open"))
	ann.posts("unheard", "rich")
	ann.until("the chart is drawn", `document.querySelector("#feed-chart canvas")`)
}

// testFeedLost loses the connection: posts deleted meanwhile are not there afterwards.
func testFeedLost(t *testing.T, s *stage) {
	server := s.serveWall(t)
	relay := newRelay(t, "127.0.0.1:"+server.port)
	ann := s.enter(t, relay.url("/"), "Ann")
	ann.follows()
	server.text("1", "go 1")
	server.text("2", "go 2")
	ann.posts("2", "1")
	relay.cut()
	ann.until("the panel says that it is lost", find("panel-feed")+`.dataset.phase === "lost" && `+find("feed-note")+`.textContent !== ""`)
	server.remove("1")
	server.text("3", "go 3")
	relay.restore()
	ann.connection("connected")
	ann.posts("3", "2")
	ann.follows()
}

// testMuted has an author muted by one person, and by the room's moderator.
func testMuted(t *testing.T, s *stage) {
	server := s.serveWall(t)
	ann := s.enter(t, server.url("/"), "Ann")
	ben := s.enter(t, server.url("/"), "Ben")
	ann.follows()
	ben.follows()
	loud, quiet := map[string]any{"id": "loud", "name": "Loud"}, map[string]any{"id": "quiet", "name": "Quiet"}
	server.publish(post{ID: "1", Text: "go!", Author: loud}, post{ID: "2", Text: "go", Author: quiet})
	ann.posts("2", "1")
	ben.posts("2", "1")
	ben.click(card("1", "post-more"))
	ben.click(card("1", "post-mute"))
	ben.pointAway()
	ben.posts("2")
	server.publish(post{ID: "3", Text: "go!!", Author: loud})
	ann.posts("3", "2", "1")
	ben.posts("2")
	ben.click(hook("feed-tune"))
	ben.click(hook("feed-muted-author") + " button")
	ben.posts("3", "2", "1")

	ann.click(card("3", "post-more"))
	ann.click(card("3", "post-mute-room"))
	ann.pointAway()
	ann.posts("2")
	ben.posts("2")
	server.publish(post{ID: "4", Text: "go!!!", Author: loud}, post{ID: "5", Text: "go on", Author: quiet})
	ann.posts("5", "2")
	ben.posts("5", "2")
}
