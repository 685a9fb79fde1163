package feed

import (
	"slices"
	"strings"
	"testing"
)

// marked writes a text with what Spans returns in brackets.
func marked(text string, spans []Span) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.From] + "[" + text[s.From:s.To] + "]")
		at = s.To
	}
	return b.String() + text[at:]
}

func TestSpans(t *testing.T) {
	for _, test := range []struct{ phrases, want string }{
		{"golang", "[Golang], #[GOLANG] and golangs"},
		{"#golang|chat", "Golang [#GoLang] chats, no: [chat]"},
		{"socket.io", "[Socket.IO]'s https://www.[Socket.IO]/docs/socket.io"},
		{"socket", "[Socket].IO"},
		{"café", "[Cafe\u0301] [CAFÉ] cafe"},
		{"#cafe", "[#Café] [#cafe\u0301]"},
		{"golang", "x\u202e [Go\u200blang]\u202c"},
		{"東京|go", "私は[東京]で[Go]"},
		{"☕", "a [☕️] b"},
		{`"right now"`, "do it [Right \n Now]!"},
		{"golang -crypto", "[golang] crypto"},
		{"office|fi", "[oﬃce]"},
		{`"gg"`, "e㎍ [gg]"},
		{"°c|☕", "21[℃]"}, // what is written as one is marked as one
		{"chat go|go", "[go] and [chat]"},
		{"the", "the"},
		{"@ada", "[@Ada].example"},
		{"strasse", "[Straße] [STRAẞE]"},
	} {
		text := strings.NewReplacer("[", "", "]", "").Replace(test.want)
		if got := marked(text, Spans(text, strings.Split(test.phrases, "|"))); got != test.want {
			t.Errorf("%s: %q, want %q", test.phrases, got, test.want)
		}
	}
}

// checkSpans tests what all spans have in common; matches says that the text
// meets the phrase.
func checkSpans(t *testing.T, text string, p Phrase, matches bool) {
	spans := Spans(text, []string{p.String()})
	if matches && len(spans) == 0 {
		t.Fatalf("%q meets %q and has no span", text, p)
	}
	end := -1
	for _, s := range spans {
		if s.From <= end || s.To <= s.From || s.To > len(text) {
			t.Fatalf("%q in %q: spans %v", p, text, spans)
		}
		end = s.To
	}
	if !slices.IsSortedFunc(spans, func(a, b Span) int { return a.From - b.From }) {
		t.Fatalf("spans %v", spans)
	}
}
