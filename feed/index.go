package feed

import (
	"maps"
	"slices"
	"unicode/utf8"
)

// Index finds which of many phrases a post meets, and whose they are. It holds
// sets: to add twice is to add once, and what an owner does not have cannot be
// taken away.
//
// Each phrase is listed under one of the terms that it wants. Those that are
// words are looked up by the words of the post; those that are parts by what the
// post's text has at each place. So the work goes with the length of the post and
// not with the number of phrases.
//
// Match may be called at any time by several goroutines, each with its own Doc, as
// long as nobody changes the Index.
type Index struct {
	phrases map[string]*entry              // by canonical form
	owners  map[string]map[string]struct{} // of each owner the canonical forms
	words   map[string]*posting
	parts   partIndex
}

// entry is a phrase and who has it.
type entry struct {
	phrase Phrase
	owners []string // sorted
	under  *posting // where it is listed
	rest   []Term   // the terms besides that of under
}

// posting is a term and the phrases that are listed under it.
type posting struct {
	term    Term
	entries []*entry
}

// NewIndex returns an empty Index.
func NewIndex() *Index {
	return &Index{
		phrases: map[string]*entry{},
		owners:  map[string]map[string]struct{}{},
		words:   map[string]*posting{},
		parts:   partIndex{parts: map[string]*posting{}, heads: map[rune]*head{}},
	}
}

// Add gives the owner a phrase. It reports whether nobody had it before.
func (ix *Index) Add(owner string, p Phrase) bool {
	if len(p.terms) == 0 {
		return false
	}
	e := ix.phrases[p.text]
	added := e == nil
	if added {
		e = &entry{phrase: p}
		ix.phrases[p.text] = e
		ix.list(e)
	}
	if i, found := slices.BinarySearch(e.owners, owner); !found {
		e.owners = slices.Insert(e.owners, i, owner)
	}
	if ix.owners[owner] == nil {
		ix.owners[owner] = map[string]struct{}{}
	}
	ix.owners[owner][p.text] = struct{}{}
	return added
}

// Remove takes a phrase, in its canonical form, from the owner. It reports
// whether nobody has it any more.
func (ix *Index) Remove(owner, phrase string) bool {
	had := ix.owners[owner]
	if _, ok := had[phrase]; !ok {
		return false
	}
	if delete(had, phrase); len(had) == 0 {
		delete(ix.owners, owner)
	}
	e := ix.phrases[phrase]
	i, _ := slices.BinarySearch(e.owners, owner)
	if e.owners = slices.Delete(e.owners, i, i+1); len(e.owners) > 0 {
		return false
	}
	delete(ix.phrases, phrase)
	ix.unlist(e)
	return true
}

// Drop takes all that the owner has. It reports whether the union became smaller.
func (ix *Index) Drop(owner string) (changed bool) {
	for _, phrase := range ix.Phrases(owner) {
		changed = ix.Remove(owner, phrase) || changed
	}
	return changed
}

// Phrases returns the canonical forms of what the owner has, sorted.
func (ix *Index) Phrases(owner string) []string { return slices.Sorted(maps.Keys(ix.owners[owner])) }

// Union returns the canonical forms of what anybody has, sorted.
func (ix *Index) Union() []string { return slices.Sorted(maps.Keys(ix.phrases)) }

// Len is the number of different phrases.
func (ix *Index) Len() int { return len(ix.phrases) }

// Match calls visit for each phrase that the post meets and each owner who has
// it, once for each pair; the owners of one phrase come in order.
func (ix *Index) Match(d *Doc, visit func(owner, phrase string)) {
	for i := range d.words.len() {
		if p := ix.words[string(d.words.at(i))]; p != nil {
			p.match(d, visit)
		}
	}
	for _, p := range ix.parts.find(d) {
		p.match(d, visit)
	}
}

// match visits those phrases under p that the post meets, which has p's term.
func (p *posting) match(d *Doc, visit func(owner, phrase string)) {
	for _, e := range p.entries {
		if !d.meetsAll(e.rest) {
			continue
		}
		for _, owner := range e.owners {
			visit(owner, e.phrase.text)
		}
	}
}

// list lists a phrase under the best of the terms that it wants.
func (ix *Index) list(e *entry) {
	terms := e.phrase.terms
	best := 0
	for i := range terms {
		if !terms[i].Not && ix.cost(&terms[i]) < ix.cost(&terms[best]) {
			best = i
		}
	}
	e.under = ix.posting(&terms[best])
	e.under.entries = append(e.under.entries, e)
	e.rest = slices.Concat(terms[:best], terms[best+1:])
}

// cost says how often a phrase listed under the term would be looked at in vain:
// a stop word is in most posts, others share their work among those listed under
// them, and a long word is a rare one.
func (ix *Index) cost(t *Term) int {
	n := 64 - min(len(t.Text), 63)
	if t.broad() {
		n += 1 << 30
	}
	p := ix.words[t.Text]
	if t.Part {
		n += 1 << 20 // words are found for less
		p = ix.parts.parts[t.Text]
	}
	if p != nil {
		n += 64 * len(p.entries)
	}
	return n
}

// posting returns the term's, which it makes when there is none.
func (ix *Index) posting(t *Term) *posting {
	if t.Part {
		return ix.parts.add(*t)
	}
	p := ix.words[t.Text]
	if p == nil {
		p = &posting{term: *t}
		ix.words[t.Text] = p
	}
	return p
}

func (ix *Index) unlist(e *entry) {
	p := e.under
	i := slices.Index(p.entries, e)
	if p.entries = slices.Delete(p.entries, i, i+1); len(p.entries) > 0 {
		return
	}
	if p.term.Part {
		ix.parts.remove(p.term)
	} else {
		delete(ix.words, p.term.Text)
	}
}

// partIndex finds which of many parts a text has. At each place it knows from the
// character there how long the parts may be that begin with it, and looks those
// up: at most as many as there are lengths, MaxPhrase.
type partIndex struct {
	parts map[string]*posting
	heads map[rune]*head
	// low has a bit for the last six of each head, which most characters miss.
	low [64]int
}

// head is how many parts of each length begin with a character.
type head struct {
	lengths []partLength // in order
}

type partLength struct{ bytes, parts int }

func (x *partIndex) add(t Term) *posting {
	p := x.parts[t.Text]
	if p != nil {
		return p
	}
	p = &posting{term: t}
	x.parts[t.Text] = p
	r, _ := utf8.DecodeRuneInString(t.Text)
	h := x.heads[r]
	if h == nil {
		h = &head{}
		x.heads[r] = h
	}
	x.low[r&63]++
	h.count(len(t.Text), 1)
	return p
}

func (x *partIndex) remove(t Term) {
	delete(x.parts, t.Text)
	r, _ := utf8.DecodeRuneInString(t.Text)
	h := x.heads[r]
	x.low[r&63]--
	if h.count(len(t.Text), -1); len(h.lengths) == 0 {
		delete(x.heads, r)
	}
}

// count adds n to the number of parts of a length.
func (h *head) count(bytes, n int) {
	i, found := slices.BinarySearchFunc(h.lengths, bytes, func(l partLength, bytes int) int { return l.bytes - bytes })
	if !found {
		h.lengths = slices.Insert(h.lengths, i, partLength{bytes: bytes})
	}
	if h.lengths[i].parts += n; h.lengths[i].parts == 0 {
		h.lengths = slices.Delete(h.lengths, i, i+1)
	}
}

// find returns the parts that the post has, each once. They are d's until its
// next use.
func (x *partIndex) find(d *Doc) []*posting {
	d.hits = d.hits[:0]
	if len(x.parts) == 0 {
		return nil
	}
	for i := 0; i < len(d.text); {
		r, size := rune(d.text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(d.text[i:])
		}
		if x.low[r&63] > 0 {
			x.findAt(d, i, r)
		}
		i += size
	}
	return d.hits
}

// findAt adds to d.hits the parts that begin at i with r.
func (x *partIndex) findAt(d *Doc, i int, r rune) {
	h := x.heads[r]
	if h == nil {
		return
	}
	for _, l := range h.lengths {
		end := i + l.bytes
		if end > len(d.text) {
			return
		}
		p := x.parts[string(d.text[i:end])]
		if p != nil && bounded(d.text, i, end) && !slices.Contains(d.hits, p) {
			d.hits = append(d.hits, p)
		}
	}
}
