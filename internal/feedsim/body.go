package feedsim

import (
	"io"
	"net/http"
)

// Wire is how an upstream frames its stream in the body of an answer.
type Wire struct {
	ContentType string
	Opening     string                      // what comes first
	Frame       func(message string) string // a message with its framing
	Beat        string                      // a heartbeat
}

// Body answers with a stream by the script, until it ends or the client leaves.
func (e *Exchange) Body(wire *Wire) {
	n, end := e.stream()
	defer end()
	b := body{e: e, wire: wire}
	for step := range e.core.script(n, e.r) {
		if !b.do(step) {
			return
		}
	}
	b.begin()
	<-e.r.Context().Done()
}

// body is the answer's body.
type body struct {
	e     *Exchange
	wire  *Wire
	began bool
}

// begin sends the header, once.
func (b *body) begin() {
	if b.began {
		return
	}
	b.began = true
	b.e.w.Header().Set("Content-Type", b.wire.ContentType)
	b.e.w.WriteHeader(http.StatusOK)
	b.write(b.wire.Opening)
}

// do does a step and reports whether the stream goes on.
func (b *body) do(s Step) bool {
	switch {
	case s.do == actRefuse && !b.began:
		b.e.answer(s)
		return false
	case s.do == actLate && !b.began:
		return b.e.sleep(s.wait)
	}
	b.begin()
	switch s.do {
	case actSend:
		return b.write(b.wire.Frame(s.text))
	case actRaw:
		return b.write(s.text)
	case actBeat:
		return b.write(b.wire.Beat)
	case actSleep:
		return b.e.sleep(s.wait)
	case actCut:
		panic(http.ErrAbortHandler)
	case actEnd:
		return false
	}
	b.e.core.fault("a step that does not fit a stream over HTTP: %+v", s)
	return true
}

// write sends at once, and reports false when the client has gone.
func (b *body) write(text string) bool {
	io.WriteString(b.e.w, text)
	return http.NewResponseController(b.e.w).Flush() == nil && b.e.r.Context().Err() == nil
}
