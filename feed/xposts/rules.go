package xposts

import (
	"fmt"
	"hash/fnv"
	"strings"

	"rightnow/feed"
)

const (
	// maxRule is how long a rule may be. X counts characters; bytes are never fewer.
	maxRule = 1024
	// maxRules is how many an app has.
	maxRules = 1000
	// maxWords is how many phrases fit into them whatever they are.
	maxWords = 5000
	// maxLangs is how many languages are asked for; of more, all are taken.
	maxLangs = 8

	// tagPrefix begins the tags of our rules.
	tagPrefix = "rightnow:"
)

// rule is one that X has, or is to have.
type rule struct {
	ID    string `json:"id,omitempty"`
	Value string `json:"value"`
	Tag   string `json:"tag,omitempty"`

	clauses []string // of which Value is made
}

// ours tells whether we made it, now or in an earlier life.
func (r *rule) ours() bool { return strings.HasPrefix(r.Tag, tagPrefix) }

// ending is what each rule has after its clauses.
func (o *Options) ending(langs []string) string {
	end := " -is:retweet"
	var wanted []string
	for _, l := range langs {
		code, ok := language(l)
		if !ok { // X does not know it: without it nothing of it would come
			wanted = nil
			break
		}
		wanted = append(wanted, "lang:"+code)
	}
	switch {
	case len(wanted) == 1:
		end += " " + wanted[0]
	case len(wanted) > 1 && len(wanted) <= maxLangs:
		end += " (" + strings.Join(wanted, " OR ") + ")"
	}
	if o.Sample > 0 && o.Sample < 100 {
		end += fmt.Sprintf(" sample:%d", o.Sample)
	}
	return end
}

// pack puts clauses into as few rules as need be.
func pack(clauses []string, ending string) (rules []rule) {
	var part []string
	size := len("()") + len(ending)
	for _, c := range clauses {
		if len(part) > 0 && size+len(" OR ")+len(c) > maxRule {
			rules = append(rules, newRule(part, ending))
			part, size = nil, len("()")+len(ending)
		}
		part = append(part, c)
		size += len(" OR ") + len(c)
	}
	if len(part) > 0 {
		rules = append(rules, newRule(part, ending))
	}
	return rules
}

func newRule(clauses []string, ending string) rule {
	value := "(" + strings.Join(clauses, " OR ") + ")" + ending
	h := fnv.New32a()
	h.Write([]byte(value))
	return rule{Value: value, Tag: fmt.Sprintf("%s%08x", tagPrefix, h.Sum32()), clauses: clauses}
}

// clauses are what has to be in a post, one of them.
func clauses(f feed.Filter) (all []string) {
	for _, word := range f.Words {
		if p, err := feed.ParsePhrase(word); err == nil {
			all = append(all, clause(p))
		}
	}
	for _, author := range f.Authors {
		if id := strings.TrimPrefix(author, Name+":"); isID(id) {
			all = append(all, "from:"+id)
		}
	}
	return all
}

// clause is a phrase in X's language.
func clause(p feed.Phrase) string {
	var terms []string
	for _, t := range p.Terms() {
		text := operand(t.Text)
		if t.Not {
			text = "-" + text
		}
		terms = append(terms, text)
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return "(" + strings.Join(terms, " ") + ")"
}

// operand is a term that X reads as what it is and not as an operator: whatever is
// more than a word stands in quotes.
func operand(text string) string {
	bare := text
	if strings.ContainsRune("#@$", rune(text[0])) {
		bare = text[1:]
	}
	if plain(bare) && text != "or" && text != "and" {
		return text
	}
	return `"` + strings.NewReplacer(`"`, " ", `\`, " ").Replace(text) + `"`
}

// plain takes letters, digits and what is not ASCII.
func plain(s string) bool {
	for _, r := range s {
		letter := r|0x20 >= 'a' && r|0x20 <= 'z'
		if r < 0x80 && !letter && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return s != ""
}

// languages are those that X tells apart, but for Chinese, of which it has two.
const languages = " am ar hy eu bn bs bg my hr ca cs da nl en et fi fr ka de el gu ht hi hu is it ja kn km ko lo lv lt ml mr ne no or pa ps fa pl pt ro ru sr sd si sk sl ckb es sv tl ta te th bo tr uk ur ug vi cy "

// language is X's name for one. It reports false when there is none.
func language(code string) (string, bool) {
	switch code {
	case "he":
		return "iw", true
	case "id":
		return "in", true
	case "nb", "nn":
		return "no", true
	}
	return code, strings.Contains(languages, " "+code+" ")
}

// languageOf is the language that X means.
func languageOf(code string) []string {
	switch code {
	case "", "und", "zxx", "art", "qme", "qam", "qct", "qht", "qst":
		return nil
	case "iw":
		code = "he"
	case "in":
		code = "id"
	}
	return []string{code}
}
