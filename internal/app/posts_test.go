package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rightnow/feed"
)

const apiKey = "0123456789abcdef"

// postsBench is the API over a router in memory.
type postsBench struct {
	mux     *http.ServeMux
	posts   []feed.Post
	removed []feed.Ref
	turned  []string
	room    int // for so many posts; then it is busy
}

func newPostsBench(t testing.TB) *postsBench {
	b := &postsBench{mux: http.NewServeMux(), room: 1000}
	api, err := newPostsAPI(Secret{value: apiKey}, postsDoor{
		inject: func(p feed.Post) bool {
			if len(b.posts) == b.room {
				return false
			}
			b.posts = append(b.posts, p)
			return true
		},
		remove: func(r feed.Ref) { b.removed = append(b.removed, r) },
		turn: func(source string, on bool) bool {
			b.turned = append(b.turned, fmt.Sprint(source, " ", on))
			return source == "bluesky"
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	api.routes(b.mux)
	return b
}

func (b *postsBench) do(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+apiKey)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	return w
}

func TestPostsAPI(t *testing.T) {
	b := newPostsBench(t)
	w := b.do("POST", "/api/posts", ` {"text": "about golang"}`)
	if w.Code != http.StatusAccepted || len(b.posts) != 1 || w.Body.String() != fmt.Sprintf("{\"ids\":[%q]}\n", b.posts[0].ID) || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("one: %d %s", w.Code, w.Body)
	}
	if p := b.posts[0]; p.Source != "api" || len(p.ID) < 16 || p.Author.ID != "api" || p.Text != "about golang" || p.CreatedAt.IsZero() || p.ReceivedAt.IsZero() || p.Rev == "" {
		t.Errorf("one: %+v", p)
	}
	const two = `[{"id":"a","text":"x","author":{"name":"Builder","bot":true},"url":"https://ci.example/1","tags":["ci"],"langs":["en"],"warning":"w","sensitive":true,
		"media":[{"kind":"image","url":"https://ci.example/1.png"}],"created_at":"2026-11-22T10:00:00Z"},{"id":"b","text":"y","author":{"id":"7","handle":"h"}}]`
	for range 2 {
		if w := b.do("POST", "/api/posts", two); w.Code != http.StatusAccepted || w.Body.String() != "{\"ids\":[\"a\",\"b\"]}\n" {
			t.Errorf("two: %d %s", w.Code, w.Body)
		}
	}
	if p := b.posts[1]; p.Author.ID != "Builder" || !p.Author.Bot || p.URL == "" || p.Tags[0] != "ci" || p.Langs[0] != "en" || !p.Sensitive || p.Warning != "w" || len(p.Media) != 1 || p.CreatedAt.Year() != 2026 {
		t.Errorf("two: %+v", p)
	}
	if b.posts[1].Rev != b.posts[3].Rev || b.posts[2].Author.ID != "7" {
		t.Error("the same again is another revision")
	}
	b.do("POST", "/api/posts", `{"id":"b","text":"z","author":{"id":"7","handle":"h"}}`)
	if b.posts[5].Rev == b.posts[2].Rev {
		t.Error("another text is the same revision")
	}
	if w := b.do("DELETE", "/api/posts/a%20b", ""); w.Code != http.StatusBadRequest {
		t.Errorf("an odd id: %d", w.Code)
	}
	if w := b.do("DELETE", "/api/posts/a", ""); w.Code != http.StatusNoContent || w.Body.Len() != 0 || len(b.removed) != 1 || b.removed[0] != (feed.Ref{Source: "api", ID: "a"}) {
		t.Errorf("delete: %d %s %v", w.Code, w.Body, b.removed)
	}
}

func TestPostsAPIRefuses(t *testing.T) {
	b := newPostsBench(t)
	array := func(n int) string { return "[" + strings.Repeat(`{"text":"x"},`, n-1) + `{"text":"x"}]` }
	for name, c := range map[string]struct {
		body   string
		header []string
		want   string // status, code, part of the message
	}{
		"no key":         {"{}", []string{"Authorization", ""}, "401 unauthorized"},
		"another key":    {"{}", []string{"Authorization", "Bearer 0123456789abcdeF"}, "401 unauthorized"},
		"a longer key":   {"{}", []string{"Authorization", "Bearer " + apiKey + "0"}, "401 unauthorized"},
		"another scheme": {"{}", []string{"Authorization", "Basic " + apiKey}, "401 unauthorized"},
		"a form":         {"text=x", []string{"Content-Type", "application/x-www-form-urlencoded"}, "415 not_json"},
		"no type":        {"{}", []string{"Content-Type", ""}, "415 not_json"},
		"nothing":        {"", nil, "400 bad_json The body cannot be read: EOF."},
		"half":           {`{"text":`, nil, "400 bad_json The body cannot be read: unexpected EOF."},
		"two":            {`{"text":"x"}{"text":"y"}`, nil, "400 bad_json The body cannot be read: there is more"},
		"a bracket more": {`{"text":"x"}]`, nil, "400 bad_json The body cannot be read: there is more"},
		"nothing to see": {`{"text":"\u0000\u202e\u200b"}`, nil, "400 no_text"},
		"a number":       {"7", nil, "400 bad_json The body cannot be read: a post cannot be of the type number."},
		"a wrong type":   {`{"text":7}`, nil, `400 bad_json The body cannot be read: "text" cannot be of the type number.`},
		"misspelt":       {`{"txt":"x"}`, nil, `400 bad_json The body cannot be read: unknown field "txt".`},
		"an empty array": {"[]", nil, "400 empty"},
		"no text":        {`{"text":" "}`, nil, "400 no_text A post needs a text."},
		"the second":     {`[{"text":"x"},{}]`, nil, "400 no_text Post 2: A post needs a text."},
		"a slash":        {`{"text":"x","id":"a/b"}`, nil, "400 bad_id"},
		"a long id":      {`{"text":"x","id":"` + strings.Repeat("x", 201) + `"}`, nil, "400 bad_id"},
		"http":           {`{"text":"x","url":"http://a.example"}`, nil, `400 bad_url "http://a.example" is no https address.`},
		"a password":     {`{"text":"x","url":"https://a:b@c.example/"}`, nil, "400 bad_url"},
		"javascript":     {`{"text":"x","author":{"avatar":"javascript:alert(1)"}}`, nil, "400 bad_url"},
		"an odd author":  {`{"text":"x","author":{"id":"a\u0007"}}`, nil, "400 bad_post author.id: It has characters"},
		"101":            {array(101), nil, "413 too_many 101 posts are more than 100 at once."},
		"a large body":   {`{"text":"` + strings.Repeat("x", 256<<10) + `"}`, nil, "413 too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			w := b.do("POST", "/api/posts", c.body, c.header...)
			var answer struct {
				Error struct{ Code, Message, Hint string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			if got := fmt.Sprintf("%d %s %s", w.Code, answer.Error.Code, answer.Error.Message); !strings.HasPrefix(got, c.want) || strings.Contains(w.Body.String(), apiKey) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if auth := w.Header().Get("WWW-Authenticate"); (auth != "") != (w.Code == http.StatusUnauthorized) {
				t.Errorf("WWW-Authenticate: %s", auth)
			}
		})
	}
	if len(b.posts) > 0 {
		t.Errorf("%d were taken", len(b.posts))
	}
	b.room = 3
	w := b.do("POST", "/api/posts", array(5))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), "3 of 5") {
		t.Errorf("busy: %d %s", w.Code, w.Body)
	}
	for _, r := range [][2]string{{"GET", "/api/posts"}, {"PUT", "/api/posts/a"}} {
		if w := b.do(r[0], r[1], ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" || !strings.Contains(w.Body.String(), `"bad_method"`) {
			t.Errorf("%s: %d %s", r[0], w.Code, w.Body)
		}
	}
}

func TestSwitchAPI(t *testing.T) {
	b := newPostsBench(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"PUT", "/api/sources/bluesky", `{"on": false}`, 204, ""},
		{"PUT", "/api/sources/bluesky", `{"on": true}`, 204, ""},
		{"PUT", "/api/sources/myspace", `{"on": false}`, 404, `"no_source"`},
		{"PUT", "/api/sources/bluesky", `{}`, 400, `"bad_json"`},
		{"PUT", "/api/sources/bluesky", `{"off": true}`, 400, `{\"on\": false}`},
		{"PUT", "/api/sources/bluesky", ``, 400, `"bad_json"`},
		{"GET", "/api/sources/bluesky", ``, 405, `"bad_method"`},
	} {
		if w := b.do(c.method, c.path, c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.answer) {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, w.Code, w.Body)
		}
	}
	if w := b.do("PUT", "/api/sources/bluesky", `{"on": false}`, "Authorization", "Bearer guess"); w.Code != http.StatusUnauthorized {
		t.Errorf("with a wrong key: %d", w.Code)
	}
	if got := fmt.Sprint(b.turned); got != "[bluesky false bluesky true myspace false]" {
		t.Errorf("turned: %s", got)
	}
}

func TestPostsAPINeedsAKey(t *testing.T) {
	if api, err := newPostsAPI(Secret{}, postsDoor{}); api != nil || err != nil {
		t.Errorf("without a key: %v, %v", api, err)
	}
	for _, s := range []Secret{{value: "short"}, {file: "/nowhere"}} {
		if api, err := newPostsAPI(s, postsDoor{}); api != nil || err == nil || !strings.HasPrefix(err.Error(), "api-token-file: ") {
			t.Errorf("%#v: %v, %v", s, api, err)
		}
	}
}

// FuzzPostsAPI sends anything: an answer is JSON and never says that we failed.
func FuzzPostsAPI(f *testing.F) {
	for _, body := range []string{"", "{}", "[]", "[{}]", "null", "7", "[[[", `{"text":"x"}`, `{"text":"x","author":null,"media":[null]}`, `{"text":"\ud800","id":"\u0000"}`, `{"text":"\u0000"}`, `{"text":"x"}]`, "\xff"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		b := newPostsBench(t)
		w := b.do("POST", "/api/posts", body)
		if !json.Valid(w.Body.Bytes()) || w.Code >= 500 || (w.Code == http.StatusAccepted) != (len(b.posts) > 0) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		for _, p := range b.posts {
			if p.Source != "api" || p.ID == "" || p.Author.ID == "" || strings.TrimSpace(p.Text) == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}
