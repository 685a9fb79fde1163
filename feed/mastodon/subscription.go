package mastodon

import (
	"encoding/json"
	"strings"
	"unicode"

	"rightnow/feed"
)

// maxTags is how many hashtags are asked for one by one. Beyond it the public
// timeline is less to read for us, and to write for the server.
const maxTags = 100

// subscription is one stream of the many that a connection carries: a hashtag's
// or, with tag empty, the public timeline.
type subscription struct {
	tag   string
	scope Scope
}

// frame is what has the server begin it, or end it.
func (s subscription) frame(do string) []byte {
	f := struct {
		Type   string `json:"type"`
		Stream string `json:"stream"`
		Tag    string `json:"tag,omitempty"`
	}{do, "public", s.tag}
	if s.tag != "" {
		f.Stream = "hashtag"
	}
	if s.scope != All {
		f.Stream += ":" + string(s.scope)
	}
	b, _ := json.Marshal(f) // of strings
	return b
}

// subscriptions are what brings the posts of a filter. lacks says in a sentence
// what the server does not give, "" when it gives all.
func (o *Options) subscriptions(f feed.Filter, i *instance) (want map[subscription]bool, lacks string) {
	live, hasLive := i.Configuration.Access.Live.scope(o.Scope)
	hashtag, hasTags := i.Configuration.Access.Hashtag.scope(o.Scope)
	if hashtag == Remote { // there is no such stream
		hashtag = All
	}
	want = map[subscription]bool{}
	public := o.Everything || len(f.Authors) > 0
	for _, word := range f.Words {
		tag, ok := tagOf(word)
		if !ok || !hasTags {
			public = true
			continue
		}
		want[subscription{tag, hashtag}] = true
	}
	switch {
	case hasLive && (public && o.Everything || len(want) > maxTags):
		return map[subscription]bool{{scope: live}: true}, ""
	case public && hasLive:
		want[subscription{scope: live}] = true
	case public && hasTags:
		return want, "This server has switched off its public timeline: only what is one hashtag is found."
	case public:
		return want, "This server has switched off its public timelines."
	}
	return want, ""
}

// tagOf is the hashtag, in Mastodon's own normal form, that each post has which is
// wanted for a phrase: the one in it, or that of its only word. It reports false
// when there is none.
func tagOf(phrase string) (string, bool) {
	p, err := feed.ParsePhrase(phrase)
	if err != nil {
		return "", false
	}
	words, only := 0, ""
	for _, t := range p.Terms() {
		if t.Not {
			continue
		}
		if tag, ok := strings.CutPrefix(t.Text, "#"); ok && isTag(tag) {
			return tag, true
		}
		words, only = words+1, t.Text
	}
	if words != 1 || !isTag(only) {
		return "", false
	}
	p, err = feed.ParsePhrase("#" + only) // takes the diacritics off
	if terms := p.Terms(); err == nil && len(terms) == 1 {
		return strings.TrimPrefix(terms[0].Text, "#"), true
	}
	return "", false
}

// isTag tells whether a word is a hashtag as it is, with nothing left out: letters
// and numbers, not numbers alone.
func isTag(word string) bool {
	named := false
	for _, r := range word {
		switch {
		case unicode.IsLetter(r):
			named = true
		case unicode.IsNumber(r), unicode.IsMark(r), r == '_', r == '·', r == '\u200c':
		default:
			return false
		}
	}
	return named
}
