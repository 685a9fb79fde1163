package xposts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"rightnow/feed"
)

// maxEdited bounds what is remembered of posts that were edited.
const maxEdited = 1000

// Decoder reads lines of the filtered stream. The zero Decoder is ready. It belongs
// to one goroutine.
type Decoder struct {
	// Tag begins the tags of the rules by which posts are taken; "": of all.
	Tag string

	delivered uint64            // messages with a post, each of which costs
	edited    map[string]string // the newest revision by the id of the post
	order     []string          // of edited, oldest first
}

var _ feed.Decoder = (*Decoder)(nil)

// message is one line.
type message struct {
	Data     *post    `json:"data"`
	Includes includes `json:"includes"`
	Rules    []rule   `json:"matching_rules"`

	Errors []struct {
		Title          string `json:"title"`
		DisconnectType string `json:"disconnect_type"`
	} `json:"errors"`
	Title string `json:"title"` // of a ConnectionException
	Issue string `json:"connection_issue"`
}

// Decode implements [feed.Decoder]. An empty line is a heartbeat.
func (d *Decoder) Decode(line []byte, out feed.Sink) (event bool, err error) {
	if line = bytes.TrimSpace(line); len(line) == 0 {
		return false, nil
	}
	var m message
	if json.Unmarshal(line, &m) != nil {
		if bytes.HasPrefix(line, []byte(`{"data"`)) {
			d.delivered++ // rather one too many
		}
		out.Skip(feed.SkipMalformed)
		return false, nil
	}
	switch {
	case m.Data != nil:
		d.delivered++
		d.post(&m, out)
		return true, nil
	case m.Title == "ConnectionException" || m.Issue != "":
		return false, &feed.StatusError{Status: http.StatusTooManyRequests, Reason: "X ended the connection: another one with the same key is open."}
	}
	for _, e := range m.Errors {
		if e.Title == "operational-disconnect" || e.DisconnectType != "" {
			return false, fmt.Errorf("feed: X ended the stream: %.100q", e.Title)
		}
	}
	if len(m.Errors) > 0 {
		return false, errors.New("feed: X reports an error in the stream")
	}
	out.Skip(feed.SkipUnknown)
	return true, nil
}

// post offers what a message says.
func (d *Decoder) post(m *message, out feed.Sink) {
	if !m.Data.complete() {
		out.Skip(feed.SkipMalformed)
		return
	}
	ours := func(r rule) bool { return strings.HasPrefix(r.Tag, d.Tag) }
	if d.Tag != "" && !slices.ContainsFunc(m.Rules, ours) {
		out.Skip(feed.SkipKind)
		return
	}
	p := m.Data.post(&m.Includes)
	if newest := d.edited[p.ID]; newest != "" && laterID(newest, p.Rev) {
		out.Skip(feed.SkipDuplicate) // it comes late: what it became is known
		return
	}
	if p.Rev != p.ID {
		d.remember(p.ID, p.Rev)
	}
	out.Offer(p)
}

func (d *Decoder) remember(id, rev string) {
	if d.edited == nil {
		d.edited = map[string]string{}
	}
	if d.edited[id] == "" {
		d.order = append(d.order, id)
	}
	if d.edited[id] = rev; len(d.order) > maxEdited {
		delete(d.edited, d.order[0])
		d.order = d.order[1:]
	}
}

// isID tells whether s has the form of an id.
func isID(s string) bool { return s != "" && len(s) <= 32 && strings.Trim(s, "0123456789") == "" }

// laterID compares ids, which grow.
func laterID(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}
