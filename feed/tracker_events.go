package feed

import (
	"slices"
	"sync"
)

// OnTweet has f called with each post that matches, and with each revision of one:
// that has the Source and ID of the first and another Rev.
func (t *Tracker) OnTweet(f func(Shown)) { add(&t.mu, &t.tweet, f) }

// OnDelete has f called when a post, or all of an author's, must not be shown any
// more, whether it came before or not.
func (t *Tracker) OnDelete(f func(Ref)) { add(&t.mu, &t.gone, f) }

// OnLimit has f called when the number of posts that did not come has grown.
func (t *Tracker) OnLimit(f func(Limit)) { add(&t.mu, &t.limit, f) }

// OnConnect has f called with the name of a source whose posts begin to come.
func (t *Tracker) OnConnect(f func(source string)) { add(&t.mu, &t.connect, f) }

// OnReconnect has f called when a source has to connect once more.
func (t *Tracker) OnReconnect(f func(Reconnect)) { add(&t.mu, &t.reconnect, f) }

// OnError has f called when a source has ended for good. The others go on.
func (t *Tracker) OnError(f func(SourceError)) { add(&t.mu, &t.fail, f) }

func add[F any](mu *sync.Mutex, list *[]F, f F) {
	mu.Lock()
	defer mu.Unlock()
	*list = append(slices.Clip(*list), f) // one that is being gone through stays as it is
}

// emit calls the functions of a list, in the order in which they were added.
func emit[T any](t *Tracker, list *[]func(T), value T) {
	t.mu.Lock()
	all := *list
	t.mu.Unlock()
	for _, f := range all {
		f(value)
	}
}

// trackerReceiver is the Receiver of a tracker's router.
type trackerReceiver struct{ *Tracker }

var (
	_ Receiver = trackerReceiver{}
	_ noticer  = trackerReceiver{}
)

func (t trackerReceiver) Post(_ string, s *Shown) { emit(t.Tracker, &t.tweet, *s) }

func (t trackerReceiver) Retract(_ []string, r Ref) { emit(t.Tracker, &t.gone, r) }

func (t trackerReceiver) Hide(_ []string, r Ref) { emit(t.Tracker, &t.gone, r) }

// Meta tells what this process has left out.
func (t trackerReceiver) Meta(_ string, m Meta) {
	skipped := m.Skipped[SkipRate]
	for _, s := range t.router.Sources() {
		skipped += s.Skipped[SkipQueue]
	}
	if skipped > t.skipped {
		t.skipped = skipped
		emit(t.Tracker, &t.limit, Limit{Undelivered: skipped})
	}
}

func (t trackerReceiver) Sources([]SourceStatus) {}

func (t trackerReceiver) notice(n notice) {
	if n.isLimit {
		emit(t.Tracker, &t.limit, Limit{Source: n.source, Undelivered: n.withheld})
		return
	}
	was := t.phases[n.source]
	t.phases[n.source] = n.state.Phase
	switch n.state.Phase {
	case PhaseLive:
		if was != PhaseLive {
			emit(t.Tracker, &t.connect, n.source)
		}
	case PhaseWaiting:
		emit(t.Tracker, &t.reconnect, Reconnect{n.source, n.state})
	case PhaseConnecting:
		if was != PhaseWaiting && n.state.Reason != "" { // at once
			emit(t.Tracker, &t.reconnect, Reconnect{n.source, n.state})
		}
	case PhaseFailed:
		if was != PhaseFailed {
			t.sourceFailed(n)
		}
	}
}

func (t trackerReceiver) sourceFailed(n notice) {
	err := SourceError{Source: n.source, Title: t.router.title(n.source), Reason: n.state.Reason}
	emit(t.Tracker, &t.fail, err)
	if t.Tracker.failed = append(t.failed, err); len(t.failed) == len(t.router.feeders) {
		t.stop()
	}
}
