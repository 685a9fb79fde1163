package feed

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func normal(s string) string {
	var form normaliser
	return string(form.append(nil, s))
}

func TestNormal(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		"Go  Lang\n\tX ":             "go lang x ",
		"ＧＯ":                         "go",
		"Straße ẞ":                   "strasse ss",
		"CAFE\u0301":                 "café",
		"İI":                         "i\u0307i",
		"ΣΑΣ":                        "σασ",
		"ﬃ ﷺ":                        "ffi صلى الله عليه وسلم",
		"a\u200b\u202e\u00ad\ufeffb": "ab",
		"a\u200d\u200cb":             "a\u200d\u200cb",
		"☕\ufe0f\ufe0e":              "☕",
		"don’t e‑mail":               "don't e-mail",
		"\u00a0x\u3000y":             "x y",
		"Ꭰꭰ Ᏸᏸ":                      "ꭰꭰ ᏸᏸ",
		"e\u200b\u0301":              "é",
		"한국 ｶﾞ":                      "한국 ガ",
	} {
		if got := normal(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestNormalOfAll: every character's normal form stays as it is.
func TestNormalOfAll(t *testing.T) {
	for r := range rune(0x20000) {
		if once := normal("x" + string(r)); normal(once) != once {
			t.Errorf("%U: %q, then %q", r, once, normal(once))
		}
	}
}

// FuzzTokens: reading a text never fails, tells where its words stand, and what is
// in normal form already has the same words.
func FuzzTokens(f *testing.F) {
	for _, test := range matchCases {
		for _, text := range append(test.in, test.out...) {
			f.Add(text)
		}
	}
	f.Add("#\u0301#a#b@c$d")
	f.Add("a.\u200d.b\u200d")
	f.Add("https://" + strings.Repeat("a.", 50) + "www.www.x")
	var d Doc
	f.Fuzz(func(t *testing.T, text string) {
		d.Read(&Post{Text: text})
		if utf8.ValidString(text) && !utf8.Valid(d.text) {
			t.Fatalf("%q is read as %q", text, d.text)
		}
		var tokens tokeniser
		tokens.each(d.text, 0, func(token []byte, from, to int) {
			if len(token) == 0 || from < 0 || to <= from || to > len(d.text) {
				t.Fatalf("%q: token %q at %d to %d", d.text, token, from, to)
			}
			if token[0] != '#' && !strings.Contains(normal(text), string(token)) && len(token) == to-from && string(token) != string(d.text[from:to]) && d.text[from] == token[0] && isASCII(token) {
				t.Fatalf("%q: token %q is %q", d.text, token, d.text[from:to])
			}
		})
		for i := range d.words.len() {
			if word := string(d.words.at(i)); !d.words.has(word) {
				t.Fatalf("%q does not have its word %q", text, word)
			}
		}
	})
}
