package rss

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"sync"
	"time"

	"rightnow/feed"
)

// Name is the source's name.
const Name = "rss"

// maxFeeds bounds how many feeds a source has.
const maxFeeds = 500

// Options configure a [Source]. Only Feeds is required.
type Options struct {
	// Feeds are the addresses of the feeds: nobody but the operator names them.
	Feeds []string
	// AllowPrivate also allows addresses that are not public, and a proxy.
	AllowPrivate bool
	// Newest is how many items of a feed are shown at the start, when all of it is
	// from before. 0: none.
	Newest int
	// Interval is the least time between two requests for a feed; 0 means 10 minutes.
	Interval time.Duration
	// Contact is where whoever runs the program can be reached. It goes to all
	// servers, and may be empty.
	Contact string
	// Dial connects; nil: to public addresses, unless AllowPrivate.
	Dial feed.DialFunc
	// Logger hears why feeds can't be read; nil: nobody does.
	Logger *slog.Logger
}

// Source polls feeds while something is wanted. It implements [feed.Source].
type Source struct {
	opts    Options
	fetcher fetcher
	pollers []*poller // used by Run alone
}

var _ feed.Source = (*Source)(nil)

// New returns a source. It fails when an address is none of the web.
func New(o *Options) (*Source, error) {
	s := &Source{opts: *o}
	if s.opts.Interval <= 0 {
		s.opts.Interval = 10 * time.Minute
	}
	if s.opts.Logger == nil {
		s.opts.Logger = slog.New(slog.DiscardHandler)
	}
	s.fetcher = fetcher{client: newClient(o.Dial, o.AllowPrivate), agent: feed.UserAgent(o.Contact)}
	for i, address := range o.Feeds {
		u, err := url.Parse(address)
		if err == nil {
			err = checkAddress(u)
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("rss: the address of feed %d is not one of the web: write https://host/path, without a password", i+1)
		case slices.Contains(o.Feeds[:i], address):
			continue
		}
		s.pollers = append(s.pollers, newPoller(s, address))
	}
	switch {
	case len(s.pollers) == 0:
		return nil, errors.New("rss: there is no feed to read")
	case len(s.pollers) > maxFeeds:
		return nil, fmt.Errorf("rss: %d feeds are more than %d", len(s.pollers), maxFeeds)
	}
	return s, nil
}

// Name implements [feed.Source].
func (s *Source) Name() string { return Name }

// Title implements [feed.Source].
func (s *Source) Title() string { return "Feeds" }

// Caps implements [feed.Source].
func (s *Source) Caps() feed.Caps { return feed.Caps{LiveFilter: true, Deletes: true} }

// Run implements [feed.Source]. It fails when all feeds are gone for good.
func (s *Source) Run(ctx context.Context, want *feed.Want, out feed.Sink) error {
	b := newBoard(s.pollers, out)
	for ctx.Err() == nil {
		filter, changed := want.Load()
		if filter.Empty() {
			b.idle()
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		if err := s.poll(ctx, want, b); err != nil {
			return err
		}
	}
	return nil
}

// poll polls all feeds until nothing is wanted or ctx ends. It fails when all
// feeds are gone.
func (s *Source) poll(ctx context.Context, want *feed.Want, b *board) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b.awake()
	var running sync.WaitGroup
	for _, p := range s.pollers {
		running.Go(func() { p.run(ctx, b) }) // ends with ctx, or when the feed is gone
	}
	allGone := make(chan struct{})
	go func() { running.Wait(); close(allGone) }() // ends with the pollers
	defer func() { <-allGone }()
	defer cancel()
	for {
		filter, changed := want.Load()
		if filter.Empty() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		case <-allGone:
			if ctx.Err() == nil {
				return b.failed()
			}
		}
	}
}
