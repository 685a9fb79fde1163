package rss

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

func decode(t *testing.T, d *Decoder, docs ...string) feedsim.Got {
	t.Helper()
	var sink feedsim.Sink
	for _, doc := range docs {
		if _, err := d.Decode([]byte(doc), &sink); err != nil {
			t.Fatal(err)
		}
	}
	return sink.Got()
}

const rssDoc = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>Garden &amp; Code</title><link>https://garden.example/</link><language>en-GB</language><ttl>30</ttl>
<item><title>Tomatoes &lt;3 Go</title><link>/posts/2</link><guid isPermaLink="false">g2</guid><pubDate>Tue, 01 Sep 2026 10:00:00 GMT</pubDate>
<description><![CDATA[<p>They <b>compile</b>.</p><script>alert(1)</script><p>Mostly.</p>]]></description><dc:creator>Ada</dc:creator>
<category>golang</category><category>garden</category><enclosure url="https://garden.example/t.jpg" type="image/jpeg" length="1"/>
<enclosure url="https://garden.example/t.exe" type="application/x-dosexec" length="1"/></item>
<item><title>Podcast</title><link>https://garden.example/posts/1</link><enclosure url="/1.mp3" type="audio/mpeg" length="1"/><itunes:explicit>yes</itunes:explicit></item>
</channel></rss>`

func TestRSS(t *testing.T) {
	got := decode(t, &Decoder{Feed: "https://garden.example/feed.xml"}, rssDoc)
	if len(got.Posts) != 2 {
		t.Fatalf("%+v", got)
	}
	p := got.Posts[1]
	if p.Text != "Tomatoes <3 Go\nThey compile.\n\nMostly." {
		t.Errorf("text %q", p.Text)
	}
	if p.ID != hash("https://garden.example/feed.xml")+"/g2" || p.URL != "https://garden.example/posts/2" || p.Source != Name {
		t.Errorf("id %q url %q", p.ID, p.URL)
	}
	if fmt.Sprint(p.Tags, p.Langs) != "[golang garden] [en-GB]" || !p.CreatedAt.Equal(time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("%v %v %v", p.Tags, p.Langs, p.CreatedAt)
	}
	if len(p.Media) != 1 || p.Media[0] != (feed.Media{Kind: "image", URL: "https://garden.example/t.jpg"}) || p.Sensitive {
		t.Errorf("%+v", p.Media)
	}
	want := feed.Author{ID: hash("https://garden.example/feed.xml"), Handle: "garden.example", Name: "Ada · Garden & Code", URL: "https://garden.example/"}
	if p.Author != want {
		t.Errorf("%+v", p.Author)
	}
	pod := got.Posts[0]
	if !pod.Sensitive || pod.Media[0] != (feed.Media{Kind: "audio", URL: "https://garden.example/1.mp3"}) || !strings.HasSuffix(pod.ID, "/https://garden.example/posts/1") {
		t.Errorf("%+v", pod)
	}
	for _, p := range got.Posts {
		if err := feed.Clean(&p, time.Now()); err != nil {
			t.Error(err)
		}
	}
}

func TestJSONFeed(t *testing.T) {
	got := decode(t, &Decoder{}, `{"version":"https://jsonfeed.org/version/1.1","title":"J","home_page_url":"https://j.example/","items":[{"id":"1","content_html":"<p>Hi <i>all</i></p>","url":"https://j.example/1"}]}`)
	if len(got.Posts) != 1 || got.Posts[0].Text != "Hi all" || got.Posts[0].Author.Handle != "j.example" {
		t.Errorf("%+v", got)
	}
}

func TestSameDocumentIsNoNews(t *testing.T) {
	got := decode(t, &Decoder{}, rssDoc, rssDoc, strings.Replace(rssDoc, "<ttl>30", "<ttl>31", 1))
	if len(got.Posts) != 2 {
		t.Errorf("%q", got.Texts())
	}
}

func TestTwoItemsOfOneGUID(t *testing.T) {
	doc := atom("1 one", "1 other")
	got := decode(t, &Decoder{Feed: blog}, doc, doc, doc)
	if len(got.Posts) != 1 || got.Skips[feed.SkipDuplicate] != 3 {
		t.Errorf("%q %v", got.Texts(), got.Skips)
	}
}

// A feed that is as deep as it can be costs a moment, and not the process.
func TestDeepDocuments(t *testing.T) {
	n := maxBytes / 12
	for _, doc := range map[string]string{
		"extension": `<rss xmlns:x="x"><channel><item>` + strings.Repeat("<x:a>", n) + strings.Repeat("</x:a>", n) + `</item></channel></rss>`,
		"elements":  `<rss><channel><item>` + strings.Repeat("<a>", n) + strings.Repeat("</a>", n) + `</item></channel></rss>`,
		"atom":      `<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml">` + strings.Repeat("<b>", n) + strings.Repeat("</b>", n) + `</content></entry></feed>`,
		"open":      `<rss xmlns:x="x"><channel><item>` + strings.Repeat("<x:a>", n),
		"json":      `{"version":"https://jsonfeed.org/version/1","items":` + strings.Repeat("[", n),
		"html":      `<rss><channel><item><description><![CDATA[` + strings.Repeat("<p>", n) + `]]></description></item></channel></rss>`,
	} {
		decode(t, &Decoder{}, doc)
	}
}

func TestItemsWithoutGUID(t *testing.T) {
	doc := `<rss version="2.0"><channel><title>T</title><item><title>a</title></item><item><title>b</title></item><item/><item><title>c</title><guid>` +
		strings.Repeat("x", 3000) + `</guid></item><item><title>d</title><guid>a&#x202e;b</guid></item></channel></rss>`
	got := decode(t, &Decoder{Feed: blog}, doc, doc)
	if fmt.Sprint(got.Texts()) != "[d c b a]" || got.Skips[feed.SkipMalformed] != 2 {
		t.Errorf("%q %v", got.Texts(), got.Skips)
	}
	for _, p := range got.Posts {
		if len(p.ID) > 100 || feed.Clean(&p, time.Now()) != nil {
			t.Errorf("id %q", p.ID)
		}
	}
}

func TestEveryHalfIsNone(t *testing.T) {
	for _, doc := range []string{rssDoc, atom("1 one", "-2")} {
		for i := range doc {
			if got := decode(t, &Decoder{}, doc[:i]); len(got.Posts)+len(got.Retracts) > 0 {
				t.Fatalf("%d bytes of %d are taken: %+v", i, len(doc), got)
			}
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var d Decoder
	var sink feedsim.Sink
	for round := range 20 {
		var entries []string
		for i := range 2 * maxItems {
			entries = append(entries, fmt.Sprintf("%d.%d x", round, i))
		}
		d.Decode([]byte(atom(entries...)), &sink)
	}
	if len(d.seen) > maxSeen || len(sink.Got().Posts) != 20*maxItems {
		t.Errorf("%d remembered, %d posts", len(d.seen), len(sink.Got().Posts))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(rssDoc)
	f.Add(atom("1 one", "-2", "3 <b>x</b>"))
	f.Add(`{"version":"https://jsonfeed.org/version/1.1","title":"J","items":[{"id":1,"content_text":"x","authors":[null],"attachments":[{"url":"x","mime_type":"image/png"}]}]}`)
	f.Add(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>T</title></channel><item><title>a</title></item></rdf:RDF>`)
	f.Add(`<rss><channel><item><guid>a</guid><enclosure/><itunes:explicit/><media:content/></item></channel></rss>`)
	f.Fuzz(func(t *testing.T, doc string) {
		var sink feedsim.Sink
		d := Decoder{Feed: "https://a.example/feed"}
		if _, err := d.Decode([]byte(doc), &sink); err != nil {
			t.Fatal(err)
		}
		for _, p := range sink.Got().Posts {
			if p.ID == "" || p.Author.ID == "" {
				t.Errorf("nameless: %+v", p)
			}
			if err := feed.Clean(&p, time.Now()); err != nil {
				t.Errorf("%v: %+v", err, p)
			}
		}
		before := len(sink.Got().Posts)
		d.Decode([]byte(doc), &sink)
		if more := len(sink.Got().Posts) - before; more > before {
			t.Errorf("%d more of the same", more)
		}
	})
}
