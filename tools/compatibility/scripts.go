package main

import (
	"regexp"
	"strings"
)

// script is the shape of the tests in a language that is read line by line.
type script struct {
	comment *regexp.Regexp // a claim, alone in its line or behind a case. Groups: what it stands behind, the comment.
	// test begins a test, and outer what tests stand in. Groups: the indent, the name as it is written, and in its stead
	// last the variable that holds it.
	test, outer *regexp.Regexp
	// item is a case of a table in front of a comment. Group: its name.
	item *regexp.Regexp
}

const (
	jsString = "\"((?:[^\"\\\\]|\\\\.)*)\"|'((?:[^'\\\\]|\\\\.)*)'|`((?:[^`\\\\]|\\\\.)*)`"
	jsCall   = `^(\s*)(?:await )?(?:\w+\.)?`
)

var javaScript = script{
	comment: regexp.MustCompile(`^(.*?)\s*(//\s*check` + `list:.*)$`),
	test:    regexp.MustCompile(jsCall + `(?:test|it|inEveryMode\w*)\((?:server, )?(?:` + jsString + `|(\w+))`),
	outer:   regexp.MustCompile(jsCall + `describe\((?:` + jsString + `|(\w+))`),
	item:    regexp.MustCompile(`^\s*[\[{(]*(?:` + jsString + `|(\w+):)`),
}

const pyCall = `^(\s*)(?:async )?`

var python = script{
	comment: regexp.MustCompile(`^(.*?)\s*(#\s*check` + `list:.*)$`),
	test:    regexp.MustCompile(pyCall + `def (test_\w+)()`),
	outer:   regexp.MustCompile(pyCall + `class (\w+)()`),
	item:    regexp.MustCompile(`^\s*[\[{(]*["'](.*?)["']`),
}

func readJS(file, text string) ([]claim, error)     { return javaScript.read(file, text) }
func readPython(file, text string) ([]claim, error) { return python.read(file, text) }

// found is a comment that waits for its test.
type found struct {
	at     int
	indent int
	lines  []int
	item   string // of a table, "" for a comment alone in its line
}

// scan is how far the reading of a file has come.
type scan struct {
	*script
	file    string
	outside []enclosing
	waiting []found
	claims  []claim
}

// read finds the claims of a file. A comment alone in its line is that of the next test, or of all in the block that
// begins next; one behind a case of a table is that of the case and of the next test, which goes through the table.
func (s *script) read(file, text string) ([]claim, error) {
	c := &scan{script: s, file: file}
	for i, row := range strings.Split(text, "\n") {
		if err := c.begin(row); err != nil {
			return nil, err
		}
		if err := c.remark(i+1, row); err != nil {
			return nil, err
		}
	}
	if len(c.waiting) > 0 {
		return nil, noTest(file, c.waiting[0].at)
	}
	return c.claims, nil
}

// begin gives what waits to the test, or the block of tests, that begins in a row.
func (c *scan) begin(row string) error {
	if m := c.test.FindStringSubmatch(row); m != nil {
		c.outside = leave(c.outside, len(m[1]))
		return c.give(len(m[1]), join(append(c.outside[:len(c.outside):len(c.outside)], enclosing{name: nameOf(m[2:])})))
	}
	if m := c.outer.FindStringSubmatch(row); m != nil {
		c.outside = append(leave(c.outside, len(m[1])), enclosing{len(m[1]), nameOf(m[2:])})
		return c.give(len(m[1]), join(c.outside))
	}
	return nil
}

// give ends the waiting of the comments. One that is indented deeper than the test stands in another's body.
func (c *scan) give(indent int, test string) error {
	for _, f := range c.waiting {
		named := test
		if f.item != "" {
			named = withCase(test, f.item)
		} else if f.indent > indent {
			return noTest(c.file, f.at)
		}
		for _, n := range f.lines {
			c.claims = append(c.claims, claim{c.file, f.at, n, named})
		}
	}
	c.waiting = nil
	return nil
}

// placeholder is the part of a JavaScript name that each case of a table fills in.
var placeholder = regexp.MustCompile(`\$\{\w+\}`)

// withCase names one case of a test that goes through a table.
func withCase(test, item string) string {
	if places := placeholder.FindAllStringIndex(test, -1); len(places) == 1 {
		return test[:places[0][0]] + item + test[places[0][1]:]
	}
	return test + ": " + item
}

// remark notes the comment of a row.
func (c *scan) remark(at int, row string) error {
	m := c.comment.FindStringSubmatch(row)
	if m == nil {
		return nil
	}
	lines, err := numbers(c.file, at, m[2])
	if err != nil || lines == nil {
		return err
	}
	f := found{at: at, indent: len(row) - len(strings.TrimLeft(row, " \t")), lines: lines}
	if strings.TrimSpace(m[1]) != "" {
		item := c.item.FindStringSubmatch(m[1])
		if item == nil || firstOf(item[1:]) == "" {
			return noTest(c.file, at)
		}
		f.item = firstOf(item[1:])
	}
	c.waiting = append(c.waiting, f)
	return nil
}

// enclosing is what a test stands in.
type enclosing struct {
	indent int
	name   string
}

// leave drops what ends before something of this indent begins.
func leave(outside []enclosing, indent int) []enclosing {
	for len(outside) > 0 && outside[len(outside)-1].indent >= indent {
		outside = outside[:len(outside)-1]
	}
	return outside
}

// join is the name of a test and of what it stands in.
func join(path []enclosing) string {
	var parts []string
	for _, e := range path {
		parts = append(parts, e.name)
	}
	return strings.Join(parts, " › ")
}

// nameOf is the name that a match has found.
func nameOf(groups []string) string {
	if variable := groups[len(groups)-1]; variable != "" {
		return "${" + variable + "}"
	}
	return firstOf(groups)
}

// firstOf is the first of the groups that is not empty.
func firstOf(groups []string) string {
	for _, g := range groups {
		if g != "" {
			return g
		}
	}
	return ""
}
