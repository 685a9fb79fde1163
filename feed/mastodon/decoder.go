package mastodon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"rightnow/feed"
)

// tooLate is how old a post may be that is found after a cut. What was deleted
// meanwhile still counts.
const tooLate = 2 * time.Minute

// Decoder reads messages of the streaming API. The zero Decoder is ready. It
// belongs to one goroutine.
type Decoder struct {
	// Bots takes the posts of bots too; they are marked.
	Bots bool
	// Domain is that of the server's own accounts; "": that of their addresses.
	Domain string

	known   known  // what was offered
	last    string // the newest id
	refused string // why the server does not give us a stream, for people
}

var _ feed.Decoder = (*Decoder)(nil)

// envelope is one message.
type envelope struct {
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"` // JSON in a string, an id, or missing

	Error  string `json:"error"` // instead of an event
	Status int    `json:"status"`
}

// Decode implements [feed.Decoder].
func (d *Decoder) Decode(msg []byte, out feed.Sink) (event bool, err error) {
	var e envelope
	if json.Unmarshal(msg, &e) != nil {
		out.Skip(feed.SkipMalformed)
		return false, nil
	}
	switch e.Event {
	case "update", "status.update":
		return d.update(e.Payload, out), nil
	case "delete":
		return d.delete(e.Payload, out), nil
	case "filters_changed": // it has no payload; the filters are the account's
		return true, nil
	case "notification", "notifications_merged", "conversation", "encrypted_message",
		"announcement", "announcement.delete", "announcement.reaction":
		out.Skip(feed.SkipKind)
		return true, nil
	case "":
		if e.Error != "" {
			return false, d.refusal(e.Status)
		}
	}
	out.Skip(feed.SkipUnknown)
	return e.Event != "", nil
}

// refusal takes the answer to something that was asked on the connection. Only the
// token is beyond hope; what the server does not give is as if it were quiet.
func (d *Decoder) refusal(status int) error {
	if status == http.StatusUnauthorized {
		return &feed.Fatal{Reason: "The server does not accept the key (401)."}
	}
	d.refused = fmt.Sprintf("The server does not give us one of its streams (%d).", status)
	return nil
}

// payload is the text in a payload. It reports false when there is none.
func payload(raw json.RawMessage) (string, bool) {
	var text *string
	if len(raw) == 0 || json.Unmarshal(raw, &text) != nil || text == nil {
		return "", false
	}
	return *text, *text != ""
}

func (d *Decoder) update(raw json.RawMessage, out feed.Sink) bool {
	text, ok := payload(raw)
	if !ok {
		out.Skip(feed.SkipMalformed)
		return false
	}
	return d.status([]byte(text), time.Time{}, out)
}

// status offers a post, unless it is older than since. It reports false when it
// can't be read.
func (d *Decoder) status(text []byte, since time.Time, out feed.Sink) bool {
	var s status
	if json.Unmarshal(text, &s) != nil || !s.complete() {
		out.Skip(feed.SkipMalformed)
		return false
	}
	if laterID(s.ID, d.last) {
		d.last = s.ID
	}
	switch {
	case s.Visibility != "public" && s.Visibility != "unlisted", s.boosts(), s.Account.Bot && !d.Bots:
		out.Skip(feed.SkipKind)
		return true
	}
	post := s.post(d.Domain)
	if post.CreatedAt.Before(since) && post.Rev == "" {
		out.Skip(feed.SkipGone)
		return true
	}
	d.known.add(s.ID, s.URI)
	out.Offer(post)
	return true
}

// delete retracts by the id that this server alone has given to the post. It may
// come before the post does.
func (d *Decoder) delete(raw json.RawMessage, out feed.Sink) bool {
	id, ok := payload(raw)
	if !ok || !isID(id) {
		out.Skip(feed.SkipMalformed)
		return false
	}
	out.Retract(feed.Ref{Source: Name, ID: d.known.uri(id), Native: id})
	return true
}

// isID tells whether s has the form of a local id.
func isID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
}

// laterID compares ids, which grow.
func laterID(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}
