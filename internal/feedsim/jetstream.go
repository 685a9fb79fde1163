package feedsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The paths of Jetstream v2 and of the public API beside it.
const (
	JetstreamPath   = "/xrpc/network.bsky.jetstream.subscribeEvents"
	GetPostsPath    = "/xrpc/app.bsky.feed.getPosts"
	GetProfilesPath = "/xrpc/app.bsky.actor.getProfiles"
)

// timestampCursor is where cursors begin to be times in microseconds.
const timestampCursor = 1e15

// Jetstream fakes Bluesky's Jetstream v2, and the two calls of the public API
// that complete its posts. A message is a whole frame. The fields are set before
// it serves.
type Jetstream struct {
	*Core
	// Floor is the oldest seq that is kept: a cursor below it is too old.
	Floor int64
	// Profile is who a DID is; nil, or false: nobody knows yet.
	Profile func(did string) (Profile, bool)
	// Known tells whether getPosts has a post yet; nil: it has all.
	Known func(uri string) bool
}

// Profile is what the public API tells of an author and of a post.
type Profile struct {
	Handle, Name, Avatar string
	Labels, PostLabels   []string // values of the moderation service's labels
}

// NewJetstream returns a fake that goes by a script.
func NewJetstream(script Script) *Jetstream { return &Jetstream{Core: NewCore(script)} }

// Paths are the paths that it serves.
func (j *Jetstream) Paths() []string { return []string{JetstreamPath, GetPostsPath, GetProfilesPath} }

func (j *Jetstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := j.Record(w, r)
	switch {
	case r.Method != http.MethodGet:
		e.Answer(http.StatusMethodNotAllowed, "")
	case r.URL.Path == JetstreamPath:
		j.subscribe(e, r.URL.Query())
	case r.URL.Path == GetPostsPath:
		j.getPosts(e, r.URL.Query()["uris"])
	case r.URL.Path == GetProfilesPath:
		j.getProfiles(e, r.URL.Query()["actors"])
	default:
		e.JSON(http.StatusNotFound, xrpcError{"NotFound", "no such method"})
	}
}

// xrpcError is the body of a refusal.
type xrpcError struct {
	Error   string `json:"error"`
	Message string `json:"message"`
}

func (j *Jetstream) subscribe(e *Exchange, q url.Values) {
	if err := j.check(q); err != nil {
		e.JSON(http.StatusBadRequest, err)
		return
	}
	e.Socket(&Socket{
		Subprotocols: []string{"xrpc.v1.json"},
		Frame: func(string) (string, int, string) { // server push only
			return "", 1008, "unexpected data message"
		},
		Ping: 30 * time.Second,
	})
}

// check refuses what the real one refuses before the upgrade.
func (j *Jetstream) check(q url.Values) *xrpcError {
	invalid := func(format string, args ...any) *xrpcError {
		return &xrpcError{"InvalidRequest", "subscribe: invalid options: " + fmt.Sprintf(format, args...)}
	}
	for _, old := range []string{"wantedDids", "wantedCollections", "requireHello"} {
		if q.Has(old) {
			return invalid("%s is the legacy /subscribe parameter", old)
		}
	}
	if q.Get("compress") == "true" || q.Has("zstdDictionary") {
		return invalid("this fake has no dictionary")
	}
	kinds := q["kinds"]
	for _, kind := range kinds {
		if !slices.Contains([]string{"commit", "identity", "account", "sync"}, kind) {
			return invalid("unknown kind %q", kind)
		}
	}
	if len(q["collections"]) > 0 && len(kinds) > 0 && !slices.Contains(kinds, "commit") {
		return invalid("collections without commits")
	}
	if len(kinds) > 4 || len(q["dids"]) > 10000 || len(q["collections"]) > 100 {
		return invalid("too many values")
	}
	for _, did := range q["dids"] {
		if !strings.HasPrefix(did, "did:") {
			return invalid("bad did %q", did)
		}
	}
	if size := q.Get("maxMessageSizeBytes"); size != "" {
		if _, err := strconv.ParseUint(size, 10, 32); err != nil {
			return invalid("bad maxMessageSizeBytes %q", size)
		}
	}
	return j.checkCursor(q.Get("cursor"))
}

func (j *Jetstream) checkCursor(text string) *xrpcError {
	if text == "" {
		return nil
	}
	cursor, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || cursor < 0:
		return &xrpcError{"InvalidRequest", fmt.Sprintf("subscribe: invalid cursor: %q", text)}
	case cursor < j.Floor && cursor < timestampCursor:
		return &xrpcError{"CursorTooOld", fmt.Sprintf("subscribe: cursor too old: %d is below the floor %d", cursor, j.Floor)}
	}
	return nil
}

// batch is how many the public API takes at once.
const batch = 25

// author is a profile as the public API has it.
type author struct {
	DID         string  `json:"did"`
	Handle      string  `json:"handle"`
	DisplayName string  `json:"displayName,omitempty"`
	Avatar      string  `json:"avatar,omitempty"`
	Labels      []label `json:"labels"`
}

type label struct {
	Src string `json:"src"`
	Val string `json:"val"`
}

func labels(values []string) []label {
	all := []label{}
	for _, v := range values {
		all = append(all, label{Src: "did:plc:moderation", Val: v})
	}
	return all
}

func (j *Jetstream) profile(did string) (author, Profile, bool) {
	if j.Profile == nil {
		return author{}, Profile{}, false
	}
	p, ok := j.Profile(did)
	return author{did, p.Handle, p.Name, p.Avatar, labels(p.Labels)}, p, ok
}

func (j *Jetstream) getPosts(e *Exchange, uris []string) {
	if len(uris) == 0 || len(uris) > batch {
		e.JSON(http.StatusBadRequest, xrpcError{"InvalidRequest", "Error: uris must have 1 to 25 elements"})
		return
	}
	type post struct {
		URI    string          `json:"uri"`
		CID    string          `json:"cid"`
		Author author          `json:"author"`
		Record json.RawMessage `json:"record"`
		Labels []label         `json:"labels"`
	}
	posts := []post{}
	for _, uri := range uris {
		did, _, _ := strings.Cut(strings.TrimPrefix(uri, "at://"), "/")
		who, p, ok := j.profile(did)
		if ok && (j.Known == nil || j.Known(uri)) {
			posts = append(posts, post{uri, "bafyfake", who, json.RawMessage(`{}`), labels(p.PostLabels)})
		}
	}
	e.JSON(http.StatusOK, map[string]any{"posts": posts})
}

func (j *Jetstream) getProfiles(e *Exchange, dids []string) {
	if len(dids) == 0 || len(dids) > batch {
		e.JSON(http.StatusBadRequest, xrpcError{"InvalidRequest", "Error: actors must have 1 to 25 elements"})
		return
	}
	profiles := []author{}
	for _, did := range dids {
		if who, _, ok := j.profile(did); ok {
			profiles = append(profiles, who)
		}
	}
	e.JSON(http.StatusOK, map[string]any{"profiles": profiles})
}
