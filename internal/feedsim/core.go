package feedsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Core is what all fakes have: the scripts and the record. All methods may be
// called concurrently.
type Core struct {
	script Script

	mu         sync.Mutex // guards following
	requests   []*Request
	streams    int // how many took a script
	open, most int // streams
	faults     []string
}

// NewCore returns a core that goes by a script; nil: all streams are silent.
func NewCore(script Script) *Core {
	if script == nil {
		script = Scripts()
	}
	return &Core{script: script}
}

// Request is one that was made.
type Request struct {
	At     time.Time
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   string
	Frames []string  // what the client sent over its WebSocket
	Status int       // of the answer; 0: a stream
	Ended  time.Time // when its stream was over; zero: it isn't
}

// Requests returns a copy of the record, oldest first.
func (c *Core) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]Request, len(c.requests))
	for i, r := range c.requests {
		all[i] = *r
		all[i].Frames = slices.Clone(r.Frames)
	}
	return all
}

// MostOpen is the largest number of streams that were open at the same time.
func (c *Core) MostOpen() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most
}

// Open is how many streams are open now.
func (c *Core) Open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

// Faults are the things that clients did against the script or the protocol and
// that could not be answered by a status.
func (c *Core) Faults() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.faults)
}

func (c *Core) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// Exchange is one request and its answer. It belongs to the handler's goroutine.
type Exchange struct {
	core *Core
	w    http.ResponseWriter
	r    *http.Request
	log  *Request // guarded by core.mu
}

// maxBody bounds what is recorded of a request's body.
const maxBody = 1 << 20

// Record enters a request. It is the first thing that a handler does; the body
// can still be read.
func (c *Core) Record(w http.ResponseWriter, r *http.Request) *Exchange {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody))
	r.Body = io.NopCloser(bytes.NewReader(body))
	log := &Request{At: time.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone(), Body: string(body)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, log)
	return &Exchange{core: c, w: w, r: r, log: log}
}

// Answer answers with a status, a body, and header names and values in turns.
func (e *Exchange) Answer(status int, body string, header ...string) {
	e.answer(Refuse(status, body, header...))
}

// JSON answers with a value as JSON.
func (e *Exchange) JSON(status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // of a value that a fake made
	}
	e.Answer(status, string(body), "Content-Type", "application/json")
}

func (e *Exchange) answer(s Step) {
	e.core.mu.Lock()
	e.log.Status = s.status
	e.core.mu.Unlock()
	for name, values := range s.header {
		e.w.Header()[name] = values
	}
	e.w.WriteHeader(s.status)
	io.WriteString(e.w, s.text)
}

// stream takes the next script and counts the stream as open until end.
func (e *Exchange) stream() (n int, end func()) {
	c := e.core
	c.mu.Lock()
	defer c.mu.Unlock()
	n = c.streams
	c.streams++
	c.open++
	c.most = max(c.most, c.open)
	return n, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open--
		e.log.Ended = time.Now()
	}
}

// sleep waits, and reports false when the client has gone.
func (e *Exchange) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-e.r.Context().Done():
		return false
	}
}
