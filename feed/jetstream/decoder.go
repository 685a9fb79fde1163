package jetstream

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"rightnow/feed"
)

// collection is the kind of record that a post is.
const collection = "app.bsky.feed.post"

// namespace begins the type of each payload.
const namespace = "network.bsky.jetstream.subscribeEvents#"

// tooLate is how old a post may be that comes after an interruption. What was
// deleted meanwhile still counts.
const tooLate = 2 * time.Minute

// Decoder reads frames of Jetstream v2. The zero Decoder is ready. It belongs to
// one goroutine.
type Decoder struct {
	// Author, when set, knows who a DID is.
	Author func(did string) (feed.Author, bool)

	names   *names    // nil: nobody's are looked up
	at      position  // of the last event
	resumed bool      // the host begins with that very event
	gap     time.Time // something is missing since; zero: nothing
}

var _ feed.Decoder = (*Decoder)(nil)

// frame is one text message of the WebSocket.
type frame struct {
	Type    string   `json:"$type"`
	Error   string   `json:"error"`
	Payload *payload `json:"payload"`
}

// payload is an event of any kind.
type payload struct {
	Type string `json:"$type"`
	Seq  int64  `json:"seq"`
	DID  string `json:"did"`
	Time string `json:"time"`

	at time.Time // Time, never later than now

	// Of a commit.
	Operation  string          `json:"operation"`
	Collection string          `json:"collection"`
	RKey       string          `json:"rkey"`
	CID        string          `json:"cid"`
	Record     json.RawMessage `json:"record"`

	Account *struct {
		Active *bool `json:"active"`
	} `json:"account"`

	Name string `json:"name"` // of an info
}

// Decode implements [feed.Decoder].
func (d *Decoder) Decode(msg []byte, out feed.Sink) (event bool, err error) {
	var f frame
	if json.Unmarshal(msg, &f) != nil {
		out.Skip(feed.SkipMalformed)
		return false, nil
	}
	switch {
	case f.Type == "error":
		return false, ending(f.Error)
	case f.Type != "message":
		out.Skip(feed.SkipUnknown)
		return false, nil
	case f.Payload == nil:
		out.Skip(feed.SkipMalformed)
		return false, nil
	}
	return d.payload(f.Payload, out), nil
}

// ending is the error for an error frame, after which the server hangs up.
func ending(name string) error {
	if name == "ConsumerTooSlow" {
		return errors.New("feed: the server let us go because we read too slowly")
	}
	return fmt.Errorf("feed: the server ended the stream: %.100q", name)
}

// payload takes an event and reports whether it was one.
func (d *Decoder) payload(p *payload, out feed.Sink) bool {
	kind, known := strings.CutPrefix(p.Type, namespace)
	if kind == "info" && known {
		if p.Name == "OutdatedCursor" {
			d.gap = d.at.time
		}
		return false
	}
	if d.resumed && p.Seq > 0 && p.Seq <= d.at.seq {
		out.Skip(feed.SkipDuplicate)
		return true
	}
	d.resumed = false
	d.advance(p, out)
	switch {
	case !known:
		out.Skip(feed.SkipUnknown)
	case kind == "commit":
		d.commit(p, out)
	case kind == "account":
		d.account(p, out)
	case kind == "identity", kind == "sync":
		out.Skip(feed.SkipKind)
	default:
		out.Skip(feed.SkipUnknown)
	}
	return true
}

// advance moves the position past an event.
func (d *Decoder) advance(p *payload, out feed.Sink) {
	now := time.Now()
	at, err := time.Parse(time.RFC3339Nano, p.Time)
	if err != nil || at.After(now) {
		at = now
	}
	p.at, d.at.time = at, at
	if p.Seq > 0 {
		d.at.seq = p.Seq
	}
	if !d.gap.IsZero() {
		out.Gap(d.gap, at)
		d.gap = time.Time{}
	}
}

// account retracts what those wrote who are gone, for whatever reason: content of
// an inactive account should not be redistributed.
func (d *Decoder) account(p *payload, out feed.Sink) {
	switch {
	case p.Account == nil || p.Account.Active == nil || !isDID(p.DID):
		out.Skip(feed.SkipMalformed)
	case !*p.Account.Active:
		d.names.forgetAuthor(p.DID)
		out.Retract(feed.Ref{Source: Name, AuthorID: p.DID})
	}
}

func (d *Decoder) commit(p *payload, out feed.Sink) {
	if p.Collection != collection {
		out.Skip(feed.SkipKind)
		return
	}
	if !isDID(p.DID) || !isRecordKey(p.RKey) {
		out.Skip(feed.SkipMalformed)
		return
	}
	id := "at://" + p.DID + "/" + collection + "/" + p.RKey
	switch p.Operation {
	case "delete":
		d.names.forget(id)
		out.Retract(feed.Ref{Source: Name, ID: id})
	case "create":
		if time.Since(p.at) > tooLate {
			out.Skip(feed.SkipGone)
			return
		}
		d.post(p, id, out)
	case "update":
		d.names.forget(id)
		d.post(p, id, out)
	default:
		out.Skip(feed.SkipUnknown)
	}
}

// post offers what a record says.
func (d *Decoder) post(p *payload, id string, out feed.Sink) {
	var r record
	if json.Unmarshal(p.Record, &r) != nil || r.Text == nil {
		out.Skip(feed.SkipMalformed)
		return
	}
	author, hidden := d.author(p.DID)
	if hidden {
		out.Skip(feed.SkipKind)
		return
	}
	post := r.post(p.DID)
	post.Source, post.ID, post.Rev, post.Author = Name, id, p.CID, author
	post.URL = "https://bsky.app/profile/" + p.DID + "/post/" + p.RKey
	post.ReceivedAt = time.Now()
	if post.CreatedAt.IsZero() || post.CreatedAt.After(post.ReceivedAt) {
		post.CreatedAt = p.at
	}
	out.Offer(post)
}

// author is what is known of a DID, and whether it must not be shown.
func (d *Decoder) author(did string) (a feed.Author, hidden bool) {
	if d.Author != nil {
		if a, ok := d.Author(did); ok {
			return a, false
		}
	}
	if who, ok := d.names.known(did); ok {
		return who.author, who.hidden
	}
	return nobody(did), false
}

// nobody is an author of whom only the DID is known.
func nobody(did string) feed.Author {
	return feed.Author{ID: did, URL: "https://bsky.app/profile/" + did}
}

// isDID tells whether s has the form of a DID: it goes into addresses.
func isDID(s string) bool {
	rest, ok := strings.CutPrefix(s, "did:")
	return ok && rest != "" && len(s) <= 256 && onlyOf(rest, ".:_%-")
}

// isRecordKey tells whether s has the form of a record's key.
func isRecordKey(s string) bool {
	return s != "" && len(s) <= 512 && onlyOf(s, ".:_~-") && s != "." && s != ".."
}

// onlyOf tells whether s is made of ASCII letters, digits and some more.
func onlyOf(s, more string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return true
}
