package rss

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// peak is how much more memory than before is in use at once while work runs, as
// far as samples tell.
func peak(work func()) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, m.HeapAlloc
	done := make(chan struct{})
	go func() { // ends with work
		defer close(done)
		work()
	}()
	for {
		select {
		case <-done:
			return most - before
		case <-time.After(time.Millisecond):
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
}

// HTML that becomes a large tree costs little more than its bytes, wherever it stands.
func TestTreesAreBounded(t *testing.T) {
	const size = 1_200_000
	tags := strings.Repeat("<a>", size/3)
	attributes := "<a " + strings.Repeat("b ", size/2) + ">"
	escape := strings.NewReplacer("<", "&lt;").Replace
	const rssFeed, atomFeed = `<rss><channel><title>T</title>%s<item><title>short</title>%s</item></channel></rss>`,
		`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://a.example/"><title>T</title>%s<entry><title>short</title>%s</entry></feed>`
	for name, doc := range map[string]string{
		"description":   fmt.Sprintf(rssFeed, "", `<description><![CDATA[`+tags+`]]></description>`),
		"content":       fmt.Sprintf(rssFeed, "", `<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[`+tags+`]]></content:encoded>`),
		"channel":       fmt.Sprintf(rssFeed, `<description><![CDATA[`+tags+`]]></description>`, ""),
		"attributes":    fmt.Sprintf(rssFeed, "", `<description><![CDATA[`+attributes+`]]></description>`),
		"atom":          fmt.Sprintf(atomFeed, "", `<content type="html"><![CDATA[`+tags+`]]></content>`),
		"atom, escaped": fmt.Sprintf(atomFeed, "", `<summary type="html">`+escape(tags)[:size]+`</summary>`),
		"atom, markup":  fmt.Sprintf(atomFeed, "", `<content type="xhtml">`+strings.Repeat("<b/>", size/4)+`</content>`),
		"atom, feed":    fmt.Sprintf(atomFeed, `<subtitle type="html"><![CDATA[`+attributes+`]]></subtitle>`, ""),
	} {
		var texts []string
		used := peak(func() { texts = decode(t, &Decoder{}, doc).Texts() })
		if used > 28<<20 {
			t.Errorf("%s: %d MB for a document of 1.2 MB", name, used>>20)
		}
		if len(texts) != 1 || !strings.HasPrefix(texts[0], "short") {
			t.Errorf("%s: %.80q", name, texts)
		}
	}
}

// What is not too long stays, beside what is, and in a document of another kind.
func TestLongElements(t *testing.T) {
	entry := func(id string, n int) string {
		return `<entry><id>` + id + `</id><title>t` + id + `</title><content type="html">` + strings.Repeat("x", n) + `</content></entry>`
	}
	doc := `<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>` + entry("1", 10) + entry("2", maxHTML+1) + entry("3", maxHTML-1) + "\x01" + `</feed>`
	var got []string
	for _, text := range decode(t, &Decoder{}, doc).Texts() {
		got = append(got, fmt.Sprintf("%.3s%d", text, len(text)))
	}
	if want := fmt.Sprintf("[t3\n%d t22 t1\n13]", maxHTML-1+3); fmt.Sprint(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := cutAtom([]byte(`<?xml version="1.0" encoding="koi8-r"?><feed xmlns="http://www.w3.org/2005/Atom">` + strings.Repeat(" ", maxHTML) + `</feed>`)); err == nil {
		t.Error("a large document in another charset was looked through")
	}
}
