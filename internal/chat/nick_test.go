package chat

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanNick(t *testing.T) {
	for in, want := range map[string]string{
		"ann":                         "ann",
		"  ann\t\n":                   "ann",
		"\u00a0ann \u3000 lee\u2003":  "ann lee", // whatever spaces
		"Jose\u0301":                  "José",    // NFC
		"Ωmega":                       "Ωmega",   // the ohm sign becomes a letter
		"日本語":                         "日本語",
		"علی":                         "علی",
		"नमस्ते":                      "नमस्ते",
		"O'Brien-Smith_2":             "O'Brien-Smith_2",
		"👩‍👩‍👧‍👦":                     "👩‍👩‍👧‍👦",
		"☀️":                          "☀️",
		"👍🏽 ok":                       "👍🏽 ok",
		"🏳️‍🌈":                        "🏳️‍🌈",
		"1️⃣":                         "1️⃣",
		"🇩🇪":                          "🇩🇪",
		"<b>":                         "<b>",
		strings.Repeat("x", 24):       strings.Repeat("x", 24),
		strings.Repeat("👩‍👩‍👧", 20):   strings.Repeat("👩‍👩‍👧", 20),
		strings.Repeat("e\u0301", 24): strings.Repeat("é", 24),
	} {
		if got, err := cleanNick(in, 24); err != nil || got != want {
			t.Errorf("cleanNick(%+q) = %+q, %v, want %+q", in, got, err, want)
		}
	}
}

func TestCleanNickRefuses(t *testing.T) {
	for what, in := range map[string]string{
		"nothing":                "",
		"space only":             " \u00a0\u3000\t",
		"too long":               strings.Repeat("x", 25),
		"far too long":           strings.Repeat("x", 1_000_000),
		"too many families":      strings.Repeat("👩‍👩‍👧‍👦", 24),
		"not UTF-8":              "ann\xff",
		"tab inside":             "a\tb",
		"newline inside":         "a\nb",
		"NUL":                    "a\x00b",
		"escape":                 "a\x1b[31m",
		"C1 control":             "a\u0085b",
		"zero width space":       "a\u200bb",
		"zero width at the end":  "ann\u200b",
		"non-joiner":             "a\u200cb",
		"joiner between letters": "a\u200db",
		"joiner at the end":      "👩\u200d",
		"joiner at the start":    "\u200d👩",
		"joiner and a letter":    "👩\u200da",
		"two joiners":            "👩\u200d\u200d👩",
		"word joiner":            "a\u2060b",
		"byte order mark":        "\ufeffann",
		"soft hyphen":            "a\u00adb",
		"right-to-left override": "ann\u202enna",
		"isolate":                "\u2067ann\u2069",
		"left-to-right mark":     "ann\u200e",
		"arabic letter mark":     "ann\u061c",
		"line separator":         "a\u2028b",
		"grapheme joiner":        "a\u034fb",
		"Hangul filler":          "\u3164",
		"halfwidth filler":       "a\uffa0",
		"Hangul choseong filler": "\u115f",
		"Khmer inherent vowel":   "a\u17b4",
		"braille blank":          "\u2800",
		"selector on a letter":   "a\ufe0f",
		"selector alone":         "\ufe0f",
		"text selector":          "☀\ufe0e",
		"supplement selector":    "a\U000e0101",
		"tag":                    "a\U000e0061",
		"England":                "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
		"private use":            "a\ue000",
		"not a character":        "a\ufdd0",
		"unassigned":             "a\u0378",
		"replacement":            "a\ufffd",
		"object replacement":     "a\ufffc",
		"mark first":             "\u0301ann",
		"mark after a space":     "a \u0301\u0301\u0301\u0301\u0301",
		"zalgo":                  "z\u0335\u0327\u0328\u0321\u0316",
		"many marks":             "a\u0300\u0316\u0317\u0318\u0319\u031c",
		"stroke overlay":         "o\u0338ve",
		"nothing solid":          "-_-'",
	} {
		got, err := cleanNick(in, 24)
		if err == nil {
			t.Errorf("%s: %+q passed as %+q", what, in, got)
		} else if err.Code != CodeBadNick || err.Message == "" || !utf8.ValidString(err.Message) {
			t.Errorf("%s: %+v", what, err)
		}
	}
}

// TestLookAlikes has pairs of which one could be taken for the other.
func TestLookAlikes(t *testing.T) {
	reader := newNickReader()
	for _, pair := range [][2]string{
		{"Ann", "ann"}, {"ANN", "ann"}, {"Иван", "ИВАН"}, {"straße", "STRASSE"}, {"σοφός", "ΣΟΦΌΣ"},
		{"ann", "\u0430nn"},            // Cyrillic а
		{"paypal", "р\u0430ур\u0430l"}, // Cyrillic рау
		{"Bob", "\u0412ob"},            // Cyrillic capital В
		{"bob", "\u0412ob"},
		{"bob", "\u0432ob"},   // its small form has the shape of the capital
		{"Nina", "\u039dina"}, // Greek capital Ν
		{"HENRY", "\u041denry"},
		{"van", "\u03bdan"}, // Greek small ν
		{"scope", "\u0455\u0441\u043e\u0440\u0435"},
		{"alice", "αlice"}, {"Alice", "Αlice"},
		{"bob", "b0b"}, {"BOB", "b0b"}, {"lol", "l0l"}, {"OLI", "0LI"},
		{"bill", "bi11"}, {"bill", "biII"}, {"Bill", "B\u0456ll"}, {"Ian", "lan"}, {"Ian", "1an"}, {"IAN", "lan"},
		{"il", "i|"}, {"modern", "modem"}, {"arnold", "amold"}, {"Wes", "VVes"}, {"wim", "vvirn"},
		{"ｆｕｌｌ", "full"}, {"𝒮cript", "Script"}, {"ﬁn", "fin"}, {"①", "1"}, {"Ⅷ", "VIII"}, {"ᴀɴɴ", "ann"},
		{"O’Brien", "O'Brien"}, {"a-b", "a\u2010b"}, {"a-b", "a\u2212b"},
		{"İstanbul", "istanbul"}, {"\u0131an", "ian"}, {"i\u0307", "i"},
		{"José", "JOSÉ"}, {"é", "\u0435\u0301"},
		{"👩\u200d🍕", "👩🍕"}, {"☀\ufe0f", "☀"},
		{"ГОСТ", "ΓΟСТ"}, {"ԁan", "dan"}, {"Օne", "One"},
	} {
		if !alike(reader, pair[0], pair[1]) {
			t.Errorf("%+q and %+q are not alike: %q, %q", pair[0], pair[1], reader.keys(pair[0]), reader.keys(pair[1]))
		}
	}
}

// TestDifferent has pairs that must not stand in each other's way.
func TestDifferent(t *testing.T) {
	reader := newNickReader()
	for _, pair := range [][2]string{
		{"ann", "anna"}, {"van", "nan"}, {"roy", "yoy"}, {"rob", "yob"}, {"hal", "nal"}, {"jose", "josé"}, {"söre", "sore"},
		{"ann2", "ann3"}, {"ann", "ann2"}, {"иван", "ибан"}, {"лиса", "лица"}, {"Νίκος", "Ηίκος"}, {"ula", "yla"}, {"ian", "ion"},
		{"日本", "日木"}, {"dan", "clan"}, {"👍", "👎"}, {"a b", "ab"}, {"жук", "лук"}, {"eve", "eva"},
	} {
		if alike(reader, pair[0], pair[1]) {
			t.Errorf("%q and %q are alike: %q, %q", pair[0], pair[1], reader.keys(pair[0]), reader.keys(pair[1]))
		}
	}
}

// alike is how a place uses the keys.
func alike(reader *nickReader, a, b string) bool {
	ka, kb := reader.keys(a), reader.keys(b)
	return ka[0] == kb[0] || ka[0] == kb[1] || ka[1] == kb[0] || ka[1] == kb[1]
}

func TestLookalikeTable(t *testing.T) {
	looks := newLookalikes()
	if len(looks) < 600 {
		t.Errorf("%d entries", len(looks))
	}
	for r, as := range looks {
		if string(r) == as || !utf8.ValidString(as) || as == "" || r == utf8.RuneError {
			t.Errorf("%U is read as %q", r, as)
		}
	}
	for r := 'a'; r <= 'z'; r++ {
		if as, ok := looks[r]; ok {
			t.Errorf("%q is read as %q", r, as)
		}
	}
}

func TestSuggestNick(t *testing.T) {
	taken := map[string]bool{}
	free := func(nick string) bool { return !taken[nick] }
	for _, want := range []string{"ann2", "ann3", "ann4"} {
		got := suggestNick("ann", 24, free)
		if got != want {
			t.Errorf("suggested %q, want %q", got, want)
		}
		taken[got] = true
	}
	if got := suggestNick("ann3", 24, free); got != "ann5" {
		t.Errorf("for ann3 suggested %q, want ann5", got)
	}
	if got := suggestNick("777", 24, free); got != "7772" {
		t.Errorf("for 777 suggested %q", got)
	}
	long := strings.Repeat("👍🏽", 24)
	if got, want := suggestNick(long, 24, free), strings.Repeat("👍🏽", 23)+"2"; got != want {
		t.Errorf("for a long one suggested %q", got)
	}
	if got := suggestNick("ann", 24, func(string) bool { return false }); got != "" {
		t.Errorf("with nothing free suggested %q", got)
	}
}

func FuzzNick(f *testing.F) {
	for _, seed := range []string{"ann", " Ann\u0301 Lee ", "👩‍👩‍👧‍👦", "\u202enna", "\xff", "ＡＮＮ", "İ", "1️⃣", "\u1e9e"} {
		f.Add(seed)
	}
	reader := newNickReader()
	f.Fuzz(func(t *testing.T, nick string) {
		clean, err := cleanNick(nick, 24)
		if err != nil {
			if clean != "" {
				t.Errorf("refused %+q and returned %+q", nick, clean)
			}
			return
		}
		if again, err := cleanNick(clean, 24); err != nil || again != clean {
			t.Errorf("cleaned twice, %+q is %+q, %v", clean, again, err)
		}
		if n := countCharacters(clean); n < 1 || n > 24 {
			t.Errorf("%+q has %d characters", clean, n)
		}
		keys := reader.keys(clean)
		if keys[0] == "" || keys[1] == "" {
			t.Errorf("%+q has an empty key", clean)
		}
		if !alike(reader, clean, strings.ToLower(clean)) || !alike(reader, clean, strings.ToUpper(clean)) {
			t.Errorf("%+q is not like itself in another case", clean)
		}
		if s := suggestNick(clean, 24, func(c string) bool { return !alike(reader, c, clean) }); s == "" {
			t.Errorf("nothing suggested for %+q", clean)
		}
	})
}
