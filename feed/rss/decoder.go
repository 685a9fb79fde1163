package rss

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"rightnow/feed"

	"github.com/mmcdole/gofeed"
	original "github.com/mmcdole/gofeed/rss"
)

// The limits of what is taken from a feed and remembered of it.
const (
	maxItems = 1000
	maxSeen  = 4000
)

// Decoder reads the documents of one feed, each of which is the whole feed. The
// zero Decoder takes all items of the first document for news. It belongs to one
// goroutine.
type Decoder struct {
	// Feed is the feed's address; empty: what the documents say.
	Feed string

	seen  map[string]*seen // by the id of the post
	round int              // documents that were read
}

var _ feed.Decoder = (*Decoder)(nil)

// seen is what is known of an item.
type seen struct {
	rev     string
	round   int  // the last one in which it was there
	offered bool // else it was there before us
	gone    bool
}

// Decode implements [feed.Decoder].
func (d *Decoder) Decode(msg []byte, out feed.Sink) (event bool, err error) {
	doc, err := parse(msg)
	if err != nil {
		out.Skip(feed.SkipMalformed)
		return false, nil
	}
	d.take(doc, out, maxItems)
	return true, nil
}

// parse reads a whole document; of half of one the parser makes an error.
func parse(doc []byte) (f *gofeed.Feed, err error) {
	defer func() {
		if p := recover(); p != nil { // a defect of the parser is one of the feed
			f, err = nil, fmt.Errorf("rss: the parser failed: %v", p)
		}
	}()
	if doc, err = cutAtom(doc); err != nil {
		return nil, err
	}
	parser := gofeed.NewParser()
	parser.KeepOriginalFeed = true
	parser.RSSTranslator = &cutting{}
	f, err = parser.Parse(bytes.NewReader(doc))
	if err != nil {
		return nil, fmt.Errorf("rss: %w", err)
	}
	if len(f.Items) > maxItems {
		f.Items = f.Items[:maxItems]
	}
	return f, nil
}

// take offers what is new or has changed, the oldest first, and retracts what was
// deleted. Of what is seen for the first time only the newest are offered when it
// is the first document; the others count as seen.
func (d *Decoder) take(f *gofeed.Feed, out feed.Sink, newest int) {
	first := d.round == 0
	d.round++
	if d.seen == nil {
		d.seen = map[string]*seen{}
	}
	from := newSite(d.Feed, f)
	for _, ref := range deleted(f) {
		d.retract(from.id(ref), out)
	}
	items := slices.Clone(f.Items)
	slices.Reverse(items) // feeds have the newest first
	slices.SortStableFunc(items, func(a, b *gofeed.Item) int { return created(a).Compare(created(b)) })
	for i, item := range items {
		post, ok := from.post(item)
		if !ok {
			out.Skip(feed.SkipMalformed)
			continue
		}
		d.item(post, out, first && i < len(items)-newest)
	}
	d.forget()
}

// item takes one; old says that it was there before us.
func (d *Decoder) item(p feed.Post, out feed.Sink, old bool) {
	known := d.seen[p.ID]
	if known == nil {
		d.seen[p.ID] = &seen{rev: p.Rev, round: d.round, offered: !old}
		if !old {
			out.Offer(p)
		}
		return
	}
	switch {
	case known.round == d.round: // a guid that two items have: one of them is as good as the other
		out.Skip(feed.SkipDuplicate)
		return
	case known.gone || known.rev == p.Rev:
		known.round = d.round
		return
	}
	known.round, known.rev = d.round, p.Rev
	if known.offered {
		out.Offer(p)
	}
}

func (d *Decoder) retract(id string, out feed.Sink) {
	known := d.seen[id]
	if known == nil {
		known = &seen{}
		d.seen[id] = known
	}
	known.round = d.round
	if !known.gone {
		known.gone = true
		out.Retract(feed.Ref{Source: Name, ID: id})
	}
}

// forget bounds what is remembered: what was not in the feed for the longest goes.
func (d *Decoder) forget() {
	if len(d.seen) <= maxSeen {
		return
	}
	ids := make([]string, 0, len(d.seen))
	for id := range d.seen {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return d.seen[a].round - d.seen[b].round })
	for _, id := range ids[:len(ids)-maxSeen] {
		delete(d.seen, id)
	}
}

// deleted are the ids of at:deleted-entry, by RFC 6721.
func deleted(f *gofeed.Feed) []string {
	var refs []string
	for _, elements := range f.Extensions {
		for _, e := range elements["deleted-entry"] {
			if ref := e.Attrs["ref"]; ref != "" && len(refs) < maxItems {
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

// patience is how long a feed says that it is good.
func patience(f *gofeed.Feed) time.Duration {
	if channel, ok := f.OriginalFeed().(*original.Feed); ok {
		if minutes, err := strconv.ParseUint(channel.TTL, 10, 16); err == nil {
			return time.Duration(minutes) * time.Minute
		}
	}
	return 0
}

// hash is a name for something longer.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// hostOf is the host of an address, or "".
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
