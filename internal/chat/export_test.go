package chat

import "maps"

// Kept counts what a service remembers.
func (s *Service) Kept() (rooms, people, spendings, deadlines int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.places {
		people += len(p.people)
	}
	return len(s.places), people, len(s.spendings), len(s.sched.heap)
}

// Vacated counts the rooms that a service remembers as left.
func Vacated(s *Service) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.vacated)
}

// Claims returns which rooms must stay just now.
func Claims(s *Service) map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.claims)
}

// Told counts the rooms whose last message the committer remembers. The service
// must be closed.
func Told(s *Service) int { return len(s.commits.told) }
