package chat

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCleanText(t *testing.T) {
	for in, want := range map[string]string{
		"hello":                       "hello",
		"  hello \n\n":                "hello",
		"two\nlines\tand a tab":       "two\nlines\tand a tab",
		"dos\r\nold mac\rend":         "dos\nold mac\nend",
		"line\u2028par\u2029end":      "line\npar\nend",
		"a\x00b\x1b[31mc\x7fd\u0085e": "ab[31mcde",
		"\u200b hello \ufeff":         "hello",
		"👩‍👩‍👧 \U0001f3f4\U000e0067\U000e007f": "👩‍👩‍👧 \U0001f3f4\U000e0067\U000e007f",
		"שלום":                                    "שלום",
		"<script>alert(1)</script>":               "<script>alert(1)</script>", // text stays text
		strings.Repeat("é", 20):                   strings.Repeat("é", 20),
		"\n" + strings.Repeat("x", 25) + "\x00\n": strings.Repeat("x", 25),
	} {
		if got, err := cleanText(in, 25); err != nil || got != want {
			t.Errorf("cleanText(%+q) = %+q, %v, want %+q", in, got, err, want)
		}
	}
	for in, want := range map[string]Code{
		"":                       CodeEmpty,
		" \n\t\u00a0\u3000":      CodeEmpty,
		"\u200b\u200d\u2060":     CodeEmpty,
		"\x00\x01":               CodeEmpty,
		"\u3164":                 CodeEmpty,
		strings.Repeat("x", 21):  CodeTooLong,
		strings.Repeat("👩", 21):  CodeTooLong,
		strings.Repeat(" ", 999): CodeTooLong, // so much is not even looked at
		"a\xffb":                 CodeBadText,
		"\xed\xa0\x80":           CodeBadText, // half of a surrogate pair
	} {
		if got, err := cleanText(in, 20); err == nil || err.Code != want || got != "" {
			t.Errorf("cleanText(%+q) = %+q, %v, want %s", in, got, err, want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"hello", "\r\n\r", "\u200b", "\xff", "a\x00b", "\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clean, err := cleanText(text, 50)
		if err != nil {
			return
		}
		again, err := cleanText(clean, 50)
		switch {
		case err != nil || again != clean:
			t.Errorf("cleaned twice, %+q is %+q, %v", clean, again, err)
		case !utf8.ValidString(clean) || utf8.RuneCountInString(clean) > 50:
			t.Errorf("%+q passed", clean)
		case strings.ContainsFunc(clean, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
			t.Errorf("%+q has control characters", clean)
		}
	})
}

func TestParseRoom(t *testing.T) {
	for in, want := range map[string][2]string{
		"lobby":                 {"lobby", "Lobby"},
		"LOBBY":                 {"lobby", "Lobby"},
		"Go-Nuts":               {"go-nuts", "Go-Nuts"},
		"a":                     {"a", "a"},
		"1_2-3":                 {"1_2-3", "1_2-3"},
		strings.Repeat("X", 32): {strings.Repeat("x", 32), strings.Repeat("X", 32)},
	} {
		name, title, err := ParseRoom(in)
		if err != nil || name != want[0] || title != want[1] {
			t.Errorf("ParseRoom(%q) = %q, %q, %v, want %q", in, name, title, err, want)
		}
	}
	for _, in := range []string{
		"", " ", "-a", "_a", "a b", "a/b", "a.b", "..", "a%20b", "ü", "К", "\u212a", "a\x00", "\x00", "a\n", "chat/x", "a:b", "a,b",
		strings.Repeat("x", 33), strings.Repeat("x", 1_000_000), "\xff", "ｌobby", "İ",
	} {
		if name, title, err := ParseRoom(in); CodeOf(err) != CodeBadRoom || name != "" || title != "" {
			t.Errorf("ParseRoom(%q) = %q, %q, %v", in, name, title, err)
		}
	}
}

func TestSecretsAndIDs(t *testing.T) {
	for secret, ok := range map[string]bool{
		"0123456789abcdef": true, strings.Repeat("x", 128): true, strings.Repeat("é", 16): true,
		"": false, "0123456789abcde": false, strings.Repeat("x", 129): false, strings.Repeat("\xff", 20): false, strings.Repeat("é", 15): false,
	} {
		if err := checkSecret(secret); (err == nil) != ok || err != nil && err.Code != CodeBadSecret {
			t.Errorf("secret %q: %v", secret, err)
		}
	}
	for id, ok := range map[string]bool{
		"1": true, strings.Repeat("x", 64): true, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6": true,
		"": false, strings.Repeat("x", 65): false, "a\x00": false, "a\nb": false, "\xff": false,
	} {
		if err := checkMessageID(id); (err == nil) != ok || err != nil && err.Code != CodeBadID {
			t.Errorf("message id %q: %v", id, err)
		}
	}
}

func TestIdentify(t *testing.T) {
	key, other := []byte("a key"), []byte("another key")
	who := identify(key, "secret")
	if len(who.id) != 25 || len(who.proof) != 32 || strings.Trim(who.id, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		t.Errorf("%q with a proof of %d bytes", who.id, len(who.proof))
	}
	if again := identify(key, "secret"); again.id != who.id || !proves(again.proof, who.proof) {
		t.Error("the same secret is another person")
	}
	for _, stranger := range []identity{identify(key, "Secret"), identify(other, "secret"), identify(key, "")} {
		if stranger.id == who.id || proves(stranger.proof, who.proof) {
			t.Error("another secret is the same person")
		}
	}
	if proves(nil, nil) || proves([]byte{}, []byte{}) || proves(who.proof, nil) {
		t.Error("somebody proves to be nobody")
	}
}
