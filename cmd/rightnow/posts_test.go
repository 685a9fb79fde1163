package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const apiToken = "0123456789abcdef-of-the-tests"

type (
	post struct {
		Room, Source, ID, Text string
		Matched                []string
	}
	view struct {
		Room         string
		On, May      bool
		Words, Langs []string
		Rate         float64
		Sources      []struct{ Name, Title string }
		Posts        []post
	}
	gone struct {
		Source, ID string
		AuthorID   string `json:"author_id"`
	}
	quoting struct {
		message
		Quote *struct {
			Source, ID, Author, Text string
			Removed                  bool
		}
	}
)

// runPosts starts the program without sources of its own but for the API.
func runPosts(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	t.Setenv("RIGHTNOW_API_TOKEN", apiToken)
	p := run1(t, dir, append([]string{"--feed=", "--feed-rate=100", "--feed-burst=100"}, args...)...)
	t.Cleanup(func() {
		if strings.Contains(p.stderr.String(), apiToken) {
			t.Error("the key is in the log")
		}
	})
	return p
}

// request asks the API and wants a status.
func (p *process) request(t *testing.T, method, path, body string, status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url(path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiToken)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != status {
		t.Errorf("%s %s: status %d, want %d", method, path, res.StatusCode, status)
	}
}

func (p *process) post(t *testing.T, id, text string) {
	t.Helper()
	p.request(t, "POST", "/api/posts", fmt.Sprintf(`{"id":%q,"text":%q,"author":{"id":"m","name":"Mira"}}`, id, text), http.StatusAccepted)
}

// TestReplay is the program as it is after `make run`: posts come, and match what
// the lobby tracks.
func TestReplay(t *testing.T) {
	p := run1(t, t.TempDir(), "--feed-rate=100", "--feed-burst=100")
	ann := mustDial(t, p)
	var v view
	ann.mustCall(t, "feed", object{"room": "lobby"}, &v)
	if !v.On || v.May || len(v.Words) == 0 || len(v.Sources) != 1 || v.Sources[0].Name != "replay" {
		t.Errorf("the view is %+v", v)
	}
	for range 3 {
		var heard post
		ann.wait(t, "post", &heard)
		if heard.Room != "lobby" || heard.Source == "" || heard.Text == "" || len(heard.Matched) == 0 || !slices.Contains(v.Words, heard.Matched[0]) {
			t.Errorf("heard %+v", heard)
		}
	}
}

// TestPosts has a room track words, people quote, a post be deleted, and the
// program be started again.
func TestPosts(t *testing.T) {
	dir := t.TempDir()
	p := runPosts(t, dir)
	ann, bob := mustDial(t, p), mustDial(t, p)
	ann.mustCall(t, "enter", entry("tea", "ann"), &object{})
	bob.mustCall(t, "enter", entry("tea", "bob"), &object{})
	var v view
	bob.mustCall(t, "feed", object{"room": "tea"}, &v)
	if v.May || len(v.Words) != 0 || v.Rate != 100 {
		t.Errorf("bob sees %+v", v)
	}
	if err := bob.call("feed_set", object{"room": "tea", "words": []string{"oolong"}}, &v); code(err) != "not_allowed" {
		t.Errorf("bob set words: %v", err)
	}
	ann.mustCall(t, "feed_set", object{"room": "tea", "words": []string{"Oolong"}}, &v)
	if !v.May || !slices.Equal(v.Words, []string{"oolong"}) {
		t.Errorf("ann sees %+v", v)
	}
	bob.wait(t, "feed_words", &v)
	p.request(t, "GET", "/api/posts", "", http.StatusMethodNotAllowed) // and no page of the chat
	p.post(t, "no", "about coffee")
	p.post(t, "a", "an Oolong today")
	var heard post
	bob.wait(t, "post", &heard)
	if heard.ID != "a" || heard.Room != "tea" || heard.Source != "api" {
		t.Errorf("heard %+v", heard)
	}
	quote := object{"source": "api", "id": "a"}
	bob.mustCall(t, "say", object{"room": "tea", "id": "1", "text": "", "quote": quote}, &object{})
	var said quoting
	ann.wait(t, "message", &said)
	if said.Quote == nil || said.Quote.Author != "Mira" || said.Quote.Text != "an Oolong today" {
		t.Errorf("said %+v", said)
	}
	p.request(t, "DELETE", "/api/posts/a", "", http.StatusNoContent)
	var removed gone
	ann.wait(t, "post_gone", &removed) // ann hears the room, and follows no posts
	if removed != (gone{Source: "api", ID: "a"}) {
		t.Errorf("gone: %+v", removed)
	}
	bob.wait(t, "post_gone", &removed)
	if err := bob.call("say", object{"room": "tea", "id": "2", "text": "", "quote": quote}, &object{}); code(err) != "post_gone" {
		t.Errorf("quoted all the same: %v", err)
	}
	p.kill()

	p = runPosts(t, dir)
	bob = mustDial(t, p)
	bob.mustCall(t, "feed", object{"room": "tea"}, &v)
	if !slices.Equal(v.Words, []string{"oolong"}) {
		t.Errorf("after a restart: %+v", v)
	}
	var history struct{ Messages []quoting }
	bob.mustCall(t, "since", object{"room": "tea", "after": 0}, &history)
	if len(history.Messages) != 1 || history.Messages[0].Quote == nil || !history.Messages[0].Quote.Removed || history.Messages[0].Quote.Text != "" {
		t.Errorf("after a restart: %+v", history)
	}
}

// TestLobbyIsFixed, and there are no posts at all without a source and a key.
func TestLobbyIsFixed(t *testing.T) {
	ann := mustDial(t, runPosts(t, t.TempDir(), "--lobby-words=nobody"))
	ann.mustCall(t, "enter", entry("lobby", "ann"), &object{})
	if err := ann.call("feed_set", object{"room": "lobby", "words": []string{}}, &object{}); code(err) != "not_allowed" {
		t.Errorf("with lobby-words=nobody: %v", err)
	}
	t.Setenv("RIGHTNOW_API_TOKEN", "")
	p := run1(t, t.TempDir(), "--feed=")
	ann = mustDial(t, p)
	v := view{On: true}
	ann.mustCall(t, "feed", object{"room": "lobby"}, &v)
	if v.On {
		t.Errorf("without sources: %+v", v)
	}
	p.request(t, "POST", "/api/posts", `{"text":"x"}`, http.StatusNotFound)
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestPostsDocument runs the commands of docs/api.md.
func TestPostsDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	p := runPosts(t, t.TempDir(), "--feed-words=golang", "--feed=bluesky", "--bluesky-url=http://127.0.0.1:1")
	ann := mustDial(t, p)
	ann.mustCall(t, "feed", object{"room": "lobby"}, &view{})
	blocks := shellBlock.FindAllSubmatch(text, -1)
	answers := []string{`^\{"ids":\["[a-z0-9]+"\]\}\n$`, `^\{"ids":\["build-41","build-42"\]\}\n$`, `^$`, `^$`}
	if len(blocks) != len(answers) {
		t.Fatalf("%d commands, %d answers", len(blocks), len(answers))
	}
	for i, want := range answers {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", string(blocks[i][1]))
		cmd.Env = append(os.Environ(), "URL="+p.url(""), "TOKEN="+apiToken)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		got, err := cmd.Output()
		if err != nil || !regexp.MustCompile(want).Match(got) {
			t.Errorf("%s\nanswers %q, want %s (%v, %s)", blocks[i][1], got, want, err, &stderr)
		}
	}
	for _, want := range []string{"The build of #golang is green again", "Build 41 of golang: red", "Build 42 of golang: green"} {
		var heard post
		if ann.wait(t, "post", &heard); heard.Text != want {
			t.Errorf("heard %+v, want %s", heard, want)
		}
	}
	var removed gone
	if ann.wait(t, "post_gone", &removed); removed.ID != "build-41" {
		t.Errorf("gone: %+v", removed)
	}
	for {
		var told struct {
			Sources []struct {
				State struct{ Phase, Reason string }
			}
		}
		ann.wait(t, "feed_sources", &told)
		if s := told.Sources[0].State; s.Phase == "off" && s.Reason == "Switched off by the server's operator." {
			break
		}
	}
}
