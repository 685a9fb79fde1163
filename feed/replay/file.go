package replay

import "time"

// File is what is played. It is read-only and may be shared.
type File struct {
	Title   string
	Note    string
	License string
	Loop    bool
	Span    time.Duration // of one round
	Seed    int64
	People  map[string]Person // by the id that a stream has of them
	Events  []Event           // in the order of their time, at least one
}

// Person is who stands behind an id.
type Person struct {
	Handle string `json:"handle"`
	Name   string `json:"name"`
}

// Event is one line of a file.
type Event struct {
	At     time.Duration // since the beginning of a round
	Source string        // the upstream: bluesky, mastodon …
	Do     Action        // what happens to it; empty: it sends Wire
	For    time.Duration // how long that lasts
	Wire   Message
}

// Action is what happens to an upstream.
type Action string

// The actions.
const (
	Cut     Action = "cut"   // the connection is cut
	TooMany Action = "429"   // it refuses connections: too many
	Quiet   Action = "quiet" // nothing comes
	Beat    Action = "beat"  // a heartbeat
)

// lasts is how long an action lasts when the file doesn't say.
func (a Action) lasts() time.Duration {
	switch a {
	case Cut:
		return time.Second
	case TooMany:
		return 5 * time.Second
	case Quiet:
		return 20 * time.Second
	}
	return 0
}

// Sources are the upstreams that the file has something of, in the order in which
// they come up.
func (f *File) Sources() []string {
	var names []string
	seen := map[string]bool{}
	for i := range f.Events {
		if name := f.Events[i].Source; !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}
