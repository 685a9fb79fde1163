package feed

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Term is one condition of a [Phrase].
type Term struct {
	// Text is in normal form. That of a hashtag, a mention or a cashtag begins
	// with its sign.
	Text string
	// Not says that the post must not have it.
	Not bool
	// Part says that Text is sought as a part of the post's text, since it is no
	// word that stands by itself: "c++", an emoji, an exact phrase, 日本.
	Part bool

	quoted bool // needs its quotes to be read as it is
}

// String returns the term as it is written in a phrase.
func (t Term) String() string {
	text := t.Text
	if t.quoted {
		text = `"` + text + `"`
	}
	if t.Not {
		text = "-" + text
	}
	return text
}

// readTerms reads a phrase in normal form.
func readTerms(s string) (terms []Term) {
	for s = trimGap(s); s != ""; s = trimGap(s) {
		rest := strings.TrimLeft(s, "-")
		not := rest != s
		var found []Term
		if exact, ok := strings.CutPrefix(rest, `"`); ok {
			exact, s, _ = strings.Cut(exact, `"`)
			found = exactTerm(exact)
		} else {
			end := strings.IndexFunc(rest, isGapOrQuote)
			if end < 0 {
				end = len(rest)
			}
			found, s = bareTerms(rest[:end]), rest[end:]
		}
		for _, t := range found {
			t.Not = not
			terms = append(terms, t)
		}
	}
	return terms
}

// isGap takes what stands between terms.
func isGap(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '、' }

func isGapOrQuote(r rune) bool { return isGap(r) || r == '"' }

func trimGap(s string) string { return strings.TrimLeftFunc(s, isGap) }

// exactTerm reads what stood in quotes. The quotes are left out when they make no
// difference. Punctuation alone is nothing.
func exactTerm(s string) []Term {
	s = strings.TrimSpace(strings.TrimLeftFunc(s, func(r rune) bool { return r == ' ' || !startsTerm(r) }))
	if !strings.ContainsFunc(s, seeks) {
		return nil
	}
	if bare := bareTerms(s); !strings.ContainsFunc(s, isGap) && len(bare) == 1 && bare[0].Text == s {
		return bare
	}
	return []Term{{Text: s, Part: true, quoted: true}}
}

// startsTerm leaves out what hangs on the character before it.
func startsTerm(r rune) bool { return !unicode.IsMark(r) && r != zwnj && r != zwj }

// bareTerms reads what stood between gaps: one word mostly, several when there is
// punctuation between them, or one part with symbols in it.
func bareTerms(s string) (terms []Term) {
	s = trimPunctuation(s)
	switch {
	case s == "":
		return nil
	case isSign(s[0]) && isWord(s[1:]):
		return []Term{signedTerm(s)}
	case isWord(s):
		return []Term{wordTerm(s)}
	case isOdd(s):
		return []Term{{Text: s, Part: true}}
	}
	runs([]byte(s), 0, func(from, to int) {
		terms = append(terms, wordTerm(s[from:to]))
	})
	return terms
}

func isWord(s string) bool {
	return s != "" && startsWord(s) && runEnd([]byte(s), 0) == len(s)
}

func startsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	c := classOf(r)
	return s != "" && (c == spaced || c == solid)
}

// wordTerm is the term for a word, which is a part of a text in the scripts that
// put no blanks between words.
func wordTerm(s string) Term {
	return Term{Text: s, Part: strings.ContainsFunc(s, func(r rune) bool { return classOf(r) == solid })}
}

func signedTerm(s string) Term {
	if s[0] == '#' {
		s = string(new(tagFolder).fold(nil, []byte(s)))
	}
	return Term{Text: s}
}

// isOdd reports whether s has what no word has, so that all of it is meant: a
// symbol as in c++ or ☕, a dot before it as in .net, a "#" after it as in c#.
func isOdd(s string) bool {
	return strings.ContainsFunc(s, unicode.IsSymbol) || s[0] == '.' || strings.HasSuffix(s, "#")
}

// trimPunctuation takes off s what people put around words.
func trimPunctuation(s string) string {
	dot := len(s) > 1 && s[0] == '.' && startsWord(s[1:]) // .net, but not …net
	if !dot {
		s = strings.TrimLeftFunc(s, func(r rune) bool { return r != '#' && r != '@' && isAround(r) })
		for len(s) > 0 && (s[0] == '#' || s[0] == '@') && !startsWord(s[1:]) {
			s = strings.TrimLeftFunc(s[1:], func(r rune) bool { return r != '#' && r != '@' && isAround(r) })
		}
	}
	trimmed := strings.TrimRightFunc(s, isAround)
	if strings.HasPrefix(s[len(trimmed):], "#") && trimmed != "" && !isSign(trimmed[0]) && isWord(trimmed) {
		trimmed += "#" // c#
	}
	return trimmed
}

func isAround(r rune) bool {
	return r == '`' || r == '|' || unicode.IsPunct(r) && r != '_' || !startsTerm(r)
}

// seeks takes the characters that a term can be sought by.
func seeks(r rune) bool {
	c := classOf(r)
	return c == spaced || c == solid || unicode.IsSymbol(r)
}

// broad reports whether the term is in so many posts that it tells nothing: a
// single character other than an emoji or one of a script without blanks, or a
// stop word.
func (t Term) broad() bool {
	if stopWords[t.Text] {
		return true
	}
	if isSign(t.Text[0]) && !t.Part {
		return false
	}
	runes := slices.DeleteFunc([]rune(t.Text), func(r rune) bool { return !seeks(r) })
	return len(runes) == 1 && classOf(runes[0]) != solid && !isPictograph(runes[0])
}

// isPictograph takes what is a picture: emoji, arrows and the like.
func isPictograph(r rune) bool { return r >= 0x2190 && unicode.IsSymbol(r) }
