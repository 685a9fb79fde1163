package feed

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	zwnj = '\u200c'
	zwj  = '\u200d'
)

// normaliser brings phrases and texts into the form in which they are compared:
//
//	NFKC, case folded, NFKC again; without invisible format characters but the
//	two joiners, which make letters and emoji; without the selectors of text and
//	emoji style; with plain apostrophes and hyphens; each white space one blank.
//
// Diacritics count: café is not cafe. (In hashtags they do not, see foldTag.)
//
// It is used by one goroutine at a time. The zero value is ready.
type normaliser struct {
	fold  cases.Caser
	folds bool     // fold is made
	a, b  []byte   // the text at work, and the one before
	chunk [64]byte // what fold writes into
}

// append appends the normal form of s to dst. White space at its start is left
// out where dst is empty or ends with some.
func (n *normaliser) append(dst []byte, s string) []byte {
	if plain := n.strip(s); !plain {
		n.b = norm.NFKC.Append(n.b[:0], n.a...)
		n.foldCase()
		n.b = norm.NFKC.Append(n.b[:0], n.a...)
		n.a, n.b = n.b, n.a
	}
	for i := 0; i < len(n.a); {
		if c := n.a[i]; c < utf8.RuneSelf {
			dst = appendPlain(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(n.a[i:])
		if unicode.IsSpace(r) {
			dst = appendPlain(dst, ' ')
		} else {
			dst = utf8.AppendRune(dst, smallCherokee(r))
		}
		i += size
	}
	return dst
}

// appendPlain appends an ASCII character in small, and of several blanks one.
func appendPlain(dst []byte, c byte) []byte {
	switch {
	case c <= ' ' || c == 0x7f:
		if len(dst) > 0 && dst[len(dst)-1] > ' ' {
			dst = append(dst, ' ')
		}
		return dst
	case 'A' <= c && c <= 'Z':
		c += 'a' - 'A'
	}
	return append(dst, c)
}

// strip puts into n.a what of s counts, and reports whether that is ASCII.
func (n *normaliser) strip(s string) (plain bool) {
	n.a, plain = n.a[:0], true
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			n.a = append(n.a, s[i])
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case unseen(r):
		case r == '’':
			n.a = append(n.a, '\'')
		case r == '\u2010' || r == '\u2011': // the hyphen, and the one that does not break
			n.a = append(n.a, '-')
		default:
			n.a, plain = utf8.AppendRune(n.a, r), false
		}
	}
	return plain
}

// unseen takes format characters but the joiners, and the selectors of text and
// emoji style.
func unseen(r rune) bool {
	if r < 0x2000 {
		return r >= 0x80 && unicode.Is(unicode.Cf, r)
	}
	return r == '\ufe0e' || r == '\ufe0f' || r != zwj && r != zwnj && unicode.Is(unicode.Cf, r)
}

// foldCase puts n.b into n.a, folded.
func (n *normaliser) foldCase() {
	if !n.folds {
		n.fold, n.folds = cases.Fold(), true
	}
	n.a = n.a[:0]
	for src := n.b; len(src) > 0; {
		// What ends early is the room in chunk. norm has written src, so that no
		// rune is cut at its end.
		wrote, read, _ := n.fold.Transform(n.chunk[:], src, true)
		n.a = append(n.a, n.chunk[:wrote]...)
		if read == 0 {
			return
		}
		src = src[read:]
	}
}

// smallCherokee is needed since x/text folds a capital letter of Cherokee to its
// small one and the small one to the capital.
func smallCherokee(r rune) rune {
	switch {
	case '\u13a0' <= r && r <= '\u13ef':
		return r - '\u13a0' + '\uab70'
	case '\u13f0' <= r && r <= '\u13f5':
		return r + 8
	}
	return r
}
