package app

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rightnow/feed"
)

// postsSource is the name of the source that posts of the API have.
const postsSource = "api"

const (
	maxPostsBody = 256 << 10 // bytes of a request
	maxPosts     = 100       // in a request
	maxPostID    = 200       // bytes
	minAPIKey    = 16        // characters
)

// postsAPI answers POST /api/posts, DELETE /api/posts/{id} and PUT
// /api/sources/{name}. It may be used by several goroutines at once. docs/api.md is
// its contract.
type postsAPI struct {
	key [sha256.Size]byte // of the token
	postsDoor
}

// postsDoor is what the API asks of a [feed.Router].
type postsDoor struct {
	inject func(feed.Post) bool
	remove func(feed.Ref)
	turn   func(source string, on bool) bool
}

// newPostsAPI returns nil when there is no key.
func newPostsAPI(secret Secret, door postsDoor) (*postsAPI, error) {
	key, err := secret.Read()
	switch {
	case err != nil:
		return nil, fmt.Errorf("api-token-file: %w", err)
	case key == "":
		return nil, nil
	case len(key) < minAPIKey:
		return nil, fmt.Errorf("api-token-file: the key has fewer than %d characters: make one with `openssl rand -hex 16`", minAPIKey)
	}
	return &postsAPI{key: sha256.Sum256([]byte(key)), postsDoor: door}, nil
}

// routes adds the addresses to mux. a may be nil, which says so.
func (a *postsAPI) routes(mux *http.ServeMux) {
	if a == nil {
		mux.Handle("/api/posts", withoutBody(http.HandlerFunc(noPosts)))
		mux.Handle("/api/sources/{name}", withoutBody(http.HandlerFunc(noPosts)))
		return
	}
	mux.HandleFunc("POST /api/posts", a.guarded(a.post))
	mux.HandleFunc("DELETE /api/posts/{id}", a.guarded(a.delete))
	mux.HandleFunc("PUT /api/sources/{name}", a.guarded(a.switchSource))
	// Or else these would be addresses of the page.
	mux.Handle("/api/posts", withoutBody(only(http.MethodPost)))
	mux.Handle("/api/posts/{id}", withoutBody(only(http.MethodDelete)))
	mux.Handle("/api/sources/{name}", withoutBody(only(http.MethodPut)))
}

// only answers the other methods.
func only(method string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", method)
		refusePost(w, &apiError{http.StatusMethodNotAllowed, "bad_method", "This address knows " + method + " only.", ""})
	}
}

// apiError is an answer that is no success.
type apiError struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func (e *apiError) Error() string { return e.Message }

// guarded lets in who has the key, and answers the errors of do.
func (a *postsAPI) guarded(do func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// A body that does not come, or that nobody reads, ends here.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
		w.Header().Set("Cache-Control", "no-store")
		err := a.authorize(r)
		if err == nil {
			err = do(w, r)
		}
		if err != nil {
			refusePost(w, err)
		}
	}
}

func noPosts(w http.ResponseWriter, _ *http.Request) {
	refusePost(w, &apiError{http.StatusNotFound, "off", "This server takes no posts.", "Give it a key: --api-token-file FILE, or " + envPrefix + "API_TOKEN."})
}

func refusePost(w http.ResponseWriter, err error) {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		e = &apiError{Status: http.StatusBadRequest, Code: "bad_request", Message: "The request could not be read."}
	}
	switch e.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="posts"`)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	answerJSON(w, e.Status, map[string]*apiError{"error": e})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

// authorize compares digests: neither the key nor its length shows in the time it takes.
func (a *postsAPI) authorize(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(given[:], a.key[:]) == 1 {
		return nil
	}
	return &apiError{http.StatusUnauthorized, "unauthorized", "The key is missing or wrong.", "Send the header Authorization: Bearer KEY."}
}

// accepted is the answer to posts that were taken.
type accepted struct {
	IDs []string `json:"ids"`
}

func (a *postsAPI) post(w http.ResponseWriter, r *http.Request) error {
	posts, err := readPosts(w, r)
	if err != nil {
		return err
	}
	done := accepted{IDs: make([]string, 0, len(posts))}
	for _, p := range posts {
		if !a.inject(p) {
			return &apiError{http.StatusServiceUnavailable, "busy",
				fmt.Sprintf("%d of %d posts were taken, the others come too fast.", len(done.IDs), len(posts)),
				"Send all of them again in a second; give each an id, so that none is taken twice."}
		}
		done.IDs = append(done.IDs, p.ID)
	}
	answerJSON(w, http.StatusAccepted, done)
	return nil
}

func (a *postsAPI) delete(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := checkPostID(id); err != nil {
		return err
	}
	a.remove(feed.Ref{Source: postsSource, ID: id})
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// switchSource is the kill switch of a source, until the program ends.
func (a *postsAPI) switchSource(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	var wish struct{ On *bool }
	err = decodeStrictly(body, &wish)
	if wish.On == nil || err != nil {
		return &apiError{http.StatusBadRequest, "bad_json", "The body does not say whether the source is on.", `It is {"on": false} or {"on": true}.`}
	}
	if !a.turn(r.PathValue("name"), *wish.On) {
		return &apiError{http.StatusNotFound, "no_source", "There is no source of this name.", "Those that there are stand in the setting feed, such as bluesky."}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readBody reads JSON.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return nil, &apiError{http.StatusUnsupportedMediaType, "not_json", "The body has to be JSON.", "Send the header Content-Type: application/json."}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPostsBody))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return nil, &apiError{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("The body has more than %d bytes.", maxPostsBody), "Send fewer posts at once."}
	}
	return body, err
}

// readPosts reads an object or an array of them.
func readPosts(w http.ResponseWriter, r *http.Request) ([]feed.Post, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	var given []givenPost
	body = bytes.TrimLeft(body, " \t\r\n")
	if bytes.HasPrefix(body, []byte("[")) {
		err = decodeStrictly(body, &given)
	} else {
		given = make([]givenPost, 1)
		err = decodeStrictly(body, &given[0])
	}
	switch {
	case err != nil:
		return nil, err
	case len(given) == 0:
		return nil, &apiError{http.StatusBadRequest, "empty", "There is no post in the array.", ""}
	case len(given) > maxPosts:
		return nil, &apiError{http.StatusRequestEntityTooLarge, "too_many", fmt.Sprintf("%d posts are more than %d at once.", len(given), maxPosts), "Send them in several requests."}
	}
	return makePosts(given)
}

func makePosts(given []givenPost) ([]feed.Post, error) {
	posts := make([]feed.Post, len(given))
	for i := range given {
		p, err := given[i].post(time.Now())
		if e, ok := errors.AsType[*apiError](err); ok && len(given) > 1 {
			e.Message = fmt.Sprintf("Post %d: %s", i+1, e.Message)
		}
		if err != nil {
			return nil, err
		}
		posts[i] = p
	}
	return posts, nil
}

// decodeStrictly refuses fields that are not known: a misspelt one would be lost
// without a word.
func decodeStrictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, end := d.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("there is more after the end")
		}
	}
	if err == nil {
		return nil
	}
	reason := strings.TrimPrefix(err.Error(), "json: ")
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		reason = fmt.Sprintf("%q cannot be of the type %s", wrong.Field, wrong.Value)
		if wrong.Field == "" {
			reason = "a post cannot be of the type " + wrong.Value
		}
	}
	return &apiError{http.StatusBadRequest, "bad_json", "The body cannot be read: " + reason + ".", "A post is {\"text\": \"…\"}; docs/api.md has all fields."}
}

// givenPost is a post as a program sends it.
type givenPost struct {
	ID        string       `json:"id"`
	Text      string       `json:"text"`
	Author    *feed.Author `json:"author"`
	Warning   string       `json:"warning"`
	Tags      []string     `json:"tags"`
	Langs     []string     `json:"langs"`
	URL       string       `json:"url"`
	Media     []feed.Media `json:"media"`
	Sensitive bool         `json:"sensitive"`
	CreatedAt time.Time    `json:"created_at"`
}

// post is the post, cleaned like that of any source.
func (g *givenPost) post(now time.Time) (feed.Post, error) {
	if g.ID == "" {
		g.ID = strings.ToLower(rand.Text())
	}
	if err := checkPostID(g.ID); err != nil {
		return feed.Post{}, err
	}
	for _, link := range g.links() {
		if link != "" && !strings.HasPrefix(link, "https://") {
			return feed.Post{}, &apiError{http.StatusBadRequest, "bad_url", fmt.Sprintf("%.80q is no https address.", link), "Links begin with https://."}
		}
	}
	p := feed.Post{
		Source: postsSource, ID: g.ID, Text: g.Text, Warning: g.Warning, Tags: g.Tags, Langs: g.Langs,
		URL: g.URL, Media: g.Media, Sensitive: g.Sensitive, CreatedAt: g.CreatedAt, ReceivedAt: now,
		Author: feed.Author{ID: postsSource, Name: "API"},
	}
	if g.Author != nil {
		p.Author = *g.Author
		p.Author.ID = firstOf(g.Author.ID, g.Author.Handle, g.Author.Name, postsSource)
	}
	if p.CreatedAt.IsZero() {
		p.CreatedAt = now
	}
	p.Rev = g.revision()
	if refused, ok := errors.AsType[*feed.PostError](feed.Clean(&p, now)); ok {
		return feed.Post{}, &apiError{http.StatusBadRequest, "bad_post", refused.Field + ": " + refused.Reason, ""}
	}
	if g.URL != "" && p.URL == "" {
		return feed.Post{}, &apiError{http.StatusBadRequest, "bad_url", fmt.Sprintf("%.80q cannot be shown as a link.", g.URL), "A link is https://host/path, without a user or a password."}
	}
	if p.Text == "" { // or there was nothing in it to see
		return feed.Post{}, &apiError{http.StatusBadRequest, "no_text", "A post needs a text.", ""}
	}
	return p, nil
}

// revision is the same for the same content: what is sent again is no edit.
func (g *givenPost) revision() string {
	text, _ := json.Marshal(g) // of plain data
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func (g *givenPost) links() []string {
	links := []string{g.URL}
	if g.Author != nil {
		links = append(links, g.Author.URL, g.Author.Avatar)
	}
	for _, m := range g.Media {
		links = append(links, m.URL, m.Preview)
	}
	return links
}

func firstOf(texts ...string) string {
	return texts[slices.IndexFunc(texts, func(s string) bool { return s != "" })]
}

func checkPostID(id string) error {
	odd := func(r rune) bool { return r < '!' || r == 0x7f || r == '/' }
	if id == "" || len(id) > maxPostID || !utf8.ValidString(id) || strings.ContainsFunc(id, odd) {
		return &apiError{http.StatusBadRequest, "bad_id", fmt.Sprintf("An id has 1 to %d bytes, without spaces and slashes.", maxPostID), ""}
	}
	return nil
}
