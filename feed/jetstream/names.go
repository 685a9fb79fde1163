package jetstream

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"rightnow/feed"
)

const (
	// gather is how long posts wait for others to be asked for with them.
	gather = 500 * time.Millisecond
	// batch is how many the API takes at once.
	batch = 25
	// again is when a post is asked for a second time that the API did not know:
	// it lags behind the stream by a moment.
	again = 2 * time.Second
	// maxPending bounds the posts that wait for their authors. What is beyond
	// stays without.
	maxPending = 1000
	// keepNames and maxNames bound what is remembered of authors.
	keepNames = 24 * time.Hour
	maxNames  = 20000
)

// completed ends the revision of a post that has got its author.
const completed = "+author"

// names looks up authors. All methods may be called concurrently, and on nil,
// which knows nobody.
type names struct {
	api api

	mu      sync.Mutex // guards following
	authors map[string]identity
	order   []string            // of authors, oldest first
	pending map[string]*pending // by the id of the post
	wake    chan struct{}       // holds one; run waits for it
}

// identity is what is known of an author.
type identity struct {
	author feed.Author
	hidden bool // does not want to be shown to all, or must not
	since  time.Time
}

// pending is a post that waits for its author.
type pending struct {
	post  feed.Post
	at    time.Time // when to ask
	tried int
}

func newNames(o *Options) *names {
	return &names{
		api:     api{client: o.Client, base: o.API, agent: feed.UserAgent(o.Contact), log: o.Logger},
		authors: map[string]identity{},
		pending: map[string]*pending{},
		wake:    make(chan struct{}, 1),
	}
}

// known returns what is remembered of an author.
func (n *names) known(did string) (identity, bool) {
	if n == nil {
		return identity{}, false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	who, ok := n.authors[did]
	if ok && time.Since(who.since) > keepNames {
		delete(n.authors, did)
		return identity{}, false
	}
	return who, ok
}

// want has the authors of posts looked up that have none.
func (n *names) want(posts []feed.Post) {
	n.mu.Lock()
	defer n.mu.Unlock()
	at := time.Now().Add(gather)
	for _, p := range posts {
		needs := p.Source == Name && p.Author.Handle == "" && !strings.HasSuffix(p.Rev, completed)
		if !needs || len(n.pending) >= maxPending {
			continue
		}
		if _, waits := n.pending[p.ID]; !waits {
			n.pending[p.ID] = &pending{post: p, at: at}
		}
	}
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// forget drops a post that was changed or deleted: what waits has its old text.
func (n *names) forget(id string) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.pending, id)
}

// forgetAuthor drops all that waits of somebody who has gone.
func (n *names) forgetAuthor(did string) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.authors, did)
	for id, p := range n.pending {
		if p.post.Author.ID == did {
			delete(n.pending, id)
		}
	}
}

// run looks up what is wanted until ctx ends.
func (n *names) run(ctx context.Context, out feed.Sink) {
	for ctx.Err() == nil {
		due, next := n.due(time.Now())
		if len(due) > 0 {
			if err := n.complete(ctx, due, out); err != nil && ctx.Err() == nil {
				sleep(ctx, rest(err))
			}
			continue
		}
		timer := time.NewTimer(next)
		select {
		case <-timer.C:
		case <-n.wake:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// rest is how long the API is left alone after an error.
func rest(err error) time.Duration {
	var fatal *feed.Fatal
	var status *feed.StatusError
	switch {
	case errors.As(err, &fatal):
		return 10 * time.Minute
	case errors.As(err, &status):
		return feed.Jitter(max(5*time.Second, time.Until(status.After)))
	}
	return again
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// due returns the posts to ask for now, or how long there are none.
func (n *names) due(now time.Time) (due []*pending, next time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	next = time.Hour
	for _, p := range n.pending {
		if left := p.at.Sub(now); left > 0 {
			next = min(next, left)
			continue
		}
		due = append(due, p)
	}
	if len(due) == 0 {
		return nil, next
	}
	slices.SortFunc(due, func(a, b *pending) int { return a.at.Compare(b.at) })
	return due[:min(len(due), batch)], 0
}

// complete asks for posts, the second time for their authors alone where the
// posts are still not known, and offers again what it got an author for.
func (n *names) complete(ctx context.Context, due []*pending, out feed.Sink) error {
	var ids []string
	for _, p := range due {
		ids = append(ids, p.post.ID)
	}
	found, err := n.api.posts(ctx, ids)
	var profiles map[string]answer
	if dids := unknown(due, found); len(dids) > 0 && err == nil {
		profiles, err = n.api.profiles(ctx, dids)
	}
	if ctx.Err() != nil {
		return err
	}
	for _, p := range due {
		who, ok := found[p.post.ID]
		if !ok {
			who, ok = profiles[p.post.Author.ID]
		}
		n.settle(p, who, ok, out)
	}
	return err
}

// unknown are the authors of those posts that were asked for twice in vain.
func unknown(due []*pending, found map[string]answer) (dids []string) {
	for _, p := range due {
		did := p.post.Author.ID
		if _, ok := found[p.post.ID]; !ok && p.tried > 0 && !slices.Contains(dids, did) {
			dids = append(dids, did)
		}
	}
	return dids
}

// settle ends the waiting of a post, or has it wait once more.
func (n *names) settle(p *pending, who answer, ok bool, out feed.Sink) {
	id := p.post.ID
	n.mu.Lock()
	waits := n.pending[id] == p // else it was changed or deleted meanwhile
	switch {
	case !ok && p.tried == 0 && waits:
		p.tried, p.at = 1, time.Now().Add(again)
		waits = false
	case waits:
		delete(n.pending, id)
	}
	if ok {
		n.rememberLocked(who)
	}
	n.mu.Unlock()
	if !ok || !waits {
		return
	}
	if who.hidden || who.takenDown {
		out.Retract(p.post.Ref())
		return
	}
	post := p.post
	post.Author, post.Sensitive = who.author, post.Sensitive || who.sensitive
	post.Rev += completed
	out.Offer(post)
}

// rememberLocked keeps an author. n.mu must be held.
func (n *names) rememberLocked(who answer) {
	did := who.author.ID
	if _, ok := n.authors[did]; !ok {
		n.order = append(n.order, did)
	}
	n.authors[did] = identity{author: who.author, hidden: who.hidden, since: time.Now()}
	for len(n.order) > maxNames {
		delete(n.authors, n.order[0])
		n.order = n.order[1:]
	}
}
