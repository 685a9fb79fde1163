package feed

import "testing"

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
