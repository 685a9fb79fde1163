package feed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxMarks   = 5 // on one character: a pointed and accented Hebrew letter has as many
	maxBreaks  = 2 // newlines in a row: one empty line
	maxFlagTag = 8 // characters that say which region's flag 🏴 is
	maxCluster = 32
)

// cleanText cleans a text of several lines and at most limit runes.
func cleanText(s string, limit int) string { return scrub(s, limit, true) }

// cleanLine cleans a text of one line: all white space is single blanks.
func cleanLine(s string, limit int) string { return scrub(s, limit, false) }

func scrub(s string, limit int, lines bool) string {
	if len(s) <= limit && harmless(s) {
		return strings.Trim(s, " ")
	}
	w := scrubber{lines: lines}
	w.b.Grow(min(len(s), 4*limit))
	for _, r := range s {
		// Some more than what is kept, to see where it can be cut.
		if w.put(r); w.runes > limit+maxCluster {
			break
		}
	}
	return cut(trim(w.b.String()), limit)
}

// harmless reports whether s is ASCII without control characters, and no blanks
// in a row.
func harmless(s string) bool {
	last := byte(0)
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return true
}

// scrubber writes a text rune by rune and leaves out what does harm. What it does
// with one depends on what it has written only, so that it leaves alone what it
// has written itself.
type scrubber struct {
	b     strings.Builder
	lines bool // newlines and tabs stay

	last   rune // written last
	runes  int  // written
	marks  int  // since the last character that can carry some
	breaks int  // newlines since the last thing to see
	flag   int  // tag characters since 🏴, and one; 0: there is none to go on
}

func (w *scrubber) put(r rune) {
	switch {
	case r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
		if w.last != '\n' || r != '\n' {
			w.space('\n')
		}
	case r == '\n', r == '\t', unicode.IsSpace(r):
		w.space(r)
	case unicode.IsControl(r), noncharacter(r):
	case unicode.Is(unicode.Cf, r):
		w.format(r)
	case unicode.In(r, unicode.Mn, unicode.Me):
		if w.marks < maxMarks {
			w.marks++
			w.write(r)
		}
	default:
		w.marks, w.breaks = 0, 0
		w.write(r)
	}
}

func (w *scrubber) write(r rune) {
	w.flag = 0
	if r == '🏴' {
		w.flag = 1
	}
	w.b.WriteRune(r)
	w.last = r
	w.runes++
}

// space writes white space.
func (w *scrubber) space(r rune) {
	if !w.lines {
		if w.last == ' ' {
			return
		}
		r = ' '
	}
	if r == '\n' {
		if w.breaks == maxBreaks {
			return
		}
		w.breaks++
	}
	w.marks = 0
	w.write(r)
}

// format writes those format characters that a script or an emoji needs, and one
// at a time: an invisible heap hides a text from those who look for it.
func (w *scrubber) format(r rune) {
	if isFlagTag(r) {
		if 0 < w.flag && w.flag <= maxFlagTag {
			flag := w.flag + 1
			w.write(r)
			w.flag = flag
		}
		return
	}
	if needed(r) && !needed(w.last) {
		w.write(r)
	}
}

// needed takes the format characters that do no harm by themselves: joiners, the
// marks of direction that act on their place only, where a word may break.
func needed(r rune) bool {
	switch r {
	case zwj, zwnj, '\u200b', '\u200e', '\u200f', '\u061c', '\u2060', '\u00ad', '\u180e':
		return true
	}
	return false
}

// isFlagTag takes what spells a region after 🏴.
func isFlagTag(r rune) bool { return '\U000e0020' <= r && r <= '\U000e007f' }

func noncharacter(r rune) bool { return r&0xfffe == 0xfffe || '\ufdd0' <= r && r <= '\ufdef' }

// trim takes away what leaves nothing to see at the ends.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || needed(r) || r == '\u2800' || r == '\u3164' || r == '\u115f' || r == '\u1160' || r == '\uffa0'
	})
}

// cut returns s, or when it has more than limit runes, the start of it and "…",
// which are not more. It does not cut within what people see as one character,
// unless that is a heap.
func cut(s string, limit int) string {
	end := offset(s, limit)
	if end == len(s) {
		return s
	}
	end = offset(s, limit-1)
	whole := end
	for range maxCluster {
		if whole == 0 || boundary(s, whole) {
			break
		}
		_, size := utf8.DecodeLastRuneInString(s[:whole])
		whole -= size
	}
	if boundary(s, whole) && whole > 0 {
		end = whole
	}
	return trim(s[:end]) + "…"
}

// offset is where the rune with the number n begins, or the end of s.
func offset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// boundary reports whether s may be cut at i, which is inside it.
func boundary(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i:])
	switch {
	case before == zwj || after == zwj || after == zwnj || unicode.IsMark(after):
		return false
	case '\U0001F3FB' <= after && after <= '\U0001F3FF' || isFlagTag(after): // skin, region
		return false
	case isFlagHalf(before) && isFlagHalf(after):
		return flagHalvesBefore([]byte(s[:i]))%2 == 0
	}
	return norm.NFC.PropertiesString(s[i:]).BoundaryBefore() // not between the parts of a syllable
}
