package replay

import (
	"net/url"
	"strings"
	"time"

	"rightnow/feed"
)

// relabel is a sink for one upstream's decoder: it passes on what is the
// replay's, under the replay's name.
type relabel struct {
	out  feed.Sink
	from string // the upstream
}

// id makes an id of an upstream one of the replay.
func (r *relabel) id(s string) string {
	if s == "" {
		return ""
	}
	return r.from + "/" + s
}

// Offer implements [feed.Sink].
func (r *relabel) Offer(p feed.Post) bool {
	p.Source = Name
	p.ID, p.Native, p.Author.ID = r.id(p.ID), r.id(p.Native), r.id(p.Author.ID)
	p.Expires = time.Time{} // nobody's terms are about what is invented
	p.URL, p.Author.URL = invented(p.URL), invented(p.Author.URL)
	return r.out.Offer(p)
}

// Retract implements [feed.Sink].
func (r *relabel) Retract(ref feed.Ref) {
	r.out.Retract(feed.Ref{Source: Name, ID: r.id(ref.ID), Native: r.id(ref.Native), AuthorID: r.id(ref.AuthorID)})
}

// Gap implements [feed.Sink].
func (r *relabel) Gap(from, to time.Time) { r.out.Gap(from, to) }

// Limit implements [feed.Sink].
func (r *relabel) Limit(undelivered uint64) { r.out.Limit(undelivered) }

// Skip implements [feed.Sink].
func (r *relabel) Skip(reason feed.SkipReason) { r.out.Skip(reason) }

// State implements [feed.Sink]. The replay tells its own.
func (r *relabel) State(feed.State) {}

// Cursor implements [feed.Sink]. There is nothing to go on from.
func (r *relabel) Cursor(string) {}

// invented returns a link that leads to nobody, or "": decoders make links into
// the real network, where the posts are not.
func invented(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	host := "." + strings.ToLower(u.Hostname())
	for _, reserved := range []string{".example", ".test", ".invalid", ".example.org", ".example.com", ".example.net"} {
		if strings.HasSuffix(host, reserved) {
			return link
		}
	}
	return ""
}
