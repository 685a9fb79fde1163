package feed

import "context"

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
	opts Options
}

// NewRouter returns a router that does nothing until [Router.Run]. It panics
// without a Receiver and when two sources have one name, which are mistakes of
// the program.
func NewRouter(opts *Options) *Router {
	return &Router{opts: opts.withDefaults()}
}

// Run runs the sources and calls the Receiver until ctx ends, and returns nil when
// all goroutines have ended, cursors being saved. A source that fails for good, or
// panics, is told of in [Router.Sources] and the log and doesn't end the others.
// Run is called once.
func (r *Router) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Track replaces what the owner wants, and returns it in its canonical form: words
// as [Phrase] has them, repeated ones taken out. Nothing changes when it returns
// an error: a [*PhraseError] when a phrase is refused, a [*LimitError] when there are
// too many.
//
// What an owner has been shown stays, but for posts of authors who are now muted.
func (r *Router) Track(owner string, t Tracking) (Tracking, error) { return t, nil }

// Drop forgets an owner, its posts and its viewers.
func (r *Router) Drop(owner string) {}

// Watch says that somebody begins to look at what the owner is shown, or ceases to.
// It counts. Without viewers the words of the owner are not wanted any more after
// [Options.Linger], and what it was shown is forgotten: nobody would tell of
// deletions.
func (r *Router) Watch(owner string, on bool) {}

// Recent returns the newest posts that the owner was shown, as they are now,
// the oldest first: [Options.Recent] of them.
func (r *Router) Recent(owner string) []Shown { return nil }

// Find returns a post, by Source and ID, that is among the last 200 the owner was
// shown, and not gone.
func (r *Router) Find(owner string, ref Ref) (Shown, bool) { return Shown{}, false }

// Inject offers a post that comes from no source of this process: people's own, or
// what another node's sources have brought. It reports false when it was dropped.
func (r *Router) Inject(p Post) bool { return false }

// Retract takes back what was injected, or anything else. See [Sink.Retract].
func (r *Router) Retract(ref Ref) {}

// Sources tells how each source does, in the order of [Options.Sources].
func (r *Router) Sources() []SourceStatus { return nil }

// Stats returns the numbers of an owner up to now, with the rates of the last
// window. They are zero for an owner that nobody knows.
func (r *Router) Stats(owner string) Meta { return Meta{} }

// Sample returns how many posts a second had one of these phrases, over the last
// minute and of what came in that time. A source that filters by itself brings
// only what somebody tracks. It is 0 when nothing came, and for phrases that are
// refused. It costs some milliseconds.
func (r *Router) Sample(words []string) float64 { return 0 }
