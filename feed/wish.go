package feed

import (
	"math"
	"slices"
	"strings"
)

// maxRate is the most posts a second that an owner can be shown.
const maxRate = 1000

// wish is a Tracking that was read. It is immutable.
type wish struct {
	Tracking                     // in its canonical form
	phrases  []Phrase            // that are looked for
	excluded []Phrase            // that must not be there
	muted    map[string]struct{} // author keys
}

// readWish checks a Tracking against the limits of one owner.
func readWish(t Tracking, opts *Options) (wish, error) {
	w := wish{muted: map[string]struct{}{}}
	w.Sensitive = t.Sensitive
	if t.Rate > 0 && !math.IsInf(t.Rate, 1) {
		w.Rate = min(max(t.Rate, 0.001), maxRate)
	}
	w.Words = []string{}
	for _, word := range t.Words {
		if err := w.addWord(word); err != nil {
			return wish{}, err
		}
	}
	w.Authors = distinct(t.Authors, strings.TrimSpace)
	w.Muted = distinct(t.Muted, strings.TrimSpace)
	w.Langs = distinct(t.Langs, PrimaryLang)
	for _, key := range w.Muted {
		w.muted[key] = struct{}{}
	}
	return w, w.checkLimits(opts)
}

func (w *wish) checkLimits(opts *Options) error {
	for _, list := range [...]struct {
		what   string
		values []string
		max    int
	}{
		{"phrases", w.Words, opts.MaxPhrases},
		{"authors", w.Authors, MaxTrackedAuthors},
		{"languages", w.Langs, MaxTrackedLangs},
		{"muted authors", w.Muted, MaxMutedAuthors},
	} {
		if len(list.values) > list.max {
			return &LimitError{What: list.what, Max: list.max}
		}
	}
	return nil
}

// addWord reads one word as it was written.
func (w *wish) addWord(word string) error {
	p, err := ParsePhrase(word)
	if err == nil {
		if !slices.Contains(w.Words, p.String()) {
			w.Words = append(w.Words, p.String())
			w.phrases = append(w.phrases, p)
		}
		return nil
	}
	p, ok := parseExcluded(word)
	if !ok {
		return err
	}
	if canonical := "-" + p.String(); !slices.Contains(w.Words, canonical) {
		w.Words = append(w.Words, canonical)
		w.excluded = append(w.excluded, p)
	}
	return nil
}

// parseExcluded reads what is nothing but "-" and one term.
func parseExcluded(word string) (Phrase, bool) {
	term, minus := strings.CutPrefix(strings.TrimSpace(word), "-")
	if !minus || strings.HasPrefix(term, "-") {
		return Phrase{}, false
	}
	p, err := ParsePhrase(term)
	return p, err == nil && len(p.terms) == 1
}

// wants reports whether anything can match.
func (w *wish) wants() bool { return len(w.phrases) > 0 || len(w.Authors) > 0 }

// excludes reports whether the post has what keeps it out.
func (w *wish) excludes(d *Doc) bool {
	return slices.ContainsFunc(w.excluded, d.Meets)
}

// distinct returns what canonical makes of values, without the empty and the repeated.
func distinct(values []string, canonical func(string) string) []string {
	kept := make([]string, 0, len(values))
	known := map[string]struct{}{}
	for _, value := range values {
		value = canonical(value)
		if _, double := known[value]; value == "" || double {
			continue
		}
		known[value] = struct{}{}
		kept = append(kept, value)
	}
	return kept
}
