package wikimedia

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
const Name = "wikimedia"

// publicURL is the public service.
const publicURL = "https://stream.wikimedia.org"

// Options are how to reach EventStreams, and what to take from it. The zero value
// takes the English Wikipedia from the public service, if it gets a Contact.
type Options struct {
	// URL is the address of the service.
	URL string
	// Sites are the wikis, as en.wikipedia.org; "*" takes all.
	Sites []string
	// Contact is a mail or web address of whoever runs this, which the service
	// requires.
	Contact string
	// Client connects; nil: one of feed.NewClient.
	Client *http.Client
	Logger *slog.Logger // nil: none
}

// Source is Wikimedia. All methods may be called concurrently.
type Source struct {
	o Options

	mu     sync.Mutex // guards following
	resume string     // for the next Run
}

var (
	_ feed.Source  = (*Source)(nil)
	_ feed.Resumer = (*Source)(nil)
)

// New returns a source; o may be nil.
func New(o *Options) *Source {
	s := &Source{}
	if o != nil {
		s.o = *o
	}
	s.o.Sites = slices.Clone(s.o.Sites)
	if len(s.o.Sites) == 0 {
		s.o.Sites = []string{"en.wikipedia.org"}
	}
	if s.o.URL == "" {
		s.o.URL = publicURL
	}
	s.o.URL = strings.TrimSuffix(s.o.URL, "/")
	if s.o.Client == nil {
		s.o.Client = feed.NewClient(nil)
	}
	return s
}

// Name implements [feed.Source].
func (s *Source) Name() string { return Name }

// Title implements [feed.Source].
func (s *Source) Title() string { return "Wikipedia" }

// Caps implements [feed.Source].
func (s *Source) Caps() feed.Caps { return feed.Caps{LiveFilter: true, Resume: true, Deletes: true} }

// Resume implements [feed.Resumer].
func (s *Source) Resume(cursor string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resume = cursor
}

// stall is how long the stream can't be silent.
const stall = 30 * time.Second

// Run implements [feed.Source].
func (s *Source) Run(ctx context.Context, want *feed.Want, out feed.Sink) error {
	s.mu.Lock()
	d := &dialer{o: &s.o, out: out, at: parsePosition(s.resume), decoder: Decoder{Sites: s.o.Sites}}
	s.mu.Unlock()
	runner := feed.Runner{Dial: d.dial, Stall: stall, Logger: s.o.Logger}
	return runner.Run(ctx, want, out)
}
