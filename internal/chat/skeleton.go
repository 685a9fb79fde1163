package chat

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// nickKeys are what two nicknames are compared by: equal in any of them means
// that one could be taken for the other.
//
// One key does not do. Look-alikes go by the letter's case (capital В is like B,
// capital Ν like N but small ν like v), so they must be read before case is
// folded; and folding comes first for Иван and ИВАН to be equal. To join both
// into one table of equal characters would make n, v and y one letter.
type nickKeys [2]string

// nickReader makes keys. It is immutable.
type nickReader struct {
	looks lookalikes
	pairs *strings.Replacer
}

func newNickReader() *nickReader {
	return &nickReader{
		looks: newLookalikes(),
		pairs: strings.NewReplacer("m", "rn", "w", "vv"), // after folding
	}
}

func (n *nickReader) keys(nick string) nickKeys {
	plain := norm.NFKD.String(strings.Map(dropJoiners, nick))
	return nickKeys{
		n.pairs.Replace(dropDots(foldCase(n.looks.read(plain)))),
		n.pairs.Replace(dropDots(foldCase(n.looks.read(foldCase(plain))))),
	}
}

// dropJoiners takes away what joins or colours emoji: without a font for the
// sequence there is no difference to be seen.
func dropJoiners(r rune) rune {
	if r == zwj || r == 0xfe0f {
		return -1
	}
	return r
}

// dropDots takes away the dot above a letter that has one: it is not seen there.
func dropDots(s string) string {
	var base rune
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u0307' && (base == 'i' || base == 'j'):
			return -1
		case !unicode.Is(unicode.M, r):
			base = r
		}
		return r
	}, s)
}

// foldCase makes equal what differs in case only: in full (ß is ss), and then
// letter by letter, since the full folding of x/text turns capital Cherokee
// small and small Cherokee capital.
func foldCase(s string) string {
	return norm.NFKD.String(strings.Map(foldRune, cases.Fold().String(s)))
}

// foldRune returns the small letter of the first of all that differ from r in
// case only.
func foldRune(r rune) rune {
	first := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		first = min(first, next)
	}
	return unicode.ToLower(first)
}
