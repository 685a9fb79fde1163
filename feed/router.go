package feed

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Router joins sources with owners: it has the union of what all owners track
// wanted of every source, and offers each owner what matches, at a rate that people
// can read. An owner is a room, a person, a program: whoever tracks under a name.
//
// All methods may be called concurrently, before Run, during it and after it.
// None of them blocks or calls the Receiver.
//
// What an owner tracks is a setting and stays until [Router.Drop]. Only while
// somebody watches, and for a while longer, is it wanted of the sources.
type Router struct {
	// Fixed at creation.
	opts     Options
	log      *slog.Logger
	inbox    *inbox
	feeders  []*feeder       // one a source
	injected *feeder         // what comes from none of them
	lingers  []time.Duration // those of all sources
	wake     chan struct{}   // has room for one: the loop has to look; never closed
	visit    func(owner, phrase string)

	mu      sync.Mutex // guards following
	owners  map[string]*owner
	tracked map[string]map[string]struct{} // phrase → owners, whether they are watched or not
	index   *Index                         // phrases of active owners
	follows map[string]map[*owner]struct{} // author key → active owners
	shelf   shelf
	sample  sample
	seen    uint64         // posts that were looked at
	hits    map[string]int // in this window, of each phrase

	changedFirst, changeDue time.Time // of the union, zero: it has not changed
	lingerDue               time.Time // zero: nobody lingers
	swept                   time.Time
	windowFrom, metaAt      time.Time
	sourcesNew              bool
	sourcesAt               time.Time // not told before
	releases                releases
	holding                 map[*owner]struct{} // those with a held post
	calls, spare            []func(Receiver)    // to be made; for the next ones

	// The post that is looked at.
	doc     Doc
	touched []*owner
	lastHit string
}

// NewRouter returns a router that does nothing until [Router.Run]. It panics
// without a Receiver and when two sources have one name, which are mistakes of
// the program.
func NewRouter(opts *Options) *Router {
	r := &Router{
		opts:    opts.withDefaults(),
		wake:    make(chan struct{}, 1),
		owners:  map[string]*owner{},
		tracked: map[string]map[string]struct{}{},
		index:   NewIndex(),
		follows: map[string]map[*owner]struct{}{},
		shelf:   newShelf(),
		hits:    map[string]int{},
		holding: map[*owner]struct{}{},
	}
	if r.opts.Receiver == nil {
		panic("feed: Options.Receiver is missing")
	}
	r.log = r.opts.Logger
	r.visit = r.hit
	r.inbox = newInbox(&r.opts, r.wakeUp)
	r.injected = newFeeder(nil, r.inbox, &r.opts)
	r.addSources()
	return r
}

func (r *Router) addSources() {
	names := map[string]struct{}{}
	for _, s := range r.opts.Sources {
		f := newFeeder(s, r.inbox, &r.opts)
		if _, double := names[f.name]; double || f.name == "" || strings.Contains(f.name, ":") {
			panic(fmt.Sprintf("feed: the name of a source is empty, has a colon or is another's: %q", f.name))
		}
		names[f.name] = struct{}{}
		r.feeders = append(r.feeders, f)
		r.lingers = append(r.lingers, f.linger(&r.opts))
	}
	if len(r.lingers) == 0 {
		r.lingers = append(r.lingers, r.opts.Linger)
	}
	slices.Sort(r.lingers)
	r.lingers = slices.Compact(r.lingers)
}

// wakeUp has the loop look for what there is to do.
func (r *Router) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Run runs the sources and calls the Receiver until ctx ends, and returns nil when
// all goroutines have ended, cursors being saved. A source that fails for good, or
// panics, is told of in [Router.Sources] and the log and doesn't end the others.
// Run is called once.
func (r *Router) Run(ctx context.Context) error {
	var all sync.WaitGroup
	all.Go(func() { r.loop(ctx) })
	for _, f := range r.feeders {
		all.Go(func() { r.supervise(ctx, f) })
	}
	if r.opts.Cursors != nil {
		all.Go(func() { r.saveCursors(ctx) })
	}
	all.Wait()
	r.finish()
	if r.opts.Cursors != nil {
		r.saveChanged()
	}
	return nil
}

// Track replaces what the owner wants, and returns it in its canonical form: words
// as [Phrase] has them, repeated ones taken out. Nothing changes when it returns
// an error: a [*PhraseError] when a phrase is refused, a [*LimitError] when there are
// too many.
//
// What an owner has been shown stays, but for posts of authors who are now muted.
func (r *Router) Track(owner string, t Tracking) (Tracking, error) {
	w, err := readWish(t, &r.opts)
	if err != nil {
		return Tracking{}, err
	}
	now := time.Now()
	defer r.wakeUp()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.room(owner, w); err != nil {
		return Tracking{}, err
	}
	o := r.owner(owner)
	r.replace(o, w, now)
	return w.Tracking, nil
}

// room tells whether the phrases of an owner's wish find room beside those of all
// others.
func (r *Router) room(owner string, w wish) error {
	total := len(r.tracked)
	if o := r.owners[owner]; o != nil {
		for _, p := range o.wish.phrases {
			if len(r.tracked[p.String()]) == 1 {
				total--
			}
		}
	}
	for _, p := range w.phrases {
		others := len(r.tracked[p.String()])
		if _, own := r.tracked[p.String()][owner]; own {
			others--
		}
		if others == 0 {
			total++
		}
	}
	if total > r.opts.MaxServerPhrases {
		return &LimitError{What: "phrases", Max: r.opts.MaxServerPhrases, Server: true}
	}
	for _, f := range r.feeders {
		if f.caps.MaxWords > 0 && total > f.caps.MaxWords {
			return &LimitError{What: "phrases", Max: f.caps.MaxWords, Server: true, Source: f.title}
		}
	}
	return nil
}

// owner returns an owner, which it makes when there is none. r.mu must be held.
func (r *Router) owner(name string) *owner {
	o := r.owners[name]
	if o == nil {
		o = &owner{name: name, posts: newBucket(r.opts.Rate, r.opts.Burst), edits: newBucket(r.opts.Rate, r.opts.Burst)}
		r.owners[name] = o
	}
	return o
}

// replace replaces what an owner wants. r.mu must be held.
func (r *Router) replace(o *owner, w wish, now time.Time) {
	r.untrack(o)
	for _, p := range w.phrases {
		if r.tracked[p.String()] == nil {
			r.tracked[p.String()] = map[string]struct{}{}
		}
		r.tracked[p.String()][o.name] = struct{}{}
	}
	if o.active {
		r.unmatch(o)
	}
	o.wish, o.tracked = w, true
	if o.active {
		r.rematch(o)
	}
	rate := cmp.Or(w.Rate, r.opts.Rate)
	o.edits.setRate(rate, now)
	if o.posts.setRate(rate, now) && o.held != nil {
		r.releases.add(release{at: o.posts.next(), owner: o})
	}
	r.hideMuted(o)
	r.refresh(o, now)
	r.changed(now)
}

// untrack releases the phrases that an owner holds. r.mu must be held.
func (r *Router) untrack(o *owner) {
	for _, p := range o.wish.phrases {
		if delete(r.tracked[p.String()], o.name); len(r.tracked[p.String()]) == 0 {
			delete(r.tracked, p.String())
		}
	}
}

// Drop forgets an owner, its posts and its viewers.
func (r *Router) Drop(owner string) {
	defer r.wakeUp()
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.owners[owner]
	if o == nil {
		return
	}
	if o.active {
		r.deactivate(o)
	}
	r.untrack(o)
	delete(r.owners, owner)
	r.changed(time.Now())
}

// Watch says that somebody begins to look at what the owner is shown, or ceases to.
// It counts. Without viewers the words of the owner are not wanted any more after
// [Options.Linger], and what it was shown is forgotten: nobody would tell of
// deletions.
func (r *Router) Watch(owner string, on bool) {
	now := time.Now()
	defer r.wakeUp()
	r.mu.Lock()
	defer r.mu.Unlock()
	if on {
		o := r.owner(owner)
		if o.viewers++; o.viewers == 1 {
			r.refresh(o, now)
			r.changed(now)
		}
		return
	}
	o := r.owners[owner]
	if o == nil || o.viewers == 0 {
		return
	}
	if o.viewers--; o.viewers > 0 {
		return
	}
	if o.left = now; o.tracked {
		r.awaitLinger(o, now)
	} else {
		delete(r.owners, owner)
	}
}

// Recent returns the newest posts that the owner was shown, as they are now,
// the oldest first: [Options.Recent] of them.
func (r *Router) Recent(owner string) []Shown {
	r.mu.Lock()
	defer r.mu.Unlock()
	recent := []Shown{}
	if o := r.owners[owner]; o != nil {
		for _, s := range o.shown[max(0, len(o.shown)-r.opts.Recent):] {
			recent = append(recent, newShown(s.post, s.matched))
		}
	}
	return recent
}

// Find returns a post, by Source and ID, that is among the last 200 the owner was
// shown, and not gone.
func (r *Router) Find(owner string, ref Ref) (Shown, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, e := r.owners[owner], r.shelf.byID[postKey{ref.Source, ref.ID}]
	if o == nil || e == nil {
		return Shown{}, false
	}
	s := o.find(e)
	if s == nil {
		return Shown{}, false
	}
	return newShown(s.post, s.matched), true
}

// Inject offers a post that comes from no source of this process: people's own, or
// what another node's sources have brought. Its slices are the Router's from now
// on. It reports false when it was dropped: it is no post, or the queue is full, and
// it takes no place there from what sources have brought.
func (r *Router) Inject(p Post) bool { return r.injected.Offer(p) }

// Retract takes back what was injected, or anything else. See [Sink.Retract]. A Ref
// with nothing but a Source takes back all of it that has come.
func (r *Router) Retract(ref Ref) { r.injected.Retract(ref) }

// Sources tells how each source does, in the order of [Options.Sources].
func (r *Router) Sources() []SourceStatus {
	r.inbox.mu.Lock()
	defer r.inbox.mu.Unlock()
	all := make([]SourceStatus, len(r.feeders))
	for i, f := range r.feeders {
		all[i] = f.statusLocked()
	}
	return all
}

// title returns what people call a source.
func (r *Router) title(name string) string {
	for _, f := range r.feeders {
		if f.name == name {
			return f.title
		}
	}
	return name
}

// Stats returns the numbers of an owner up to now, with the rates of the last
// window. They are zero for an owner that nobody knows.
func (r *Router) Stats(owner string) Meta {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.owners[owner]
	if o == nil {
		return Meta{Skipped: map[SkipReason]uint64{}}
	}
	return o.meter.totals(o.meter.seen(r.seen, o.active))
}

// Sample returns how many posts a second had one of these phrases, over the last
// minute and of what came in that time. A source that filters by itself brings
// only what somebody tracks. It is 0 when nothing came, and for phrases that are
// refused. It costs some milliseconds.
func (r *Router) Sample(words []string) float64 {
	var phrases []Phrase
	for _, word := range words {
		if p, err := ParsePhrase(word); err == nil {
			phrases = append(phrases, p)
		}
	}
	if len(phrases) == 0 {
		return 0
	}
	r.mu.Lock()
	known, seconds := r.sample.last(time.Now())
	r.mu.Unlock()
	return rateOf(known, seconds, phrases)
}
