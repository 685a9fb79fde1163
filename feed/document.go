package feed

import (
	"bytes"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Doc is a post as it is searched: read once, then asked for any number of
// phrases. What is searched are the text, the warning, the tags, and the hosts of
// links; not the author's name, and not where the post itself stands.
//
// The zero Doc is ready, and one that is used for post after post allocates
// nothing. It is used by one goroutine at a time.
type Doc struct {
	text  []byte  // normal form of all fields, each ends in "\n"
	words wordSet // all tokens of text

	form   normaliser
	tokens tokeniser
	hits   []*posting // for Index.Match: parts of the text that were found
}

// Read has the Doc forget what it knew and read the post. Nothing of p is kept.
func (d *Doc) Read(p *Post) {
	d.text = d.text[:0]
	d.words.reset()
	d.readText(p.Text)
	d.readText(p.Warning)
	for _, tag := range p.Tags {
		d.readTag(tag)
	}
	for i := range p.Media {
		if m := &p.Media[i]; m.Kind == MediaLink {
			d.readLink(m.URL)
		}
	}
}

// readText reads a text with links in it.
func (d *Doc) readText(s string) {
	for at := 0; at < len(s); {
		var p piece
		p, at = nextPiece(s, at)
		d.readPiece(s[p.from:p.to], p.host)
	}
	d.endField()
}

// readPiece reads what stands apart from what was read before.
func (d *Doc) readPiece(s string, host bool) {
	d.text = appendPlain(d.text, ' ')
	from := len(d.text)
	d.text = d.form.append(d.text, s)
	d.tokens.each(d.text, from, func(token []byte, _, _ int) { d.words.add(token) })
	if host {
		suffixes(d.text, from, func(token []byte, _, _ int) { d.words.add(token) })
	}
}

// readTag reads a tag as if "#" and it were written. One of several words is the
// hashtag that people make of it, without the blanks.
func (d *Doc) readTag(tag string) {
	from := len(d.text)
	d.text = d.form.append(append(d.text, '#'), strings.TrimLeft(tag, "#＃"))
	if blank := bytes.IndexByte(d.text[from:], ' '); blank >= 0 {
		joined := bytes.ReplaceAll(d.text[from:], []byte(" "), nil)
		d.tokens.each(joined, 0, func(token []byte, _, _ int) { d.words.add(token) })
		from++ // past the "#"
	}
	d.tokens.each(d.text, from, func(token []byte, _, _ int) { d.words.add(token) })
	d.endField()
}

func (d *Doc) readLink(link string) {
	if u, err := url.Parse(link); err == nil && u.Host != "" {
		d.readText("https://" + u.Host)
	}
}

func (d *Doc) endField() {
	d.text = append(bytes.TrimRight(d.text, " "), '\n')
}

// Meets reports whether the post has what the phrase asks for. Nothing meets the
// zero Phrase.
func (d *Doc) Meets(p Phrase) bool {
	return len(p.terms) > 0 && d.meetsAll(p.terms)
}

func (d *Doc) meetsAll(terms []Term) bool {
	for i := range terms {
		if d.meets(&terms[i]) == terms[i].Not {
			return false
		}
	}
	return true
}

func (d *Doc) meets(t *Term) bool {
	if !t.Part {
		return d.words.has(t.Text)
	}
	at, _ := findPart(d.text, t.Text, 0)
	return at >= 0
}

// findPart returns where the part stands in text, at or after from, with the
// boundaries that it needs; or -1.
func findPart(text []byte, part string, from int) (at, end int) {
	for {
		i := bytes.Index(text[from:], []byte(part))
		if i < 0 {
			return -1, -1
		}
		if at, end = from+i, from+i+len(part); bounded(text, at, end) {
			return at, end
		}
		from = at + 1
	}
}

// bounded reports whether text[at:end] may be found there: a spaced script's word
// is not to be cut by it, nor a flag made of the halves of two others.
func bounded(text []byte, at, end int) bool {
	first, _ := utf8.DecodeRune(text[at:])
	if isFlagHalf(first) && flagHalvesBefore(text[:at])%2 != 0 {
		return false
	}
	if classOf(first) == spaced && afterWord(text[:at]) {
		return false
	}
	if end == len(text) || !afterWord(text[at:end]) {
		return true
	}
	c, _ := next(text, end)
	return c != spaced && c != mark
}

// isFlagHalf takes the regional indicators; two of them make a flag.
func isFlagHalf(r rune) bool { return '\U0001F1E6' <= r && r <= '\U0001F1FF' }

func flagHalvesBefore(s []byte) (n int) {
	for {
		r, size := utf8.DecodeLastRune(s)
		if !isFlagHalf(r) {
			return n
		}
		s, n = s[:len(s)-size], n+1
	}
}
