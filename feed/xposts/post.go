package xposts

import (
	"net/url"
	"strings"
	"time"

	"rightnow/feed"
)

const (
	maxMedia = 4
	maxLinks = 4
	maxTags  = feed.MaxTags
)

// post is one, as far as we read it. X leaves out what is empty.
type post struct {
	ID        string   `json:"id"`
	Text      *string  `json:"text"`
	AuthorID  string   `json:"author_id"`
	CreatedAt string   `json:"created_at"`
	Lang      string   `json:"lang"`
	History   []string `json:"edit_history_tweet_ids"` // oldest first
	Sensitive bool     `json:"possibly_sensitive"`
	Note      struct {
		Text string `json:"text"`
	} `json:"note_tweet"` // all of a long post
	Attachments struct {
		MediaKeys []string `json:"media_keys"`
	} `json:"attachments"`
	Entities struct {
		Hashtags []struct {
			Tag string `json:"tag"`
		} `json:"hashtags"`
		URLs []struct {
			Expanded string `json:"expanded_url"`
			MediaKey string `json:"media_key"`
		} `json:"urls"`
	} `json:"entities"`
}

// includes is what posts refer to.
type includes struct {
	Users []struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
		Avatar   string `json:"profile_image_url"`
	} `json:"users"`
	Media []struct {
		Key     string `json:"media_key"`
		Type    string `json:"type"`
		URL     string `json:"url"`
		Preview string `json:"preview_image_url"`
		Alt     string `json:"alt_text"`
	} `json:"media"`
}

func (p *post) complete() bool {
	return isID(p.ID) && p.Text != nil && (p.AuthorID == "" || isID(p.AuthorID)) && (len(p.History) == 0 || isID(p.History[0]))
}

// post is the post for people. All revisions have the id of the first.
func (p *post) post(in *includes) feed.Post {
	now := time.Now()
	out := feed.Post{
		Source: Name, ID: p.ID, Rev: p.ID, Native: p.ID, Author: in.author(p.AuthorID),
		Text: unescape(*p.Text), Langs: languageOf(p.Lang), Sensitive: p.Sensitive,
		Media: in.media(p), ReceivedAt: now, Expires: now.Add(keepFor),
	}
	if p.Note.Text != "" {
		out.Text = unescape(p.Note.Text)
	}
	if len(p.History) > 0 {
		out.ID = p.History[0]
	}
	for _, h := range p.Entities.Hashtags[:min(len(p.Entities.Hashtags), maxTags)] {
		out.Tags = append(out.Tags, h.Tag)
	}
	out.URL = "https://x.com/i/status/" + p.ID // without the author, so that the link may be kept
	at, err := time.Parse(time.RFC3339Nano, p.CreatedAt)
	if err != nil || at.After(now) {
		at = now
	}
	out.CreatedAt = at
	return out
}

// unescape undoes the three entities that X makes. The text is unaltered otherwise.
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

func (in *includes) author(id string) feed.Author {
	for _, u := range in.Users {
		if u.ID != id {
			continue
		}
		a := feed.Author{ID: id, Name: u.Name, Avatar: u.Avatar}
		if plain(u.Username) && len(u.Username) <= 50 {
			a.Handle, a.URL = u.Username, "https://x.com/"+url.PathEscape(u.Username)
		}
		return a
	}
	return feed.Author{ID: id}
}

func (in *includes) media(p *post) (all []feed.Media) {
	for _, key := range p.Attachments.MediaKeys[:min(len(p.Attachments.MediaKeys), maxMedia)] {
		for _, m := range in.Media {
			if m.Key != key {
				continue
			}
			kind, link := feed.MediaImage, m.URL
			if m.Type != "photo" {
				kind = feed.MediaVideo
				if link == "" {
					link = m.Preview
				}
			}
			all = append(all, feed.Media{Kind: kind, URL: link, Preview: m.Preview, Alt: m.Alt})
			break
		}
	}
	for _, u := range p.Entities.URLs[:min(len(p.Entities.URLs), maxLinks)] {
		if u.Expanded != "" && u.MediaKey == "" {
			all = append(all, feed.Media{Kind: feed.MediaLink, URL: u.Expanded})
		}
	}
	return all
}
