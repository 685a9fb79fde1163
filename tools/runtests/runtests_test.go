package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestCountEvents(t *testing.T) {
	for name, test := range map[string]struct {
		events         string
		passed, failed int
	}{
		"one":                {`{"Action":"run","Package":"p","Test":"A"} {"Action":"pass","Package":"p","Test":"A"} {"Action":"pass","Package":"p"}`, 1, 0},
		"leaves":             {`{"Action":"run","Test":"A"} {"Action":"run","Test":"A/x"} {"Action":"pass","Test":"A/x"} {"Action":"pass","Test":"A"}`, 1, 0},
		"failed leaf":        {`{"Action":"run","Test":"A"} {"Action":"run","Test":"A/x"} {"Action":"fail","Test":"A/x"} {"Action":"fail","Test":"A"} {"Action":"fail"}`, 0, 1},
		"failed parent only": {`{"Action":"run","Test":"A"} {"Action":"run","Test":"A/x"} {"Action":"pass","Test":"A/x"} {"Action":"fail","Test":"A"} {"Action":"fail"}`, 1, 1},
		"slash in a name":    {`{"Action":"run","Test":"A"} {"Action":"run","Test":"A/x/y"} {"Action":"fail","Test":"A/x/y"} {"Action":"fail","Test":"A"}`, 0, 1},
		"skipped":            {`{"Action":"run","Test":"A"} {"Action":"skip","Test":"A"} {"Action":"pass"}`, 0, 1},
		"leak at the end":    {`{"Action":"run","Test":"A"} {"Action":"pass","Test":"A"} {"Action":"fail"}`, 1, 1},
		"does not build":     {`{"Action":"build-output","ImportPath":"p"} {"Action":"build-fail","ImportPath":"p"} {"Action":"fail","Package":"p","FailedBuild":"p"}`, 0, 1},
		"no test files":      {`{"Action":"skip","Package":"p"}`, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := countEvents(strings.NewReader(strings.ReplaceAll(test.events, "} {", "}\n{")), io.Discard)
			if c.passed != test.passed || c.failed != test.failed {
				t.Errorf("%d passed, %d failed; want %d, %d", c.passed, c.failed, test.passed, test.failed)
			}
		})
	}
}

func TestCountForeign(t *testing.T) {
	for name, test := range map[string]struct {
		got            counts
		passed, failed int
	}{
		"node":             {countNode([]byte("ℹ tests 9\nℹ pass 5\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 1\n")), 5, 4},
		"node in TAP":      {countNode([]byte("# pass 5\n# fail 0\n")), 5, 0},
		"node said no end": {countNode([]byte("ok 1")), 0, 0},
		"python":           {countPython([]byte("Ran 7 tests in 0.1s\n\nOK\n")), 7, 0},
		"python failed":    {countPython([]byte("Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2)\n")), 4, 3},
		"python skipped":   {countPython([]byte("Ran 1 test in 0.1s\n\nOK (skipped=1)\n")), 0, 1},
	} {
		if test.got.passed != test.passed || test.got.failed != test.failed {
			t.Errorf("%s: %d passed, %d failed; want %d, %d", name, test.got.passed, test.got.failed, test.passed, test.failed)
		}
	}
}

func TestFindTargets(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a/a_test.go":                "package a\n\nfunc FuzzA(f *testing.F) {\n}\nfunc FuzzB(f *testing.F) {\n}\n",
		"a/b.go":                     "package a\n\nfunc FuzzNot(f int) {\n}\n",
		"a/node_modules/c/c_test.go": "package c\n\nfunc FuzzC(f *testing.F) {\n}\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := findTargets(dir)
	want := []target{{filepath.Join(dir, "a"), "FuzzA"}, {filepath.Join(dir, "a"), "FuzzB"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestRunnerThatRanNothingFails(t *testing.T) {
	total, report := runAll([]runner{{"none", "", func() counts { return counts{} }}, {"some", "", func() counts { return counts{passed: 2} }}})
	if total.passed != 2 || total.failed != 1 || !strings.Contains(report, "ran no test") {
		t.Errorf("%+v\n%s", total, report)
	}
}

func TestWanted(t *testing.T) {
	runners := []runner{{name: "go"}, {name: "fuzz"}}
	if err := wanted(&runners, []string{"fuzz"}); err != nil || len(runners) != 1 || runners[0].name != "fuzz" {
		t.Errorf("%v, %v", runners, err)
	}
	if err := wanted(&runners, []string{"perl"}); err == nil {
		t.Error("took a runner that is not there")
	}
}

func TestCutShort(t *testing.T) {
	for out, want := range map[string]bool{
		"fuzz: elapsed: 10s\n--- FAIL: FuzzA (10.14s)\n    context deadline exceeded\nFAIL\n":                               true,
		"--- FAIL: FuzzA (1.1s)\n    a_test.go:7: wrong\n    Failing input written to testdata/fuzz/FuzzA/1\nFAIL\n":        false,
		"--- FAIL: FuzzA (1.1s)\n    context deadline exceeded\n    Failing input written to testdata/fuzz/FuzzA/1\nFAIL\n": false,
		"--- FAIL: FuzzA (1.1s)\n    fuzzing process hung or terminated unexpectedly: exit status 2\n    panic: a\nFAIL\n":  false,
	} {
		if got := cutShort([]byte(out)); got != want {
			t.Errorf("%v for\n%s", got, out)
		}
	}
}
