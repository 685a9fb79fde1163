package main

import (
	"fmt"
	"slices"
	"strings"
)

const intro = `# Compatibility

What a Socket.IO server does, line by line, and how this one compares with Node's (socket.io 4.8): **same**; **better**, where Node's
way is a defect or a gap, with the reason; **differs**, where ours is another for a price, with what it buys; **does not apply**; **many
nodes**, for what comes with the cluster. Each line names the tests that assert it. They are run by ` + "`make test`" + `.

This page is written by ` + "`make compatibility`" + ` from
[the checklist](../tools/compatibility/checklist.txt) and from comments above the tests; a test compares the two. Do not edit it.

`

// table writes the page. missing are the lines that need a test and have none.
func table(groups []group, claims []claim) (page string, missing []int, err error) {
	byLine := map[int][]claim{}
	for _, c := range claims {
		byLine[c.line] = append(byLine[c.line], c)
	}
	var b strings.Builder
	b.WriteString(intro)
	b.WriteString(summary(groups))
	for _, g := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n| | what | as Node? | tests |\n|---:|---|---|---|\n", g.title)
		for _, l := range g.lines {
			tests := byLine[l.number]
			delete(byLine, l.number)
			if len(tests) == 0 && l.verdict.tested() {
				missing = append(missing, l.number)
			}
			fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", l.number, l.statement, judgement(l), names(tests))
		}
	}
	for _, unknown := range byLine {
		err = fmt.Errorf("%s:%d: the checklist has no line %d", unknown[0].file, unknown[0].at, unknown[0].line)
	}
	return b.String(), missing, err
}

// summary counts the lines of each verdict.
func summary(groups []group) string {
	count := map[verdict]int{}
	for _, g := range groups {
		for _, l := range g.lines {
			count[l.verdict]++
		}
	}
	return fmt.Sprintf("%d lines are as in Node, %d better, %d differ, %d do not apply, %d come with many nodes.\n",
		count[same], count[better], count[differs], count[none], count[cluster])
}

// judgement is the verdict with its reason.
func judgement(l line) string {
	word := l.verdict.word()
	if l.verdict == better || l.verdict == differs {
		word = "**" + word + "**"
	}
	if l.why != "" {
		word += ": " + l.why
	}
	return word
}

// names lists tests by file, each once.
func names(tests []claim) string {
	var files []string
	of := map[string][]string{}
	for _, c := range tests {
		if !slices.Contains(files, c.file) {
			files = append(files, c.file)
		}
		if name := code(c.test); !slices.Contains(of[c.file], name) {
			of[c.file] = append(of[c.file], name)
		}
	}
	var parts []string
	for _, file := range files {
		parts = append(parts, fmt.Sprintf("[%s](../%s): %s", file, file, strings.Join(of[file], ", ")))
	}
	return strings.Join(parts, "<br>")
}

// code makes a name a code span of a table cell.
func code(name string) string {
	name = strings.ReplaceAll(name, "|", `\|`)
	if strings.Contains(name, "`") {
		return "`` " + name + " ``"
	}
	return "`" + name + "`"
}
