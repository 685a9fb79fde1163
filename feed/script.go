package feed

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
)

// class is what a character of a normal text is to a tokeniser.
type class uint8

const (
	other  class = iota // ends a word
	spaced              // of a word, in a script that puts blanks between words; also numbers and "_"
	solid               // of a script that does not, or glues particles to its words
	mark                // belongs to the character before it, as ZWNJ and "·" do
	inner               // stays inside a word, between two of its characters: . ' : - & and ZWJ
)

// solidScripts are those whose words are sought as a part of the text; some have
// punctuation of their own, which is no word.
var solidScripts = rangetable.Merge(unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
	unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	rangetable.New('ー', '〆', '〇'))

// asciiClasses are the classes of the ASCII characters.
var asciiClasses = func() (table [utf8.RuneSelf]class) {
	for c := range table {
		switch r := rune(c); {
		case unicode.IsLetter(r), unicode.IsNumber(r), r == '_':
			table[c] = spaced
		case r == '.', r == '\'', r == ':', r == '-', r == '&':
			table[c] = inner
		}
	}
	return table
}()

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		return asciiClasses[r]
	case r == zwj:
		return inner
	case r == zwnj, r == '·':
		return mark
	case !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r):
		return other
	case r >= 0x0e00 && unicode.Is(solidScripts, r):
		return solid
	case unicode.IsMark(r):
		return mark
	}
	return spaced
}

// next decodes the character at i, and its class.
func next(s []byte, i int) (class, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return asciiClasses[c], 1
	}
	r, size := utf8.DecodeRune(s[i:])
	return classOf(r), size
}
