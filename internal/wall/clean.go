package wall

import (
	"context"
	"time"

	"rightnow/feed"
	"rightnow/internal/chat"
)

// cleanBatch is how many retractions one transaction takes, so that a message
// which comes meanwhile does not wait long.
const cleanBatch = 100

// clean removes quotes from the store until Close, and then what is left.
func (s *Service) clean() {
	for {
		select {
		case <-s.quotes.wake:
		case <-s.running.Done():
			if s.quotes.waiting() == 0 {
				return
			}
		}
		if s.cleanAll() {
			continue
		}
		if s.running.Err() != nil {
			return
		}
		pause := time.NewTimer(s.opts.RetryEvery)
		select {
		case <-pause.C:
		case <-s.running.Done():
			pause.Stop()
		}
	}
}

// cleanAll reports false when the store failed; what it did not do waits on.
func (s *Service) cleanAll() bool {
	for refs := s.quotes.take(cleanBatch); len(refs) > 0; refs = s.quotes.take(cleanBatch) {
		ctx, cancel := s.storeContext(s.storing)
		places, err := s.opts.Store.RemoveQuotes(ctx, refs)
		cancel()
		if err != nil {
			s.opts.Logger.Error("wall: quotes of deleted posts not removed yet", "error", err)
			s.quotes.putBack(refs)
			return false
		}
		s.tellRemoved(places)
	}
	return true
}

// tellRemoved tells those who hear a room once of each post.
func (s *Service) tellRemoved(places []chat.Quoted) {
	told := make(map[chat.Quoted]struct{}, len(places))
	for _, p := range places {
		p.Seq = 0
		if _, ok := told[p]; ok {
			continue
		}
		told[p] = struct{}{}
		s.opts.Broadcaster.Members(p.Room, EventGone, feed.Ref{Source: p.Source, ID: p.ID})
	}
}

// cursors is where the router keeps how far each source was read.
type cursors struct{ *Service }

// Load implements [feed.Cursors]. Without its cursor a source begins with what is
// new.
func (c cursors) Load(source string) string {
	ctx, cancel := c.storeContext(context.Background())
	defer cancel()
	cursor, err := c.opts.Store.Note(ctx, cursorNote(source))
	if err != nil {
		c.opts.Logger.Error("wall: how far a source was read is not known", "source", source, "error", err)
	}
	return cursor
}

// Save implements [feed.Cursors].
func (c cursors) Save(source, cursor string) {
	ctx, cancel := c.storeContext(context.Background())
	defer cancel()
	if err := c.opts.Store.SetNote(ctx, cursorNote(source), cursor); err != nil {
		c.opts.Logger.Error("wall: how far a source was read is not stored", "source", source, "error", err)
	}
}

func cursorNote(source string) string { return "feed/cursor/" + source }
