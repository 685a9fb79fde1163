package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	spanMS = 180_000
	seed   = 7
)

// person writes posts.
type person struct{ key, network, handle, name string }

// post is one message of a person.
type post struct {
	*person
	lang, text string
	options    map[string]string
	number     int
}

// event is a line of the file but for its time.
type event struct {
	T    int             `json:"t"`
	Src  string          `json:"src"`
	Wire json.RawMessage `json:"wire,omitempty"`
	Do   string          `json:"do,omitempty"`
	For  int             `json:"for,omitempty"`
}

// composer goes through the script.
type composer struct {
	header  map[string]string
	people  []*person
	named   map[string]*post
	chorus  []string
	events  []event
	numbers int
	at      float64 // of the next line, in seconds
	pace    float64
	rnd     *rand.Rand
}

// compose makes the file.
func compose(script string) ([]byte, error) {
	c := composer{header: map[string]string{}, named: map[string]*post{}, pace: 1, rnd: rand.New(rand.NewPCG(seed, seed))}
	c.announce(script)
	for i, line := range strings.Split(script, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := c.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return c.file()
}

// announce gives the named posts their numbers, so that they can be deleted
// before they come.
func (c *composer) announce(script string) {
	for line := range strings.Lines(script) {
		_, rest, ok := strings.Cut(line, "id=")
		if end := strings.IndexAny(rest, " ]"); ok && end > 0 && !strings.HasPrefix(line, "#") {
			c.numbers++
			c.named[rest[:end]] = &post{number: c.numbers}
		}
	}
}

// line takes one line of the script.
func (c *composer) line(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "title", "note", "license":
		c.header[word] = rest
	case "person":
		f := strings.Fields(rest)
		if len(f) < 4 {
			return fmt.Errorf("person KEY NETWORK HANDLE Name")
		}
		c.people = append(c.people, &person{f[0], f[1], f[2], strings.Join(f[3:], " ")})
	case "at", "pace":
		seconds, err := strconv.ParseFloat(rest, 64)
		if err != nil {
			return err
		}
		if word == "pace" {
			c.pace = seconds
		} else {
			c.at = seconds
		}
	case "chorus":
		c.chorus = append(c.chorus, rest)
	case "burst":
		return c.burst(rest)
	case "do":
		return c.do(strings.Fields(rest))
	case "raw":
		network, text, _ := strings.Cut(rest, " ")
		wire := json.RawMessage(text)
		if !json.Valid(wire) {
			wire = quoted(text)
		}
		c.emit(event{Src: network, Wire: wire}, 0.1)
	default:
		return c.says(line)
	}
	return nil
}

// emit enters an event, and the next line comes some share of the pace later.
func (c *composer) emit(e event, share float64) {
	e.T = int(c.at * 1000)
	c.events = append(c.events, e)
	c.at += c.pace * share * (0.5 + c.rnd.Float64())
}

func (c *composer) do(f []string) error {
	e := event{Src: f[0], Do: f[1]}
	if len(f) == 3 {
		ms, err := strconv.Atoi(f[2])
		if err != nil {
			return err
		}
		e.For = ms
	}
	c.emit(e, 0.05)
	return nil
}

// burst has a crowd say what is in the chorus.
func (c *composer) burst(rest string) error {
	var n int
	var seconds float64
	if _, err := fmt.Sscan(rest, &n, &seconds); err != nil {
		return err
	}
	pace, at := c.pace, c.at
	c.pace = 0
	for i := range n {
		singer := &person{fmt.Sprintf("singer%d", i%50), "bluesky", fmt.Sprintf("singer%d.example", i%50), fmt.Sprintf("Singer %d", i%50)}
		if i < 50 {
			c.people = append(c.people, singer)
		}
		c.at = at + seconds*float64(i)/float64(n)
		c.numbers++
		c.emit(event{Src: "bluesky", Wire: (&post{singer, "en", c.chorus[c.rnd.IntN(len(c.chorus))], nil, c.numbers}).wire("create")}, 1)
	}
	c.pace, c.at = pace, at+seconds
	return nil
}

// says takes a line of a person: options, the key, more options, the language
// and the text.
func (c *composer) says(line string) error {
	before, text, has := strings.Cut(line, ": ")
	if !has {
		before, text, has = strings.Cut(line+" ", ": ")
	}
	p := post{options: map[string]string{}, text: unescape(strings.TrimSpace(text)), lang: "en"}
	if !has {
		before = line
	}
	before, list, bracket := strings.Cut(before, "[")
	if bracket {
		options, after, _ := strings.Cut(list, "]")
		before += after
		p.option(options)
	}
	for _, word := range strings.Fields(before) {
		switch i := slices.IndexFunc(c.people, func(q *person) bool { return q.key == word }); {
		case i >= 0:
			p.person = c.people[i]
		case strings.Contains(word, "=") || word == "gone":
			p.option(word)
		case p.person != nil && p.network == "wikimedia" && p.text == "", len(word) == 2:
			p.lang = word
		}
	}
	if p.person == nil {
		return fmt.Errorf("nobody of that name: %q", line)
	}
	if p.network == "wikimedia" { // "Title: comment" is all text
		_, p.text, _ = strings.Cut(line, " en ")
	}
	return c.enter(&p)
}

var escape = regexp.MustCompile(`\\n|\\u[0-9a-f]{4}`)

// unescape makes characters of \n and of \u200b.
func unescape(text string) string {
	return escape.ReplaceAllStringFunc(text, func(s string) string {
		if s == `\n` {
			return "\n"
		}
		code, _ := strconv.ParseUint(s[2:], 16, 32) // four hexadecimal digits
		return string(rune(code))
	})
}

// option reads "reply", or "image=words" or "cw=words".
func (p *post) option(text string) {
	key, value, _ := strings.Cut(text, "=")
	p.options[strings.TrimSpace(key)] = value
}

// enter makes events of a post.
func (c *composer) enter(p *post) error {
	kind := "create"
	for key, name := range p.options {
		known := c.named[name]
		switch key {
		case "id":
			p.number = known.number
			*known = *p
		case "edit", "delete", "again", "early":
			if known == nil {
				return fmt.Errorf("no post is named %q", name)
			}
			kind = map[string]string{"edit": "update", "delete": "delete", "again": "create", "early": "delete"}[key]
			if key == "again" {
				*p = *known
			}
			p.number = known.number
		case "gone":
			kind = "gone"
		}
	}
	if p.number == 0 {
		c.numbers++
		p.number = c.numbers
	}
	c.emit(event{Src: p.network, Wire: p.wire(kind)}, 1)
	return nil
}

// file puts the lines together.
func (c *composer) file() ([]byte, error) {
	slices.SortStableFunc(c.events, func(a, b event) int { return a.T - b.T })
	if last := c.events[len(c.events)-1].T; last >= spanMS {
		return nil, fmt.Errorf("the last event comes after %d ms, and the span is %d", last, spanMS)
	}
	people := map[string]map[string]string{}
	for _, p := range c.people {
		if p.network == "bluesky" {
			people[p.did()] = map[string]string{"handle": p.handle, "name": p.name}
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	header := struct {
		Replay  int    `json:"replay"`
		Title   string `json:"title"`
		Note    string `json:"note"`
		License string `json:"license"`
		Loop    bool   `json:"loop"`
		SpanMS  int    `json:"span_ms"`
		Seed    int    `json:"seed"`
		People  any    `json:"people"`
	}{1, c.header["title"], c.header["note"], c.header["license"], true, spanMS, seed, people}
	if err := enc.Encode(header); err != nil {
		return nil, err
	}
	for _, e := range c.events {
		if err := enc.Encode(e); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}
