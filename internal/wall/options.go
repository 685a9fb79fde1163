package wall

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"rightnow/feed"
	"rightnow/internal/chat"
)

// Options configure a [Service]. Those before Logger are required; a zero
// in any other field means the default beside it.
type Options struct {
	Chat        Chat
	Store       Store
	Broadcaster Broadcaster
	NewRouter   func(feed.Receiver, feed.Cursors) Router // called once, by New
	Logger      *slog.Logger                             // slog.Default()

	Words []string // that the lobby tracks until somebody changes it
	Langs []string // of the lobby, likewise; empty: all

	MaxPhrases int     // 50 for each room; what the router has
	MaxLangs   int     // 20 for each room
	MaxMuted   int     // 200 authors for each room
	MaxRate    float64 // 20 posts a second that a room may ask for
	Rate       float64 // 1, of a room that asks for none; what the router has

	SetBurst int           // 10 changes of one room at once
	SetEvery time.Duration // 3 s for each further one; < 0: no limit

	Forget       time.Duration // 1 h without viewers, after which the router need not know a room
	StoreTimeout time.Duration // 10 s for one call to the store
	RetryEvery   time.Duration // 1 s between two tries to remove quotes from a store that fails
}

func (o Options) withDefaults() Options {
	o.Logger = cmp.Or(o.Logger, slog.Default())
	o.MaxPhrases = cmp.Or(o.MaxPhrases, 50)
	o.MaxLangs = cmp.Or(o.MaxLangs, 20)
	o.MaxMuted = cmp.Or(o.MaxMuted, 200)
	o.MaxRate = cmp.Or(o.MaxRate, 20)
	o.Rate = cmp.Or(o.Rate, 1)
	o.SetBurst = cmp.Or(o.SetBurst, 10)
	o.SetEvery = cmp.Or(o.SetEvery, 3*time.Second)
	o.Forget = cmp.Or(o.Forget, time.Hour)
	o.StoreTimeout = cmp.Or(o.StoreTimeout, 10*time.Second)
	o.RetryEvery = cmp.Or(o.RetryEvery, time.Second)
	return o
}

// Chat is what the wall asks a [chat.Service].
type Chat interface {
	Permit(room, conn string, verb chat.Verb) (chat.Person, error)
}

// Store is the part of a [chat.Store] that the wall needs.
type Store interface {
	Feed(ctx context.Context, room string) ([]byte, error)
	SetFeed(ctx context.Context, room string, value []byte) error
	Quotes(ctx context.Context) ([]chat.QuoteRef, error)
	RemoveQuotes(ctx context.Context, refs []chat.QuoteRef) ([]chat.Quoted, error)
	Note(ctx context.Context, name string) (string, error)
	SetNote(ctx context.Context, name, value string) error
}

// Broadcaster brings events to pages. No method blocks or calls the Service;
// payloads are read-only.
type Broadcaster interface {
	// Followers emits to those who follow the live posts of a room, "": of any.
	Followers(room, event string, payload any)
	// Members emits to those who hear a room.
	Members(room, event string, payload any)
}

// Router is what the wall asks a [feed.Router].
type Router interface {
	Track(owner string, t feed.Tracking) (feed.Tracking, error)
	Drop(owner string)
	Watch(owner string, on bool)
	Recent(owner string) []feed.Shown
	Find(owner string, ref feed.Ref) (feed.Shown, bool)
	Sources() []feed.SourceStatus
	Stats(owner string) feed.Meta
	Sample(words []string) float64
}

var _ Store = chat.Store(nil)
