package chat

import (
	"strings"

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
		// After folding. A dot on top of a dotted letter is not seen.
		pairs: strings.NewReplacer("m", "rn", "w", "vv", "i\u0307", "i", "j\u0307", "j"),
	}
}

func (n *nickReader) keys(nick string) nickKeys {
	plain := norm.NFKD.String(strings.Map(dropJoiners, nick))
	return nickKeys{
		n.pairs.Replace(foldCase(n.looks.read(plain))),
		n.pairs.Replace(foldCase(n.looks.read(foldCase(plain)))),
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

func foldCase(s string) string { return norm.NFKD.String(cases.Fold().String(s)) }
