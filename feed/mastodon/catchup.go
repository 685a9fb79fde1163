package mastodon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"rightnow/feed"
)

// errNotSent is a connection that ended while we said what we want.
var errNotSent = errors.New("feed: the connection ended before it began")

const (
	// maxTimelines bounds how many timelines are asked for after a cut, out of
	// the three hundred requests in five minutes that an account has.
	maxTimelines = 40
	// askTimeout bounds one of these requests.
	askTimeout = 15 * time.Second
)

// catchUp asks for what came while there was no connection, since the streams
// can't be resumed, and whether what is shown is still there.
type catchUp struct {
	api     *api
	out     feed.Sink
	stream  *stream // whose lock guards the decoder
	streams []subscription
	from    time.Time // since when there may be something missing
	since   string    // the newest post before
	shown   []name
}

func (c *catchUp) run(ctx context.Context) {
	if !c.timelines(ctx) && ctx.Err() == nil {
		c.out.Gap(c.from, time.Now())
	}
	for part := range slices.Chunk(c.shown, batch) {
		if !c.stillThere(ctx, part) {
			return
		}
	}
}

// timelines takes what is in the timelines and reports whether that is all. What
// is older than a little while is no news any more.
func (c *catchUp) timelines(ctx context.Context) bool {
	now := time.Now()
	fresh := now.Add(-tooLate)
	complete := c.from.After(fresh) && len(c.streams) <= maxTimelines && c.since != ""
	slices.SortFunc(c.streams, func(a, b subscription) int { return cmp.Compare(a.tag, b.tag) })
	if c.since == "" { // nothing came before: all there is may be old
		return false
	}
	for _, s := range c.streams[:min(len(c.streams), maxTimelines)] {
		posts, more, err := c.ask(ctx, s)
		if err != nil {
			return false
		}
		complete = complete && !more
		c.take(posts, fresh)
	}
	return complete
}

func (c *catchUp) ask(ctx context.Context, s subscription) ([]json.RawMessage, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return c.api.timeline(ctx, s, c.since)
}

// take offers posts, the oldest of which is the last.
func (c *catchUp) take(posts []json.RawMessage, fresh time.Time) {
	c.stream.mu.Lock()
	defer c.stream.mu.Unlock()
	for _, post := range slices.Backward(posts) {
		c.stream.dialer.decoder.status(post, fresh, c.out)
	}
}

// stillThere retracts what the server does not have any more and offers what has
// changed. It reports false when there is no use in asking on. Servers before 4.3
// can't be asked.
func (c *catchUp) stillThere(ctx context.Context, part []name) bool {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	ids := make([]string, len(part))
	for i, n := range part {
		ids[i] = n.id
	}
	posts, err := c.api.statuses(ctx, ids)
	if err != nil || posts == nil { // no list at all is no answer
		return false
	}
	there := map[string]bool{}
	for _, post := range posts {
		var s status
		if json.Unmarshal(post, &s) == nil {
			there[s.ID] = true
			if s.EditedAt != "" {
				c.take([]json.RawMessage{post}, time.Time{})
			}
		}
	}
	for _, n := range part {
		if !there[n.id] {
			c.out.Retract(feed.Ref{Source: Name, ID: n.uri, Native: n.id})
		}
	}
	return true
}
