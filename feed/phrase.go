package feed

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a phrase.
const (
	MaxPhrase = 60 // bytes
	MaxTerms  = 10
)

// Phrase is what somebody tracks: words that all have to be in a post, in any
// order, whatever their case.
//
//	socket.io        that word, also as #socket.io, @socket.io, https://socket.io/
//	go chat          both words
//	#go  @ada  $gold the hashtag, the mention, the cashtag only
//	"right now"      exactly that, with nothing between
//	golang -crypto   the first and not the second
//	c++  ☕  東京     found anywhere, also between other letters
//
// Two phrases that ask for the same have the same canonical form: "Go  chat" and
// "chat go go" are chat go. Phrases are immutable.
type Phrase struct {
	text  string
	terms []Term
}

// String returns the canonical form, which [ParsePhrase] reads as the same phrase.
func (p Phrase) String() string { return p.text }

// Terms are the conditions of the phrase, all of which a post has to meet: in
// order, what is wanted first. The caller may change the slice.
func (p Phrase) Terms() []Term { return slices.Clone(p.terms) }

// PhraseError says why a phrase is refused.
type PhraseError struct {
	Phrase string // as it was written, cut when it is very long
	Reason string // a plain sentence for people
}

func (e *PhraseError) Error() string { return fmt.Sprintf("feed: phrase %q: %s", e.Phrase, e.Reason) }

// ParsePhrase reads a phrase as people write it. The error is a [*PhraseError]: it
// refuses what is too long, and what would be in nearly every post or in none.
func ParsePhrase(text string) (Phrase, error) {
	p, reason := parsePhrase(text)
	if reason != "" {
		return Phrase{}, &PhraseError{Phrase: firstRunes(strings.ToValidUTF8(text, "\ufffd"), MaxPhrase), Reason: reason}
	}
	return p, nil
}

var tooLong = fmt.Sprintf("A phrase has at most %d bytes.", MaxPhrase)

func parsePhrase(text string) (p Phrase, refused string) {
	text = strings.TrimSpace(text)
	switch {
	case len(text) > MaxPhrase:
		return p, tooLong
	case !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError):
		return p, "This phrase is not valid text."
	}
	terms := canonical(readTerms(normalPhrase(text)))
	if refused = refuse(terms); refused != "" {
		return p, refused
	}
	if p = (Phrase{text: join(terms), terms: terms}); len(p.text) > MaxPhrase {
		return Phrase{}, tooLong
	}
	return p, ""
}

// refuse returns why canonical terms make no phrase; "": they do.
func refuse(terms []Term) string {
	wanted := slices.IndexFunc(terms, func(t Term) bool { return t.Not })
	if wanted < 0 {
		wanted = len(terms)
	}
	switch {
	case len(terms) == 0:
		return "This phrase has no word to look for."
	case len(terms) > MaxTerms:
		return fmt.Sprintf("A phrase has at most %d words.", MaxTerms)
	case wanted == 0:
		return "This phrase only says what is not wanted. Add a word that is."
	case !slices.ContainsFunc(terms[:wanted], func(t Term) bool { return !t.broad() }):
		return "This is in too many posts. Add a word that is in fewer."
	}
	for _, not := range terms[wanted:] {
		if slices.ContainsFunc(terms[:wanted], func(t Term) bool { return t.Text == not.Text }) {
			return fmt.Sprintf("No post can have %q and not have it.", not.Text)
		}
	}
	return ""
}

// canonical sorts terms, what is wanted first, and takes out those that repeat.
func canonical(terms []Term) []Term {
	slices.SortFunc(terms, func(a, b Term) int {
		if a.Not != b.Not {
			if b.Not {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.String(), b.String())
	})
	return slices.Compact(terms)
}

func join(terms []Term) string {
	var b strings.Builder
	for i, t := range terms {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.String())
	}
	return b.String()
}

// normalPhrase returns the normal form of a phrase, with hosts for links and
// plain double quotes.
func normalPhrase(s string) string {
	var form normaliser
	var text []byte
	s = strings.Map(plainQuote, s)
	for at := 0; at < len(s); {
		var p piece
		p, at = nextPiece(s, at)
		text = form.append(appendPlain(text, ' '), s[p.from:p.to])
	}
	return strings.TrimSpace(string(text))
}

func plainQuote(r rune) rune {
	switch r {
	case '“', '”', '„', '‟', '＂':
		return '"'
	}
	return r
}

// firstRunes returns the first n runes of s.
func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}
