package feed

import (
	"slices"
	"time"
)

// How much of what an owner was shown is known.
const (
	findable   = 200  // posts with all they say, for Router.Find
	remembered = 1000 // posts that can be taken back from those who were shown them
)

// exhibit is a post that owners were shown, once for all of them.
type exhibit struct {
	ref     Ref // complete
	author  string
	expires time.Time // when it goes
	deadly  bool      // expires is Post.Expires: it has to go everywhere
	post    *Post     // as it is now; nil when no owner has it among the findable
	full    int       // owners that have
	owners  []*owner
}

// postKey is something of a source.
type postKey struct{ source, id string }

// shelf finds exhibits by what retractions name.
type shelf struct {
	byID     map[postKey]*exhibit
	byNative map[postKey][]*exhibit
	byAuthor map[postKey][]*exhibit
	expiry   time.Time // no exhibit expires earlier; zero: there is none
}

func newShelf() shelf {
	return shelf{
		byID:     map[postKey]*exhibit{},
		byNative: map[postKey][]*exhibit{},
		byAuthor: map[postKey][]*exhibit{},
	}
}

// of returns what was made of earlier revisions of a post, or nil.
func (s *shelf) of(p *Post) *exhibit { return s.byID[postKey{p.Source, p.ID}] }

// put makes an exhibit of a post that has none.
func (s *shelf) put(p *Post, keepFor time.Duration) *exhibit {
	e := &exhibit{ref: p.Ref(), author: p.Author.ID, post: p, expires: p.ReceivedAt.Add(keepFor)}
	s.shorten(e, p)
	s.byID[postKey{p.Source, p.ID}] = e
	if p.Native != "" {
		key := postKey{p.Source, p.Native}
		s.byNative[key] = append(s.byNative[key], e)
	}
	if e.author != "" {
		key := postKey{p.Source, e.author}
		s.byAuthor[key] = append(s.byAuthor[key], e)
	}
	return e
}

// shorten has an exhibit expire no later than a revision of it says.
func (s *shelf) shorten(e *exhibit, p *Post) {
	if !p.Expires.IsZero() && p.Expires.Before(e.expires) {
		e.expires, e.deadly = p.Expires, true
	}
	if s.expiry.IsZero() || e.expires.Before(s.expiry) {
		s.expiry = e.expires
	}
}

// remove forgets an exhibit.
func (s *shelf) remove(e *exhibit) {
	delete(s.byID, postKey{e.ref.Source, e.ref.ID})
	unlist(s.byNative, postKey{e.ref.Source, e.ref.Native}, e)
	unlist(s.byAuthor, postKey{e.ref.Source, e.author}, e)
}

func unlist(lists map[postKey][]*exhibit, key postKey, e *exhibit) {
	list := lists[key]
	i := slices.Index(list, e)
	if i < 0 {
		return
	}
	if list = slices.Delete(list, i, i+1); len(list) == 0 {
		delete(lists, key)
	} else {
		lists[key] = list
	}
}

// meant returns the exhibits that a ref means.
func (s *shelf) meant(ref Ref) []*exhibit {
	switch {
	case ref.ID != "" || ref.Native != "":
		found := s.byNative[postKey{ref.Source, ref.Native}]
		if e := s.byID[postKey{ref.Source, ref.ID}]; e != nil && !slices.Contains(found, e) {
			found = append(slices.Clip(found), e)
		}
		return slices.Clone(found)
	case ref.AuthorID != "":
		return slices.Clone(s.byAuthor[postKey{ref.Source, ref.AuthorID}])
	}
	var all []*exhibit
	for key, e := range s.byID {
		if key.source == ref.Source {
			all = append(all, e)
		}
	}
	return all
}

// Means reports whether a post is what the ref names, or among it. A Ref with a
// Source alone names all posts of that source.
func (r Ref) Means(p *Post) bool {
	switch {
	case r.Source != p.Source:
		return false
	case r.ID != "" && r.ID == p.ID, r.Native != "" && r.Native == p.Native:
		return true
	case r.ID != "" || r.Native != "":
		return false
	}
	return r.AuthorID == "" || r.AuthorID == p.Author.ID
}

// due takes what has expired, and sets expiry anew.
func (s *shelf) due(now time.Time) (gone []*exhibit) {
	s.expiry = time.Time{}
	for _, e := range s.byID {
		if !e.expires.After(now) {
			gone = append(gone, e)
		} else if s.expiry.IsZero() || e.expires.Before(s.expiry) {
			s.expiry = e.expires
		}
	}
	slices.SortFunc(gone, func(a, b *exhibit) int { return a.expires.Compare(b.expires) })
	return gone
}
