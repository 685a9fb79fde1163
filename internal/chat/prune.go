package chat

import "time"

// keepPruning forgets old messages and empty rooms now and then, until Close.
func (s *Service) keepPruning() {
	every := time.NewTicker(s.opts.PruneEvery)
	defer every.Stop()
	for {
		if s.keepsLimited() {
			s.prune()
		}
		if s.opts.EmptyRoomTTL > 0 {
			s.sweepVacant()
		}
		select {
		case <-s.running.Done():
			return
		case <-every.C:
		}
	}
}

// keepsLimited says whether messages are forgotten at all.
func (s *Service) keepsLimited() bool { return s.opts.KeepMessages > 0 || s.opts.KeepFor > 0 }

func (s *Service) prune() {
	var older time.Time
	if s.opts.KeepFor > 0 {
		older = time.Now().Add(-s.opts.KeepFor)
	}
	n, err := s.opts.Store.Prune(s.running, s.opts.KeepMessages, older)
	switch {
	case err != nil && s.running.Err() == nil:
		s.opts.Logger.Error("chat: old messages not forgotten", "error", err)
	case n > 0:
		s.opts.Logger.Info("chat: old messages forgotten", "count", n)
	}
}
