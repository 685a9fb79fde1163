package feed

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// pairs are the owners and phrases that a post is matched with, sorted.
func pairs(ix *Index, d *Doc) (found []string) {
	ix.Match(d, func(owner, phrase string) { found = append(found, owner+": "+phrase) })
	slices.Sort(found)
	return found
}

func TestIndex(t *testing.T) {
	ix := NewIndex()
	chat, same, odd := mustParse(t, "Go  chat"), mustParse(t, "chat go"), mustParse(t, "猫")
	if !ix.Add("a", chat) || ix.Add("b", same) || ix.Add("a", same) || !ix.Add("a", odd) || ix.Add("a", Phrase{}) {
		t.Error("Add does not tell what is new")
	}
	if got := ix.Union(); !slices.Equal(got, []string{"chat go", "猫"}) || ix.Len() != 2 {
		t.Errorf("union %q", got)
	}
	var d Doc
	d.Read(&Post{Text: "a Go chat of 猫猫猫"})
	if got := pairs(ix, &d); !slices.Equal(got, []string{"a: chat go", "a: 猫", "b: chat go"}) {
		t.Errorf("matched %q", got)
	}
	if ix.Remove("a", "chat go") || ix.Remove("c", "chat go") || ix.Remove("b", "猫") || !ix.Remove("b", "chat go") || ix.Remove("b", "chat go") {
		t.Error("Remove does not tell what is gone")
	}
	if got := ix.Phrases("a"); !slices.Equal(got, []string{"猫"}) || len(ix.Phrases("b")) != 0 {
		t.Errorf("a has %q", got)
	}
	if !ix.Drop("a") || ix.Drop("a") || ix.Drop("nobody") || ix.Len() != 0 {
		t.Error("Drop does not tell what is gone")
	}
	if len(ix.words)+len(ix.parts.parts)+len(ix.parts.heads)+len(ix.owners) != 0 || ix.parts.low != [256]int{} {
		t.Errorf("an empty index holds %+v", ix)
	}
}

// vocabulary is what random phrases and posts are made of, so that they meet often.
var vocabulary = strings.Fields(`go golang chat #go #chat @ada ada socket.io socket io c++ c# .net ☕ 猫 猫舌 舌 東京 東京都
	café #café cafe the a right now and Go言語 🇩🇪 🇪🇸 $gold gold e-mail mail https://go.dev/chat don't`)

func randomPhrase(r *rand.Rand) string {
	words := make([]string, 1+r.IntN(3))
	for i := range words {
		words[i] = vocabulary[r.IntN(len(vocabulary))]
		switch r.IntN(8) {
		case 0:
			words[i] = "-" + words[i]
		case 1:
			words[i] = `"` + words[i] + " " + vocabulary[r.IntN(len(vocabulary))] + `"`
		}
	}
	return strings.Join(words, " ")
}

func randomPost(r *rand.Rand) Post {
	words := make([]string, r.IntN(12))
	for i := range words {
		words[i] = vocabulary[r.IntN(len(vocabulary))]
	}
	return Post{Text: strings.Join(words, []string{" ", "", ", "}[r.IntN(3)])}
}

// TestIndexIsNaive: the index finds what asking each phrase of each owner finds,
// whatever was added and removed before.
func TestIndexIsNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	ix, model := NewIndex(), map[string]map[string]Phrase{}
	var d Doc
	matched := 0
	for step := range 5000 {
		owner := fmt.Sprint("owner", r.IntN(5))
		if model[owner] == nil {
			model[owner] = map[string]Phrase{}
		}
		p, err := ParsePhrase(randomPhrase(r))
		switch {
		case err != nil:
		case r.IntN(100) == 0:
			ix.Drop(owner)
			clear(model[owner])
		case r.IntN(3) == 0:
			ix.Remove(owner, p.String())
			delete(model[owner], p.String())
		default:
			ix.Add(owner, p)
			model[owner][p.String()] = p
		}
		post := randomPost(r)
		d.Read(&post)
		want := naive(model, &d)
		if got := pairs(ix, &d); !slices.Equal(got, want) {
			t.Fatalf("step %d: %q: got %q, want %q", step, post.Text, got, want)
		}
		matched += len(want)
	}
	if matched < 5000 {
		t.Errorf("only %d matches: the test says little", matched)
	}
}

func naive(model map[string]map[string]Phrase, d *Doc) (found []string) {
	for owner, phrases := range model {
		for text, p := range phrases {
			if d.Meets(p) {
				found = append(found, owner+": "+text)
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestMatchAllocatesNothing(t *testing.T) {
	ix := NewIndex()
	for i := range 100 {
		for _, phrase := range []string{"golang", "chat go", "c++", "猫", `"right now and for a long long long time"`, "golang -crypto"} {
			ix.Add(fmt.Sprint("owner", i), mustParse(t, phrase))
		}
	}
	post := Post{Text: "Golang chat right now and for a long long long time: C++ in go, 猫 ☕️ café #chat https://go.dev/x", Tags: []string{"tag"}}
	var d Doc
	n := 0
	visit := func(string, string) { n++ }
	d.Read(&post)
	ix.Match(&d, visit)
	if n != 600 {
		t.Fatalf("%d matches, want 600", n)
	}
	if allocs := testing.AllocsPerRun(100, func() { d.Read(&post); ix.Match(&d, visit) }); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// FuzzMatch: a phrase finds in a text, by the index and without, what a model
// finds that splits words and looks at all places for parts.
func FuzzMatch(f *testing.F) {
	for _, test := range matchCases {
		for _, text := range append(test.in, test.out...) {
			f.Add(test.phrase, text)
		}
	}
	var d Doc
	f.Fuzz(func(t *testing.T, phrase, text string) {
		p, err := ParsePhrase(phrase)
		if err != nil || len(text) > 10000 {
			return
		}
		post := Post{Source: "s", ID: "i", Text: text}
		_ = Clean(&post, sometime)
		d.Read(&post)
		ix := NewIndex()
		ix.Add("a", p)
		want := modelMatch(&post, p)
		if got := len(pairs(ix, &d)) == 1; got != want || d.Meets(p) != want {
			t.Fatalf("%q in %q: index %t, Meets %t, model %t", p, text, got, d.Meets(p), want)
		}
		checkSpans(t, post.Text, p, want)
	})
}

// modelMatch is the matching in plain words.
func modelMatch(post *Post, p Phrase) bool {
	var d Doc
	d.Read(post)
	text := string(d.text)
	words := modelWords(text)
	if at, _ := findLink(post.Text); at < len(post.Text) {
		words = wordsOf(&d) // also the domains above hosts
	}
	for _, term := range p.Terms() {
		found := slices.Contains(words, term.Text)
		if term.Part {
			found = false
			for at := range text {
				found = found || strings.HasPrefix(text[at:], term.Text) && bounded(d.text, at, at+len(term.Text))
			}
		}
		if found == term.Not {
			return false
		}
	}
	return true
}
