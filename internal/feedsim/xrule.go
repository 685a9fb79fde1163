package feedsim

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// xBody is what rules look at.
type xBody struct {
	Data xPost `json:"data"`
}

type xPost struct {
	Text   string `json:"text"`
	Author string `json:"author_id"`
	Lang   string `json:"lang"`
}

// xRule tells whether a post fits.
type xRule func(*xPost) bool

// xToken is a part of a rule: a parenthesis, a phrase in quotes, or else up to the
// next blank or parenthesis.
var xToken = regexp.MustCompile(`[()]|-?"[^"]*"|[^\s()"]+`)

// parseXRule reads the part of X's language that is used here: words, phrases,
// hashtags, mentions, from:, lang:, is:, sample:, OR, - and parentheses.
func parseXRule(text string) (xRule, error) {
	if strings.Count(text, `"`)%2 != 0 {
		return nil, errors.New("a quotation does not end")
	}
	p := &xParser{tokens: xToken.FindAllString(text, -1)}
	fits, err := p.either()
	switch {
	case err != nil:
		return nil, err
	case len(p.tokens) > 0:
		return nil, fmt.Errorf("unexpected %q", p.tokens[0])
	case !p.alone:
		return nil, errors.New("there must be an operator that can stand alone")
	}
	return fits, nil
}

type xParser struct {
	tokens []string
	alone  bool // there was an operator that can stand alone
}

func (p *xParser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *xParser) next() string {
	t := p.peek()
	p.tokens = p.tokens[min(1, len(p.tokens)):]
	return t
}

// either reads what stands around ORs, which bind less than blanks.
func (p *xParser) either() (xRule, error) {
	left, err := p.all()
	for err == nil && p.peek() == "OR" {
		p.next()
		var right xRule
		before := left
		if right, err = p.all(); err == nil {
			left = func(post *xPost) bool { return before(post) || right(post) }
		}
	}
	return left, err
}

func (p *xParser) all() (xRule, error) {
	var parts []xRule
	for t := p.peek(); t != "" && t != ")" && t != "OR"; t = p.peek() {
		part, err := p.one()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return nil, errors.New("something is missing")
	}
	return func(post *xPost) bool {
		for _, part := range parts {
			if !part(post) {
				return false
			}
		}
		return true
	}, nil
}

func (p *xParser) one() (xRule, error) {
	t := p.next()
	if t == "(" {
		inner, err := p.either()
		if err == nil && p.next() != ")" {
			err = errors.New("a parenthesis does not end")
		}
		return inner, err
	}
	bare, not := strings.CutPrefix(t, "-")
	if bare == "" {
		return nil, errors.New("a minus stands alone")
	}
	fits, err := p.operator(bare, not)
	if err != nil || !not {
		return fits, err
	}
	return func(post *xPost) bool { return !fits(post) }, nil
}

func (p *xParser) operator(t string, not bool) (xRule, error) {
	name, value, has := strings.Cut(t, ":")
	quoted := strings.HasPrefix(t, `"`)
	if !has || quoted {
		p.alone = p.alone || !not
		if strings.Trim(t, `"' `) == "" || !quoted && strings.ContainsAny(t, `+!?.,;/\`) {
			return nil, fmt.Errorf("no viable alternative at %q", t)
		}
		return contains(strings.ToLower(strings.Trim(t, `"`))), nil
	}
	switch name {
	case "from":
		p.alone = p.alone || !not
		return func(post *xPost) bool { return post.Author == value }, nil
	case "lang":
		return func(post *xPost) bool { return post.Lang == value }, nil
	case "is":
		if value == "retweet" || value == "reply" || value == "quote" {
			return func(*xPost) bool { return false }, nil
		}
	case "sample":
		if n, err := strconv.Atoi(value); err == nil && n > 0 && n <= 100 {
			return func(*xPost) bool { return true }, nil
		}
	}
	return nil, fmt.Errorf("there is no operator %q", t)
}

// contains wants a part of the text that is no part of a word.
func contains(part string) xRule {
	word := func(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9' || b == '_' }
	return func(post *xPost) bool {
		text := strings.ToLower(post.Text)
		for from := 0; ; {
			i := strings.Index(text[from:], part)
			if i < 0 {
				return false
			}
			at, end := from+i, from+i+len(part)
			if (at == 0 || !word(text[at-1]) || !word(part[0])) && (end == len(text) || !word(text[end]) || !word(part[len(part)-1])) {
				return true
			}
			from = at + 1
		}
	}
}
