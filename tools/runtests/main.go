// Command runtests runs all tests of the project, of every runner, and counts
// them:
//
//	runtests [-summary FILE] [-fuzztime 10s] [go] [tools] [bench] [frameworks] [leaks] [fuzz] [node] [python]
//
// Without a name it runs all. It is started in the root of the repository, by
// the Makefile, which has installed what the tests need. The last line it
// prints (and writes to FILE) is "N passed, N failed"; it exits with 1 when
// anything failed or a runner ran nothing at all.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"
)

// counts is what a runner did. A test that was skipped counts as failed: a
// skipped check is no check.
type counts struct {
	passed, failed int
	err            error // the runner itself could not do its work
}

func (c *counts) add(other counts) {
	c.passed += other.passed
	c.failed += other.failed
}

type runner struct {
	name, about string
	run         func() counts
}

func main() {
	summary := flag.String("summary", "", "file for the last line")
	fuzzTime := flag.Duration("fuzztime", 10*time.Second, "time of each fuzz target")
	flag.Parse()
	runners := []runner{
		{"go", "Go tests, race detector on", func() counts { return goTests("-race", "./...") }},
		{"tools", "Go tests of the tools", func() counts { return goTests("-C", "tools", "./...") }},
		{"bench", "Go tests of the benchmark, with the peers but Node", func() counts { return goTests("-C", "bench", "-race", "./...") }},
		{"frameworks", "Go tests of the examples under web frameworks", func() counts { return goTests("-C", "examples/frameworks", "-race", "./...") }},
		{"leaks", "leak tests at full length, which they have without the race detector", func() counts { return goTests("-run=Leak|Cycles", "./...") }},
		{"fuzz", "fuzz targets", func() counts { return fuzzTests(*fuzzTime) }},
		{"node", "official clients and the page's scripts, by node", nodeTests},
		{"python", "python-socketio, a foreign client", pythonTests},
	}
	if err := wanted(&runners, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "runtests:", err)
		os.Exit(2)
	}
	total, report := runAll(runners)
	fmt.Print(report)
	last := fmt.Sprintf("%d passed, %d failed\n", total.passed, total.failed)
	fmt.Print(last)
	if *summary != "" {
		if err := os.WriteFile(*summary, []byte(last), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "runtests:", err)
			os.Exit(1)
		}
	}
	if total.failed > 0 {
		os.Exit(1)
	}
}

// wanted keeps the runners that were named, all when none was.
func wanted(runners *[]runner, names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(*runners, func(r runner) bool { return r.name == name }) {
			return fmt.Errorf("there is no runner %q", name)
		}
	}
	if len(names) > 0 {
		*runners = slices.DeleteFunc(*runners, func(r runner) bool { return !slices.Contains(names, r.name) })
	}
	return nil
}

var errNothing = errors.New("ran no test")

// runAll runs one after the other, for two cores are soon busy, and makes a
// table of what came of it.
func runAll(runners []runner) (total counts, report string) {
	for _, r := range runners {
		fmt.Printf("\n== %s: %s\n", r.name, r.about)
		began := time.Now()
		c := r.run()
		if c.err == nil && c.passed+c.failed == 0 {
			c.err = errNothing
		}
		line := fmt.Sprintf("%-10s %5d passed, %d failed in %s", r.name, c.passed, c.failed, time.Since(began).Round(time.Second))
		if c.err != nil {
			line += fmt.Sprintf(" (%v)", c.err)
			c.failed = max(c.failed, 1)
		}
		fmt.Println(line)
		report += line + "\n"
		total.add(c)
	}
	return total, "\n" + report
}
