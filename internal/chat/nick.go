package chat

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many nonspacing marks may stand on one character: enough for
// every living script, too few to paint over the neighbours.
const maxMarks = 4

// zwj joins emoji into one; anywhere else it is an invisible difference.
const zwj = '\u200d'

// cleanNick returns a nickname as it is kept: NFC, without space around it and
// with single spaces inside. It refuses what cannot be seen, what acts on the
// text around it, and what is longer than limit characters as people count them.
func cleanNick(nick string, limit int) (string, *Error) {
	if !utf8.ValidString(nick) {
		return "", refuse(CodeBadNick, "This nickname is not valid text.")
	}
	// The bound keeps the work small; no honest nickname comes near to it.
	if len(nick) > 64*limit {
		return "", nickTooLong(limit)
	}
	nick = strings.Join(strings.FieldsFunc(norm.NFC.String(strings.TrimSpace(nick)), isSpace), " ")
	if nick == "" {
		return "", refuse(CodeBadNick, "Please choose a nickname.")
	}
	if err := checkNickRunes([]rune(nick)); err != nil {
		return "", err
	}
	if countCharacters(nick) > limit || len(nick) > 16*limit {
		return "", nickTooLong(limit)
	}
	return nick, nil
}

func nickTooLong(limit int) *Error {
	return refuse(CodeBadNick, fmt.Sprintf("A nickname has at most %d characters.", limit))
}

// isSpace takes the space characters only: a tab or a newline is a control
// character, and is refused as one unless it stands at an end.
func isSpace(r rune) bool { return unicode.Is(unicode.Zs, r) }

// countCharacters counts grapheme clusters, which is what people count.
func countCharacters(s string) int {
	n := 0
	for it := graphemes.FromString(s); it.Next(); {
		n++
	}
	return n
}

// cutCharacters returns the first n grapheme clusters of s.
func cutCharacters(s string, n int) string {
	it := graphemes.FromString(s)
	end := 0
	for ; n > 0 && it.Next(); n-- {
		end += len(it.Value())
	}
	return s[:end]
}

func checkNickRunes(runes []rune) *Error {
	marks, solid := 0, false
	for i, r := range runes {
		if !visible(r) && !partOfEmoji(runes, i) {
			return refuse(CodeBadNick, fmt.Sprintf("A nickname cannot contain the invisible or control character U+%04X.", r))
		}
		solid = solid || unicode.In(r, unicode.L, unicode.N, unicode.S) || isEmoji(r)
		if !unicode.In(r, unicode.Mn, unicode.Me) || r == 0xfe0f {
			marks = 0
			continue
		}
		if marks++; marks > maxMarks || i == 0 || isOverlay(r) {
			return refuse(CodeBadNick, "A nickname cannot have so many marks on a character.")
		}
	}
	if !solid {
		return refuse(CodeBadNick, "A nickname needs a letter, a digit or a symbol.")
	}
	return nil
}

// visible says whether r may stand anywhere in a nickname: it is graphic, takes
// room or sits on what does, and is no mere selector of a glyph.
func visible(r rune) bool {
	if r == ' ' || isEmoji(r) {
		return true // also emoji younger than the tables
	}
	switch r {
	case '\u2800', '\U0001d159', '\ufffc', '\ufffd': // blank pattern, null notehead, placeholders
		return false
	}
	return unicode.IsGraphic(r) &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// isOverlay takes marks that strike through what they stand on: with them
// letters of other scripts are imitated, and no name needs them uncomposed.
func isOverlay(r rune) bool {
	return r >= 0x334 && r <= 0x338 || r >= 0x20d2 && r <= 0x20d3 || r >= 0x20e5 && r <= 0x20eb
}

// partOfEmoji lets pass what is invisible but makes an emoji at this place: the
// joiner between two of them, the selector of the coloured form, a keycap's.
func partOfEmoji(runes []rune, i int) bool {
	if i == 0 || i == len(runes)-1 && runes[i] == zwj {
		return false
	}
	prev := runes[i-1]
	switch runes[i] {
	case 0xfe0f:
		keycap := i+1 < len(runes) && runes[i+1] == 0x20e3 && strings.ContainsRune("0123456789#*", prev)
		return keycap || isEmoji(prev)
	case zwj:
		if prev == 0xfe0f && i >= 2 {
			prev = runes[i-2]
		}
		return isEmoji(prev) && isEmoji(runes[i+1])
	}
	return false
}

// isEmoji takes the blocks of emoji roughly: all of it is visible, which is
// what counts here.
func isEmoji(r rune) bool {
	switch {
	case r >= 0x1f000 && r <= 0x1faff, r >= 0x2600 && r <= 0x27bf:
		return true
	case r >= 0x2190 && r <= 0x21ff, r >= 0x2300 && r <= 0x23ff, r >= 0x25a0 && r <= 0x25ff, r >= 0x2b00 && r <= 0x2bff:
		return true
	}
	return strings.ContainsRune("©®‼⁉™ℹⓂ⤴⤵〰〽㊗㊙", r)
}

// suggestNick returns a free nickname made from a taken one, "" when it finds
// none soon: it is asked under a lock.
func suggestNick(nick string, limit int, free func(string) bool) string {
	base := strings.TrimRight(nick, "0123456789")
	if base == "" {
		base = nick
	}
	for n := 2; n < 60; n++ {
		number := n
		if n > 40 { // a popular one
			number = 100 + rand.IntN(9900)
		}
		tail := strconv.Itoa(number)
		candidate := strings.TrimRight(cutCharacters(base, limit-len(tail)), " ") + tail
		if clean, err := cleanNick(candidate, limit); err == nil && free(clean) {
			return clean
		}
	}
	return ""
}
