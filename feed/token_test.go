package feed

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"Socket.IO!":      "io socket socket.io",
		"@ada's #Café":    "#cafe @ada @ada's ada ada's cafe café s",
		"go言語":            "go",
		"AT&T 12:30":      "12 12:30 30 at at&t t",
		"a..b c.":         "a b c",
		"rock'n'roll":     "n rock rock'n'roll roll",
		"#a.b.c":          "#a #a.b.c a a.b.c b c",
		"x#y a@b":         "a b x y",
		"https://a.b.c/d": "a a.b.c b b.c c",
		"$ 5 $5":          "$5 5",
		"·x· ́y":          "x· y",
		"_":               "_",
		"...":             "",
	} {
		var d Doc
		d.Read(&Post{Text: text})
		if got := strings.Join(wordsOf(&d), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzTokens: a text has the words that the model finds in it, and they stand
// where they are said to stand.
func FuzzTokens(f *testing.F) {
	for _, test := range matchCases {
		for _, text := range append(test.in, test.out...) {
			f.Add(text)
		}
	}
	f.Add("#\u0301#a#b@c$d a.\u200d.b\u200d 東.a.京b\u0301-c·")
	f.Add("https://" + strings.Repeat("a.", 50) + "www.www.x")
	var d Doc
	f.Fuzz(func(t *testing.T, text string) {
		d.Read(&Post{Text: text})
		if !utf8.Valid(d.text) {
			t.Fatalf("%q is read as %q", text, d.text)
		}
		for i := range d.words.len() {
			if word := string(d.words.at(i)); !d.words.has(word) {
				t.Fatalf("%q does not have its word %q", text, word)
			}
		}
		var tokens tokeniser
		tokens.each(d.text, 0, func(token []byte, from, to int) {
			if token[0] != '#' && isASCII(d.text) && string(token) != string(d.text[from:to]) {
				t.Fatalf("%q: token %q is %q", d.text, token, d.text[from:to])
			}
		})
		if at, _ := findLink(text); at < len(text) {
			return
		}
		if got, want := wordsOf(&d), modelWords(string(d.text)); !slices.Equal(got, want) {
			t.Fatalf("%q: words %q, want %q", d.text, got, want)
		}
	})
}

// modelRun is a run as an expression: what a word begins with, what it goes on
// with, and what may stand inside.
var modelRun = regexp.MustCompile(`[\pL\pN_][\pL\pN\pM_·\x{200c}]*(?:[.':&\x{200d}-][\pL\pN\pM_·\x{200c}]+)*`)

// modelWords are the words of a normal text by expressions and splitting, sorted.
func modelWords(text string) []string {
	isSolid := func(r rune) bool { return classOf(r) == solid }
	isInner := func(r rune) bool { return classOf(r) == inner }
	notDot := func(r rune) bool { return r != '.' && isInner(r) }
	var words []string
	for _, at := range modelRun.FindAllStringIndex(text, -1) {
		run := text[at[0]:at[1]]
		begins := []string{run, strings.FieldsFunc(run, isInner)[0], strings.FieldsFunc(run, notDot)[0]}
		words = append(words, modelSigned(text[:at[0]], begins)...)
		for _, word := range strings.FieldsFunc(run, isSolid) {
			word = strings.TrimRightFunc(strings.TrimLeftFunc(word, func(r rune) bool { return classOf(r) != spaced }), isInner)
			words = append(words, word)
			words = append(words, strings.FieldsFunc(word, isInner)...)
			words = append(words, strings.FieldsFunc(word, notDot)...)
		}
	}
	slices.Sort(words)
	return slices.DeleteFunc(slices.Compact(words), func(s string) bool { return s == "" })
}

var modelSign = regexp.MustCompile(`(?:^|[^\pM·\x{200c}])[\pM·\x{200c}]*([#@$])$`)

// modelSigned are the words that begin a run with the sign that is before it.
func modelSigned(before string, begins []string) (words []string) {
	found := modelSign.FindStringSubmatchIndex(before)
	if found == nil {
		return nil
	}
	if r, _ := utf8.DecodeRuneInString(before[found[0]:]); classOf(r) == spaced {
		return nil
	}
	sign := before[found[2]:]
	for _, word := range begins {
		if sign == "#" {
			word = string(new(tagFolder).fold(nil, []byte(word)))
			words = append(words, word)
		}
		words = append(words, sign+word)
	}
	return words
}
