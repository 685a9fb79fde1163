package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A verdict says how this server compares with Node's in one thing.
type verdict string

const (
	same    verdict = "same"
	better  verdict = "better"
	differs verdict = "differs" // on purpose, at a price
	none    verdict = "none"    // does not apply
	cluster verdict = "cluster" // comes with many nodes
)

// word is the verdict as the page has it.
func (v verdict) word() string {
	switch v {
	case none:
		return "does not apply"
	case cluster:
		return "many nodes"
	}
	return string(v)
}

// tested reports whether a line with this verdict needs a test.
func (v verdict) tested() bool { return v == same || v == better || v == differs }

// line is one line of the checklist.
type line struct {
	number    int
	verdict   verdict
	statement string
	why       string
}

// group is a part of the checklist.
type group struct {
	title string
	lines []line
}

var entry = regexp.MustCompile(`^(\d+) (same|better|differs|none|cluster): (\S.*)$`)

// parseChecklist reads checklist.txt. A line there is "## title of a group", "number verdict: statement", "  why: reason"
// behind the entry it belongs to, a remark behind "# ", or empty. The numbers count up from 1.
func parseChecklist(text string) ([]group, error) {
	var groups []group
	var last *line
	next := 1
	for i, s := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		wrong := func(what string) error { return fmt.Errorf("line %d: %s", i+1, what) }
		title, isTitle := strings.CutPrefix(s, "## ")
		why, isWhy := strings.CutPrefix(s, "  why: ")
		switch {
		case s == "" || strings.HasPrefix(s, "# "):
		case isTitle:
			groups = append(groups, group{title: title})
			last = nil
		case isWhy:
			if last == nil || last.why != "" {
				return nil, wrong("a reason for nothing")
			}
			last.why = why
		default:
			l, err := parseEntry(s, next)
			if err != nil {
				return nil, wrong(err.Error())
			}
			if len(groups) == 0 {
				return nil, wrong("an entry outside of a group")
			}
			g := &groups[len(groups)-1]
			g.lines = append(g.lines, l)
			last = &g.lines[len(g.lines)-1]
			next++
		}
	}
	return groups, checkReasons(groups)
}

func parseEntry(s string, number int) (line, error) {
	m := entry.FindStringSubmatch(s)
	if m == nil {
		return line{}, fmt.Errorf("not understood: %q", s)
	}
	if m[1] != strconv.Itoa(number) {
		return line{}, fmt.Errorf("number %s where %d is next", m[1], number)
	}
	return line{number: number, verdict: verdict(m[2]), statement: m[3]}, nil
}

// checkReasons wants a reason wherever this server does not do just what Node's does.
func checkReasons(groups []group) error {
	for _, g := range groups {
		for _, l := range g.lines {
			if l.why == "" && (l.verdict == better || l.verdict == differs || l.verdict == none) {
				return fmt.Errorf("%d is %q without a reason", l.number, l.verdict.word())
			}
		}
	}
	return nil
}
