package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// testEvent is a line of `go test -json`.
type testEvent struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// goTests runs `go test` with args. The whole output of a test that fails is
// printed, of others nothing but a line for each package.
func goTests(args ...string) counts {
	command := []string{"test"}
	if args[0] == "-C" { // must stand first
		command, args = append(command, args[:2]...), args[2:]
	}
	cmd := exec.Command("go", append(append(command, "-json", "-count=1", "-timeout=20m"), args...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1") // the race detector's wish
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return counts{err: err}
	}
	if err := cmd.Start(); err != nil {
		return counts{err: err}
	}
	c := countEvents(out, os.Stdout)
	if err := cmd.Wait(); err != nil && c.failed == 0 {
		c.err = fmt.Errorf("go test: %w", err)
	}
	return c
}

// tally follows the events of one run. A test with subtests is not counted
// beside them, unless it alone failed.
type tally struct {
	counts
	out    io.Writer
	tests  map[string]*testState // by package and name
	broken map[string]bool       // packages with a test that failed
}

type testState struct {
	output      []string
	hasChildren bool
	childFailed bool
}

// countEvents reads the events until their end.
func countEvents(in io.Reader, out io.Writer) counts {
	t := &tally{out: out, tests: map[string]*testState{}, broken: map[string]bool{}}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		var e testEvent
		if json.Unmarshal(line, &e) == nil {
			t.event(e)
		} else if len(line) > 0 {
			fmt.Fprintf(out, "%s", line)
		}
		if err != nil {
			return t.counts
		}
	}
}

func (t *tally) event(e testEvent) {
	switch {
	case e.Action == "build-output":
		fmt.Fprint(t.out, e.Output)
	case e.Action == "build-fail", e.Action == "start":
	case e.Test == "":
		t.packageEvent(e)
	default:
		t.testEvent(e)
	}
}

// packageEvent sees what is said outside of tests. A package may fail without
// a failing test: it does not build, it leaks, it panics in a goroutine.
func (t *tally) packageEvent(e testEvent) {
	state := t.state(e.Package, "")
	switch e.Action {
	case "output":
		state.output = append(state.output, e.Output)
	case "fail":
		fmt.Fprint(t.out, strings.Join(state.output, ""))
		fmt.Fprintf(t.out, "FAIL  %s (%.1fs)\n", e.Package, e.Elapsed)
		if !t.broken[e.Package] {
			t.failed++
		}
	case "pass":
		fmt.Fprintf(t.out, "ok    %s (%.1fs)\n", e.Package, e.Elapsed)
	}
}

func (t *tally) testEvent(e testEvent) {
	state := t.state(e.Package, e.Test)
	switch e.Action {
	case "run":
		if parent, ok := t.parent(e); ok {
			parent.hasChildren = true
		}
	case "output":
		state.output = append(state.output, e.Output)
	case "pass":
		if !state.hasChildren {
			t.passed++
		}
	case "fail", "skip":
		t.fail(e, state)
	}
}

func (t *tally) fail(e testEvent, state *testState) {
	t.broken[e.Package] = true
	if parent, ok := t.parent(e); ok {
		parent.childFailed = true
	}
	if !state.hasChildren || !state.childFailed {
		t.failed++
	}
	fmt.Fprintf(t.out, "%s%s: %s %s\n", strings.Join(state.output, ""), strings.ToUpper(e.Action), e.Package, e.Test)
}

// parent is the test that e's is a subtest of. A subtest's own name may have
// slashes in it, so it is the nearest one that was seen.
func (t *tally) parent(e testEvent) (*testState, bool) {
	name := e.Test
	for {
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return nil, false
		}
		name = name[:i]
		if state, seen := t.tests[e.Package+" "+name]; seen {
			return state, true
		}
	}
}

func (t *tally) state(pkg, test string) *testState {
	key := pkg + " " + test
	if t.tests[key] == nil {
		t.tests[key] = &testState{}
	}
	return t.tests[key]
}
