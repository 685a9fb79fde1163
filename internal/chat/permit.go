package chat

// Permit returns who a connection is in a room, if they may do something there;
// of somebody who only looks at the room, the zero Person. It is [May] for what
// others than this package do. Errors: CodeBadRoom, and those of May.
func (s *Service) Permit(room, conn string, verb Verb) (Person, error) {
	name, _, err := ParseRoom(room)
	if err != nil {
		return Person{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, who, where := s.hereLocked(name, conn)
	if err := May(who, verb, where); err != nil {
		return Person{}, err
	}
	if m == nil {
		return Person{}, nil
	}
	return m.person(), nil
}
