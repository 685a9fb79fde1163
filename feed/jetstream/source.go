package jetstream

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"rightnow/feed"
)

// Name is the name of the source.
const Name = "bluesky"

// The public service.
const (
	hostEast  = "wss://jetstream.us-east.bsky.network"
	hostWest  = "wss://jetstream.us-west.bsky.network"
	publicAPI = "https://public.api.bsky.app"
)

// Options are how to reach Bluesky. The zero value reaches the public service.
type Options struct {
	// Hosts are the addresses of Jetstreams, as wss://name. After three failures
	// at one the next gets its turn.
	Hosts []string
	// API is the address of the public API, for the names of authors.
	API string
	// Client connects; nil: one of feed.NewClient.
	Client *http.Client
	// Contact is told to the servers in User-Agent.
	Contact string
	Logger  *slog.Logger // nil: none
}

// Source is Bluesky. All methods may be called concurrently.
type Source struct {
	o     Options
	names *names

	mu     sync.Mutex // guards following
	resume string     // for the next Run
}

var (
	_ feed.Source   = (*Source)(nil)
	_ feed.Resumer  = (*Source)(nil)
	_ feed.Enricher = (*Source)(nil)
)

// New returns a source; o may be nil.
func New(o *Options) *Source {
	s := &Source{}
	if o != nil {
		s.o = *o
	}
	s.o.Hosts = slices.Clone(s.o.Hosts)
	if len(s.o.Hosts) == 0 {
		s.o.Hosts = []string{hostEast, hostWest}
	}
	if s.o.API == "" {
		s.o.API = publicAPI
	}
	s.o.API = strings.TrimSuffix(s.o.API, "/")
	if s.o.Client == nil {
		s.o.Client = feed.NewClient(nil)
	}
	if s.o.Logger == nil {
		s.o.Logger = slog.New(slog.DiscardHandler)
	}
	s.names = newNames(&s.o)
	return s
}

// Name implements [feed.Source].
func (s *Source) Name() string { return Name }

// Title implements [feed.Source].
func (s *Source) Title() string { return "Bluesky" }

// Caps implements [feed.Source]. Words are never asked for upstream; a new
// connection is needed only where authors alone are followed.
func (s *Source) Caps() feed.Caps {
	return feed.Caps{LiveFilter: true, Resume: true, Deletes: true, MinApply: 5 * time.Second}
}

// Resume implements [feed.Resumer].
func (s *Source) Resume(cursor string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resume = cursor
}

// Enrich implements [feed.Enricher]: it looks up who wrote the posts, at most half
// a second later.
func (s *Source) Enrich(posts ...feed.Post) { s.names.want(posts) }

// stall is how long the stream of all posts can't be silent.
const stall = 30 * time.Second

// Run implements [feed.Source].
func (s *Source) Run(ctx context.Context, want *feed.Want, out feed.Sink) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { s.names.run(ctx, out) }) // ends with ctx

	s.mu.Lock()
	d := &dialer{o: &s.o, names: s.names, out: out, at: parsePosition(s.resume)}
	s.mu.Unlock()
	wait := feed.Backoff{First: 250 * time.Millisecond, Max: 30 * time.Second} // as the official client
	runner := feed.Runner{Dial: d.dial, Stall: stall, Waits: feed.Waits{Network: wait, HTTP: wait}, Logger: s.o.Logger}
	return runner.Run(ctx, want, out)
}
