package wall

import (
	"rightnow/feed"
)

// Post implements [feed.Receiver].
func (s *Service) Post(owner string, p *feed.Shown) {
	s.opts.Broadcaster.Followers(owner, EventPost, Posted{owner, p})
}

// Retract implements [feed.Receiver]. Quotes are removed in the background; what
// is on screens goes now.
func (s *Service) Retract(owners []string, r feed.Ref) {
	for _, owner := range owners {
		s.opts.Broadcaster.Followers(owner, EventGone, r)
	}
	s.quotes.retract(quoteRef(r))
}

// Hide implements [feed.Receiver]. Quotes stay.
func (s *Service) Hide(owners []string, r feed.Ref) {
	for _, owner := range owners {
		s.opts.Broadcaster.Followers(owner, EventHide, r)
	}
}

// Meta implements [feed.Receiver].
func (s *Service) Meta(owner string, m feed.Meta) {
	s.opts.Broadcaster.Followers(owner, EventMeta, Metered{owner, m})
}

// Sources implements [feed.Receiver].
func (s *Service) Sources(all []feed.SourceStatus) {
	s.opts.Broadcaster.Followers("", EventSources, Sources{all})
}
