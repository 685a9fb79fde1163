package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"rightnow/feed"
)

// errEnough ends the command as it was asked for.
var errEnough = errors.New("enough")

const (
	// nameWait is how long a post waits for the name of its author.
	nameWait = 2 * time.Second
	// maxPrinted is how many posts are remembered for their deletion.
	maxPrinted = 2000
)

// feedPrinter writes what the router shows. It is a [feed.Receiver].
type feedPrinter struct {
	flags  *feedFlags
	titles map[string]string // of the sources
	color  bool
	stderr io.Writer
	enough context.CancelCauseFunc

	mu      sync.Mutex // guards following
	out     io.Writer
	printed map[postKey]printed
	order   []postKey             // of printed, the oldest first
	waiting map[postKey]*waiting  // for the name of their author
	states  map[string]feed.State // by the name of the source
	count   int
	closed  bool
}

var _ feed.Receiver = (*feedPrinter)(nil)

// postKey names a post.
type postKey struct{ source, id string }

// printed is what a deletion is told with.
type printed struct{ author, handle, text string }

// waiting is a post whose author has no name yet.
type waiting struct {
	post  *feed.Shown
	timer *time.Timer
}

func newFeedPrinter(f *feedFlags, sources []feed.Source, stdout, stderr io.Writer, enough context.CancelCauseFunc) *feedPrinter {
	titles := map[string]string{}
	for _, s := range sources {
		titles[s.Name()] = s.Title()
	}
	return &feedPrinter{
		flags: f, titles: titles, color: !f.noColor && !f.json && colorful(stdout, f.settings.env),
		out: stdout, stderr: stderr, enough: enough,
		printed: map[postKey]printed{}, waiting: map[postKey]*waiting{}, states: map[string]feed.State{},
	}
}

// close forgets what waits.
func (p *feedPrinter) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, w := range p.waiting {
		w.timer.Stop()
	}
}

// Post implements [feed.Receiver]. One whose author is only a number waits a
// moment for the name, which comes as a revision.
func (p *feedPrinter) Post(_ string, s *feed.Shown) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := postKey{s.Source, s.ID}
	if w := p.waiting[key]; w != nil {
		w.post = s
		if named(s) && w.timer.Stop() {
			p.ripeLocked(key, w)
		}
		return
	}
	if _, before := p.printed[key]; named(s) || before {
		p.postLocked(s)
		return
	}
	w := &waiting{post: s}
	w.timer = time.AfterFunc(nameWait, func() { // stopped by close, or harmless after it
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ripeLocked(key, w)
	})
	p.waiting[key] = w
}

func named(s *feed.Shown) bool { return s.Author.Handle != "" || s.Author.Name != "" }

// ripeLocked prints a post that has waited long enough. p.mu must be held.
func (p *feedPrinter) ripeLocked(key postKey, w *waiting) {
	if p.waiting[key] == w {
		delete(p.waiting, key)
		p.postLocked(w.post)
	}
}

// postLocked prints a post, and a revision when it says something else. p.mu must
// be held.
func (p *feedPrinter) postLocked(s *feed.Shown) {
	key := postKey{s.Source, s.ID}
	before, again := p.printed[key]
	if again && before.text == s.Text {
		return
	}
	p.rememberLocked(key, printed{s.Author.ID, s.Author.Handle, s.Text})
	if p.flags.json {
		p.writeLocked(jsonLine(s))
	} else {
		p.writeLocked(textOf(s, &look{source: p.titles[s.Source], color: p.color, edited: again, sensitive: p.flags.sensitive, now: time.Now()}))
	}
	if p.count++; p.count == p.flags.count {
		p.closed = true
		p.enough(errEnough)
	}
}

func (p *feedPrinter) rememberLocked(key postKey, what printed) {
	if _, known := p.printed[key]; !known {
		p.order = append(p.order, key)
	}
	p.printed[key] = what
	if len(p.order) > maxPrinted {
		delete(p.printed, p.order[0])
		p.order = p.order[1:]
	}
}

// writeLocked writes, once: what fails ends the command. p.mu must be held.
func (p *feedPrinter) writeLocked(text string) {
	if p.closed {
		return
	}
	if _, err := io.WriteString(p.out, text); err != nil {
		p.closed = true
		p.enough(err)
	}
}

// Retract implements [feed.Receiver].
func (p *feedPrinter) Retract(owners []string, r feed.Ref) { p.gone(owners, r, "deleted") }

// Hide implements [feed.Receiver].
func (p *feedPrinter) Hide(owners []string, r feed.Ref) {
	p.gone(owners, r, "edited, and does not match any more")
}

// gone tells of what was printed that it is not there any more.
func (p *feedPrinter) gone(owners []string, r feed.Ref, how string) {
	if len(owners) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	meant := func(k postKey, author string) bool {
		return k.source == r.Source && (r.ID == "" || k.id == r.ID) && (r.AuthorID == "" || author == r.AuthorID)
	}
	for key, w := range p.waiting {
		if meant(key, w.post.Author.ID) {
			w.timer.Stop()
			delete(p.waiting, key)
		}
	}
	kept := p.order[:0]
	for _, key := range p.order {
		what := p.printed[key]
		if !meant(key, what.author) {
			kept = append(kept, key)
			continue
		}
		delete(p.printed, key)
		if p.flags.json {
			p.writeLocked(jsonLine(map[string]any{"gone": map[string]string{"source": key.source, "id": key.id, "how": how}}))
		} else {
			p.writeLocked(goneText(what, how, p.color))
		}
	}
	p.order = kept
}

// Meta implements [feed.Receiver].
func (p *feedPrinter) Meta(string, feed.Meta) {}

// Sources implements [feed.Receiver]. When all have failed for good there is
// nothing to wait for.
func (p *feedPrinter) Sources(all []feed.SourceStatus) {
	p.mu.Lock()
	defer p.mu.Unlock()
	failed := 0
	var reason string
	for _, s := range all {
		if s.State.Phase == feed.PhaseFailed {
			failed++
			reason = s.Title + ": " + s.State.Reason
		}
		p.stateLocked(&s)
	}
	if failed == len(all) && failed > 0 {
		p.closed = true
		p.enough(fmt.Errorf("no source is left: %s", oneLine(reason, 300)))
	}
}

// stateLocked tells how a source does, when that is news: another try that ends as
// the last one is none. p.mu must be held.
func (p *feedPrinter) stateLocked(s *feed.SourceStatus) {
	told := p.states[s.Name]
	again := s.State.Phase == feed.PhaseConnecting && told.Phase == feed.PhaseWaiting
	if p.closed || again || told.Phase == s.State.Phase && told.Reason == s.State.Reason {
		return
	}
	p.states[s.Name] = s.State
	fmt.Fprintf(p.stderr, "rightnow: %s\n", stateText(s))
}

func jsonLine(v any) string {
	text, err := marshalLine(v)
	if err != nil {
		panic(err) // of a post that the router has cleaned
	}
	return string(text) + "\n"
}
