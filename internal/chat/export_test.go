package chat

// Kept counts what a service remembers.
func (s *Service) Kept() (rooms, people, spendings, deadlines int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.places {
		people += len(p.people)
	}
	return len(s.places), people, len(s.spendings), len(s.sched.heap)
}
