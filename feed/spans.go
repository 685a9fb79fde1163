package feed

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Span is a part of a text, in bytes: text[From:To].
type Span struct{ From, To int }

// Spans returns what of a text the phrases found, to be highlighted: in order and
// apart from each other. It takes phrases as a post's matches have them; what is
// no phrase finds nothing.
func Spans(text string, phrases []string) []Span {
	f := finder{text: text, words: map[string]bool{}}
	for _, phrase := range phrases {
		p, _ := ParsePhrase(phrase)
		for _, t := range p.terms {
			switch {
			case t.Not:
			case t.Part:
				f.parts = append(f.parts, t.Text)
			default:
				f.words[t.Text] = true
			}
		}
	}
	f.search()
	return mergeSpans(f.spans)
}

// finder looks for words and parts in a text, and knows where in the text each
// byte of its normal form comes from.
type finder struct {
	text  string
	words map[string]bool
	parts []string

	form   normaliser
	tokens tokeniser
	normal []byte
	origin []Span // of each byte of normal
	spans  []Span // found
}

func (f *finder) search() {
	for at := 0; at < len(f.text); {
		var p piece
		p, at = nextPiece(f.text, at)
		f.append(" ", Span{p.from, p.from})
		from := len(f.normal)
		f.normalise(p)
		f.tokens.each(f.normal, from, f.word)
		if p.host {
			suffixes(f.normal, from, f.word)
		}
	}
	for _, part := range f.parts {
		for at, end := findPart(f.normal, part, 0); at >= 0; at, end = findPart(f.normal, part, end) {
			f.found(at, end)
		}
	}
}

func (f *finder) word(token []byte, from, to int) {
	if f.words[string(token)] {
		f.found(from, to)
	}
}

// found notes that normal[from:to] was found.
func (f *finder) found(from, to int) {
	f.spans = append(f.spans, Span{f.origin[from].From, f.origin[to-1].To})
}

// normalise appends a piece character by character, each with all that hangs on
// it: so much at a time has a normal form that does not depend on its neighbours.
func (f *finder) normalise(p piece) {
	for at := p.from; at < p.to; {
		end := at + characterEnd(f.text[at:p.to])
		f.append(f.text[at:end], Span{at, end})
		at = end
	}
}

// characterEnd is how far the first character of s goes with what combines with it,
// and with what is not seen in between.
func characterEnd(s string) int {
	_, end := utf8.DecodeRuneInString(s)
	for at := end; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		hidden := unseen(r)
		if !hidden && norm.NFKC.PropertiesString(s[at:]).BoundaryBefore() {
			break
		}
		if at += size; !hidden || unicode.IsMark(r) { // one is the style of an emoji
			end = at
		}
	}
	return end
}

func (f *finder) append(s string, origin Span) {
	f.normal = f.form.append(f.normal, s)
	for len(f.origin) < len(f.normal) {
		f.origin = append(f.origin, origin)
	}
}

// mergeSpans puts spans in order and makes one of those that meet.
func mergeSpans(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	merged := spans[:0]
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && s.From <= merged[last].To {
			merged[last].To = max(merged[last].To, s.To)
		} else {
			merged = append(merged, s)
		}
	}
	return merged
}
