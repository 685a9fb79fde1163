package feed

import (
	"hash/maphash"
	"slices"
	"sync"
	"time"
)

const (
	maxTombstones  = 100_000
	maxRetractions = 100_000 // that wait to be told
	maxNotices     = 256     // likewise; the oldest are dropped
)

// inbox lies between the sources, which must never wait, and the router's loop,
// which may have to. Posts wait in a queue that drops the oldest. Retractions
// are never dropped: they act on the queue and on what is still to come at once, as
// tombstones, and wait in a list of their own for the loop, which takes them
// before any post.
//
// That list is bounded too: should more than maxRetractions wait, because the
// Receiver hangs, one that takes back all of a source stands for those of that
// source. More has to go then than had to, but nothing stays that must not.
type inbox struct {
	seed maphash.Seed
	wake func() // tells the loop that something has come

	mu      sync.Mutex // guards following, and the numbers of all feeders
	queue   []parcel   // a ring of fixed size
	first   int
	waiting int
	tombs   *memory
	pending []Ref
	whole   map[string]struct{} // sources of which pending has all
	off     map[string]bool     // sources that are switched off
	notices []notice            // the newest that were not told
}

// notice is what a source has said about itself: its state, or what it withheld.
type notice struct {
	source   string
	state    State
	withheld uint64
	isLimit  bool
}

// parcel is a post on its way.
type parcel struct {
	post *Post
	from *feeder
}

func newInbox(opts *Options, wake func()) *inbox {
	return &inbox{
		seed:  maphash.MakeSeed(),
		wake:  wake,
		queue: make([]parcel, opts.Queue),
		tombs: newMemory(maxTombstones, opts.Tombstones),
		whole: map[string]struct{}{},
		off:   map[string]bool{},
	}
}

// The kinds of keys in memories.
const (
	keyPost   = "p"
	keyNative = "n"
	keyAuthor = "a"
	keySource = "s"
	keyRev    = "r"
)

func (in *inbox) key(kind string, parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(in.seed)
	h.WriteString(kind)
	for _, part := range parts {
		h.WriteByte(0)
		h.WriteString(part)
	}
	return h.Sum64()
}

// push queues a post that is clean. When there is no room, the oldest makes it; but
// not for what is injected, whose sender is told by false and can wait.
func (in *inbox) push(p *Post, from *feeder, now time.Time) bool {
	defer in.wake()
	in.mu.Lock()
	defer in.mu.Unlock()
	from.received++
	from.lag.add(p)
	if in.waiting == len(in.queue) && from.source == nil {
		from.skipLocked(SkipQueue)
		return false
	}
	from.lastPost = now
	if in.waiting == len(in.queue) {
		in.unqueueLocked().from.skipLocked(SkipQueue)
	}
	in.queue[(in.first+in.waiting)%len(in.queue)] = parcel{p, from}
	in.waiting++
	from.waiting++
	return true
}

// unqueueLocked takes the oldest. in.mu must be held, and something wait.
func (in *inbox) unqueueLocked() parcel {
	next := in.queue[in.first]
	in.queue[in.first] = parcel{}
	in.first = (in.first + 1) % len(in.queue)
	in.waiting--
	next.from.waiting--
	return next
}

// pop takes the oldest post that is neither known nor gone. It is counted as
// handed over.
func (in *inbox) pop(now time.Time) (parcel, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for in.waiting > 0 {
		next := in.unqueueLocked()
		reason := in.refuseLocked(next.post, next.from, now)
		if reason == "" {
			next.from.handed++
			return next, true
		}
		next.from.skipLocked(reason)
	}
	return parcel{}, false
}

// refuseLocked returns why a post is not to be looked at, or "". in.mu must be held.
func (in *inbox) refuseLocked(p *Post, from *feeder, now time.Time) SkipReason {
	if in.off[p.Source] {
		return SkipOff
	}
	if expired(p, now) || in.goneLocked(p, now) {
		return SkipGone
	}
	if !from.seen.add(in.key(keyRev, p.Source, p.ID, p.Rev), now) {
		return SkipDuplicate
	}
	return ""
}

func expired(p *Post, now time.Time) bool { return !p.Expires.IsZero() && !p.Expires.After(now) }

// goneLocked reports whether a post was retracted. What an author has written
// since all of theirs went is new. in.mu must be held.
func (in *inbox) goneLocked(p *Post, now time.Time) bool {
	if _, gone := in.tombs.when(in.key(keyPost, p.Source, p.ID), now); gone {
		return true
	}
	if p.Native != "" {
		if _, gone := in.tombs.when(in.key(keyNative, p.Source, p.Native), now); gone {
			return true
		}
	}
	if p.Author.ID != "" {
		at, gone := in.tombs.when(in.key(keyAuthor, p.Source, p.Author.ID), now)
		if gone && !(p.ReceivedAt.After(at) && p.CreatedAt.After(at)) {
			return true
		}
	}
	at, gone := in.tombs.when(in.key(keySource, p.Source), now)
	return gone && !p.ReceivedAt.After(at)
}

// retract takes back what the ref means, of what has come and of what comes.
func (in *inbox) retract(ref Ref, now time.Time) {
	defer in.wake()
	in.mu.Lock()
	defer in.mu.Unlock()
	in.buryLocked(ref, now)
	if _, all := in.whole[ref.Source]; all {
		in.buryLocked(Ref{Source: ref.Source}, now)
		return
	}
	if len(in.pending) >= maxRetractions {
		in.shrinkLocked(now)
		in.pending = append(in.pending, in.wholeLocked(ref.Source, now)...)
		return
	}
	in.pending = append(in.pending, ref)
}

// buryLocked makes tombstones. in.mu must be held.
func (in *inbox) buryLocked(ref Ref, now time.Time) {
	if ref.ID != "" {
		in.tombs.add(in.key(keyPost, ref.Source, ref.ID), now)
	}
	if ref.Native != "" {
		in.tombs.add(in.key(keyNative, ref.Source, ref.Native), now)
	}
	if ref.ID != "" || ref.Native != "" {
		return
	}
	if ref.AuthorID != "" {
		in.tombs.renew(in.key(keyAuthor, ref.Source, ref.AuthorID), now)
		return
	}
	in.tombs.renew(in.key(keySource, ref.Source), now)
}

// shrinkLocked has one retraction stand for all of each source. in.mu must be held.
func (in *inbox) shrinkLocked(now time.Time) {
	all := in.pending
	in.pending = nil
	for _, ref := range all {
		in.pending = append(in.pending, in.wholeLocked(ref.Source, now)...)
	}
}

// wholeLocked returns the retraction of all that is a source's, unless it waits
// already. in.mu must be held.
func (in *inbox) wholeLocked(source string, now time.Time) []Ref {
	if _, waits := in.whole[source]; waits {
		return nil
	}
	in.whole[source] = struct{}{}
	in.buryLocked(Ref{Source: source}, now)
	return []Ref{{Source: source}}
}

// retractions takes all that wait.
func (in *inbox) retractions() []Ref {
	in.mu.Lock()
	defer in.mu.Unlock()
	all := in.pending
	in.pending = nil
	clear(in.whole)
	return all
}

// noteLocked keeps a notice for the loop. in.mu must be held.
func (in *inbox) noteLocked(n notice) {
	if len(in.notices) == maxNotices {
		in.notices = slices.Delete(in.notices, 0, 1)
	}
	in.notices = append(in.notices, n)
}

// takeNotices takes all that wait.
func (in *inbox) takeNotices() []notice {
	in.mu.Lock()
	defer in.mu.Unlock()
	all := in.notices
	in.notices = nil
	return all
}
