package feed

import "time"

// Post is one public post of a source, in plain text. What a source gives is
// hostile until [Clean] has been at it; a [Router] cleans what it is offered.
type Post struct {
	// Source is the name of the source, as [Source.Name] has it.
	Source string `json:"source"`
	// ID is unique within the source and the same for all revisions of a post.
	ID string `json:"id"`
	// Rev differs between revisions of a post; empty where there are none.
	Rev string `json:"rev,omitempty"`
	// Native is what the source's own deletions call the post, when it is not ID.
	Native string `json:"-"`

	Author Author `json:"author"`
	// Text is plain text, never HTML.
	Text string `json:"text"`
	// Warning is what the author put before the text, a content warning.
	Warning string `json:"warning,omitempty"`
	// Tags are hashtags without "#", also those that do not stand in Text.
	Tags []string `json:"tags,omitempty"`
	// Langs are BCP 47 tags as the author or the source claims them.
	Langs []string `json:"langs,omitempty"`
	// URL is where the post stands, https.
	URL   string  `json:"url,omitempty"`
	Media []Media `json:"media,omitempty"`
	// Sensitive says that the author or the source marked it as not for everybody.
	Sensitive bool `json:"sensitive,omitempty"`

	// CreatedAt is the author's claim, never later than ReceivedAt once cleaned.
	CreatedAt  time.Time `json:"created_at"`
	ReceivedAt time.Time `json:"received_at"`
	// Expires is when every copy has to be gone; zero: see [Options.KeepFor].
	Expires time.Time `json:"expires,omitzero"`
}

// Author is who wrote a post.
type Author struct {
	ID     string `json:"id"`               // unique within the source
	Handle string `json:"handle,omitempty"` // without "@"
	Name   string `json:"name,omitempty"`
	Avatar string `json:"avatar,omitempty"` // https
	URL    string `json:"url,omitempty"`    // https
	Bot    bool   `json:"bot,omitempty"`
}

// Media is a picture, a film or a sound beside a post.
type Media struct {
	Kind    string `json:"kind"` // image, video, audio, link
	URL     string `json:"url"`
	Preview string `json:"preview,omitempty"`
	Alt     string `json:"alt,omitempty"`
}

// Ref names what is retracted: one post by ID, or by the source's Native id; or,
// when only AuthorID is set, all posts of an author.
type Ref struct {
	Source   string `json:"source"`
	ID       string `json:"id,omitempty"`
	Native   string `json:"-"`
	AuthorID string `json:"author_id,omitempty"`
}

// Ref names the post.
func (p *Post) Ref() Ref { return Ref{Source: p.Source, ID: p.ID, Native: p.Native} }
