package wall

import (
	"hash/maphash"
	"sync"

	"rightnow/feed"
	"rightnow/internal/chat"
)

// quotes knows which posts are quoted, and which of these have to be removed from
// the store. All methods may be called concurrently.
//
// The index may take a post for quoted that is not, which costs a look into the
// store; never the other way round. It has some 50 bytes for each quoted post,
// and pending no more entries than it.
type quotes struct {
	seed maphash.Seed
	wake chan struct{} // capacity 1: there is something pending

	mu      sync.Mutex                 // guards following
	index   map[uint64]struct{}        // by hash of a source and an id, native id, author, nothing
	flights map[*flight]struct{}       // quotes on their way into the store
	pending map[chat.QuoteRef]struct{} // retracted, not yet removed
}

// flight is a quote whose message may not be in the store yet. What is removed
// meanwhile has to be removed again afterwards.
type flight struct {
	quote *chat.Quote
	gone  []chat.QuoteRef
}

func quoteRef(r feed.Ref) chat.QuoteRef {
	if r.ID != "" || r.Native != "" {
		return chat.QuoteRef{Source: r.Source, ID: r.ID, Native: r.Native}
	}
	return chat.QuoteRef{Source: r.Source, AuthorID: r.AuthorID}
}

func (q *quotes) init(stored []chat.QuoteRef) {
	q.seed = maphash.MakeSeed()
	q.wake = make(chan struct{}, 1)
	q.index = make(map[uint64]struct{}, 3*len(stored))
	q.flights = make(map[*flight]struct{})
	q.pending = make(map[chat.QuoteRef]struct{})
	for _, r := range stored {
		q.addLocked(r)
	}
}

// keys are what a ref is found by.
func (q *quotes) keys(r chat.QuoteRef) (keys []uint64) {
	for kind, id := range []string{r.ID, r.Native, r.AuthorID} {
		if id != "" {
			keys = append(keys, q.key(kind, r.Source, id))
		}
	}
	if len(keys) == 0 {
		return []uint64{q.key(-1, r.Source, "")}
	}
	return keys
}

func (q *quotes) key(kind int, source, id string) uint64 {
	return maphash.Comparable(q.seed, struct {
		kind       int
		source, id string
	}{kind, source, id})
}

func (q *quotes) addLocked(r chat.QuoteRef) {
	for _, k := range append(q.keys(r), q.key(-1, r.Source, "")) {
		q.index[k] = struct{}{}
	}
}

// begin says that a message with the quote is about to be stored. From now on no
// retraction of its post is missed; end must be called when the message is stored
// or is not going to be.
func (q *quotes) begin(quote *chat.Quote) (end func()) {
	f := &flight{quote: quote}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.addLocked(quote.Ref())
	q.flights[f] = struct{}{}
	return func() { q.end(f) }
}

func (q *quotes) end(f *flight) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.flights, f)
	q.pendLocked(f.gone...)
}

// retract puts what is quoted in line to be removed. It does not wait.
func (q *quotes) retract(r chat.QuoteRef) {
	q.mu.Lock()
	defer q.mu.Unlock()
	known := false
	for _, k := range q.keys(r) {
		_, ok := q.index[k]
		known = known || ok
	}
	if !known {
		return
	}
	for f := range q.flights {
		if r.Means(f.quote) {
			f.gone = append(f.gone, r)
		}
	}
	q.pendLocked(r)
}

func (q *quotes) pendLocked(refs ...chat.QuoteRef) {
	for _, r := range refs {
		q.pending[r] = struct{}{}
	}
	if len(refs) > 0 {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
}

// take returns at most n of what is pending.
func (q *quotes) take(n int) (refs []chat.QuoteRef) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for r := range q.pending {
		if len(refs) == n {
			break
		}
		refs = append(refs, r)
		delete(q.pending, r)
	}
	return refs
}

func (q *quotes) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.pending)
}

// putBack is for what could not be removed.
func (q *quotes) putBack(refs []chat.QuoteRef) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pendLocked(refs...)
}

// Quote returns a post that was shown in a room, for a message that brings it
// into the chat. done must be called when the message is stored, or is not going
// to be. Errors: CodePostGone.
func (s *Service) Quote(room, source, id string) (quote *chat.Quote, done func(), err error) {
	ref := feed.Ref{Source: source, ID: id}
	shown, found := s.router.Find(room, ref)
	if !found {
		return nil, nil, postGone()
	}
	quote = quoteOf(&shown.Post)
	done = s.quotes.begin(quote)
	// What was deleted before begin is not found any more, what is deleted from now
	// on is not missed.
	if _, found := s.router.Find(room, ref); !found {
		done()
		return nil, nil, postGone()
	}
	return quote, done, nil
}

func postGone() error {
	return &chat.Error{Code: chat.CodePostGone, Message: "This post is not here any more."}
}

// quoteOf is what may be stored of a post. Of one whose copies have to be gone some
// day that is where it stands: neither its text nor its author may be on a disk.
func quoteOf(p *feed.Post) *chat.Quote {
	if !p.Expires.IsZero() {
		return &chat.Quote{Source: p.Source, ID: p.ID, Native: p.Native, URL: p.URL}
	}
	q := &chat.Quote{
		Source: p.Source, ID: p.ID, Native: p.Native, AuthorID: p.Author.ID,
		Author: p.Author.Name, Handle: p.Author.Handle, URL: p.URL,
		Warning: p.Warning, Sensitive: p.Sensitive, Text: p.Text,
	}
	if !p.CreatedAt.IsZero() {
		q.At = p.CreatedAt.UnixMilli()
	}
	return q
}
