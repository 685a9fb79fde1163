package wall

import "rightnow/feed"

// View is a room's live posts at one moment, for one connection.
type View struct {
	Room    string              `json:"room"`
	On      bool                `json:"on"` // always: there is no View without live posts
	Words   []string            `json:"words"`
	Langs   []string            `json:"langs"`
	Muted   []string            `json:"muted"` // authors, "source:id"
	Rate    float64             `json:"rate"`  // posts a second that are shown at most
	May     bool                `json:"may"`   // this connection may change these, now
	Limits  Limits              `json:"limits"`
	Sources []feed.SourceStatus `json:"sources"`
	Posts   []feed.Shown        `json:"posts"` // the newest, oldest first
	Meta    feed.Meta           `json:"meta"`
}

// Limits is what the page must know of the options.
type Limits struct {
	Words  int `json:"words"`  // phrases of a room
	Phrase int `json:"phrase"` // bytes of one
}

// Change is what is to become of a room's settings; nil stays as it is. Of a list
// for which From has what it was when the change was made, only what is new in it
// is added and what it lacks is taken out: so two who change a room at once both do.
type Change struct {
	Words, Langs, Muted *[]string
	Rate                *float64
	From                struct{ Words, Langs, Muted *[]string }
}

// The names of the events that go out by [Broadcaster].
const (
	EventPost    = "post"         // Posted
	EventGone    = "post_gone"    // feed.Ref: deleted, quotes go too
	EventHide    = "post_hide"    // feed.Ref: only not shown any more
	EventWords   = "feed_words"   // Words
	EventMeta    = "feed_meta"    // Metered
	EventSources = "feed_sources" // Sources
)

// Volatile tells whether an event is out of date a moment later, so that a slow
// connection had better miss it.
func Volatile(event string) bool {
	return event == EventPost || event == EventMeta || event == EventSources
}

// Posted is the payload of EventPost: a new post, or a revision of one that has
// the same source and id.
type Posted struct {
	Room string `json:"room"`
	*feed.Shown
}

// Words is the payload of EventWords.
type Words struct {
	Room  string   `json:"room"`
	Words []string `json:"words"`
	Langs []string `json:"langs"`
	Muted []string `json:"muted"`
	Rate  float64  `json:"rate"`
	By    string   `json:"by"` // the nickname of who changed them, "" when the room was removed
}

// Metered is the payload of EventMeta.
type Metered struct {
	Room string `json:"room"`
	feed.Meta
}

// Sources is the payload of EventSources.
type Sources struct {
	Sources []feed.SourceStatus `json:"sources"`
}
