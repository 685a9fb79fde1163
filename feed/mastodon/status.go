package mastodon

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"rightnow/feed"
	"rightnow/feed/internal/htmltext"
)

// maxMedia bounds the media of a post; more than that nobody can attach.
const maxMedia = 8

// status is a post, as far as we read it.
type status struct {
	ID         string          `json:"id"`  // on this server alone
	URI        string          `json:"uri"` // everywhere
	URL        string          `json:"url"`
	CreatedAt  string          `json:"created_at"`
	EditedAt   string          `json:"edited_at"`
	Content    *string         `json:"content"` // HTML
	Spoiler    string          `json:"spoiler_text"`
	Sensitive  bool            `json:"sensitive"`
	Language   string          `json:"language"`
	Visibility string          `json:"visibility"`
	Reblog     json.RawMessage `json:"reblog"`
	Account    *account        `json:"account"`
	Media      []attachment    `json:"media_attachments"`
	Tags       []struct {
		Name string `json:"name"`
	} `json:"tags"`
}

type account struct {
	Acct        string `json:"acct"` // name, and @host on other servers
	DisplayName string `json:"display_name"`
	Avatar      string `json:"avatar_static"`
	URL         string `json:"url"`
	Bot         bool   `json:"bot"`
}

type attachment struct {
	Type        string `json:"type"`
	URL         string `json:"url"`
	Preview     string `json:"preview_url"`
	Description string `json:"description"`
}

// complete tells whether nothing is missing that a post needs.
func (s *status) complete() bool {
	return isID(s.ID) && s.URI != "" && len(s.URI) <= feed.MaxID && s.Content != nil && s.Account != nil && s.Account.Acct != ""
}

// boosts tells whether it passes on another's post.
func (s *status) boosts() bool { return len(s.Reblog) > 0 && !bytes.Equal(s.Reblog, []byte("null")) }

// post is the status for people. domain is that of the server's own accounts.
func (s *status) post(domain string) feed.Post {
	p := feed.Post{
		Source: Name, ID: s.URI, Rev: s.EditedAt, Native: s.ID,
		Author: s.Account.author(domain), Text: htmltext.Text(*s.Content),
		Warning: s.Spoiler, Sensitive: s.Sensitive || s.Spoiler != "",
		URL: s.URL, Media: media(s.Media), ReceivedAt: time.Now(),
	}
	if p.URL == "" && strings.HasPrefix(s.URI, "https://") {
		p.URL = s.URI
	}
	if s.Language != "" {
		p.Langs = []string{s.Language}
	}
	for _, tag := range s.Tags[:min(len(s.Tags), feed.MaxTags)] {
		p.Tags = append(p.Tags, tag.Name)
	}
	at, err := time.Parse(time.RFC3339Nano, s.CreatedAt)
	if err != nil || at.After(p.ReceivedAt) {
		at = p.ReceivedAt
	}
	p.CreatedAt = at
	return p
}

// author is who wrote. The id is the address by which people know them, name@host.
func (a *account) author(domain string) feed.Author {
	handle := a.Acct
	if !strings.Contains(handle, "@") {
		if u, err := url.Parse(a.URL); domain == "" && err == nil {
			domain = u.Hostname()
		}
		if domain != "" {
			handle += "@" + domain
		}
	}
	return feed.Author{ID: strings.ToLower(handle), Handle: handle, Name: a.DisplayName, Avatar: a.Avatar, URL: a.URL, Bot: a.Bot}
}

func media(attached []attachment) (all []feed.Media) {
	for _, a := range attached[:min(len(attached), maxMedia)] {
		m := feed.Media{Kind: a.Type, URL: a.URL, Preview: a.Preview, Alt: a.Description}
		switch a.Type {
		case feed.MediaImage, feed.MediaVideo, feed.MediaAudio:
		case "gifv":
			m.Kind = feed.MediaVideo
		default:
			m.Kind = feed.MediaLink
		}
		if m.URL != "" {
			all = append(all, m)
		}
	}
	return all
}
