package feedsim

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// WikimediaPath is where the streams are; their names follow, with commas.
const WikimediaPath = "/v2/stream/"

// wikimediaStreams are those that the fake knows.
var wikimediaStreams = []string{"recentchange", "mediawiki.recentchange",
	"page-delete", "mediawiki.page-delete", "revision-visibility-change", "mediawiki.revision-visibility-change"}

// contact is a User-Agent that says whom to write to.
var contact = regexp.MustCompile(`^\S+/\S+ \(.*(@|https?://).*\)`)

// Wikimedia fakes EventStreams. A message is the JSON of an event's data, from
// which the fake makes the id as the real one does.
type Wikimedia struct {
	*Core

	mu   sync.Mutex
	from map[string]int // streams by address; guarded by mu
}

// NewWikimedia returns a fake that goes by a script.
func NewWikimedia(script Script) *Wikimedia {
	return &Wikimedia{Core: NewCore(script), from: map[string]int{}}
}

// Paths are the paths that it serves.
func (f *Wikimedia) Paths() []string { return []string{WikimediaPath} }

// perAddress is how many streams one address may have.
const perAddress = 2

func (f *Wikimedia) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := f.Record(w, r)
	names := strings.Split(strings.TrimPrefix(r.URL.Path, WikimediaPath), ",")
	last := r.Header.Get("Last-Event-ID")
	switch {
	case !contact.MatchString(r.UserAgent()):
		e.Answer(http.StatusForbidden, "Please set a user-agent and respect our robot policy")
		return
	case slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(wikimediaStreams, n) }):
		e.Answer(http.StatusNotFound, "no such stream")
		return
	case !strings.Contains(r.Header.Get("Accept"), "text/event-stream"):
		e.Answer(http.StatusNotAcceptable, "this fake has events alone")
		return
	case last != "" && !json.Valid([]byte(last)):
		e.Answer(http.StatusBadRequest, "Failed parsing Last-Event-ID")
		return
	}
	leave, ok := f.enter(r.RemoteAddr)
	if !ok {
		e.Answer(http.StatusTooManyRequests, "Too Many Concurrent Connections From Your Client IP")
		return
	}
	defer leave()
	e.Body(&Wire{ContentType: "text/event-stream; charset=utf-8", Opening: ":ok\n\n", Frame: wikimediaFrame, Beat: ":\n\n"})
}

// enter counts a stream of an address.
func (f *Wikimedia) enter(address string) (leave func(), ok bool) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.from[host] >= perAddress {
		return nil, false
	}
	f.from[host]++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.from[host]--
	}, true
}

// wikimediaFrame gives a message the id that KafkaSSE gives it: the time of the
// last event, and one millisecond.
func wikimediaFrame(message string) string {
	var event struct {
		Meta struct {
			Stream string    `json:"stream"`
			DT     time.Time `json:"dt"`
		} `json:"meta"`
	}
	json.Unmarshal([]byte(message), &event) // what can't be read is sent all the same
	id := fmt.Sprintf(`[{"topic":"codfw.%[1]s","partition":0,"offset":-1},{"topic":"eqiad.%[1]s","partition":0,"timestamp":%d}]`,
		event.Meta.Stream, event.Meta.DT.UnixMilli()+1)
	return "event: message\nid: " + id + "\ndata: " + strings.ReplaceAll(message, "\n", "\ndata: ") + "\n\n"
}
