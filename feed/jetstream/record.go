package jetstream

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rightnow/feed"
)

// Limits of what is taken from one record.
const (
	maxTags  = 64
	maxLangs = 8
	maxMedia = 16
)

// record is an app.bsky.feed.post. All in it is what its author claims.
type record struct {
	Text      *string  `json:"text"`
	CreatedAt string   `json:"createdAt"`
	Langs     []string `json:"langs"`
	Tags      []string `json:"tags"` // hashtags that don't stand in the text
	Facets    []struct {
		Features []feature `json:"features"`
	} `json:"facets"`
	Embed  *embed `json:"embed"`
	Labels *struct {
		Values []value `json:"values"`
	} `json:"labels"`
}

// feature is what a piece of the text is.
type feature struct {
	Type string `json:"$type"`
	Tag  string `json:"tag"`
	URI  string `json:"uri"`
}

// value is a label, by its author or by a moderation service.
type value struct {
	Val string `json:"val"`
	Neg bool   `json:"neg"` // takes the label back
}

// embed is what hangs on a post. The union is open: of kinds that are not known,
// what has known names is taken.
type embed struct {
	Type     string    `json:"$type"`
	Images   []picture `json:"images"`
	Items    []picture `json:"items"` // of a gallery
	Video    *blob     `json:"video"`
	Alt      string    `json:"alt"`
	External *struct {
		URI   string `json:"uri"`
		Title string `json:"title"`
		Thumb *blob  `json:"thumb"`
	} `json:"external"`
	// Media stands beside a quoted record. Its own is not looked into: a record
	// may not make us go down without end.
	Media json.RawMessage `json:"media"`
}

type picture struct {
	Image *blob  `json:"image"`
	Alt   string `json:"alt"`
}

// blob is a file of the author's.
type blob struct {
	Ref struct {
		Link string `json:"$link"`
	} `json:"ref"`
}

// post is the record's content in the form of a post.
func (r *record) post(did string) feed.Post {
	p := feed.Post{
		Text:      *r.Text,
		Langs:     r.Langs[:min(len(r.Langs), maxLangs)],
		Sensitive: r.Labels != nil && sensitive(r.Labels.Values),
	}
	p.CreatedAt, _ = time.Parse(time.RFC3339Nano, r.CreatedAt)
	for _, tag := range r.Tags {
		addTag(&p, tag)
	}
	for _, f := range r.Facets {
		for _, feature := range f.Features {
			addFeature(&p, feature)
		}
	}
	if r.Embed != nil {
		r.Embed.add(&p, did)
		var beside embed
		if json.Unmarshal(r.Embed.Media, &beside) == nil {
			beside.add(&p, did)
		}
	}
	return p
}

func addFeature(p *feed.Post, f feature) {
	switch f.Type {
	case "app.bsky.richtext.facet#tag":
		addTag(p, f.Tag)
	case "app.bsky.richtext.facet#link": // the text often has only its beginning
		addMedia(p, feed.Media{Kind: "link", URL: f.URI})
	}
}

func addTag(p *feed.Post, tag string) {
	tag = strings.TrimPrefix(tag, "#")
	if tag != "" && len(p.Tags) < maxTags && !slices.Contains(p.Tags, tag) {
		p.Tags = append(p.Tags, tag)
	}
}

func addMedia(p *feed.Post, m feed.Media) {
	same := func(n feed.Media) bool { return n.Kind == m.Kind && n.URL == m.URL }
	if m.URL != "" && len(p.Media) < maxMedia && !slices.ContainsFunc(p.Media, same) {
		p.Media = append(p.Media, m)
	}
}

func (e *embed) add(p *feed.Post, did string) {
	for _, list := range [][]picture{e.Images, e.Items} {
		for _, i := range list {
			addMedia(p, feed.Media{Kind: "image", URL: i.Image.image("feed_fullsize", did), Preview: i.Image.image("feed_thumbnail", did), Alt: i.Alt})
		}
	}
	if cid := e.Video.cid(); cid != "" {
		base := "https://video.bsky.app/watch/" + strings.ReplaceAll(did, ":", "%3A") + "/" + cid
		addMedia(p, feed.Media{Kind: "video", URL: base + "/playlist.m3u8", Preview: base + "/thumbnail.jpg", Alt: e.Alt})
	}
	if x := e.External; x != nil {
		addMedia(p, feed.Media{Kind: "link", URL: x.URI, Preview: x.Thumb.image("feed_thumbnail", did), Alt: x.Title})
	}
}

// cid is the file's name; empty when there is none that can stand in an address.
func (b *blob) cid() string {
	if b == nil || len(b.Ref.Link) > 128 || !onlyOf(b.Ref.Link, "") {
		return ""
	}
	return b.Ref.Link
}

// image is where Bluesky serves a picture in some size.
func (b *blob) image(size, did string) string {
	if cid := b.cid(); cid != "" {
		return "https://cdn.bsky.app/img/" + size + "/plain/" + did + "/" + cid + "@jpeg"
	}
	return ""
}

// sensitive tells whether labels say "not for everybody".
func sensitive(labels []value) bool {
	return has(labels, "porn", "sexual", "nudity", "graphic-media", "gore", "!warn")
}

// has tells whether one of some labels is given.
func has(labels []value, names ...string) bool {
	return slices.ContainsFunc(labels, func(l value) bool { return !l.Neg && slices.Contains(names, l.Val) })
}
