package wikimedia

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rightnow/feed"
)

// maxName bounds a name of a page, a user or a site in bytes: longer ones do
// not exist.
const maxName = 512

// tooLate is how old a change may be that comes after an interruption. What was
// deleted meanwhile still counts.
const tooLate = 2 * time.Minute

// Decoder reads events of EventStreams: changes of pages, pages that are deleted,
// revisions that are hidden. It belongs to one goroutine.
type Decoder struct {
	// Sites are the wikis to take; none, or "*", takes all.
	Sites []string

	seen shown
}

var _ feed.Decoder = (*Decoder)(nil)

// change is an event of any of the streams.
type change struct {
	Meta struct {
		ID     string `json:"id"`
		DT     string `json:"dt"`
		Domain string `json:"domain"`
		Stream string `json:"stream"`
	} `json:"meta"`

	// Of recentchange.
	Type       string  `json:"type"`
	Namespace  *int    `json:"namespace"`
	Title      string  `json:"title"`
	Comment    string  `json:"comment"`
	User       string  `json:"user"` // missing when the wiki has hidden it
	Bot        bool    `json:"bot"`
	ServerName string  `json:"server_name"`
	ServerURL  string  `json:"server_url"`
	ScriptPath *string `json:"server_script_path"`
	Revision   struct {
		Old int64 `json:"old"`
		New int64 `json:"new"`
	} `json:"revision"`
	LogType   string `json:"log_type"`
	LogAction string `json:"log_action"`

	// Of page-delete and revision-visibility-change.
	PageTitle  string `json:"page_title"`
	RevID      int64  `json:"rev_id"`
	Visibility *struct {
		Text    bool `json:"text"`
		User    bool `json:"user"`
		Comment bool `json:"comment"`
	} `json:"visibility"`
}

// Decode implements [feed.Decoder].
func (d *Decoder) Decode(msg []byte, out feed.Sink) (event bool, err error) {
	var c change
	if json.Unmarshal(msg, &c) != nil || c.Meta.Domain == "" {
		out.Skip(feed.SkipMalformed)
		return false, nil
	}
	if c.Meta.Domain == "canary" { // made by the service to watch itself
		out.Skip(feed.SkipKind)
		return true, nil
	}
	switch strings.TrimPrefix(c.Meta.Stream, "mediawiki.") {
	case "recentchange":
		d.recent(&c, out)
	case "page-delete":
		d.retract(out, d.seen.ofPage(c.Meta.Domain, c.PageTitle))
	case "revision-visibility-change":
		if v := c.Visibility; v == nil || !v.Text || !v.User || !v.Comment {
			d.retract(out, d.seen.ofRevision(c.Meta.Domain, c.RevID))
		}
	default:
		out.Skip(feed.SkipUnknown)
	}
	return true, nil
}

func (d *Decoder) retract(out feed.Sink, ids []string) {
	for _, id := range ids {
		out.Retract(feed.Ref{Source: Name, ID: id})
	}
}

// recent takes a change of a page.
func (d *Decoder) recent(c *change, out feed.Sink) {
	site := c.Meta.Domain
	switch c.Type {
	case "edit", "new":
	case "log":
		if c.LogType == "delete" && c.LogAction == "delete" {
			d.retract(out, d.seen.ofPage(site, c.Title))
		}
		out.Skip(feed.SkipKind)
		return
	case "categorize", "external":
		out.Skip(feed.SkipKind)
		return
	default:
		out.Skip(feed.SkipUnknown)
		return
	}
	if c.Bot || c.Namespace == nil || *c.Namespace != 0 || !d.takes(site) {
		out.Skip(feed.SkipKind)
		return
	}
	post, ok := c.post()
	if !ok {
		out.Skip(feed.SkipMalformed)
		return
	}
	if post.ReceivedAt.Sub(post.CreatedAt) > tooLate {
		out.Skip(feed.SkipGone)
		return
	}
	d.seen.add(site, c.Title, c.Revision.New, post.ID)
	out.Offer(post)
}

func (d *Decoder) takes(site string) bool {
	return len(d.Sites) == 0 || slices.Contains(d.Sites, "*") || slices.Contains(d.Sites, site)
}

// post says in a sentence what happened. It reports false when what it needs is
// not there.
func (c *change) post() (feed.Post, bool) {
	base, ok := c.base()
	if !ok || c.Meta.ID == "" || len(c.Meta.ID) > maxName || c.Title == "" || len(c.Title) > maxName || len(c.User) > maxName {
		return feed.Post{}, false
	}
	p := feed.Post{Source: Name, ID: c.Meta.ID, Author: c.author(base), Langs: language(c.Meta.Domain), ReceivedAt: time.Now()}
	p.Text = "edited " + c.Title
	if c.Type == "new" {
		p.Text = "created " + c.Title
	}
	if comment := readable(c.Comment); comment != "" {
		p.Text += ": " + comment
	}
	p.URL = base + "/wiki/" + pagePath(c.Title)
	if c.ScriptPath != nil && c.Revision.New > 0 {
		p.URL = base + cleanPath(*c.ScriptPath) + "/index.php?diff=" + strconv.FormatInt(c.Revision.New, 10)
		if c.Revision.Old > 0 {
			p.URL += "&oldid=" + strconv.FormatInt(c.Revision.Old, 10)
		}
	}
	at, err := time.Parse(time.RFC3339Nano, c.Meta.DT)
	if err != nil || at.After(p.ReceivedAt) {
		at = p.ReceivedAt
	}
	p.CreatedAt = at
	return p, true
}

// base is the wiki's address. It has to be that of the site it says it is.
func (c *change) base() (string, bool) {
	u, err := url.Parse(c.ServerURL)
	if err != nil || u.Host == "" || u.Host != c.Meta.Domain || len(u.Host) > maxName {
		return "", false
	}
	return "https://" + u.Host, true
}

// author is who wrote. The address of somebody without an account is nobody's
// business, nor is a name that the wiki hides.
func (c *change) author(base string) feed.Author {
	if _, err := netip.ParseAddr(c.User); err == nil || c.User == "" {
		return feed.Author{ID: c.Meta.Domain + ":anonymous", Name: "Somebody", Bot: c.Bot}
	}
	return feed.Author{ID: c.Meta.Domain + ":" + c.User, Handle: c.User, Name: c.User,
		URL: base + "/wiki/User:" + pagePath(c.User), Bot: c.Bot}
}

// pagePath is the name of a page as it stands in addresses.
func pagePath(title string) string {
	return strings.NewReplacer("%2F", "/", "%3A", ":").Replace(url.PathEscape(strings.ReplaceAll(title, " ", "_")))
}

// cleanPath is a path of letters, or nothing.
func cleanPath(path string) string {
	for i := range len(path) {
		if c := path[i]; c != '/' && (c|0x20 < 'a' || c|0x20 > 'z') {
			return "/w"
		}
	}
	return strings.TrimSuffix(path, "/")
}

// readable is a comment without its mark-up: the section it names becomes words,
// and links their text.
func readable(comment string) string {
	var b strings.Builder
	comment = strings.NewReplacer("/*", "", "*/", " ").Replace(comment)
	for {
		before, rest, ok := strings.Cut(comment, "[[")
		b.WriteString(before)
		link, after, closed := strings.Cut(rest, "]]")
		if !ok {
			return strings.Join(strings.Fields(b.String()), " ")
		}
		if !closed {
			b.WriteString("[[")
			comment = rest
			continue
		}
		if _, label, has := strings.Cut(link, "|"); has {
			link = label
		}
		b.WriteString(link)
		comment = after
	}
}

// language is the one of a site, where its name begins with one.
func language(site string) []string {
	first, rest, _ := strings.Cut(site, ".")
	switch {
	case first == "simple":
		return []string{"en"}
	case strings.Contains(rest, ".") && len(first) >= 2 && len(first) <= 3 && first != "www" && first != "m":
		return []string{first}
	}
	return nil
}
