package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

var sometime = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestCleanText(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"plain", "  Hello, world  ", "Hello, world"},
		{"lines", "a\r\nb\rc\u2028d\u0085e\vf", "a\nb\nc\nd\ne\nf"},
		{"empty lines", "a\n\n\n\n \n\n\nb\n\n", "a\n\n b"},
		{"tabs", "a\tb", "a\tb"},
		{"control characters", "a\x00\x07\x1b[31mb\x7f\u009bc", "a[31mbc"},
		{"override", "a\u202eb\u202c", "ab"},
		{"isolates", "\u2066a\u2067b\u2068c\u2069", "abc"},
		{"marks of direction stay", "א\u200f!", "א\u200f!"},
		{"invalid", "a\xff\xc3b\xed\xa0\x80", "a��b���"},
		{"noncharacters", "a\ufffe\U0001ffff\ufdd0b", "ab"},
		{"annotations, byte order marks", "\ufeffa\ufff9b\ufffbc\u2061", "abc"},
		{"invisible heap", "a\u200b\u200b\u200d\u2060\u200cb", "a\u200bb"},
		{"invisible only", "\u200b \u2800\u3164\u00ad", ""},
		{"joiners stay", "👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"},
		{"hidden tags", "a\U000e0041\U000e0042b", "ab"},
		{"region flags stay", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f!", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f!"},
		{"endless flag", "🏴" + strings.Repeat("\U000e0067", 100), "🏴" + strings.Repeat("\U000e0067", 8)},
		{"tower", "Z" + strings.Repeat("\u0301", 500) + "algo", "Z" + strings.Repeat("\u0301", 5) + "algo"},
		{"tower with joiners", "Z" + strings.Repeat("\u0301\u200d", 500), "Z" + strings.Repeat("\u0301\u200d", 5)[:5*5-3]},
		{"tower on nothing", strings.Repeat("\u0489", 500), strings.Repeat("\u0489", 5)},
		{"pointed Hebrew stays", "שּֽׁ֗", "שּֽׁ֗"},
		{"markup is text", "<script>alert(1)</script>&amp;", "<script>alert(1)</script>&amp;"},
	} {
		if got := cleanText(test.text, MaxText); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestCleanLine(t *testing.T) {
	for text, want := range map[string]string{
		" a\n\tb\u00a0 c ": "a b c", "a\u202eb": "ab", "\u200b": "", "a\r\nb": "a b", "a": "a", "a  b": "a b",
	} {
		if got := cleanLine(text, 100); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		limit int
		want  string
	}{
		"fits":            {"abcde", 5, "abcde"},
		"too long":        {"abcdef", 5, "abcd…"},
		"no blank before": {"abc def", 5, "abc…"},
		"mark":            {"abcde\u0301f", 6, "abcd…"},
		"mark that fits":  {"abce\u0301fgh", 6, "abce\u0301…"},
		"joined emoji":    {"ab👩\u200d💻cd", 5, "ab…"},
		"skin":            {"abc👍🏽d", 5, "abc…"},
		"flag":            {"abc🇩🇪d", 5, "abc…"},
		"second flag":     {"a🇩🇪🇫🇷d", 5, "a🇩🇪…"},
		"jamo":            {"abc\u1112\u1161\u11ab", 5, "abc…"},
		"heap":            {strings.Repeat("👩\u200d", 100), 50, strings.Repeat("👩\u200d", 24) + "👩…"},
	} {
		if got := cleanText(test.text, test.limit); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	long := cleanText(strings.Repeat("é", 1<<20), MaxText)
	if n := utf8.RuneCountInString(long); n != MaxText {
		t.Errorf("%d runes, want %d", n, MaxText)
	}
}

func TestCleanLink(t *testing.T) {
	for link, want := range map[string]string{
		"https://example.org":                     "https://example.org",
		" HTTPS://Example.org/a?b=c#d ":           "https://Example.org/a?b=c#d",
		"https://example.org:8443/%41":            "https://example.org:8443/%41",
		"https://example.org/ä?ö=\"<x>\"":         "https://example.org/%C3%A4?%C3%B6=%22%3Cx%3E%22",
		"https://[2001:db8::1]/x":                 "https://[2001:db8::1]/x",
		"https://müller.example/":                 "https://m%C3%BCller.example/",
		"":                                        "",
		"http://example.org":                      "",
		"//example.org":                           "",
		"example.org":                             "",
		"javascript:alert(1)":                     "",
		"JaVaScRiPt://example.org/%0aalert(1)":    "",
		"data:text/html,x":                        "",
		"https:example.org":                       "",
		"https:///path":                           "",
		"https://:443/":                           "",
		"https://user:secret@example.org/":        "",
		"https://example.org@evil.test/":          "",
		"https://example.org\\@evil.test/":        "",
		"https:\\\\evil.test":                     "",
		"https://exa\nmple.org/":                  "",
		"https://example.org/a b":                 "",
		"https://example.org/\u202egpj.exe":       "",
		"https://example.org/\xff":                "",
		"https://exa mple.org/":                   "",
		"https://" + strings.Repeat("a", 3000):    "",
		"https://a/?" + strings.Repeat("ö", 1000): "",
	} {
		if got := cleanLink(link); got != want {
			t.Errorf("%.60q: %q, want %q", link, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	post := Post{
		Source: "s", ID: "at://did:plc:x/app.bsky.feed.post/1", Rev: "cid",
		Author: Author{ID: "did:plc:x", Handle: " @ada .example\u202e", Name: "Ada\n\u202eLovelace", Avatar: "http://x.test/a.jpg", URL: "javascript:x"},
		Text:   strings.Repeat("long ", 1000), Warning: "food\n\n\nmentioned",
		Tags:  []string{"#Go", "go ", "", "##", "＃＃chat", "Go", strings.Repeat("x", 101), "a\nb"},
		Langs: []string{"en-US", "en", "xx", "pt_BR", ""},
		URL:   "https://example.org/1",
		Media: []Media{
			{Kind: MediaImage, URL: "https://x.test/1.jpg", Preview: "data:image/png;base64,", Alt: "a\x00lt"},
			{Kind: MediaImage, URL: "file:///etc/passwd"},
			{Kind: "script", URL: "https://x.test/1.js"},
		},
		CreatedAt: sometime.Add(time.Hour),
	}
	if err := Clean(&post, sometime); err != nil {
		t.Fatal(err)
	}
	want := Post{
		Source: "s", ID: "at://did:plc:x/app.bsky.feed.post/1", Rev: "cid",
		Author: Author{ID: "did:plc:x", Handle: "ada.example", Name: "Ada Lovelace"},
		Text:   strings.Repeat("long ", 399) + "long…", Warning: "food mentioned",
		Tags:      []string{"Go", "go", "chat", "a b"},
		Langs:     []string{"en", "pt"},
		URL:       "https://example.org/1",
		Media:     []Media{{Kind: MediaImage, URL: "https://x.test/1.jpg", Alt: "alt"}},
		CreatedAt: sometime, ReceivedAt: sometime,
	}
	if !reflect.DeepEqual(post, want) {
		t.Errorf("got  %+v\nwant %+v", post, want)
	}
}

func TestCleanBounds(t *testing.T) {
	post := Post{Source: "s", ID: "1"}
	for i := range 1000 {
		post.Tags = append(post.Tags, fmt.Sprint("tag", i))
		post.Langs = append(post.Langs, string([]byte{'a' + byte(i%26), 'a' + byte(i/26%26)}))
		post.Media = append(post.Media, Media{Kind: MediaLink, URL: "https://x.test/"})
	}
	if err := Clean(&post, sometime); err != nil {
		t.Fatal(err)
	}
	if len(post.Tags) != MaxTags || len(post.Langs) != MaxLangs || len(post.Media) != MaxMedia {
		t.Errorf("%d tags, %d languages, %d media", len(post.Tags), len(post.Langs), len(post.Media))
	}
}

func TestCleanTimes(t *testing.T) {
	early, late := sometime.Add(-time.Hour), sometime.Add(time.Hour)
	for name, test := range map[string]struct{ created, received, wantCreated, wantReceived time.Time }{
		"as it should be":      {early, sometime, early, sometime},
		"created in future":    {late, sometime, sometime, sometime},
		"received in future":   {early, late, early, sometime},
		"nothing said":         {time.Time{}, time.Time{}, sometime, sometime},
		"created after coming": {sometime, early, early, early},
		"before all":           {time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), sometime, sometime, sometime},
		"far future":           {time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC), sometime, sometime, sometime},
		"odd zone":             {early.In(time.FixedZone("", 40*3600)), sometime, early, sometime},
	} {
		post := Post{Source: "s", ID: "1", CreatedAt: test.created, ReceivedAt: test.received, Expires: time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC)}
		if err := Clean(&post, sometime); err != nil {
			t.Fatal(err)
		}
		if post.CreatedAt != test.wantCreated || post.ReceivedAt != test.wantReceived || !post.Expires.IsZero() {
			t.Errorf("%s: created %v, received %v, expires %v", name, post.CreatedAt, post.ReceivedAt, post.Expires)
		}
	}
}

func TestRefusedPosts(t *testing.T) {
	long := strings.Repeat("x", MaxID+1)
	for field, post := range map[string]Post{
		"source": {ID: "1"}, "id": {Source: "s"}, "id ": {Source: "s", ID: long}, "source ": {Source: long, ID: "1"},
		"rev": {Source: "s", ID: "1", Rev: long}, "native": {Source: "s", ID: "1", Native: long},
		"author.id": {Source: "s", ID: "1", Author: Author{ID: long}},
		"id  ":      {Source: "s", ID: "a\nb"}, "id   ": {Source: "s", ID: "a\xff"}, "id    ": {Source: "s", ID: "a\u202e"},
	} {
		var refused *PostError
		if err := Clean(&post, sometime); !errors.As(err, &refused) || refused.Field != strings.TrimSpace(field) || refused.Reason == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := Clean(&Post{Source: "s", ID: strings.Repeat("x", MaxID)}, sometime); err != nil {
		t.Error(err)
	}
}

// FuzzClean: what is clean is small, harmless, and stays as it is.
func FuzzClean(f *testing.F) {
	f.Add("id", "text", "name", "https://example.org", "tag", "en", int64(0))
	f.Add("id", "a\u200d\u0301\u200d\u0301\n \n\n", "\u200b@\u200b@x", "https://m%C3%BCller/?\"", "#\u0301#", "nb-NO", int64(1)<<60)
	f.Add("id", strings.Repeat("👩\u200d", 3000), "@ \u200d \u200d", "HTTPS://X:1/#%", " # #x", "zh-yue", int64(-1)<<60)
	f.Add("id", strings.Repeat("🇩🇪", 1001)+"\u0301", "\x00@x", "https://a/%zz", "＃", "i-klingon", int64(1700000000))
	f.Fuzz(func(t *testing.T, id, text, name, link, tag, lang string, seconds int64) {
		at := time.Unix(seconds, 0)
		post := Post{Source: "s", ID: id, Rev: tag, Author: Author{Handle: name, Name: name, Avatar: link, URL: link}, Text: text, Warning: text,
			Tags: []string{tag, name, tag}, Langs: []string{lang, tag, lang}, URL: link,
			Media:     []Media{{Kind: MediaImage, URL: link, Preview: link, Alt: text}, {Kind: tag, URL: link}},
			CreatedAt: at, ReceivedAt: at, Expires: at}
		if Clean(&post, sometime) != nil {
			return
		}
		checkClean(t, &post)
		again := post
		again.Tags, again.Langs, again.Media = slices.Clone(post.Tags), slices.Clone(post.Langs), slices.Clone(post.Media)
		if err := Clean(&again, sometime); err != nil || !reflect.DeepEqual(again, post) {
			t.Fatalf("once  %#v\ntwice %#v, %v", post, again, err)
		}
	})
}

// checkClean tests what all clean posts have in common.
func checkClean(t *testing.T, p *Post) {
	for _, s := range append([]string{p.Text, p.Warning, p.Author.Name, p.Author.Handle, p.URL}, p.Tags...) {
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > MaxLink || strings.ContainsFunc(s, harmful) {
			t.Fatalf("%+q", s)
		}
	}
	if utf8.RuneCountInString(p.Text) > MaxText || strings.ContainsAny(p.Warning+p.Author.Name+p.Author.Handle, "\n\t") {
		t.Fatalf("%#v", p)
	}
	if p.URL != "" && (!strings.HasPrefix(p.URL, "https://") || strings.ContainsAny(p.URL, " \"<>\\")) {
		t.Fatalf("link %q", p.URL)
	}
	if _, err := json.Marshal(p); err != nil || p.CreatedAt.After(p.ReceivedAt) || p.ReceivedAt.After(sometime) {
		t.Fatalf("%v, %v: %v", p.CreatedAt, p.ReceivedAt, err)
	}
}

func harmful(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' || r == '\ufeff'
}
