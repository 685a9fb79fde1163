package mastodon

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"rightnow/feed"
)

// Name is the name of the source.
const Name = "mastodon"

// Scope says whose posts are read.
type Scope string

// The scopes.
const (
	All    Scope = ""       // those of all servers that this one knows
	Local  Scope = "local"  // those of this server's accounts
	Remote Scope = "remote" // those of other servers' accounts
)

// Options are how to reach a server and what to take from it. URL and Token are
// required.
type Options struct {
	// URL is the address of the server, as https://mastodon.example.
	URL string
	// Token is that of an account there; one of an app alone does not do.
	Token string
	// Everything has the public timeline read for all words.
	Everything bool
	// Scope is of the public timeline. Hashtags know Local only: with Remote they
	// bring all.
	Scope Scope
	// Bots takes the posts of bots too; they are marked.
	Bots bool
	// Client connects; nil: one of feed.NewClient.
	Client *http.Client
	// Contact is told to the server in User-Agent.
	Contact string
	Logger  *slog.Logger // nil: none
}

// Source is a Mastodon server. All methods may be called concurrently.
type Source struct {
	o     Options
	shown shown
}

var (
	_ feed.Source   = (*Source)(nil)
	_ feed.Enricher = (*Source)(nil)
)

// New returns a source.
func New(o *Options) *Source {
	s := &Source{o: *o}
	s.o.URL = strings.TrimSuffix(s.o.URL, "/")
	if s.o.Client == nil {
		s.o.Client = feed.NewClient(nil)
	}
	if s.o.Logger == nil {
		s.o.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// Name implements [feed.Source].
func (s *Source) Name() string { return Name }

// Title implements [feed.Source].
func (s *Source) Title() string { return "Mastodon" }

// Caps implements [feed.Source]. Words are filtered by the server only in part, so
// that whoever gets the posts still has to look.
func (s *Source) Caps() feed.Caps { return feed.Caps{LiveFilter: true, Deletes: true} }

// Enrich implements [feed.Enricher]. Nothing is missing in posts; but those that
// are shown are asked for again after a cut, in which they may have been deleted.
func (s *Source) Enrich(posts ...feed.Post) { s.shown.add(posts) }

// stall is two and a half of the server's pings.
const stall = 75 * time.Second

// Run implements [feed.Source].
func (s *Source) Run(ctx context.Context, want *feed.Want, out feed.Sink) error {
	d := &dialer{o: &s.o, api: api{o: &s.o}, shown: &s.shown, out: out, decoder: Decoder{Bots: s.o.Bots}}
	wait := feed.Backoff{First: time.Second, Max: time.Minute}
	runner := feed.Runner{Dial: d.dial, Stall: stall, Waits: feed.Waits{Network: wait, HTTP: wait}, Logger: s.o.Logger}
	return runner.Run(ctx, want, out)
}
