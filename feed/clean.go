package feed

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What is left of a post after [Clean]; runes, where it does not say bytes.
const (
	MaxText    = 2000
	MaxWarning = 300
	MaxAlt     = 1000
	MaxName    = 100
	MaxHandle  = 256
	MaxTag     = 100
	MaxTags    = 30   // in number
	MaxLangs   = 8    // in number
	MaxMedia   = 10   // in number
	MaxID      = 1024 // bytes
	MaxLink    = 2048 // bytes
)

// The kinds of Media.
const (
	MediaImage = "image"
	MediaVideo = "video"
	MediaAudio = "audio"
	MediaLink  = "link"
)

// PostError says why a post cannot be taken at all.
type PostError struct {
	Field  string // as JSON has it
	Reason string // a plain sentence for people
}

func (e *PostError) Error() string { return "feed: post refused: " + e.Field + ": " + e.Reason }

// Clean makes a post harmless to whoever shows it, and small. It changes p and the
// slices of p in place, and nothing when it is called again.
//
//   - Texts are valid UTF-8 and have no control characters but newlines and tabs, no
//     overrides or isolates of direction, no heaps of marks, invisible characters
//     or empty lines. What is too long ends in "…", never within a character as
//     people see it. Names, handles and tags are one line.
//   - Links are absolute, https, without user and password; others are dropped,
//     and so is a medium without one.
//   - Langs are primary subtags, see [PrimaryLang]; what is none is dropped.
//   - Tags are without "#"; empty and repeated ones are dropped, and those that
//     are too long, since a part of one is another tag.
//   - Times are UTC. ReceivedAt is now at the latest, and now when it was not set;
//     CreatedAt is ReceivedAt at the latest, and then also when it was not set.
//
// Source, ID, Rev, Native and Author.ID are names and stay as they are. An error,
// a [*PostError], says that one of them is not acceptable: empty (Source and ID),
// too long, or with characters that no name has. Such a post must not be used.
//
// Clean does not make text safe for HTML: whoever writes HTML escapes it.
func Clean(p *Post, now time.Time) error {
	if err := checkNames(p); err != nil {
		return err
	}
	p.Text = cleanText(p.Text, MaxText)
	p.Warning = cleanLine(p.Warning, MaxWarning)
	p.URL = cleanLink(p.URL)
	cleanAuthor(&p.Author)
	p.Tags = cleanTags(p.Tags)
	p.Langs = cleanLangs(p.Langs)
	p.Media = cleanMedia(p.Media)
	cleanTimes(p, now)
	return nil
}

func checkNames(p *Post) error {
	for _, name := range [...]struct {
		field, value string
		needed       bool
	}{
		{"source", p.Source, true},
		{"id", p.ID, true},
		{"rev", p.Rev, false},
		{"native", p.Native, false},
		{"author.id", p.Author.ID, false},
	} {
		switch {
		case name.needed && name.value == "":
			return &PostError{Field: name.field, Reason: "It is missing."}
		case len(name.value) > MaxID:
			return &PostError{Field: name.field, Reason: "It is too long."}
		case !utf8.ValidString(name.value) || strings.ContainsFunc(name.value, notInNames):
			return &PostError{Field: name.field, Reason: "It has characters that cannot be seen."}
		}
	}
	return nil
}

func notInNames(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

func cleanAuthor(a *Author) {
	a.Name = cleanLine(a.Name, MaxName)
	a.Handle = cleanHandle(a.Handle)
	a.Avatar = cleanLink(a.Avatar)
	a.URL = cleanLink(a.URL)
}

// cleanHandle leaves no white space and no sign in front, so that "@" and a
// handle are one word.
func cleanHandle(s string) string {
	s = strings.ReplaceAll(cleanLine(s, MaxHandle), " ", "")
	return strings.TrimLeft(s, "@")
}

func cleanTags(tags []string) []string {
	kept := tags[:0]
	for _, tag := range tags {
		if len(kept) == MaxTags {
			break
		}
		tag = cleanLine(strings.TrimLeft(cleanLine(tag, MaxTag+2), "#＃ "), MaxTag+1)
		if tag != "" && utf8.RuneCountInString(tag) <= MaxTag && !slices.Contains(kept, tag) {
			kept = append(kept, tag)
		}
	}
	return kept
}

func cleanLangs(langs []string) []string {
	kept := langs[:0]
	for _, lang := range langs {
		if len(kept) == MaxLangs {
			break
		}
		if lang = PrimaryLang(lang); lang != "" && !slices.Contains(kept, lang) {
			kept = append(kept, lang)
		}
	}
	return kept
}

func cleanMedia(media []Media) []Media {
	kept := media[:0]
	for _, m := range media {
		if len(kept) == MaxMedia {
			break
		}
		m.URL, m.Preview = cleanLink(m.URL), cleanLink(m.Preview)
		m.Alt = cleanText(m.Alt, MaxAlt)
		switch m.Kind {
		case MediaImage, MediaVideo, MediaAudio, MediaLink:
			if m.URL != "" {
				kept = append(kept, m)
			}
		}
	}
	return kept
}

func cleanTimes(p *Post, now time.Time) {
	p.ReceivedAt = notAfter(p.ReceivedAt, now)
	p.CreatedAt = notAfter(p.CreatedAt, p.ReceivedAt)
	if p.Expires.Year() > 9999 || p.Expires.Year() < 1970 { // JSON has no such years
		p.Expires = time.Time{}
	}
	p.Expires = p.Expires.UTC()
}

// notAfter returns t, or latest when t is later or says nothing.
func notAfter(t, latest time.Time) time.Time {
	if t.After(latest) || t.Year() < 1970 {
		t = latest
	}
	return t.UTC().Round(0)
}
