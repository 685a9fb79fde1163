package feed

import (
	"strings"
	"testing"
)

func TestPrimaryLang(t *testing.T) {
	for tag, want := range map[string]string{
		"en": "en", "EN": "en", "en-US": "en", "en_us": "en", "eng": "en", "sr-Latn-RS": "sr", "zh-Hans-CN": "zh",
		"iw": "he", "nb": "no", "cmn": "zh", "tl": "fil", "gsw": "gsw",
		"": "", "e": "", "und": "", "zxx": "", "mul": "", "x-klingon": "", "i-default": "", "xx": "", "english": "",
		"en\x00": "", "1": "", "-": "", "--": "", "<b>": "", strings.Repeat("en-", 1000): "",
	} {
		if got := PrimaryLang(tag); got != want || got != "" && PrimaryLang(got) != got {
			t.Errorf("%.20q: %q, want %q", tag, got, want)
		}
	}
}

func TestMeetsLangs(t *testing.T) {
	for _, test := range []struct {
		post, want string
		meets      bool
	}{
		{"en", "", true}, {"", "en", true}, {"", "", true}, {"en", "en", true}, {"de en", "fr en", true}, {"de", "en", false}, {"de it", "en fr", false},
	} {
		if got := MeetsLangs(strings.Fields(test.post), strings.Fields(test.want)); got != test.meets {
			t.Errorf("%q by %q: %t", test.post, test.want, got)
		}
	}
}

func FuzzPrimaryLang(f *testing.F) {
	for _, tag := range []string{"en-US", "iw", "nb", "zh-yue", "x-a", "sr_Latn", "art-lojban", "sgn-DE", "no-bok"} {
		f.Add(tag)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		if lang := PrimaryLang(tag); lang != "" && (PrimaryLang(lang) != lang || len(lang) > 3) {
			t.Fatalf("%q is %q and that is %q", tag, lang, PrimaryLang(lang))
		}
	})
}
