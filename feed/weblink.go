package feed

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cleanLink returns a link that may be followed, or "".
func cleanLink(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > MaxLink || !utf8.ValidString(s) || strings.ContainsFunc(s, notInLinks) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return ""
	}
	link := escape(u.String())
	if len(link) > MaxLink {
		return ""
	}
	return link
}

// notInLinks takes what makes a link look like another, or lets a reader of it
// lose the way.
func notInLinks(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\\'
}

// escape writes in percent what a link has outside of what RFC 3986 allows.
func escape(link string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(link) {
		c := link[i]
		if c >= utf8.RuneSelf || strings.IndexByte("\"<>^`{|}", c) >= 0 {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
