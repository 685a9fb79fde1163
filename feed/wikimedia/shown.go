package wikimedia

import (
	"slices"
	"strconv"
	"strings"
)

// maxShown bounds what is remembered of posts that were offered.
const maxShown = 20000

// shown finds the posts about a page or a revision. The zero value is empty.
type shown struct {
	byKey map[string][]string // keys of pages and revisions to ids of posts
	order []offered           // oldest first
}

// offered is one post and what it can be found by.
type offered struct {
	id   string
	keys [2]string
}

func pageKey(site, title string) string {
	return site + "/" + strings.ReplaceAll(title, "_", " ")
}

func revisionKey(site string, revision int64) string {
	return site + "#" + strconv.FormatInt(revision, 10)
}

func (s *shown) add(site, title string, revision int64, id string) {
	if s.byKey == nil {
		s.byKey = map[string][]string{}
	}
	o := offered{id: id, keys: [2]string{pageKey(site, title), revisionKey(site, revision)}}
	if slices.Contains(s.byKey[o.keys[0]], id) {
		return
	}
	for _, key := range o.keys {
		s.byKey[key] = append(s.byKey[key], id)
	}
	if s.order = append(s.order, o); len(s.order) > maxShown {
		s.forget(s.order[0])
		s.order = s.order[1:]
	}
}

func (s *shown) forget(o offered) {
	for _, key := range o.keys {
		left := slices.DeleteFunc(s.byKey[key], func(id string) bool { return id == o.id })
		if s.byKey[key] = left; len(left) == 0 {
			delete(s.byKey, key)
		}
	}
}

func (s *shown) ofPage(site, title string) []string { return s.byKey[pageKey(site, title)] }

func (s *shown) ofRevision(site string, revision int64) []string {
	return s.byKey[revisionKey(site, revision)]
}
