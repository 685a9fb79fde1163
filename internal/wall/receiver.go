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

// Meta implements [feed.Receiver].
func (s *Service) Meta(owner string, m feed.Meta) {
	s.opts.Broadcaster.Followers(owner, EventMeta, Metered{owner, m})
}

// Sources implements [feed.Receiver]. A source that has failed for good is a line
// in the log, once for each reason.
func (s *Service) Sources(all []feed.SourceStatus) {
	for _, source := range all {
		state := source.State
		if state.Phase != feed.PhaseFailed {
			delete(s.failed, source.Name)
		} else if reason, told := s.failed[source.Name]; !told || reason != state.Reason {
			s.failed[source.Name] = state.Reason
			s.opts.Logger.Error("live posts: " + source.Title + " has stopped: " + state.Reason)
		}
	}
	s.opts.Broadcaster.Followers("", EventSources, Sources{all})
}
