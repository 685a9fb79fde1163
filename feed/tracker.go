package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// TrackerOptions configure a [Tracker]. Only Sources is required.
type TrackerOptions struct {
	Sources []Source
	// Logger hears of sources that fail; default [slog.Default].
	Logger *slog.Logger
	// Cursors keep from where sources go on after a restart; nil: nobody does.
	Cursors Cursors
	// Rate is how many posts a second come at most; 0: all, up to 1,000. What is above
	// it is counted, see [Tracker.OnLimit].
	Rate float64
	// MaxPhrases is how many phrases may be tracked: 400.
	MaxPhrases int
}

// Tracker is a stream of posts by tracked words, for a program that wants nothing
// else: what node-tweet-stream was for Twitter.
//
//	t := feed.NewTracker(&feed.TrackerOptions{Sources: sources})
//	t.Track("socket.io", "javascript")
//	t.OnTweet(func(post feed.Shown) { fmt.Println(post.Text) })
//	err := t.Run(ctx)
//
// All methods may be called concurrently, before Run and during it. Changes of what
// is tracked need no order to reconnect: they are collected for a moment, and
// a source has no connection while nothing is tracked.
//
// The functions given to On… are called one at a time, by one goroutine. They
// should be quick: posts are dropped, and counted, while one does not return.
type Tracker struct {
	router *Router
	err    error // of the options

	change sync.Mutex // orders changes; guards following
	want   Tracking

	mu        sync.Mutex // guards following
	tweet     []func(Shown)
	gone      []func(Ref)
	limit     []func(Limit)
	connect   []func(source string)
	reconnect []func(Reconnect)
	fail      []func(SourceError)

	// Owned by the goroutine that calls the functions.
	phases  map[string]Phase
	failed  []error
	skipped uint64
	stop    context.CancelFunc // ends Run
}

// Limit says how many posts that match did not come.
type Limit struct {
	Source string // who withheld them; "": this process, by Rate or because a function took long
	// Undelivered is their number since the source has connected, or Run begun.
	Undelivered uint64
}

// Reconnect says that a source has lost its connection, and makes another one.
type Reconnect struct {
	Source string
	State  State // Reason says why, Until when; zero: at once
}

// SourceError says that a source has ended for good.
type SourceError struct {
	Source, Title string
	Reason        string // a plain sentence for people
}

func (e SourceError) Error() string { return fmt.Sprintf("feed: %s: %s", e.Title, e.Reason) }

// NewTracker returns a tracker of nothing.
func NewTracker(opts *TrackerOptions) *Tracker {
	var o TrackerOptions
	if opts != nil {
		o = *opts
	}
	t := &Tracker{err: checkSources(o.Sources), phases: map[string]Phase{}}
	if t.err != nil {
		o.Sources = nil
	}
	rate := min(cmp.Or(o.Rate, maxRate), maxRate)
	t.router = NewRouter(&Options{
		Sources:    o.Sources,
		Receiver:   trackerReceiver{t},
		Logger:     o.Logger,
		Cursors:    o.Cursors,
		MaxPhrases: cmp.Or(o.MaxPhrases, 400),
		Rate:       rate,
		Burst:      max(1, int(rate)),
	})
	t.router.Watch(trackerName, true)
	return t
}

// checkSources says by name what is missing.
func checkSources(sources []Source) error {
	if len(sources) == 0 {
		return errors.New("feed: TrackerOptions.Sources is empty: name at least one source")
	}
	if i := slices.Index(sources, nil); i >= 0 {
		return fmt.Errorf("feed: TrackerOptions.Sources[%d] is nil: look at the error of the function that was to make it", i)
	}
	return nil
}

// trackerName is the only owner of a tracker's router.
const trackerName = "tracker"

// Run calls the functions until ctx ends, and returns nil. It returns an error at
// once when the options are not complete, and later when all sources have
// failed for good. Run is called once.
func (t *Tracker) Run(ctx context.Context) error {
	if t.err != nil {
		return t.err
	}
	ctx, t.stop = context.WithCancel(ctx)
	defer t.stop()
	if err := t.router.Run(ctx); err != nil {
		return err
	}
	if len(t.failed) == len(t.router.feeders) {
		return errors.Join(t.failed...)
	}
	return nil
}

// Track adds words, one or many. Those that are tracked already change nothing. Nothing
// is added when it returns an error, a [*PhraseError] or a [*LimitError].
func (t *Tracker) Track(words ...string) error {
	return t.update(func(w *Tracking) { w.Words = append(w.Words, words...) })
}

// Untrack takes words away. One that is not tracked changes nothing.
func (t *Tracker) Untrack(words ...string) {
	t.without(words, canonicalWord, func(w *Tracking) *[]string { return &w.Words })
}

// UntrackAll takes all words away.
func (t *Tracker) UntrackAll() { t.mustUpdate(func(w *Tracking) { w.Words = nil }) }

// Tracking returns the words in their canonical form, in the order of Track.
func (t *Tracker) Tracking() []string { return slices.Clone(t.now().Words) }

// Follow adds authors, as "source:id" (see [AuthorKey]): all of their posts come.
func (t *Tracker) Follow(authors ...string) error {
	return t.update(func(w *Tracking) { w.Authors = append(w.Authors, authors...) })
}

// Unfollow takes authors away.
func (t *Tracker) Unfollow(authors ...string) {
	t.without(authors, trimmed, func(w *Tracking) *[]string { return &w.Authors })
}

// Following returns the authors, in the order of Follow.
func (t *Tracker) Following() []string { return slices.Clone(t.now().Authors) }

// Language adds languages, BCP 47 tags: only posts in one of them come, and those of
// which nobody knows in which they are. Without any, all do.
func (t *Tracker) Language(langs ...string) error {
	for _, lang := range langs {
		if PrimaryLang(lang) == "" {
			return fmt.Errorf("feed: %q is not a language: write en, pt-BR, zh", lang)
		}
	}
	return t.update(func(w *Tracking) { w.Langs = append(w.Langs, langs...) })
}

// Unlanguage takes languages away.
func (t *Tracker) Unlanguage(langs ...string) {
	t.without(langs, PrimaryLang, func(w *Tracking) *[]string { return &w.Langs })
}

// Languages returns the primary subtags of the languages, in the order of Language.
func (t *Tracker) Languages() []string { return slices.Clone(t.now().Langs) }

// HasFilters reports whether anything is tracked, so that sources have a reason to
// connect. A language alone is none.
func (t *Tracker) HasFilters() bool {
	now := t.now()
	return len(now.Words) > 0 || len(now.Authors) > 0
}

// Reconnect has the sources hear of changes now, and not after the moment for
// which they are collected.
func (t *Tracker) Reconnect() { t.router.applyNow() }

func (t *Tracker) now() Tracking {
	t.change.Lock()
	defer t.change.Unlock()
	return t.want
}

// update changes a copy of what is wanted, and takes it when it can be had.
func (t *Tracker) update(change func(w *Tracking)) error {
	t.change.Lock()
	defer t.change.Unlock()
	want := t.want
	want.Sensitive = true
	for _, list := range []*[]string{&want.Words, &want.Authors, &want.Langs} {
		*list = slices.Clone(*list)
	}
	change(&want)
	want, err := t.router.Track(trackerName, want)
	if err == nil {
		t.want = want
	}
	return err
}

// mustUpdate is update for what cannot fail: there is less of it.
func (t *Tracker) mustUpdate(change func(w *Tracking)) {
	if err := t.update(change); err != nil {
		panic(err)
	}
}

// without takes values from a list in its canonical form.
func (t *Tracker) without(values []string, canonical func(string) string, list func(*Tracking) *[]string) {
	gone := make([]string, len(values))
	for i, value := range values {
		gone[i] = canonical(value)
	}
	t.mustUpdate(func(w *Tracking) {
		values := list(w)
		*values = slices.DeleteFunc(*values, func(v string) bool { return slices.Contains(gone, v) })
	})
}

func trimmed(author string) string { return strings.TrimSpace(author) }

// canonicalWord returns a word as Tracking.Words has it, or as it is when it would
// be refused.
func canonicalWord(word string) string {
	if w, err := readWish(Tracking{Words: []string{word}}, &Options{MaxPhrases: 1}); err == nil {
		return w.Words[0]
	}
	return word
}
