package rss

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/mmcdole/gofeed"
	original "github.com/mmcdole/gofeed/rss"
)

// maxHTML is how many bytes of HTML the parser is given of one element. It makes a
// tree of HTML, for a picture or for links, which may be a hundred times as large.
const maxHTML = 64 << 10

// cutting is the translator of RSS with that limit.
type cutting struct{ gofeed.DefaultRSSTranslator }

// Translate implements [gofeed.Translator].
func (c *cutting) Translate(doc any) (*gofeed.Feed, error) {
	if f, ok := doc.(*original.Feed); ok {
		f.Description = cut(f.Description)
		for _, item := range f.Items {
			item.Description, item.Content = cut(item.Description), cut(item.Content)
		}
	}
	return c.DefaultRSSTranslator.Translate(doc)
}

func cut(html string) string { return html[:min(len(html), maxHTML)] }

// cutAtom empties the elements of an Atom document that have more than maxHTML
// bytes: its parser makes trees by itself, of each element by itself. Other
// documents stay as they are, and so do those that are too small to matter.
func cutAtom(doc []byte) ([]byte, error) {
	if len(doc) <= maxHTML || gofeed.DetectFeedType(bytes.NewReader(doc[:min(len(doc), 4096)])) != gofeed.FeedTypeAtom {
		return doc, nil
	}
	doc = withoutControls(doc)
	d := xml.NewDecoder(bytes.NewReader(doc)) // as the parser's own
	d.Strict = false
	d.CharsetReader = func(label string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("rss: a large Atom document in %q", label)
	}
	var open []int64 // where what is in each open element begins
	var short []byte
	kept := int64(0) // until where doc is in short
	for {
		before := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return append(short, doc[kept:]...), nil
		}
		if err != nil {
			return nil, fmt.Errorf("rss: %w", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			open = append(open, d.InputOffset())
		case xml.EndElement:
			begin := open[len(open)-1]
			open = open[:len(open)-1]
			if begin >= kept && before-begin > maxHTML && !isFrame(e.Name.Local) {
				short = append(short, doc[kept:begin]...)
				kept = before
			}
		}
	}
}

// isFrame tells the elements that are no text but have others in them.
func isFrame(name string) bool { return name == "feed" || name == "entry" || name == "source" }

// withoutControls leaves out the characters that XML does not have, as the parser does.
func withoutControls(doc []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return -1
		}
		return r
	}, doc)
}
