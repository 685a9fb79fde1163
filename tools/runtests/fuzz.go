package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// target is a fuzz target.
type target struct{ dir, name string }

var fuzzFunc = regexp.MustCompile(`^func (Fuzz\w*)\(`)

// fuzzTests runs each target for some time. A crash leaves its input in the
// target's testdata, to be committed with the repair.
func fuzzTests(each time.Duration) counts {
	targets, err := findTargets(".")
	if err != nil {
		return counts{err: err}
	}
	var c counts
	for _, t := range targets {
		out, err := fuzz(t, each)
		if err != nil && cutShort(out) {
			out, err = fuzz(t, each)
		}
		if err != nil {
			c.failed++
			fmt.Printf("%s\nFAIL  %s in %s: %v\n", out, t.name, t.dir, err)
			continue
		}
		c.passed++
		fmt.Printf("ok    %s in %s\n", t.name, t.dir)
	}
	return c
}

// fuzz runs one target, in the module that it belongs to.
func fuzz(t target, each time.Duration) (out []byte, err error) {
	return exec.Command("go", "test", "-C", t.dir, "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+each.String(), ".").CombinedOutput()
}

// cutShort reports a failure that found nothing: when -fuzztime ends at a bad
// moment, go test takes the end for a failure of the target. A find always
// leaves its input, or happens to a seed before the fuzzing.
func cutShort(out []byte) bool {
	return bytes.Contains(out, []byte("\n    context deadline exceeded\n")) && !bytes.Contains(out, []byte("Failing input written"))
}

// findTargets reads the test files for func Fuzz….
func findTargets(root string) (targets []target, err error) {
	err = walkFiles(root, "_test.go", func(name string) error {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if m := fuzzFunc.FindStringSubmatch(lines.Text()); m != nil {
				targets = append(targets, target{filepath.Dir(name), m[1]})
			}
		}
		return lines.Err()
	})
	return targets, err
}

// walkFiles visits the project's own files whose names end so.
func walkFiles(root, suffix string, visit func(name string) error) error {
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		base := filepath.Base(name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (base[0] == '.' || base == "node_modules" || base == "testdata"):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, suffix):
			return visit(name)
		}
		return nil
	})
}
