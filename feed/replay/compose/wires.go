package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// object is JSON whose members stand in a fixed order, that of their names.
type object = map[string]any

// encode is JSON without escapes that nobody needs.
func encode(v any) json.RawMessage { return visible(plain(v)) }

func plain(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // of values that are made here
	}
	return bytes.TrimSpace(b.Bytes())
}

// visible escapes characters that nobody sees: in the file they would confuse.
func visible(b []byte) []byte {
	var out []byte
	for _, r := range string(b) {
		if unicode.Is(unicode.Cf, r) && r < 0x10000 {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

func quoted(text string) json.RawMessage { return encode(text) }

// wire is the message of a post in its network: create, update, delete or gone.
func (p *post) wire(kind string) json.RawMessage {
	switch p.network {
	case "bluesky":
		return p.bluesky(kind)
	case "mastodon":
		return p.mastodon(kind)
	case "wikimedia":
		return p.wikimedia()
	case "x":
		return p.x()
	}
	return p.rss()
}

var hashtag = regexp.MustCompile(`#[\pL\pM\pN_]+`)

func (p *post) hashtags() []string {
	var tags []string
	for _, tag := range hashtag.FindAllString(p.text, -1) {
		tags = append(tags, tag[1:])
	}
	return tags
}

func (p *person) did() string {
	return "did:plc:demo" + (p.key + "22222222222222222222")[:20]
}

func (p *post) bluesky(kind string) json.RawMessage {
	did := p.did()
	payload := object{"seq": "{{seq}}", "did": did, "time": "{{now}}"}
	if kind == "gone" {
		payload["$type"] = "network.bsky.jetstream.subscribeEvents#account"
		payload["account"] = object{"active": false, "did": did, "seq": "{{seq}}", "status": "deleted", "time": "{{now}}"}
		return encode(object{"$type": "message", "payload": payload})
	}
	payload["$type"] = "network.bsky.jetstream.subscribeEvents#commit"
	payload["operation"], payload["collection"] = kind, "app.bsky.feed.post"
	payload["rev"] = fmt.Sprintf("3demor%04d", p.number)
	payload["rkey"] = fmt.Sprintf("3demo%04d{{loop}}", p.number)
	if kind != "delete" {
		payload["cid"] = fmt.Sprintf("bafydemo%s%04d", kind[:1], p.number)
		payload["record"] = p.record()
	}
	return encode(object{"$type": "message", "payload": payload})
}

// record is what a post of Bluesky says.
func (p *post) record() object {
	r := object{"$type": "app.bsky.feed.post", "text": p.text, "createdAt": "{{now}}", "langs": []string{p.lang}}
	var facets []object
	for _, at := range hashtag.FindAllStringIndex(p.text, -1) {
		facets = append(facets, object{
			"index":    object{"byteStart": at[0], "byteEnd": at[1]},
			"features": []object{{"$type": "app.bsky.richtext.facet#tag", "tag": p.text[at[0]+1 : at[1]]}},
		})
	}
	if facets != nil {
		r["facets"] = facets
	}
	if tags := p.options["tags"]; tags != "" {
		r["tags"] = strings.Split(tags, ",")
	}
	if _, ok := p.options["reply"]; ok {
		parent := object{"uri": "at://did:plc:demo22222222222222222222/app.bsky.feed.post/3demo0001{{loop}}", "cid": "bafydemoc0001"}
		r["reply"] = object{"root": parent, "parent": parent}
	}
	if alt, ok := p.options["image"]; ok {
		blob := object{"$type": "blob", "ref": object{"$link": fmt.Sprintf("bafydemoblob%04d", p.number)}, "mimeType": "image/webp", "size": 1234}
		r["embed"] = object{"$type": "app.bsky.embed.images", "images": []object{{"alt": strings.TrimPrefix(alt, "-"), "image": blob}}}
	}
	_, sensitive := p.options["sensitive"]
	if cw := p.options["cw"]; cw != "" || sensitive {
		r["labels"] = object{"$type": "com.atproto.label.defs#selfLabels", "values": []object{{"val": "graphic-media"}}}
	}
	return r
}

func (p *post) mastodon(kind string) json.RawMessage {
	stream := []string{"public"}
	id := fmt.Sprintf("90%05d{{loop}}", p.number)
	if kind == "delete" {
		return encode(object{"stream": stream, "event": "delete", "payload": id})
	}
	name, host, _ := strings.Cut(p.handle, "@")
	home := "https://" + host
	status := object{
		"id": id, "uri": home + "/users/" + name + "/statuses/" + id, "url": home + "/@" + name + "/" + id,
		"created_at": "{{now}}", "edited_at": nil, "in_reply_to_id": nil, "visibility": "public", "language": p.lang,
		"spoiler_text": p.options["cw"], "sensitive": p.options["cw"] != "", "content": p.html(home), "reblog": nil,
		"account": object{
			"id": "80" + fmt.Sprintf("%05d", sum(p.key)), "username": name, "acct": p.handle, "display_name": p.name, "bot": p.has("bot"), "locked": false, "noindex": false,
			"url": home + "/@" + name, "uri": home + "/users/" + name, "avatar_static": home + "/avatars/" + name + ".svg", "emojis": []object{},
		},
		"media_attachments": []object{}, "mentions": []object{}, "tags": p.tagObjects(home), "emojis": []object{},
	}
	event := "update"
	if kind == "update" {
		event, status["edited_at"] = "status.update", "{{now}}"
	}
	return encode(object{"stream": stream, "event": event, "payload": string(plain(status))})
}

func (p *post) has(option string) bool { _, ok := p.options[option]; return ok }

func (p *post) tagObjects(home string) []object {
	tags := []object{}
	for _, tag := range p.hashtags() {
		tags = append(tags, object{"name": strings.ToLower(tag), "url": home + "/tags/" + strings.ToLower(tag)})
	}
	return tags
}

// html is the text as Mastodon writes it.
func (p *post) html(home string) string {
	content := hashtag.ReplaceAllStringFunc(html.EscapeString(p.text), func(tag string) string {
		if tag == "#39" || tag == "#34" { // the apostrophe and the quote, escaped
			return tag
		}
		return fmt.Sprintf(`<a href="%s/tags/%s" class="mention hashtag" rel="tag">#<span>%s</span></a>`, home, strings.ToLower(tag[1:]), tag[1:])
	})
	return "<p>" + strings.ReplaceAll(content, "\n", "<br />") + "</p>"
}

func (p *post) wikimedia() json.RawMessage {
	title, comment, _ := strings.Cut(p.text, ": ")
	const site = "en.wiki.example"
	return encode(object{
		"$schema": "/mediawiki/recentchange/1.0.0",
		"meta": object{
			"id": fmt.Sprintf("demo%04d-0000-4000-8000-000000000000{{loop}}", p.number), "dt": "{{now}}", "domain": site,
			"stream": "mediawiki.recentchange", "uri": "https://" + site + "/wiki/" + strings.ReplaceAll(title, " ", "_"),
			"request_id": fmt.Sprintf("demo%04d", p.number), "topic": "eqiad.mediawiki.recentchange", "partition": 0, "offset": p.number,
		},
		"id": 700000 + p.number, "type": "edit", "namespace": 0, "title": title, "comment": comment, "user": p.name,
		"bot": false, "minor": false, "patrolled": true, "length": object{"old": 1000, "new": 1042}, "revision": object{"old": 500000 + p.number, "new": 500001 + p.number},
		"server_name": site, "server_url": "https://" + site, "server_script_path": "/w", "wiki": "enwiki",
		"title_url": "https://" + site + "/wiki/" + strings.ReplaceAll(title, " ", "_"),
	})
}

func (p *post) x() json.RawMessage {
	id := fmt.Sprintf("700000%05d{{loop}}", p.number)
	author := fmt.Sprintf("6000%05d", sum(p.key))
	data := object{"id": id, "edit_history_tweet_ids": []string{id}, "text": p.text, "author_id": author, "created_at": "{{now}}", "lang": p.lang}
	user := object{"id": author, "username": p.handle, "name": p.name}
	return encode(object{"data": data, "includes": object{"users": []object{user}}, "matching_rules": []object{{"id": "5000000000000001", "tag": "demo"}}})
}

// rss is an Atom feed with one entry.
func (p *post) rss() json.RawMessage {
	title, summary, _ := strings.Cut(p.text, " | ")
	return quoted(fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="%s"><title>%s</title>`+
		`<id>tag:gazette.example,2026:feed</id><link href="https://gazette.example/"/><updated>{{now}}</updated>`+
		`<entry><id>tag:gazette.example,2026:%04d{{loop}}</id><title>%s</title><link href="https://gazette.example/%04d{{loop}}"/>`+
		`<updated>{{now}}</updated><summary type="html">%s</summary></entry></feed>`,
		p.lang, html.EscapeString(p.name), p.number, html.EscapeString(title), p.number, html.EscapeString(summary)))
}

// sum makes a number of a key, the same each time.
func sum(key string) int {
	n := 0
	for _, c := range key {
		n = (n*31 + int(c)) % 99991
	}
	return n
}
