package feed

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// tokeniser finds the words of normal texts:
//
//	Socket.IO!      socket.io  socket  io
//	@ada's #Café    ada's  ada  s  @ada's  @ada  café  cafe  #cafe
//	go言語           go
//
// A run is of letters, marks, numbers and "_", and does not begin with a mark; in
// it . ' : - & and ZWJ may stand, each between two others. A word is a run, or what
// a script without blanks leaves of it; of a word with . or the like inside, the
// parts count as well. A sign before the run, # @ or $, makes tokens with the sign:
// of all of it and of its first part. Words of scripts without blanks are no other
// tokens: they are sought as a part of the text.
//
// It is used by one goroutine at a time. The zero value is ready.
type tokeniser struct {
	sign []byte // a token with its sign
	tags tagFolder
}

// each calls visit for every token of text[at:], with where it stands in text.
// The token belongs to the tokeniser. Some tokens come more than once.
func (t *tokeniser) each(text []byte, at int, visit func(token []byte, from, to int)) {
	runs(text, at, func(from, to int) {
		t.signed(text, from, to, visit)
		t.words(text, from, to, visit)
	})
}

// runs calls visit for every run of text[at:], of whatever scripts and with what
// stays inside.
func runs(text []byte, at int, visit func(from, to int)) {
	for at < len(text) {
		c, size := next(text, at)
		if c != spaced && c != solid {
			at += size
			continue
		}
		end := runEnd(text, at)
		visit(at, end)
		at = end
	}
}

// runEnd is where the run ends that begins at i.
func runEnd(s []byte, i int) int {
	end := i
	for i < len(s) {
		c, size := next(s, i)
		i += size
		switch c {
		case other:
			return end
		case inner:
			if i == len(s) || i-size != end {
				return end // a second one in a row
			}
		default:
			end = i
		}
	}
	return end
}

// signed visits the tokens of the run text[from:to] with the sign before it.
func (t *tokeniser) signed(text []byte, from, to int, visit func([]byte, int, int)) {
	if from == 0 || !isSign(text[from-1]) || afterWord(text[:from-1]) {
		return
	}
	sign, part := text[from-1], partEnd(text, from, to)
	if sign != '#' {
		visit(text[from-1:to], from-1, to)
		if part < to {
			visit(text[from-1:part], from-1, part)
		}
		return
	}
	t.sign = t.tags.fold(append(t.sign[:0], '#'), text[from:to])
	visit(t.sign, from-1, to)
	visit(t.sign[1:], from, to)
	if part < to {
		t.sign = t.tags.fold(append(t.sign[:0], '#'), text[from:part])
		visit(t.sign, from-1, part)
		visit(t.sign[1:], from, part)
	}
}

func isSign(c byte) bool { return c == '#' || c == '@' || c == '$' }

// afterWord reports whether s ends in a word of a spaced script, where a sign is
// none: in bob@example.org.
func afterWord(s []byte) bool {
	r, _ := utf8.DecodeLastRune(s)
	c := classOf(r)
	return len(s) > 0 && (c == spaced || c == mark)
}

// partEnd is where the first part of text[from:to] ends.
func partEnd(text []byte, from, to int) int {
	for i := from; i < to; {
		c, size := next(text, i)
		if c == inner {
			return i
		}
		i += size
	}
	return to
}

// words visits those words of the run text[from:to] that are of spaced scripts,
// and their parts.
func (t *tokeniser) words(text []byte, from, to int, visit func([]byte, int, int)) {
	for from < to {
		c, size := next(text, from)
		if c != spaced {
			from += size
			continue
		}
		end := spacedEnd(text, from, to)
		visit(text[from:end], from, end)
		t.parts(text, from, end, visit)
		from = end
	}
}

// spacedEnd is where what begins at i ends to be of spaced scripts, at the end of
// text[:to] at last.
func spacedEnd(text []byte, i, to int) int {
	end := i
	for i < to {
		c, size := next(text, i)
		if c == solid {
			return end
		}
		if i += size; c != inner {
			end = i
		}
	}
	return end
}

// parts visits the parts of the word text[from:to], if it has several.
func (t *tokeniser) parts(text []byte, from, to int, visit func([]byte, int, int)) {
	for whole := true; from < to; whole = false {
		end := partEnd(text, from, to)
		if whole && end == to {
			return
		}
		visit(text[from:end], from, end)
		if from = end; from < to {
			_, size := next(text, from)
			from += size
		}
	}
}

// suffixes visits the domains above the host text[at:], but the uppermost:
// example.org for live.example.org.
func suffixes(text []byte, at int, visit func(token []byte, from, to int)) {
	for {
		dot := bytes.IndexByte(text[at:], '.')
		if dot < 0 {
			return
		}
		at += dot + 1
		if bytes.IndexByte(text[at:], '.') > 0 {
			visit(text[at:], at, len(text))
		}
	}
}

// tagFolder takes diacritics off hashtags, as Mastodon does: #Café is #cafe. Only
// Latin letters lose them; in other scripts they are vowels or other letters.
type tagFolder struct{ a, b []byte }

// fold appends tag, a normal text, to dst without its diacritics.
func (f *tagFolder) fold(dst, tag []byte) []byte {
	if isASCII(tag) {
		return append(dst, tag...)
	}
	f.a = norm.NFD.Append(f.a[:0], tag...)
	f.b = f.b[:0]
	latin := false
	for i := 0; i < len(f.a); {
		r, size := utf8.DecodeRune(f.a[i:])
		i += size
		isMark := unicode.Is(unicode.Mn, r)
		if isMark && latin {
			continue
		}
		if !isMark {
			latin = unicode.Is(unicode.Latin, r)
		}
		f.b = utf8.AppendRune(f.b, plainLatin(r))
	}
	return norm.NFC.Append(dst, f.b...)
}

// plainLatin are the letters with a stroke, which do not decompose.
func plainLatin(r rune) rune {
	switch r {
	case 'ð', 'đ':
		return 'd'
	case 'ħ':
		return 'h'
	case 'ı':
		return 'i'
	case 'ĸ':
		return 'k'
	case 'ł':
		return 'l'
	case 'ŋ':
		return 'n'
	case 'ø':
		return 'o'
	case 'ŧ':
		return 't'
	}
	return r
}

func isASCII(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
