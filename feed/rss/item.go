package rss

import (
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rightnow/feed"
	"rightnow/feed/internal/htmltext"

	"github.com/mmcdole/gofeed"
)

// site is a feed as the author of its items.
type site struct {
	base   *url.URL // what links are relative to; nil: they have to be absolute
	author feed.Author
	langs  []string
}

// newSite takes what is the same for all items of a document.
func newSite(address string, f *gofeed.Feed) *site {
	home := f.Link
	if address == "" {
		address = first(f.FeedLink, home, f.Title)
	}
	s := &site{author: feed.Author{ID: hash(address), Name: htmltext.Text(f.Title)}}
	s.base, _ = url.Parse(address)
	s.author.URL = s.link(home)
	s.author.Handle = first(hostOf(s.author.URL), hostOf(address))
	if s.author.Name == "" {
		s.author.Name = s.author.Handle
	}
	if f.Language != "" {
		s.langs = []string{f.Language}
	}
	return s
}

// id is the id of an item with this guid.
func (s *site) id(guid string) string {
	if len(guid) > 512 || !utf8.ValidString(guid) || strings.ContainsFunc(guid, unseen) {
		guid = "sha256:" + hash(guid)
	}
	return s.author.ID + "/" + guid
}

func unseen(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// post makes a post of an item. It reports false when there is nothing in it.
func (s *site) post(item *gofeed.Item) (feed.Post, bool) {
	p := feed.Post{
		Source: Name, Author: s.author, Langs: s.langs, Text: text(item),
		URL: s.link(item.Link), Media: s.media(item), CreatedAt: created(item), ReceivedAt: time.Now(),
	}
	for _, tag := range item.Categories {
		if len(p.Tags) == feed.MaxTags {
			break
		}
		p.Tags = append(p.Tags, htmltext.Text(tag))
	}
	if by := writer(item); by != "" && !strings.EqualFold(by, p.Author.Name) {
		p.Author.Name = by + " · " + p.Author.Name
	}
	if e := item.ITunesExt; e != nil {
		p.Sensitive = strings.EqualFold(e.Explicit, "yes") || strings.EqualFold(e.Explicit, "true") || strings.EqualFold(e.Explicit, "explicit")
	}
	if p.Text == "" && len(p.Media) == 0 {
		return p, false
	}
	p.Rev = s.revision(&p)
	p.ID = s.id(first(item.GUID, item.Link, p.Rev))
	return p, true
}

// revision is another when what people see is.
func (s *site) revision(p *feed.Post) string {
	parts := append([]string{p.Text, p.URL, p.Author.Name}, p.Tags...)
	for _, m := range p.Media {
		parts = append(parts, m.Kind, m.URL)
	}
	return hash(strings.Join(parts, "\x00"))
}

// text is the title and what the item says, in as many lines as it takes.
func text(item *gofeed.Item) string {
	title := htmltext.Text(item.Title)
	body := htmltext.Text(first(item.Description, item.Content))
	switch {
	case body == "" || strings.HasPrefix(title, body):
		return title
	case strings.HasPrefix(body, title):
		return body
	}
	return title + "\n" + body
}

func writer(item *gofeed.Item) string {
	for _, a := range item.Authors {
		if a != nil && a.Name != "" {
			return htmltext.Text(a.Name)
		}
	}
	return ""
}

// created is when an item says it is from; zero: it doesn't.
func created(item *gofeed.Item) time.Time {
	switch {
	case item.PublishedParsed != nil:
		return *item.PublishedParsed
	case item.UpdatedParsed != nil:
		return *item.UpdatedParsed
	}
	return time.Time{}
}

// media are what is enclosed, and the item's picture.
func (s *site) media(item *gofeed.Item) []feed.Media {
	var media []feed.Media
	add := func(kind, link string) {
		if link = s.link(link); link != "" && len(media) < feed.MaxMedia {
			media = append(media, feed.Media{Kind: kind, URL: link})
		}
	}
	for _, e := range item.Enclosures {
		if e == nil {
			continue
		}
		switch kind, _, _ := strings.Cut(strings.ToLower(e.Type), "/"); kind {
		case feed.MediaImage, feed.MediaAudio, feed.MediaVideo:
			add(kind, e.URL)
		}
	}
	if item.Image != nil && len(media) == 0 {
		add(feed.MediaImage, item.Image.URL)
	}
	return media
}

// link makes a link absolute.
func (s *site) link(link string) string {
	if link = strings.TrimSpace(link); link == "" || s.base == nil {
		return link
	}
	u, err := s.base.Parse(link)
	if err != nil || !u.IsAbs() {
		return ""
	}
	return u.String()
}

// first is the first of some that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
