// Package htmltext makes plain text of the HTML in which upstreams send posts.
//
// What it returns is text and must be escaped wherever it is put into HTML: an
// entity such as &lt; becomes the character it stands for.
package htmltext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// MaxInput is how many bytes of HTML are looked at.
const MaxInput = 256 << 10

// Text returns the text of a fragment of HTML as people read it: a <br> ends a
// line and a paragraph is followed by an empty one, white space is one space, and
// what no reader sees is left out: scripts, comments, and what Mastodon marks as
// invisible in links. The parts of a word that has elements in it stay glued, as
// in #<span>tag</span>. An image is its alternative text.
func Text(fragment string) string {
	if len(fragment) > MaxInput {
		fragment = fragment[:MaxInput]
	}
	w := writer{}
	t := html.NewTokenizer(strings.NewReader(fragment))
	t.SetMaxBuf(MaxInput)
	for {
		switch t.Next() {
		case html.ErrorToken:
			return strings.TrimRightFunc(w.out.String(), unicode.IsSpace)
		case html.TextToken:
			if w.hidden == 0 {
				w.text(string(t.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(t)
		case html.EndTagToken:
			name, _ := t.TagName()
			w.end(atom.Lookup(name))
		}
	}
}

// writer puts the text together.
type writer struct {
	out strings.Builder
	// breaks is how many ends of line, and space whether a space, stand before the
	// next character. Nothing stands before the first one.
	breaks int
	space  bool
	// hidden is how deep we are in elements that are not seen; hiding is the first.
	hidden int
	hiding atom.Atom
	pre    int
}

// start takes the start of an element.
func (w *writer) start(t *html.Tokenizer) {
	raw, more := t.TagName()
	name := atom.Lookup(raw)
	if w.hidden > 0 {
		if name == w.hiding {
			w.hidden++
		}
		return
	}
	class, alt := attributes(t, more)
	switch {
	case unseen(name), name == atom.Span && invisible(class):
		w.hidden, w.hiding = 1, name
	case name == atom.Br:
		w.breaks++
	case name == atom.Img:
		w.text(alt)
	case name == atom.Li:
		w.line(1)
		w.text("• ")
	case name == atom.Pre:
		w.pre++
		w.line(2)
	case name == atom.Td, name == atom.Th:
		w.space = true
	default:
		w.line(margin(name))
	}
}

// end takes the end of an element.
func (w *writer) end(name atom.Atom) {
	switch {
	case w.hidden > 0:
		if name == w.hiding {
			w.hidden--
		}
		return
	case name == atom.Pre && w.pre > 0:
		w.pre--
	}
	w.line(margin(name))
}

// line has at least n ends of line before what comes next.
func (w *writer) line(n int) { w.breaks = max(w.breaks, n) }

// text writes characters, with all white space made one space.
func (w *writer) text(s string) {
	for _, r := range s {
		switch {
		case r == '\n' && w.pre > 0:
			w.breaks++
		case r == utf8.RuneError || r == 0:
		case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' && r != '\u3000':
			w.space = true
		default:
			w.gap()
			w.out.WriteRune(r)
		}
	}
}

// gap writes what has to stand before the next character.
func (w *writer) gap() {
	if w.out.Len() > 0 {
		if w.breaks > 0 {
			w.out.WriteString(strings.Repeat("\n", min(w.breaks, 2)))
		} else if w.space {
			w.out.WriteByte(' ')
		}
	}
	w.breaks, w.space = 0, false
}

// attributes returns those that matter of an element.
func attributes(t *html.Tokenizer, more bool) (class, alt string) {
	for more {
		var key, value []byte
		key, value, more = t.TagAttr()
		switch string(key) {
		case "class":
			class = string(value)
		case "alt":
			alt = string(value)
		}
	}
	return class, alt
}

// invisible tells whether a class says that an element is not seen.
func invisible(class string) bool {
	for c := range strings.FieldsSeq(class) {
		if c == "invisible" {
			return true
		}
	}
	return false
}

// unseen tells whether nobody reads what is in an element.
func unseen(name atom.Atom) bool {
	switch name {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Svg, atom.Math,
		atom.Head, atom.Title, atom.Textarea, atom.Select, atom.Button, atom.Audio, atom.Video, atom.Canvas:
		return true
	}
	return false
}

// margin is how many ends of line stand around an element.
func margin(name atom.Atom) int {
	switch name {
	case atom.P, atom.Blockquote, atom.Ul, atom.Ol, atom.Dl, atom.Pre, atom.Table, atom.Hr, atom.Figure,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return 2
	case atom.Div, atom.Li, atom.Tr, atom.Dt, atom.Dd, atom.Section, atom.Article, atom.Header, atom.Footer,
		atom.Figcaption, atom.Address, atom.Main, atom.Nav, atom.Aside:
		return 1
	}
	return 0
}
