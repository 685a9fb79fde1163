package feedsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The paths of Mastodon.
const (
	MastodonPath          = "/api/v1/streaming"
	MastodonInstancePath  = "/api/v2/instance"
	MastodonStatusesPath  = "/api/v1/statuses"
	MastodonTimelinesPath = "/api/v1/timelines/"
)

// Mastodon fakes a server of Mastodon 4.5: the instance, timelines, and streams
// over one WebSocket. A message is an envelope; one whose stream is ["public"] goes
// to all subscriptions that it is for, any other is sent as it stands. The fields
// are set before it serves.
type Mastodon struct {
	*Core
	// Token is the one that is accepted; "": any user's.
	Token string
	// Streaming is the address of the streams; "": where the instance was asked.
	Streaming string
	// Live and Hashtag are who may read the timelines: public, authenticated or
	// disabled, of local and remote posts; "": before 4.5, where nobody is told.
	Live, Hashtag [2]string
	// Statuses are the posts that there are, as JSON, oldest first; nil: none.
	Statuses func() []string

	mu   sync.Mutex             // guards following
	used map[int64]int          // requests by five minutes
	tags map[string]*statusHead // of posts by their ids, for their deletion
}

// NewMastodon returns a fake that goes by a script.
func NewMastodon(script Script) *Mastodon {
	return &Mastodon{Core: NewCore(script), used: map[int64]int{}, tags: map[string]*statusHead{}}
}

// Paths are the paths that it serves.
func (m *Mastodon) Paths() []string {
	return []string{MastodonPath, MastodonPath + "/", MastodonInstancePath, MastodonStatusesPath, MastodonTimelinesPath}
}

// mastodonError is the body of a refusal.
type mastodonError struct {
	Error string `json:"error"`
}

func (m *Mastodon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := m.Record(w, r)
	path := r.URL.Path
	switch {
	case r.Method != http.MethodGet:
		e.JSON(http.StatusNotFound, mastodonError{"Record not found"})
	case r.URL.Query().Has("access_token"):
		m.fault("the token stands in the address")
		e.JSON(http.StatusBadRequest, mastodonError{"this fake takes tokens in the header alone"})
	case path == MastodonPath+"/health":
		e.Answer(http.StatusOK, "OK", "Content-Type", "text/plain")
	case path == MastodonPath:
		if m.authorised(e) {
			m.stream(e)
		}
	case !m.within(e):
	case path == MastodonInstancePath:
		m.instance(e)
	case !m.authorised(e):
	case path == MastodonStatusesPath:
		m.statuses(e, r.URL.Query()["id[]"])
	case path == MastodonTimelinesPath+"public":
		m.timeline(e, "", m.Live)
	case strings.HasPrefix(path, MastodonTimelinesPath+"tag/"):
		m.timeline(e, strings.TrimPrefix(path, MastodonTimelinesPath+"tag/"), m.Hashtag)
	default:
		e.JSON(http.StatusNotFound, mastodonError{"Record not found"})
	}
}

// authorised refuses requests without the token of a user.
func (m *Mastodon) authorised(e *Exchange) bool {
	token, ok := strings.CutPrefix(e.r.Header.Get("Authorization"), "Bearer ")
	switch {
	case !ok || token == "":
		e.JSON(http.StatusUnauthorized, mastodonError{"Missing access token"})
	case strings.HasPrefix(token, "app-") || m.Token != "" && token != m.Token:
		e.JSON(http.StatusUnauthorized, mastodonError{"Invalid access token"})
	default:
		return true
	}
	return false
}

// mastodonLimit is how many requests an account has in five minutes.
const mastodonLimit = 300

// within counts a request, and refuses those that are too many.
func (m *Mastodon) within(e *Exchange) bool {
	const span = 5 * time.Minute
	now := time.Now()
	part := now.UnixNano() / int64(span)
	m.mu.Lock()
	m.used[part]++
	over := m.used[part] > mastodonLimit
	m.mu.Unlock()
	if over {
		reset := time.Unix(0, (part+1)*int64(span)).UTC().Format("2006-01-02T15:04:05.000000Z")
		e.Answer(http.StatusTooManyRequests, `{"error":"Too many requests"}`, "Content-Type", "application/json", "X-RateLimit-Reset", reset)
	}
	return !over
}

func (m *Mastodon) instance(e *Exchange) {
	streaming := m.Streaming
	if streaming == "" {
		streaming = "ws://" + e.r.Host
	}
	configuration := map[string]any{"urls": map[string]string{"streaming": streaming}}
	if m.Live[0] != "" {
		both := func(a [2]string) map[string]string { return map[string]string{"local": a[0], "remote": a[1]} }
		configuration["timelines_access"] = map[string]any{"live_feeds": both(m.Live), "hashtag_feeds": both(m.Hashtag)}
	}
	e.JSON(http.StatusOK, map[string]any{"domain": "fake.example", "title": "A fake", "version": "4.5.0", "configuration": configuration})
}

// statusHead is what the fake reads of a post.
type statusHead struct {
	ID   string    `json:"id"`
	Tags []tagHead `json:"tags"`
}

type tagHead struct {
	Name string `json:"name"`
}

func (h *statusHead) has(tag string) bool {
	return slices.ContainsFunc(h.Tags, func(t tagHead) bool { return strings.EqualFold(t.Name, tag) })
}

// each calls f with each post there is, the newest first, until it returns false.
func (m *Mastodon) each(f func(head *statusHead, text json.RawMessage) bool) {
	if m.Statuses == nil {
		return
	}
	for _, text := range slices.Backward(m.Statuses()) {
		var head statusHead
		if json.Unmarshal([]byte(text), &head) == nil && !f(&head, json.RawMessage(text)) {
			return
		}
	}
}

func (m *Mastodon) timeline(e *Exchange, tag string, access [2]string) {
	q := e.r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	switch {
	case access == [2]string{"disabled", "disabled"}:
		e.JSON(http.StatusForbidden, mastodonError{"This timeline is disabled"})
		return
	case err != nil || limit < 1:
		limit = 20
	}
	found := []json.RawMessage{}
	m.each(func(head *statusHead, text json.RawMessage) bool {
		since := q.Get("since_id")
		if newer := len(head.ID) > len(since) || len(head.ID) == len(since) && head.ID > since; newer && (tag == "" || head.has(tag)) {
			found = append(found, text)
		}
		return len(found) < min(limit, 40)
	})
	e.JSON(http.StatusOK, found)
}

func (m *Mastodon) statuses(e *Exchange, ids []string) {
	if len(ids) > 20 {
		e.JSON(http.StatusUnprocessableEntity, mastodonError{"Too many ids"})
		return
	}
	found := []json.RawMessage{}
	m.each(func(head *statusHead, text json.RawMessage) bool {
		if slices.Contains(ids, head.ID) {
			found = append(found, text)
		}
		return true
	})
	e.JSON(http.StatusOK, found)
}

// stream serves one WebSocket.
func (m *Mastodon) stream(e *Exchange) {
	s := &mastodonSocket{fake: m, have: map[string][]string{}}
	e.Socket(&Socket{Frame: s.frame, Fan: s.fan, Ping: 30 * time.Second, TextOnly: true})
}

// mastodonSocket is what one client has subscribed to.
type mastodonSocket struct {
	fake *Mastodon
	mu   sync.Mutex          // guards following
	have map[string][]string // names of streams by what they are sent as
}

// frame takes a frame of the client.
func (s *mastodonSocket) frame(text string) (reply string, code int, reason string) {
	var f struct{ Type, Stream, Tag string }
	if json.Unmarshal([]byte(text), &f) != nil {
		return "", 0, "" // the real one only logs it
	}
	name, says := streamName(f.Stream, f.Tag)
	if says != "" {
		return `{"error":"` + says + `","status":400}`, 0, ""
	}
	key := strings.Join(name, " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	_, has := s.have[key]
	switch {
	case f.Type == "subscribe" && has, f.Type == "unsubscribe" && !has:
		s.fake.fault("%s of %s for nothing", f.Type, key)
	case f.Type == "subscribe":
		s.have[key] = name
	case f.Type == "unsubscribe":
		delete(s.have, key)
	default:
		s.fake.fault("frame %q", text)
	}
	return "", 0, ""
}

// streamName is what events of a stream are sent as.
func streamName(stream, tag string) (name []string, says string) {
	switch stream {
	case "public", "public:local", "public:remote", "public:media":
		return []string{stream}, ""
	case "hashtag", "hashtag:local":
		if tag == "" {
			return nil, "Missing tag name parameter"
		}
		return []string{stream, strings.ToLower(tag)}, ""
	}
	return nil, "Unknown stream type"
}

// fan sends what is for all to each stream that it is for.
func (s *mastodonSocket) fan(message string) (frames []string) {
	var e struct {
		Stream  []string `json:"stream"`
		Event   string   `json:"event"`
		Payload *string  `json:"payload"`
	}
	if json.Unmarshal([]byte(message), &e) != nil || !slices.Equal(e.Stream, []string{"public"}) || e.Payload == nil {
		return []string{message}
	}
	head := s.fake.head(e.Event, *e.Payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range s.have {
		if len(name) == 2 && !head.has(name[1]) {
			continue
		}
		frame, _ := json.Marshal(map[string]any{"stream": name, "event": e.Event, "payload": *e.Payload}) // of strings
		frames = append(frames, string(frame))
	}
	slices.Sort(frames)
	return frames
}

// head is that of the post that an event is about.
func (m *Mastodon) head(event, payload string) *statusHead {
	m.mu.Lock()
	defer m.mu.Unlock()
	head := &statusHead{}
	if event == "delete" {
		if known := m.tags[payload]; known != nil {
			return known
		}
		return head
	}
	if json.Unmarshal([]byte(payload), head) == nil {
		if len(m.tags) > 10000 {
			clear(m.tags)
		}
		m.tags[head.ID] = head
	}
	return head
}
