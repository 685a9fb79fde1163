package feed

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A piece is a part of a text that is searched: between links all of it, and of
// a link the host, without "www." and port. What else is in a link says little
// about the post and much about the site: /status/ is in all of one's links.
type piece struct {
	from, to int // bytes of the text
	host     bool
}

// afterHost are characters that end the host of a link.
const afterHost = `/?#\|,;!'()[]{}*`

// nextPiece returns the piece of s that begins at or after at, and where to look
// for the next. At the end of s there is none.
func nextPiece(s string, at int) (p piece, next int) {
	link, size := findLink(s[at:])
	if link > 0 {
		return piece{from: at, to: at + link}, at + link
	}
	from := at + size
	to := from + untilAny(s[from:], afterHost)
	next = to + untilAny(s[to:], "")
	if user := strings.LastIndexByte(s[from:to], '@'); user >= 0 {
		from += user + 1
	}
	if port := strings.IndexByte(s[from:to], ':'); port >= 0 {
		to = from + port
	}
	for startsFold(s[from:to], "www.") {
		from += len("www.")
	}
	to = from + len(strings.TrimRight(s[from:to], "."))
	return piece{from: from, to: to, host: true}, next
}

// findLink returns where the first link of s begins, or the length of s, and how
// much of it stands before the host.
func findLink(s string) (at, prefix int) {
	word := false // a letter or digit stands before at
	for at < len(s) {
		if c := s[at] | 0x20; !word && (c == 'h' || c == 'w') {
			if n := linkPrefix(s[at:]); n > 0 {
				return at, n
			}
		}
		word = asciiClasses[s[at]&0x7f] == spaced && s[at] < utf8.RuneSelf
		at++
	}
	return at, 0
}

// linkPrefix is the length of "https://" or the like at the start of s, with
// something after it; 0: there is no link. "www." counts as part of the host.
func linkPrefix(s string) int {
	for _, scheme := range [...]string{"https://", "http://"} {
		if startsFold(s, scheme) && untilAny(s[len(scheme):], afterHost) > 0 {
			return len(scheme)
		}
	}
	if startsFold(s, "www.") && len(s) > 4 && asciiClasses[s[4]&0x7f] == spaced {
		return len("www.")
	}
	return 0
}

func startsFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// untilAny is how far s goes until one of the characters, or what ends a link in
// a text: white space, quotes, or a script without blanks.
func untilAny(s, chars string) int {
	i := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '"' || r == '<' || r == '>' || classOf(r) == solid || strings.ContainsRune(chars, r)
	})
	if i < 0 {
		return len(s)
	}
	return i
}
