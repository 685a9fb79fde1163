package feed

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// langForm makes one of the names that a language has: iw is he, nb is no.
const langForm = language.DeprecatedBase | language.Legacy | language.Macro

// PrimaryLang returns the primary subtag of a BCP 47 tag, in small letters and as
// the newest registry has it: "en" for "en_US" and "eng". It returns "" for what
// is no language, and for those that say there is none or many: und, zxx, mul.
func PrimaryLang(tag string) string {
	if len(tag) > 64 {
		return ""
	}
	primary := tag
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		primary = tag[:i]
	}
	if len(primary) < 2 {
		return ""
	}
	parsed, err := langForm.Parse(primary)
	if err != nil {
		return ""
	}
	base, _ := parsed.Base()
	switch lang := base.String(); lang {
	case "und", "zxx", "mul", "mis":
		return ""
	default:
		return lang
	}
}

// MeetsLangs reports whether a post in these languages passes a filter: one of
// them is wanted, or all are, or the post's is not known. Both are as [PrimaryLang]
// returns them.
func MeetsLangs(post, want []string) bool {
	if len(want) == 0 || len(post) == 0 {
		return true
	}
	return slices.ContainsFunc(post, func(lang string) bool { return slices.Contains(want, lang) })
}
