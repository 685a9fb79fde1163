package feed

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCanonical(t *testing.T) {
	for want, written := range map[string][]string{
		"chat go":                {"Go  chat", "chat go", "chat go GO", " go\tchat ", "go, chat", "ｇｏ chat", "go/chat", `"go" "chat"`, "(go) chat!", "#1 go chat"[3:]},
		"socket.io":              {"Socket.IO", `"socket.io"`, "https://socket.io/docs", "www.socket.io", "socket.io,"},
		"#go":                    {"#Go", "＃go", `"#go"`, "##go", "(#go)"},
		"#cafe":                  {"#Café", "#cafe"},
		"#東京":                    {"#東京#", "#東京"},
		"café":                   {"CAFÉ", "cafe\u0301"},
		"c++":                    {"C++", `"c++"`, "(c++)", "C＋＋,"},
		"c#":                     {"C#", "c#.", "(C#)"},
		".net":                   {".NET", ".net!"},
		"net":                    {"...net", "…net", "/net"},
		`"right now"`:            {`"Right  Now"`, "“right now”", `"right now`, "„right now“"},
		`"hello, world"`:         {`"Hello, world"`},
		`"-5"`:                   {`"-5"`},
		"golang -crypto":         {"golang -crypto", "-crypto golang", "golang --Crypto", "-crypto golang -crypto"},
		`golang -"job offer"`:    {`golang -"Job offer"`},
		"☕":                      {"☕", "☕️", `"☕"`},
		"rock'n'roll":            {"Rock’n’Roll"},
		"c vitamin":              {"vitamin C"},
		"<3 love":                {"love <3"},
		`"to be or not to be"`:   {`"to be or not to be"`},
		"@ada.bsky.example":      {"@Ada.bsky.example", "(@ada.bsky.example)"},
		"golang -#ad -crypto -犬": {"-犬 golang -crypto -#ad"},
	} {
		for _, text := range written {
			p, err := ParsePhrase(text)
			if err != nil {
				t.Errorf("%q: %v", text, err)
			} else if p.String() != want {
				t.Errorf("%q is %q, want %q", text, p, want)
			}
		}
	}
}

func TestRefusedPhrases(t *testing.T) {
	many := strings.Fields("aa bb cc dd ee ff gg hh ii jj kk")
	for reason, written := range map[string][]string{
		"no word":    {"", " ", ",", `""`, "...", "\u200b", "-", `"!?"`, "\u0301", "\x00"},
		"60 bytes":   {strings.Repeat("x", 61), strings.Repeat("é", 31), `"ﷺﷺ"`, strings.Repeat("a ", 1<<20) + "b"},
		"valid text": {"go\xff", "\ufffd"},
		"too many posts": {"a", "7", "é", "A.", `"a"`, "the", "The and", "#️⃣1", "+", "the -golang", "a b", "и", "des", "の", "http", "я и ты",
			"x the"},
		"not wanted":   {"-golang", `-"right now" -go`},
		"at most 10":   {strings.Join(many, " "), "golang -" + strings.Join(many[1:], " -")},
		"and not have": {"go -go", "#go -#GO", "☕ -☕️"},
	} {
		for _, text := range written {
			p, err := ParsePhrase(text)
			var refused *PhraseError
			if !errors.As(err, &refused) || !strings.Contains(refused.Reason, reason) {
				t.Errorf("%.80q: %q, %v; want %q", text, p, err, reason)
			} else if utf8.RuneCountInString(refused.Phrase) > MaxPhrase || p.String() != "" || p.Terms() != nil {
				t.Errorf("%.80q: %q of %d runes", text, p, utf8.RuneCountInString(refused.Phrase))
			}
		}
	}
}

func TestBroadTermsBesideOthers(t *testing.T) {
	for _, text := range []string{"猫", "ก", "☕", "❤", "→ x", "vitamin c", "the who golang", "#c", "go", "42"} {
		mustParse(t, text)
	}
}

func TestTerms(t *testing.T) {
	p := mustParse(t, `golang c++ "right now" -#ad -猫`)
	want := []Term{
		{Text: "right now", Part: true, quoted: true},
		{Text: "c++", Part: true},
		{Text: "golang"},
		{Text: "#ad", Not: true},
		{Text: "猫", Not: true, Part: true},
	}
	if got := p.Terms(); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	if got, want := p.String(), `"right now" c++ golang -#ad -猫`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p.Terms()[0].Text = "changed"
	if p.Terms()[0].Text != "right now" {
		t.Error("the caller has changed the phrase")
	}
}

// TestStopWords: all are found as they are written, since a phrase is looked up
// in normal form.
func TestStopWords(t *testing.T) {
	for word := range stopWords {
		if _, err := ParsePhrase(word); err == nil || normalPhrase(word) != word {
			t.Errorf("%q alone: %v", word, err)
		}
	}
}

func FuzzParsePhrase(f *testing.F) {
	for _, test := range matchCases {
		f.Add(test.phrase)
	}
	for _, text := range []string{"-\"a b\" c", "www.www.x.org", "http://http://x", "#ệ", "\"\"\"", "a\u0338<\u0338", "ﷺ ﷺ", "--x", "\"-x\"", "#x# ##", "İ", "ΐ"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePhrase(text)
		if err != nil {
			return
		}
		again, err := ParsePhrase(p.String())
		if err != nil || again.String() != p.String() || !slices.Equal(again.Terms(), p.Terms()) {
			t.Fatalf("%q is %q %+v, and that is %q %+v, %v", text, p, p.terms, again, again.terms, err)
		}
		checkPhrase(t, p)
	})
}

// checkPhrase tests what all phrases have in common.
func checkPhrase(t *testing.T, p Phrase) {
	terms := p.Terms()
	if len(p.String()) > MaxPhrase || len(terms) > MaxTerms || len(terms) == 0 || terms[0].Not {
		t.Fatalf("phrase %q of %+v", p, terms)
	}
	var wanted []string
	for _, term := range terms {
		if !term.Not {
			wanted = append(wanted, term.Text)
		}
	}
	if strings.Contains(p.String(), "-") { // what is excluded may be a part of what is wanted
		return
	}
	var d Doc
	if d.Read(&Post{Text: strings.Join(wanted, " ")}); !d.Meets(p) {
		t.Fatalf("%q does not meet itself: %q, %q", p, d.text, wordsOf(&d))
	}
}
