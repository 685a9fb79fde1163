package feed

import (
	"slices"
	"unicode/utf8"
)

// partIndex finds which of many parts a text has. At each place it knows from the
// character there how long the parts may be that begin with it, and looks those
// up: at most as many as there are lengths, MaxPhrase.
type partIndex struct {
	parts map[string]*posting
	heads map[rune]*head
	// low is how many parts begin with a character of these last eight bits: mostly
	// none, which is known without a look into heads.
	low [256]int
}

// head is how many parts of each length begin with a character.
type head struct {
	lengths []partLength // in order
}

type partLength struct{ bytes, parts int }

func newPartIndex() partIndex {
	return partIndex{parts: map[string]*posting{}, heads: map[rune]*head{}}
}

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
	x.low[r&255]++
	h.count(len(t.Text), 1)
	return p
}

func (x *partIndex) remove(t Term) {
	delete(x.parts, t.Text)
	r, _ := utf8.DecodeRuneInString(t.Text)
	h := x.heads[r]
	x.low[r&255]--
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
		if x.low[r&255] > 0 {
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
