package feed

import (
	"slices"
	"strings"
	"testing"
)

// matchCase is a phrase, and texts that it finds or does not.
type matchCase struct {
	name, phrase string
	in, out      []string
}

var matchCases = []matchCase{
	{"one word, the rules of v1.1", "twitter",
		[]string{"TWITTER", "twitter", `"Twitter"`, "twitter.", "#twitter", "@twitter", "http://twitter.com", "$twitter", "(Twitter)", "Twitter's new design"},
		[]string{"TwitterTracker", "#newtwitter", "tweet", "", "@nottwitter", "twitter_api"}},
	{"possessive", "twitter's", []string{"I like Twitter's new design", "I like Twitter’s new design"}, []string{"twitter is new"}},
	{"all words, in any order", "twitter api",
		[]string{"The Twitter API is awesome", "an API by Twitter", "Twitter\nhas a fast API", "#twitter #api"},
		[]string{"I'm new to Twitter", "the API", "twitterapi"}},
	{"a name with a dot", "socket.io",
		[]string{"Socket.IO!", "socket.io", "(socket.io)", "#socket.io", "https://socket.io/docs", "https://www.socket.io", "http://admin.socket.io/x", "see socket.io.", "socket.io-client"},
		[]string{"socket io", "web.socket.iota", "socketio", "a socket. Io is a moon"}},
	{"the parts of it", "socket", []string{"Socket.IO!", "https://socket.io/", "web-socket"}, []string{"sockets", "websocket"}},
	{"both parts of it", "example com", []string{"example.com", "www.example.com", "foo.example.com", "I hope my merger with a com corporation is approved by example"}, []string{"examplecom"}},
	{"no glued sentence", "start", []string{"the end.Start again"}, []string{"restart"}},
	{"a hashtag only as a hashtag", "#go",
		[]string{"#go", "#Go!", "(#GO)", "we #go.", "#go-lang", "#go.mod", "＃ｇｏ"},
		[]string{"go", "@go", "#golang", "to#go", "# go", "&#go_x"}},
	{"a word also as a hashtag", "go", []string{"go", "#go", "@go", "let's go!", "go-lang"}, []string{"golang", "ago", "#golang"}},
	{"a mention only as a mention", "@ada", []string{"@ada", ".@Ada hi", "(@ada)", "@ada.example", "@ada's"}, []string{"ada", "#ada", "bob@ada.example", "@adam"}},
	{"a mention of a domain", "@ada.bsky.example", []string{"hi @ada.bsky.example!"}, []string{"@ada", "ada.bsky.example"}},
	{"a cashtag", "$gold", []string{"$GOLD rises"}, []string{"gold", "US$gold"}},
	{"diacritics count", "café", []string{"Café", "CAFE\u0301", "#café"}, []string{"cafe", "#cafe"}},
	{"diacritics count the other way", "cafe", []string{"cafe", "#café"}, []string{"café"}},
	{"but in hashtags", "#cafe", []string{"#café", "#CAFÉ", "#cafe\u0301"}, []string{"café", "cafe"}},
	{"but in hashtags of the phrase", "#Łódź", []string{"#lodz", "#ŁÓDŹ"}, []string{"łódź"}},
	{"marks of other scripts count in hashtags", "#हिन्दी", []string{"#हिन्दी"}, []string{"#हन्द"}},
	{"sharp s", "strasse", []string{"STRASSE", "Straße", "STRAẞE"}, []string{"strase"}},
	{"final sigma", "σίσυφος", []string{"ΣΊΣΥΦΟΣ", "σίσυφοσ"}, nil},
	{"Cherokee", "ᎣᏏᏲ", []string{"ꭳꮟᏺ", "ᎣᏏᏲ"}, nil},
	{"Turkish dot", "istanbul", []string{"istanbul", "ISTANBUL"}, []string{"İstanbul"}},
	{"full width", "golang", []string{"ＧｏＬａｎｇ", "golang"}, nil},
	{"ligatures", "office", []string{"oﬃce"}, nil},
	{"what is not seen", "golang", []string{"go\u200blang", "go\u00adlang", "\u202egolang\u202c", "go\u2060lang\ufeff"}, nil},
	{"apostrophes", "don't panic", []string{"Don’t panic!", "DON'T PANIC"}, []string{"dont panic"}},
	{"hyphens", "e-mail", []string{"E‑Mail", "e‐mail", "e-mail"}, []string{"email", "mail"}},
	{"ampersand", "at&t", []string{"AT&T", "(at&t)"}, []string{"at t"}},
	{"underscore and middle dot", "col·lecció", []string{"COL·LECCIÓ"}, []string{"col lecció"}},
	{"c++", "c++", []string{"C++", "I like c++.", "(C++17)", "c++/c#", "#c++", "C＋＋"}, []string{"c", "objc++", "c+", "abc++"}},
	{"c#", "c#", []string{"C#", "c#.", "f# and C#"}, []string{"c", "abc#", "#c"}},
	{".net", ".net", []string{".NET", "ASP.NET", "the .net runtime"}, []string{"net", ".network", "internet"}},
	{"emoji", "☕", []string{"☕", "coffee☕now", "☕️"}, []string{"coffee"}},
	{"emoji with selector", "☕️", []string{"☕", "☕️"}, nil},
	{"joined emoji", "👩\u200d💻", []string{"👩\u200d💻!", "hi👩\u200d💻"}, []string{"👩💻", "👩"}},
	{"flags are not cut", "🇩🇪", []string{"🇩🇪", "🇫🇷🇩🇪", "x🇩🇪🇫🇷"}, []string{"🇧🇩🇪🇸", "🇩"}},
	{"exact", `"right now"`, []string{"Right Now!", "do it right  now", "right\nnow", "#right now"}, []string{"now right", "right, now", "bright now", "right nowhere"}},
	{"exact with punctuation", `"hello, world"`, []string{"Hello, World!"}, []string{"hello world"}},
	{"curly quotes", "“right now”", []string{"right now"}, []string{"now right"}},
	{"exact is not across fields", `"one two"`, []string{"one two"}, []string{"one|two"}},
	{"Han", "東京", []string{"東京", "私は東京に住む", "#東京", "in東京now", "東京都"}, []string{"京東", "東 京"}},
	{"one Han character", "猫", []string{"猫がいる", "子猫"}, []string{"犬"}},
	{"Kana", "カレー", []string{"カレーライス", "ｶﾚｰ"}, []string{"カレ"}},
	{"Hangul", "서울", []string{"서울에서", "서울"}, []string{"서 울"}},
	{"Thai", "ข่าว", []string{"อ่านข่าววันนี้"}, []string{"ขาว"}},
	{"a word after Thai", "golang", []string{"ที่golangที่", "ที่#golang"}, nil},
	{"exact after Thai", `"go c++"`, []string{"ที่go c++"}, nil},
	{"Lao", "ຂ່າວ", []string{"ອ່ານຂ່າວ"}, nil},
	{"mixed scripts", "go言語", []string{"Go言語入門", "最高のgo言語"}, []string{"cargo言語", "go 言語"}},
	{"a word in a script without blanks", "golang", []string{"golangで書いた", "私はgolangが好き"}, []string{"mygolangで"}},
	{"a hashtag of Han", "#東京", []string{"#東京", "行く#東京 "}, []string{"東京", "#東京都"}},
	{"Devanagari", "हिन्दी", []string{"मैं हिन्दी बोलता"}, []string{"हिन्द"}},
	{"Arabic", "أخبار", []string{"أخبار اليوم"}, []string{"اخبار"}},
	{"Persian joiner", "می\u200cخواهم", []string{"من می\u200cخواهم"}, []string{"می خواهم"}},
	{"Sinhala joiner", "ශ්\u200dරී", []string{"ශ්\u200dරී ලංකා"}, nil},
	{"Hebrew", "שלום", []string{"שלום!"}, []string{"שלומות"}},
	{"Cyrillic", "привет", []string{"ПРИВЕТ, мир"}, []string{"приветы"}},
	{"excluded", "golang -crypto", []string{"golang news"}, []string{"golang and #crypto", "Crypto golang", "crypto"}},
	{"excluded hashtag", "golang -#ad", []string{"golang ad"}, []string{"golang #ad", "golang #AD"}},
	{"excluded exact", `golang -"job offer"`, []string{"golang offer job"}, []string{"golang job offer"}},
	{"excluded part", "cat -犬", []string{"cat 猫"}, []string{"cat 子犬"}},
	{"only the host of a link", "status", []string{"the status"}, []string{"https://x.example/ada/status/1", "www.example.org/status"}},
	{"the host of a link", "example.org", []string{"https://example.org", "https://live.example.org/a", "HTTPS://USER@Example.org:8080/x", "www.example.org", "(http://example.org)"}, []string{"https://other.example/example.org", "example.organic"}},
	{"a link as a phrase", "https://www.example.org/a?b=c", []string{"https://example.org", "example.org"}, []string{"https://www.example.com/a?b=c"}},
	{"after a link", "golang", []string{"https://x.example/a golang", "https://x.example/日本golang"}, []string{"https://x.example/golang"}},
	{"no scheme as a word", `"https"`, nil, nil},
	{"numbers", "2026", []string{"in 2026!", "2026年", "#2026"}, []string{"20266", "v2026"}},
	{"wildcards are no wildcards", "golang*", []string{"golang"}, []string{"golangs"}},
	{"commas between words", "red,green", []string{"green and red"}, []string{"red"}},
	{"slash between words", "tcp/ip", []string{"TCP/IP", "ip over tcp"}, []string{"tcp"}},
}

func TestMatch(t *testing.T) {
	var d Doc
	for _, test := range matchCases {
		p, err := ParsePhrase(test.phrase)
		if len(test.in)+len(test.out) == 0 {
			if err == nil {
				t.Errorf("%s: %q is accepted as %q", test.name, test.phrase, p)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		check := func(text string, want bool) {
			first, second, _ := strings.Cut(text, "|")
			post := Post{Text: first, Warning: second}
			d.Read(&post)
			if got := d.Meets(p); got != want {
				t.Errorf("%s: %q (%q) finds %q: %t; words %q in %q", test.name, test.phrase, p, text, got, wordsOf(&d), d.text)
			}
			if got := len(Spans(first, []string{p.String()})) > 0; want && !got && second == "" {
				t.Errorf("%s: %q has no span in %q", test.name, test.phrase, text)
			}
		}
		for _, text := range test.in {
			check(text, true)
		}
		for _, text := range test.out {
			check(text, false)
		}
	}
}

// wordsOf is the set of words of a post, sorted.
func wordsOf(d *Doc) (words []string) {
	for i := range d.words.len() {
		words = append(words, string(d.words.at(i)))
	}
	slices.Sort(words)
	return words
}

// TestSearched is what of a post is searched, and what is not.
func TestSearched(t *testing.T) {
	post := Post{
		Source: "bluesky", ID: "id1", Rev: "rev1", Native: "native1",
		Author:  Author{ID: "authorid", Handle: "handle", Name: "name"},
		Text:    "text @mention https://host.example/path?query#fragment",
		Warning: "warning",
		Tags:    []string{"tag", "#Étoile", "machine learning", "東京"},
		URL:     "https://own.test/post",
		Media: []Media{
			{Kind: MediaLink, URL: "https://linked.test/away", Alt: "alt"},
			{Kind: MediaImage, URL: "https://image.test/1.jpg"},
		},
	}
	var d Doc
	d.Read(&post)
	for phrase, want := range map[string]bool{
		"text": true, "mention": true, "@mention": true, "host": true, "host.example": true, "warning": true,
		"tag": true, "#tag": true, "#etoile": true, "étoile": true, "etoile": true, "linked.test": true, "linked": true,
		"machine": true, "#machinelearning": true, `"machine learning"`: true, "#machine": false,
		"東京": true, "#東京": true, "text 東京 #tag": true,
		"path": false, "query": false, "fragment": false, "away": false, "alt": false, "image": false, "own": false,
		"bluesky": false, "id1": false, "rev1": false, "native1": false, "authorid": false, "handle": false, "name": false,
	} {
		if p := mustParse(t, phrase); d.Meets(p) != want {
			t.Errorf("%s: %t, want %t", phrase, !want, want)
		}
	}
	if d.Meets(Phrase{}) {
		t.Error("a post meets the zero Phrase")
	}
}

func mustParse(t testing.TB, text string) Phrase {
	t.Helper()
	p, err := ParsePhrase(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
