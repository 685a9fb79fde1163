package xposts

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"rightnow/feed"
)

// Name is the name of the source.
const Name = "x"

const (
	// publicURL is the public service.
	publicURL = "https://api.x.com"
	// stall is a little more than the twenty seconds in which a heartbeat comes.
	stall = 30 * time.Second
	// keepFor is how long a post may be shown: nobody tells when it is deleted.
	keepFor = time.Hour
)

// Options are how to reach X, and how much to buy. Token and Budget are required.
type Options struct {
	// URL is the address of the API.
	URL string
	// Token is the bearer token of an app.
	Token string
	// Budget is how many posts are bought in a day of UTC, at most but for those
	// that are on their way when it is used up. 0: none.
	Budget int
	// Sample, from 1 to 99, has X deliver only that percentage of what matches.
	Sample int
	// Client connects; nil: one of feed.NewClient.
	Client *http.Client
	// Contact is told to the server in User-Agent.
	Contact string
	Logger  *slog.Logger // nil: none
}

// Source is X. All methods may be called concurrently.
type Source struct {
	o      Options
	budget budget
	shown  shown
}

var (
	_ feed.Source   = (*Source)(nil)
	_ feed.Resumer  = (*Source)(nil)
	_ feed.Enricher = (*Source)(nil)
	_ feed.Spender  = (*Source)(nil)
)

// New returns a source.
func New(o *Options) *Source {
	s := &Source{o: *o}
	if s.o.URL == "" {
		s.o.URL = publicURL
	}
	s.o.URL = strings.TrimSuffix(s.o.URL, "/")
	if s.o.Client == nil {
		s.o.Client = feed.NewClient(nil)
	}
	if s.o.Logger == nil {
		s.o.Logger = slog.New(slog.DiscardHandler)
	}
	s.budget.limit = s.o.Budget
	return s
}

// Name implements [feed.Source].
func (s *Source) Name() string { return Name }

// Title implements [feed.Source].
func (s *Source) Title() string { return "X" }

// Caps implements [feed.Source]. The limit on changes of rules is a hundred in
// fifteen minutes, of which a change takes two.
func (s *Source) Caps() feed.Caps {
	return feed.Caps{Words: true, Authors: true, Langs: true, LiveFilter: true, Billed: true,
		Linger: 10 * time.Second, MinApply: 10 * time.Second, MaxWords: maxWords}
}

// Resume implements [feed.Resumer]. The stream can't be resumed: a cursor is what
// was spent, so that a new process does not begin with a new budget.
func (s *Source) Resume(cursor string) { s.budget.restore(cursor, time.Now()) }

// Enrich implements [feed.Enricher]. Nothing is missing in posts; but those that are
// shown are asked for again now and then, since they may have been deleted.
func (s *Source) Enrich(posts ...feed.Post) { s.shown.add(posts) }

// Spent implements [feed.Spender].
func (s *Source) Spent() feed.Spending { return s.budget.spending(time.Now()) }

// Run implements [feed.Source].
func (s *Source) Run(ctx context.Context, want *feed.Want, out feed.Sink) error {
	running, cancel := context.WithCancel(ctx)
	a := &api{o: &s.o}
	r := &run{Sink: out, Source: s, outer: want, wake: make(chan struct{}, 1), look: make(chan struct{}, 1),
		keeper: newKeeper(a, &s.o), api: a, decoder: Decoder{Tag: tagPrefix}}
	r.pass()
	var all sync.WaitGroup // all end with running
	all.Go(func() { r.gate(running) })
	all.Go(func() { r.tidy(running) })
	all.Go(func() { r.recheck(running) })
	runner := feed.Runner{Dial: r.dial, Stall: stall, Logger: s.o.Logger}
	err := runner.Run(ctx, &r.inner, r)
	cancel()
	all.Wait()
	r.keeper.leave()
	return err
}
