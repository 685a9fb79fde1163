package feedsim

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// RSSPath is where feeds are; their names follow.
const RSSPath = "/feeds/"

// RSS fakes sites with feeds. Each request is a connection of the script. Send
// gives the feed a document, which stays until the next one, and answers with it,
// or with 304 to a client that has it; Refuse answers with anything else, a
// redirect too; Raw sends half a document before a Cut. A script without steps
// answers with the last document.
type RSS struct {
	*Core
	// Header are names and values, in turns, of all answers that have a document.
	Header []string

	mu   sync.Mutex
	last map[string]string // documents by path; guarded by mu
	busy map[string]bool   // hosts; guarded by mu
}

// NewRSS returns a fake that goes by a script.
func NewRSS(script Script) *RSS {
	return &RSS{Core: NewCore(script), last: map[string]string{}, busy: map[string]bool{}}
}

// Paths are the paths that it serves.
func (f *RSS) Paths() []string { return []string{RSSPath} }

func (f *RSS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := f.Record(w, r)
	switch {
	case r.Method != http.MethodGet:
		e.Answer(http.StatusMethodNotAllowed, "")
		return
	case r.UserAgent() == "" || strings.HasPrefix(r.UserAgent(), "Go-http-client/"):
		e.Answer(http.StatusForbidden, "say who you are")
		return
	}
	if !f.enter(r.Host) {
		f.fault("two requests at the same time at %s", r.Host)
	}
	defer f.leave(r.Host)
	n, end := e.stream()
	defer end()
	f.play(e, f.script(n, r))
}

// play goes by the script of a request.
func (f *RSS) play(e *Exchange, steps iter.Seq[Step]) {
	for s := range steps {
		switch s.do {
		case actSend:
			f.mu.Lock()
			f.last[e.r.URL.Path] = s.text
			f.mu.Unlock()
		case actRefuse:
			e.answer(s)
			return
		case actRaw:
			e.w.Header().Set("Content-Length", strconv.Itoa(2*len(s.text)+1))
			io.WriteString(e.w, s.text)
			http.NewResponseController(e.w).Flush()
		case actCut:
			panic(http.ErrAbortHandler)
		case actLate, actSleep:
			if !e.sleep(s.wait) {
				return
			}
		default:
			f.fault("a step that does not fit a feed: %+v", s)
		}
	}
	f.document(e)
}

// document answers with the last one, or with nothing to whom has it.
func (f *RSS) document(e *Exchange) {
	f.mu.Lock()
	doc := f.last[e.r.URL.Path]
	f.mu.Unlock()
	if doc == "" {
		e.Answer(http.StatusNotFound, "no such feed")
		return
	}
	sum := sha256.Sum256([]byte(doc))
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	header := append([]string{"ETag", tag, "Content-Type", "application/xml; charset=utf-8"}, f.Header...)
	if e.r.Header.Get("If-None-Match") == tag {
		e.Answer(http.StatusNotModified, "", header...)
		return
	}
	e.Answer(http.StatusOK, doc, header...)
}

// enter reports false when somebody is there already: a host is asked for one
// thing at a time.
func (f *RSS) enter(host string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.busy[host]
	f.busy[host] = true
	return !was
}

func (f *RSS) leave(host string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy[host] = false
}
