package socketio

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// Of returns the namespace of that name, made if need be. A missing leading slash is added. When
// the name matches a pattern given to OfPattern, the namespace is made as its child.
func (s *Server) Of(name string) *Namespace {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	n := s.create(name)
	n.prepare()
	return n
}

// OfPattern lets clients join every namespace whose name matches: each becomes a namespace of
// its own when the first client asks for it.
func (s *Server) OfPattern(re *regexp.Regexp) *ParentNamespace {
	return s.addParent(&ParentNamespace{srv: s, pattern: re})
}

// OfFunc is OfPattern with a function that decides whether there is such a namespace. It is asked
// only when there is none yet, so it lets nobody in or out: that is for ParentNamespace.Use. auth
// is that of the client who asks first, nil when it sent none; ctx ends with the client's
// connection. Patterns and functions are asked in the order of their registration.
func (s *Server) OfFunc(allow func(ctx context.Context, name string, auth Auth) bool) *ParentNamespace {
	return s.addParent(&ParentNamespace{srv: s, allow: allow})
}

// Namespaces returns the namespaces that exist, by name.
func (s *Server) Namespaces() []*Namespace {
	s.mu.Lock()
	list := make([]*Namespace, 0, len(s.namespaces))
	for _, n := range s.namespaces {
		list = append(list, n)
	}
	s.mu.Unlock()
	return sortedByName(list)
}

func sortedByName(list []*Namespace) []*Namespace {
	slices.SortFunc(list, func(a, b *Namespace) int { return strings.Compare(a.name, b.name) })
	return list
}

func (s *Server) addParent(p *ParentNamespace) *ParentNamespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parents = append(slices.Clip(s.parents), p)
	return p
}

// known returns the namespace of that name, or nil and the parents that might make it.
func (s *Server) known(name string) (*Namespace, []*ParentNamespace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.namespaces[name], s.parents
}

// create returns the namespace of that name for the program, which may keep it: it is made unless it exists, and stays.
func (s *Server) create(name string) *Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[name]
	if n == nil {
		n = s.createLocked(name, matching(s.parents, name))
	}
	n.wanted = true
	delete(s.vacant, n)
	return n
}

// kept returns the namespace of n's name for something that is about to be attached to it, and that
// the next client who joins must meet: it stays, and if n has made way meanwhile it is n again, or
// the one that has its place. What the hooks for a new namespace attach need not be kept: they run
// for the next one of that name too.
func (n *Namespace) kept() *Namespace {
	select {
	case <-n.ready:
	default:
		return n
	}
	s := n.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	current := s.namespaces[n.name]
	if current == nil {
		current = n
		s.addLocked(n)
	}
	current.attached = true
	delete(s.vacant, current)
	return current
}

// createLocked makes a namespace of a name that has none. s.mu must be held.
func (s *Server) createLocked(name string, parent *ParentNamespace) *Namespace {
	n := newNamespace(s, name, parent)
	s.addLocked(n)
	return n
}

// addLocked lets a namespace be found. s.mu must be held.
func (s *Server) addLocked(n *Namespace) {
	s.namespaces[n.name] = n
	if s.watching() != nil {
		n.watchRoomsLocked()
	}
	if n.parent != nil {
		s.children++
	}
}

// acquire returns the namespace for a socket that wants to join it, made from parent if need
// be, and holds it until release. It is nil when there is none: no such name and no parent, or
// too many children, all of them in use.
func (s *Server) acquire(name string, parent *ParentNamespace) *Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[name]
	if n == nil {
		if parent == nil || s.children >= s.opts.MaxChildNamespaces && !s.makeRoomLocked() {
			return nil
		}
		n = s.createLocked(name, parent)
	}
	n.held++
	delete(s.vacant, n)
	return n
}

// makeRoomLocked removes a child that nobody is in, if there is one. s.mu must be held.
func (s *Server) makeRoomLocked() bool {
	for n := range s.vacant {
		s.removeLocked(n)
		return true
	}
	return false
}

// removeLocked removes a child. s.mu must be held.
func (s *Server) removeLocked(n *Namespace) {
	delete(s.vacant, n)
	delete(s.namespaces, n.name)
	n.unwatchRoomsLocked()
	s.children--
}

// hold is another acquire of a namespace that is held already.
func (s *Server) hold(n *Namespace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.held++
}

// release undoes acquire. A child that nobody holds any more stays if the program has attached something to it, is else
// removed if that is wanted, and may else make way for another, unless the program knows it.
func (s *Server) release(n *Namespace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.held--; n.held > 0 || n.parent == nil || s.namespaces[n.name] != n {
		return
	}
	switch {
	case n.attached:
	case s.opts.CleanupEmptyChildNamespaces:
		s.removeLocked(n)
	case !n.wanted && s.opts.OnHub == nil:
		s.vacant[n] = struct{}{}
	}
}

// matching returns the first parent whose pattern fits.
func matching(parents []*ParentNamespace, name string) *ParentNamespace {
	for _, p := range parents {
		if p.pattern != nil && p.pattern.MatchString(name) {
			return p
		}
	}
	return nil
}
